package report

import (
	"fmt"
	"slices"
	"strings"

	"auditor/internal/taler"
)

// The tables of the text form: figures, population, checks. Each begins a
// group of rows with the name of their area.

const underArea = "  "

// grouped adds rows to a table, with a heading wherever the area changes.
type grouped struct {
	table
	area string
}

func (g *grouped) add(area string, row ...string) {
	if len(g.rows) == 0 || area != g.area {
		heading := make([]string, len(g.columns))
		heading[0] = Escape(area)
		g.table.add(heading...)
		g.area = area
	}
	row[0] = underArea + row[0]
	g.table.add(row...)
}

func writeFigures(p *page, r *Report) error {
	p.section("Figures")
	if len(r.Figures) == 0 {
		p.paragraph(plain, "  ", "None.")
		return nil
	}
	currency := r.Exchange.Currency
	digits := minDecimals
	for _, f := range r.Figures {
		digits = max(digits, decimals(f.Amount))
		if f.Previous != nil {
			digits = max(digits, decimals(*f.Previous))
		}
	}
	t := grouped{table: table{columns: []column{
		{title: "Figure", text: true},
		{title: Escape(string(currency)), right: true},
		{title: "Change", right: true},
		{title: "From"},
	}}}
	for _, f := range r.Figures {
		change := "new"
		if f.Previous != nil {
			var err error
			if change, err = difference(*f.Previous, f.Amount, digits); err != nil {
				return err
			}
		}
		t.add(f.Area, Escape(f.Title), inColumn(f.Amount, currency, digits), change, Escape(string(f.Provenance)))
	}
	if err := p.table(&t.table); err != nil {
		return err
	}
	writeProvenance(p, r)
	writeComponents(p, r)
	return nil
}

// inColumn writes an amount in a column that is headed by a currency.
func inColumn(a taler.Amount, heading taler.Currency, digits int) string {
	if a.Currency.Equal(heading) {
		return number(a, digits)
	}
	return Escape(string(a.Currency)) + " " + number(a, digits)
}

// writeProvenance explains the words in the last column.
func writeProvenance(p *page, r *Report) {
	p.blank()
	for _, source := range []struct {
		provenance Provenance
		meaning    string
	}{
		{AppendOnly, "rows that are signed or never change"},
		{Mutable, "columns that the exchange may change at will"},
		{Bank, "the history of the bank"},
	} {
		used := slices.ContainsFunc(r.Figures, func(f Figure) bool { return f.Provenance == source.provenance })
		if used {
			p.paragraph(plain, "  ", fmt.Sprintf("%s: %s", source.provenance, source.meaning))
		}
	}
}

// writeComponents tells what the figures are made of.
func writeComponents(p *page, r *Report) {
	if !slices.ContainsFunc(r.Figures, func(f Figure) bool { return len(f.MadeOf) > 0 }) {
		return
	}
	p.blank()
	for i := range r.Figures {
		if f := &r.Figures[i]; len(f.MadeOf) > 0 {
			p.paragraph(plain, "  ", Escape(f.Title)+": "+madeOf(f))
		}
	}
}

func writePopulation(p *page, r *Report) error {
	p.section("Rows judged")
	if len(r.Population) == 0 {
		p.paragraph(plain, "  ", "None.")
		return nil
	}
	t := grouped{table: table{columns: []column{
		{title: "Table", text: true},
		{title: "Serials", right: true},
		{title: "Rows", right: true},
		{title: "Late", right: true},
		{title: "Holes", right: true},
		{title: "All runs", right: true},
	}}}
	var late, holes bool
	for _, n := range r.Population {
		serials := "none"
		if n.Next > n.From {
			serials = fmt.Sprintf("%d to %d", n.From, n.Next-1)
		}
		late, holes = late || n.Late != 0, holes || n.Holes != 0
		t.add(n.Area, Escape(n.Table), serials, count(n.Rows), count(n.Late), count(n.Holes), count(n.Total))
	}
	if err := p.table(&t.table); err != nil {
		return err
	}
	var notes []string
	if late {
		notes = append(notes, "Late rows have serials that an earlier run had passed.")
	}
	if holes {
		notes = append(notes, "Holes are serials without a row, which stay watched.")
	}
	if len(notes) > 0 {
		p.blank()
		p.paragraph(plain, "  ", strings.Join(notes, " "))
	}
	return nil
}

func writeChecks(p *page, r *Report) error {
	p.section("Checks")
	if len(r.Checks) == 0 {
		p.paragraph(plain, "  ", "None.")
		return nil
	}
	t := grouped{table: table{columns: []column{
		{title: "Check"},
		{title: "Rule", text: true},
		{title: "This run", right: true},
		{title: "Open", right: true},
		{title: "Listed", right: true},
	}}}
	for _, c := range r.Checks {
		t.add(c.Area, Escape(c.ID), Escape(c.Title), count(c.Run.Count), count(c.Open.Count), count(int64(c.Listed)))
	}
	return p.table(&t.table)
}
