package report

import (
	"cmp"
	_ "embed" // for the page
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"time"

	"auditor/internal/taler"
)

// The form of a report for browsers and for paper: one page that holds all it needs.
// It loads nothing and runs nothing, which it also forbids itself.

var (
	//go:embed report.html.tmpl
	pageText string
	//go:embed page.html.tmpl
	sharedText string // style and charts
)

// pageTemplate parses the text of a page.
func pageTemplate(text string) (*template.Template, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"text": func(s any) string { return Escape(fmt.Sprint(s)) }, "moment": moment, "money": money, "count": count, "join": strings.Join,
		"day": func(t time.Time) string { return t.UTC().Format(time.DateOnly) },
	}).Parse(sharedText)
	if err != nil {
		return nil, err
	}
	return t.Parse(text)
}

// WriteHTML writes r as one HTML page with charts of the past. It needs no network
// and no script. Text from databases is made harmless as in the other forms.
func WriteHTML(w io.Writer, r *Report, past History) error {
	page, err := pageTemplate(pageText)
	if err != nil {
		return err
	}
	data, err := pageOf(r, past)
	if err == nil {
		err = page.Execute(w, data)
	}
	if err != nil {
		return fmt.Errorf("write report %d as HTML: %w", r.Run, err)
	}
	return nil
}

// htmlPage is what the template shows.
type htmlPage struct {
	*Report
	Restarted string
	Verdict   string
	Grave     Severity // the gravest open one; "" if there is none
	Changes   string
	Known     string
	Extent    string
	Took      time.Duration
	Costs     []htmlCost
	Charts    []chart
	Groups    []htmlGroup
	More      []string
	Rows      []htmlFigure
	Covered   int64 // rows that the checkpoint stands for
	IDLength  int
}

type htmlCost struct{ Name, Amount string }

type htmlGroup struct {
	Severity Severity
	Heading  string
	Findings []htmlFinding
}

type htmlFinding struct {
	*Finding
	ID    string
	Costs string
}

type htmlFigure struct {
	*Figure
	Amount, Before, Change string
	Made                   string
}

func pageOf(r *Report, past History) (*htmlPage, error) {
	p := &htmlPage{Report: r, Extent: extent(r), Changes: changes(r), Took: r.Finished.Sub(r.Started).Round(time.Millisecond), IDLength: identityLength(r.Findings)}
	if r.Restart != nil {
		p.Restarted = r.Restart.text()
	}
	var open int64
	for _, c := range r.Checks {
		open += c.Open.Count
	}
	switch {
	case open > 0:
		p.Verdict = plural(open, "finding", "findings") + listed(r, open) + "."
		p.Known = knownOf(r, open)
		p.Grave = Notice
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Status != Resolved && f.Severity.AtLeast(p.Grave) {
				p.Grave = f.Severity
			}
		}
	case len(r.Checks) == 0:
		p.Verdict, p.Grave = "Nothing was checked.", Loss
	default:
		p.Verdict = "No findings."
	}
	if err := p.addCosts(); err != nil {
		return nil, err
	}
	p.addFindings()
	if err := p.addFigures(); err != nil {
		return nil, err
	}
	if r.Checkpoint != nil {
		for _, t := range r.Checkpoint.Tables {
			p.Covered += t.Rows
		}
	}
	p.Charts = drawCharts(r, past)
	return p, nil
}

func (p *htmlPage) addCosts() error {
	for _, part := range []struct {
		name string
		of   func(Totals) taler.Amount
	}{{"Certain loss", lossOf}, {"Exposure", exposureOf}, {"Undue gain", gainOf}} {
		var amounts []taler.Amount
		for _, c := range p.Checks {
			amounts = append(amounts, part.of(c.Open))
		}
		total, beyond, err := sum(p.Exchange.Currency, amounts...)
		if err != nil {
			return err
		}
		text := money(total)
		if beyond {
			text = "more than " + text
		}
		p.Costs = append(p.Costs, htmlCost{part.name, text})
	}
	return nil
}

func (p *htmlPage) addFindings() {
	findings := make([]*Finding, len(p.Findings))
	for i := range p.Findings {
		findings[i] = &p.Findings[i]
	}
	sortFindings(findings)
	for _, f := range findings {
		if n := len(p.Groups); n == 0 || p.Groups[n-1].Severity != f.Severity {
			p.Groups = append(p.Groups, htmlGroup{Severity: f.Severity, Heading: severityHeading(f.Severity, findings)})
		}
		g := &p.Groups[len(p.Groups)-1]
		g.Findings = append(g.Findings, htmlFinding{f, identity(f, p.IDLength), strings.TrimSpace(sentence(cost(f.Amounts)))})
	}
	for _, c := range p.Checks {
		if text := unlistedOf(c); text != "" {
			p.More = append(p.More, text)
		}
	}
}

func (p *htmlPage) addFigures() error {
	for i := range p.Figures {
		f := &p.Figures[i]
		row := htmlFigure{Figure: f, Amount: money(f.Amount), Made: madeOf(f)}
		if f.Previous != nil {
			row.Before = money(*f.Previous)
			digits := max(decimals(f.Amount), decimals(*f.Previous))
			var err error
			if row.Change, err = difference(*f.Previous, f.Amount, digits); err != nil {
				return err
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return nil
}

// madeOf tells in a phrase what a figure is made of.
func madeOf(f *Figure) string {
	components := slices.Clone(f.MadeOf)
	slices.SortStableFunc(components, func(a, b Component) int { return cmp.Compare(sign(a), sign(b)) })
	var b strings.Builder
	for i, c := range components {
		switch {
		case c.Subtracted:
			b.WriteString(" less ")
		case i > 0:
			b.WriteString(" and ")
		}
		b.WriteString(Escape(c.Name))
		if c.What != "" {
			b.WriteString(" (" + Escape(c.What) + ")")
		}
	}
	return strings.TrimSpace(b.String())
}

func sign(c Component) int {
	if c.Subtracted {
		return 1
	}
	return 0
}
