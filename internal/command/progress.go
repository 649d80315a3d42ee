package command

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// Progress shows what a program is busy with: on a terminal, one line per activity, which is written over and
// over; nowhere else anything. Log lines are written through it ([Progress.Write]), so that the two never mix.
//
// It may be used by several goroutines at once and starts none.
type Progress struct {
	out   io.Writer
	width func() int // columns of the terminal
	now   func() time.Time
	next  atomic.Int64 // when to draw again, Unix time in nanoseconds

	mu     sync.Mutex
	silent bool
	active []*Activity
	shown  int // lines on the screen
}

const (
	redrawInterval = 100 * time.Millisecond
	maxShown       = 8                // activities
	maxLeft        = 1000 * time.Hour // a longer time is not worth showing
	defaultWidth   = 80
)

// NewProgress returns a progress on w. It is silent unless w is a terminal that can move its cursor.
func NewProgress(w io.Writer) *Progress {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || os.Getenv("TERM") == "dumb" {
		return &Progress{out: w, now: time.Now, silent: true}
	}
	return &Progress{out: w, now: time.Now, width: func() int {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			return columns
		}
		return defaultWidth
	}}
}

// Activity is one thing that goes on. It counts whatever it likes: rows, tables, bytes.
type Activity struct {
	progress    *Progress
	what        string
	begun       time.Time
	done, total atomic.Int64
}

// Start begins an activity; total is 0 if it is not known how much there is to do. It must be ended with
// [Activity.Done].
func (p *Progress) Start(what string, total int64) *Activity {
	a := &Activity{progress: p, what: escape(what, none), begun: p.now()}
	a.total.Store(total)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = append(p.active, a)
	_ = p.draw(nil)
	return a
}

// Add says that n more are done. It is cheap enough to be called for each row.
func (a *Activity) Add(n int64) {
	a.done.Add(n)
	a.progress.refresh()
}

// SetTotal says how much there is to do, if that becomes known or changes.
func (a *Activity) SetTotal(total int64) {
	a.total.Store(total)
	a.progress.refresh()
}

// Done ends the activity. Its line vanishes.
func (a *Activity) Done() {
	p := a.progress
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = slices.DeleteFunc(p.active, func(b *Activity) bool { return a == b })
	_ = p.draw(nil)
}

// Write writes whole lines of a log in the place of the status lines, which follow below.
func (p *Progress) Write(lines []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(lines), p.draw(lines)
}

// Note writes one line for people, with everything unprintable escaped.
func (p *Progress) Note(line string) {
	_, _ = p.Write([]byte(escape(line, none) + "\n"))
}

// stop erases the status lines for good.
func (p *Progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active = nil
	_ = p.draw(nil)
	p.silent = true
}

// refresh draws the lines again if that was not done lately.
func (p *Progress) refresh() {
	if p.width == nil || p.now().UnixNano() < p.next.Load() || !p.mu.TryLock() {
		return
	}
	defer p.mu.Unlock()
	_ = p.draw(nil)
}

// draw erases the lines on the screen and writes the given text, then the lines again, all in one call. The
// cursor stays at the end of the last line.
func (p *Progress) draw(text []byte) error {
	if p.silent {
		if len(text) == 0 {
			return nil
		}
		_, err := p.out.Write(text)
		return err
	}
	var b strings.Builder
	if p.shown > 0 {
		b.WriteString("\r" + strings.Repeat("\x1b[A", p.shown-1) + "\x1b[J")
	}
	b.Write(text)
	p.shown = min(len(p.active), maxShown)
	now, width := p.now(), p.width()
	for i, a := range p.active[:p.shown] {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(cut(a.line(now), width-1))
	}
	p.next.Store(now.Add(redrawInterval).UnixNano())
	_, err := io.WriteString(p.out, b.String())
	return err
}

// line gives "copying reserves_out: 52,000 of 100,000 (52 %), 9,800/s, 5s left".
func (a *Activity) line(now time.Time) string {
	done, total := a.done.Load(), a.total.Load()
	text := a.what + ": " + thousands(done)
	if total > 0 {
		text += " of " + thousands(total)
		if done <= total {
			text += fmt.Sprintf(" (%d %%)", int64(100*float64(done)/float64(total)))
		}
	}
	elapsed := now.Sub(a.begun)
	if elapsed < time.Second || done <= 0 {
		return text
	}
	rate := float64(done) / elapsed.Seconds()
	text += fmt.Sprintf(", %s/s", thousands(int64(rate)))
	if left := float64(total-done) / rate; left > 0 && left < maxLeft.Seconds() {
		text += fmt.Sprintf(", %s left", time.Duration(left*float64(time.Second)).Round(time.Second))
	}
	return text
}

func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// cut shortens text to so many characters.
func cut(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:max(width, 0)])
}
