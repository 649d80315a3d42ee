package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// The form of a report for people: the verdict first, then who was audited and
// how, the findings from grave to harmless, the figures, and what was checked
// and what was not.

const (
	defaultWidth = 80
	minWidth     = 60
)

// TextOptions says what the page looks like.
type TextOptions struct {
	Width int  // columns; 0 means 80, and fewer than 60 mean 60
	Color bool // use colours and bold type
}

// WriteText writes r for people. No line is wider than opt.Width or ends in
// white space; words that are wider, such as hashes, are broken, with a
// backslash at the end of each part but the last.
func WriteText(w io.Writer, r *Report, opt TextOptions) error {
	if opt.Width == 0 {
		opt.Width = defaultWidth
	}
	p := &page{w: bufio.NewWriter(w), width: max(opt.Width, minWidth), color: opt.Color}
	parts := []func(*page, *Report) error{
		writeVerdict, writeScope, writeFindings, writeAlerts, writeFigures, writePopulation, writeChecks, writeUnchecked, writeNotes,
	}
	for _, part := range parts {
		if err := part(p, r); err != nil {
			return fmt.Errorf("write report %d as text: %w", r.Run, err)
		}
	}
	return p.w.Flush()
}

// style is the parameter of an ANSI sequence that changes the look of text.
type style string

const (
	plain  style = ""
	bold   style = "1"
	faint  style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "1;33"
	cyan   style = "1;36"
)

// page writes lines and remembers the first error, which Flush returns.
type page struct {
	w       *bufio.Writer
	width   int
	color   bool
	escapes bool // a backslash was written
}

func (p *page) line(s style, text string) {
	text = strings.TrimRight(text, " ")
	p.escapes = p.escapes || strings.Contains(text, `\`)
	if p.color && s != plain && text != "" {
		bare := strings.TrimLeft(text, " ")
		text = text[:len(text)-len(bare)] + "\x1b[" + string(s) + "m" + bare + "\x1b[0m"
	}
	_, _ = p.w.WriteString(text + "\n") // Flush returns the error
}

func (p *page) blank() { p.line(plain, "") }

// paragraph writes escaped text, broken into lines, after a prefix on the
// first line and the same width of spaces on the others.
func (p *page) paragraph(s style, prefix, text string) {
	for i, l := range wrap(text, p.width-cells(prefix)) {
		if i == 1 {
			prefix = strings.Repeat(" ", cells(prefix))
		}
		p.line(s, prefix+l)
	}
}

// section begins a part of the report.
func (p *page) section(title string) {
	p.blank()
	p.line(bold, title)
	p.line(faint, strings.Repeat("─", cells(title)))
}

// pair writes a name and a value of at least one line beside it, or below it
// where the name is too long.
func (p *page) pair(indent, nameWidth int, name, value string) {
	margin := strings.Repeat(" ", indent)
	if cells(name) > nameWidth {
		p.paragraph(plain, margin, name)
		p.paragraph(plain, margin+"  ", value)
		return
	}
	p.paragraph(plain, margin+name+strings.Repeat(" ", nameWidth-cells(name)+2), value)
}

func (p *page) table(t *table) error {
	const margin = "  "
	lines, err := t.lines(p.width - cells(margin))
	if err != nil {
		return err
	}
	for i, l := range lines {
		s := plain
		if strings.HasPrefix(l, "─") || i == 0 {
			s = faint
		}
		p.line(s, margin+l)
	}
	return nil
}

// moment writes a time to the second.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// text says what a restart means for the reader.
func (r *Restart) text() string {
	text := fmt.Sprintf("%s by %s: everything was judged anew, and what earlier reports found is not compared", moment(r.At), Escape(r.By))
	if r.Forced {
		text += "; rows that had been judged were missing by then"
	}
	return text
}

func writeScope(p *page, r *Report) error {
	const names = 10
	mode := "external: columns that the exchange may change at will are not relied upon"
	if r.Scope.Internal {
		mode = "internal: columns that the exchange may change at will are taken to be current"
	}
	continues := "nothing; this is the first report"
	if r.Previous != nil {
		continues = fmt.Sprintf("report %d as of %s", r.Previous.Run, moment(r.Previous.AsOf))
		if r.Previous.Digest != "" {
			continues += ", SHA-256 " + Escape(r.Previous.Digest)
		}
	}
	restarted := ""
	if r.Restart != nil {
		restarted = r.Restart.text()
	}
	p.section("Scope")
	for _, f := range [][2]string{
		{"Exchange", Escape(r.Exchange.BaseURL)},
		{"Master key", r.Exchange.MasterPublicKey.String()},
		{"Currency", Escape(string(r.Exchange.Currency))},
		{"As of", moment(r.AsOf)},
		{"Ran", fmt.Sprintf("%s, for %s", moment(r.Started), r.Finished.Sub(r.Started).Round(time.Millisecond))},
		{"Continues", continues},
		{"Restarted", restarted},
		{"Areas", Escape(strings.Join(r.Scope.Areas, ", "))},
		{"Mode", mode},
		{"Database", fmt.Sprintf("%s, schema %s, layout %s", Escape(r.Scope.Database), Escape(r.Scope.Schema), Escape(r.Scope.Layout))},
		{"Program", Escape(r.Program.Name) + " " + Escape(r.Program.Version)},
		{"Configured", digest(r.Program.ConfigurationDigest)},
	} {
		if f[1] != "" {
			p.pair(2, names, f[0], f[1])
		}
	}
	if r.Checkpoint != nil {
		var rows int64
		for _, t := range r.Checkpoint.Tables {
			rows += t.Rows
		}
		p.pair(2, names, "Evidence", fmt.Sprintf("the roots of %s of the trusted copy, over all %s that it ever took in; auditor report verify compares them",
			plural(int64(len(r.Checkpoint.Tables)), "table", "tables"), plural(rows, "row", "rows")))
	}
	return nil
}

func digest(sum string) string {
	if sum == "" {
		return "by the program itself"
	}
	return "by a file with the digest " + Escape(sum)
}

func writeUnchecked(p *page, r *Report) error {
	p.section("Not checked")
	if len(r.Unchecked) == 0 {
		p.paragraph(plain, "  ", "Nothing was left out.")
	}
	for _, u := range r.Unchecked {
		p.paragraph(plain, "  - ", Escape(u.What)+": "+Escape(u.Why))
	}
	return nil
}

func writeNotes(p *page, r *Report) error {
	escapes := p.escapes
	if len(r.Findings) > 0 {
		p.blank()
		n := identityLength(r.Findings)
		p.paragraph(plain, "", fmt.Sprintf("The %d characters in brackets at the end of the first line of a finding are the beginning of its identity, "+
			"which is the same in each report that lists it.", n))
	}
	if escapes {
		p.blank()
		p.paragraph(plain, "", "A backslash at the end of a line means that the word goes on in the next line; elsewhere it begins the description of a character that is not safe to print.")
	}
	return nil
}
