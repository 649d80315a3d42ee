package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
)

// Findings apart from a report: a list of them, and the story of one.

// begin opens a page on a writer.
func begin(w io.Writer, opt TextOptions) *page {
	if opt.Width == 0 {
		opt.Width = defaultWidth
	}
	return &page{w: bufio.NewWriter(w), width: max(opt.Width, minWidth), color: opt.Color}
}

// WriteListText writes a list of findings for people, a few lines for each.
func WriteListText(w io.Writer, l *List, opt TextOptions) error {
	p := begin(w, opt)
	if len(l.Findings) == 0 {
		p.paragraph(plain, "", fmt.Sprintf("No such findings on %s.", Escape(l.Exchange.BaseURL)))
		return p.w.Flush()
	}
	length := identityLength(l.Findings)
	for i := range l.Findings {
		f := &l.Findings[i]
		if i > 0 {
			p.blank()
		}
		head := fmt.Sprintf("%s %s %s, %s", identity(f, length), Escape(f.Check), Escape(string(f.Severity)), Escape(string(f.Status)))
		if f.Table != "" {
			head += ", " + Escape(f.Table)
		}
		if f.Serial != nil {
			head += fmt.Sprintf(", serial %d", *f.Serial)
		}
		p.paragraph(severityStyle(f.Severity), "", head)
		p.paragraph(plain, "  ", Escape(f.Summary))
		p.paragraph(plain, "  ", seen(f)+sentence(cost(f.Amounts)))
		if f.Acknowledged != nil {
			p.paragraph(plain, "  ", acknowledged(f.Acknowledged))
		}
	}
	if more := l.Total - int64(len(l.Findings)); more > 0 {
		p.blank()
		p.paragraph(bold, "", fmt.Sprintf("… and %s more, not listed; --limit 0 lists all.", count(more)))
	}
	return p.w.Flush()
}

// seen tells in which reports a finding was made.
func seen(f *Finding) string {
	text := fmt.Sprintf("Seen in report %d as of %s", f.FirstRun, f.First.UTC().Format(time.DateOnly))
	if f.Kind == OfState && f.Last > f.FirstRun {
		text += fmt.Sprintf(" and last in report %d", f.Last)
	}
	return text + "."
}

// WriteStoryText writes what became of a finding, with all of its evidence.
func WriteStoryText(w io.Writer, s *Story, opt TextOptions) error {
	const margin, names = 2, 18
	p, f := begin(w, opt), &s.Finding
	p.paragraph(severityStyle(f.Severity), "", fmt.Sprintf("%s: %s", Escape(f.Check), Escape(f.Summary)))
	p.blank()
	rows := [][2]string{
		{"identity", Escape(f.Identity)},
		{"area", Escape(f.Area)},
		{"severity", Escape(string(f.Severity))},
		{"status", Escape(string(f.Status))},
		{"cost", strings.TrimSpace(sentence(cost(f.Amounts)))},
		{"table", Escape(f.Table)},
	}
	if f.Serial != nil {
		rows = append(rows, [2]string{"serial", fmt.Sprint(*f.Serial)})
	}
	rows = append(rows, [2]string{"subject", Escape(f.Subject)})
	for _, row := range rows {
		if row[1] != "" {
			p.pair(margin, names, row[0], row[1])
		}
	}
	if len(f.Evidence) > 0 {
		p.section("Evidence")
		for _, e := range f.Evidence {
			p.pair(margin, names, Escape(e.Name), Escape(e.Value))
		}
	}
	if s.Row != nil {
		p.section("The row as it is now in database " + Escape(s.Row.Database))
		for _, v := range s.Row.Values {
			p.pair(margin, names, Escape(v.Name), Escape(v.Value))
		}
		if len(s.Row.Values) == 0 {
			p.paragraph(plain, "  ", "It is not there any more.")
		}
	}
	p.section("History")
	for _, period := range s.Periods {
		p.paragraph(plain, "  ", held(f, period))
	}
	for _, e := range s.Entries {
		verb := "acknowledged it"
		if e.Withdrawn {
			verb = "withdrew the acknowledgement"
		}
		p.paragraph(plain, "  ", fmt.Sprintf("%s: %s %s: %s", moment(e.At), Escape(e.By), verb, Escape(e.Reason)))
	}
	if a := f.Acknowledged; a != nil && a.Lapsed {
		p.paragraph(plain, "  ", "The acknowledgement has lapsed: the finding became graver or dearer since, or was resolved and came back.")
	}
	return p.w.Flush()
}

func held(f *Finding, period Period) string {
	from := fmt.Sprintf("report %d as of %s", period.From, moment(period.FromAsOf))
	switch {
	case period.Until != nil && period.UntilAsOf != nil:
		return fmt.Sprintf("Made in %s, resolved in report %d as of %s.", from, *period.Until, moment(*period.UntilAsOf))
	case f.Kind == OfState:
		return fmt.Sprintf("Made in %s, and since then up to report %d.", from, f.Last)
	}
	return fmt.Sprintf("Made in %s, about a row, which stays as it is.", from)
}

// WriteJSONOf writes a [List] or a [Story] as JSON, in the manner of [WriteJSON].
func WriteJSONOf[T List | Story](w io.Writer, v *T) error { return writeIndented(w, v) }

// WriteEntriesText tells that findings were acknowledged, or not any more.
func WriteEntriesText(w io.Writer, findings []Finding, entry Entry) error {
	p := begin(w, TextOptions{})
	verb := "acknowledged"
	if entry.Withdrawn {
		verb = "not acknowledged any more"
	}
	length := identityLength(findings)
	for i := range findings {
		f := &findings[i]
		p.paragraph(plain, "", fmt.Sprintf("%s %s %s: %s", identity(f, length), Escape(f.Check), verb, Escape(f.Summary)))
	}
	return p.w.Flush()
}
