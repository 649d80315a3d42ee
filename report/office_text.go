package report

import (
	"fmt"
	"io"
)

// WriteOfficeText writes r for people, on pages of 80 columns or as wide as opt says.
func WriteOfficeText(w io.Writer, r *OfficeReport, opt TextOptions) error {
	p := begin(w, opt)
	p.paragraph(bold, "", r.title())
	p.paragraph(plain, "", sentenceOf(r.period()))
	if r.Currency != "" {
		p.paragraph(plain, "", fmt.Sprintf("Amounts are in %s.", Escape(string(r.Currency))))
	}
	for i := range r.Sections {
		s := &r.Sections[i]
		p.section(s.Title)
		if s.Note != "" {
			p.paragraph(plain, "", s.Note)
			p.blank()
		}
		if len(s.Rows) == 0 {
			p.paragraph(plain, "", "There is nothing.")
			continue
		}
		if err := p.table(s.table()); err != nil {
			return fmt.Errorf("write the section %s: %w", s.ID, err)
		}
		if s.Omitted > 0 {
			p.paragraph(bold, "", fmt.Sprintf("… and %s more, not listed.", plural(s.Omitted, "row", "rows")))
		}
	}
	return p.w.Flush()
}

func (s *OfficeSection) table() *table {
	t := &table{}
	for _, c := range s.Columns {
		t.columns = append(t.columns, column{title: c.Title(), right: !c.Kind.Label(), text: c.Kind == KindText})
	}
	for _, row := range s.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = s.Columns[i].Kind.show(v)
		}
		t.add(cells...)
	}
	return t
}

// sentenceOf makes a sentence of a text.
func sentenceOf(text string) string { return string(text[0]-'a'+'A') + text[1:] + "." }
