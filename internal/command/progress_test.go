package command

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// clock is a clock that goes on when it is told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func terminal(columns int) (*Progress, *bytes.Buffer, *clock) {
	var screen bytes.Buffer
	c := &clock{now: time.Unix(0, 0)}
	return &Progress{out: &screen, now: c.read, width: func() int { return columns }}, &screen, c
}

// screen plays back what was written to a terminal: the sequences that progress uses, nothing else.
func playback(t interface{ Fatalf(string, ...any) }, written string) []string {
	lines := []string{""}
	row, column := 0, 0
	for i := 0; i < len(written); {
		switch {
		case written[i] == '\n':
			row, column = row+1, 0
			if row == len(lines) {
				lines = append(lines, "")
			}
			i++
		case written[i] == '\r':
			column = 0
			i++
		case strings.HasPrefix(written[i:], "\x1b[A"):
			if row--; row < 0 {
				t.Fatalf("above the first line: %q", written)
			}
			i += 3
		case strings.HasPrefix(written[i:], "\x1b[J"):
			lines = lines[:row+1]
			lines[row] = lines[row][:column]
			i += 3
		default:
			if column != len(lines[row]) {
				t.Fatalf("line %d is written over: %q", row, written)
			}
			lines[row] += written[i : i+1]
			column++
			i++
		}
	}
	return lines
}

func TestProgressOnTerminals(t *testing.T) {
	p, written, clock := terminal(60)
	expect := func(want ...string) {
		t.Helper()
		if got := playback(t, written.String()); strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	coins := p.Start("coins", 2_000_000)
	expect("coins: 0 of 2,000,000 (0 %)")
	clock.advance(50 * time.Millisecond)
	coins.Add(10)
	expect("coins: 0 of 2,000,000 (0 %)")
	clock.advance(9950 * time.Millisecond)
	coins.Add(499_990)
	expect("coins: 500,000 of 2,000,000 (25 %), 50,000/s, 30s left")
	rows := p.Start("rows\x1b[2J\n", 0)
	rows.Add(7)
	clock.advance(2 * time.Second)
	rows.Add(1)
	expect("coins: 500,000 of 2,000,000 (25 %), 41,666/s, 36s left", `rows\x1b[2J\n: 8, 4/s`)
	fmt.Fprintln(p, "a log line")
	expect("a log line", "coins: 500,000 of 2,000,000 (25 %), 41,666/s, 36s left", `rows\x1b[2J\n: 8, 4/s`)
	coins.Done()
	expect("a log line", `rows\x1b[2J\n: 8, 4/s`)
	clock.advance(time.Second)
	rows.SetTotal(4)
	expect("a log line", `rows\x1b[2J\n: 8 of 4, 2/s`)
	p.Note("noted\n")
	p.stop()
	expect("a log line", `noted\n`, "")
	rows.Add(1)
	p.Start("late", 0)
	clock.advance(time.Hour)
	fmt.Fprintln(p, "last")
	expect("a log line", `noted\n`, "last", "")
}

func TestProgressElsewhere(t *testing.T) {
	var out bytes.Buffer
	p := NewProgress(&out)
	a := p.Start("coins", 10)
	a.Add(1)
	a.SetTotal(20)
	a.Done()
	if out.Len() > 0 {
		t.Errorf("it writes %q", out.String())
	}
	fmt.Fprint(p, "x\n")
	if out.String() != "x\n" {
		t.Errorf("a log line became %q", out.String())
	}
}

func TestProgressLines(t *testing.T) {
	tests := []struct {
		name        string
		done, total int64
		elapsed     time.Duration
		want        string
	}{
		{"nothing yet", 0, 100, time.Hour, "x: 0 of 100 (0 %)"},
		{"too early for a rate", 50, 100, 999 * time.Millisecond, "x: 50 of 100 (50 %)"},
		{"finished", 100, 100, time.Second, "x: 100 of 100 (100 %), 100/s"},
		{"99.9 is not 100", 999, 1000, time.Second, "x: 999 of 1,000 (99 %), 999/s, 0s left"},
		{"slow", 1, 1 << 62, time.Hour, "x: 1 of 4,611,686,018,427,387,904 (0 %), 0/s"},
		{"long", 1_000_000, 10_000_000, time.Hour, "x: 1,000,000 of 10,000,000 (10 %), 277/s, 9h0m0s left"},
	}
	for _, test := range tests {
		a := &Activity{what: "x", begun: time.Unix(0, 0)}
		a.done.Store(test.done)
		a.total.Store(test.total)
		if got := a.line(time.Unix(0, 0).Add(test.elapsed)); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestThousands(t *testing.T) {
	tests := map[int64]string{0: "0", 999: "999", 1000: "1,000", -999: "-999", -1000: "-1,000", 123456: "123,456", 1234567: "1,234,567"}
	for n, want := range tests {
		if got := thousands(n); got != want {
			t.Errorf("%d: got %s", n, got)
		}
	}
}

// Whatever happens, the screen holds all log lines in order and below them the activities, cut to its width.
func TestProgressNeverMixesWithTheLog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 40).Draw(t, "columns")
		p, written, clock := terminal(columns)
		var logged []string
		var active []*Activity
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			clock.advance(time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond)
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				active = append(active, p.Start(fmt.Sprint("activity ", len(active)), int64(rapid.IntRange(0, 10).Draw(t, "total"))))
			case 1:
				if len(active) > 0 {
					rapid.SampledFrom(active).Draw(t, "activity").Add(3)
				}
			case 2:
				if len(active) > 0 {
					i := rapid.IntRange(0, len(active)-1).Draw(t, "ended")
					active[i].Done()
					active = append(active[:i:i], active[i+1:]...)
				}
			case 3:
				line := fmt.Sprint("log ", len(logged))
				logged = append(logged, line)
				fmt.Fprintln(p, line)
			}
		}
		got := playback(t, written.String())
		for i, line := range logged {
			if got[i] != line {
				t.Fatalf("line %d is %q, want %q", i, got[i], line)
			}
		}
		status := got[len(logged):]
		if want := max(1, min(len(active), maxShown)); len(status) != want {
			t.Fatalf("%d status lines for %d activities: %q", len(status), len(active), status)
		}
		for i, line := range status {
			if len(line) >= columns && line != "" {
				t.Fatalf("%d columns: %q", columns, line)
			}
			if len(active) > 0 && !strings.HasPrefix(active[i].what, line[:min(len(line), len(active[i].what))]) {
				t.Fatalf("line %q is not that of %s", line, active[i].what)
			}
		}
	})
}

func TestProgressFromManyGoroutines(t *testing.T) {
	p, written, clock := terminal(80)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			a := p.Start(fmt.Sprint("part ", i), 1000)
			for j := range 1000 {
				a.Add(1)
				clock.advance(time.Millisecond)
				if j%100 == 0 {
					fmt.Fprintf(p, "log %d\n", i)
				}
			}
			if got := a.done.Load(); got != 1000 {
				t.Errorf("counted %d", got)
			}
			a.Done()
		})
	}
	wait.Wait()
	lines := playback(t, written.String())
	if len(lines) != 81 || lines[80] != "" {
		t.Errorf("%d lines, the last one %q", len(lines), lines[len(lines)-1])
	}
	for _, line := range lines[:80] {
		if !strings.HasPrefix(line, "log ") || len(line) != 5 {
			t.Errorf("a log line became %q", line)
		}
	}
}
