package report

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditor/internal/taler"
)

// Readers of the reports of the earlier auditor expect one JSON object per
// area, with fixed fields of which none may be missing. This file has what the
// areas share; taler_reserves.go and its like say what goes where.

// talerForms lists the areas that have such an object, in the order in which
// the earlier auditor went through them.
func talerForms() []talerForm {
	return []talerForm{
		{aggregationArea, func(r *Report) any { return aggregationForm(r) }},
		{coinsArea, func(r *Report) any { return coinsForm(r) }},
		{depositsArea, func(r *Report) any { return depositsForm(r) }},
		{reservesArea, func(r *Report) any { return reservesForm(r) }},
		{wireArea, func(r *Report) any { return wireForm(r) }},
	}
}

type talerForm struct {
	area string
	make func(*Report) any
}

// TalerAreas lists the areas of r for which [WriteTaler] has a form.
func TalerAreas(r *Report) []string {
	var areas []string
	for _, form := range talerForms() {
		if slices.Contains(r.Scope.Areas, form.area) {
			areas = append(areas, form.area)
		}
	}
	return areas
}

// WriteTaler writes the object of one area as readers of the earlier auditor's
// reports expect it: all fields in their order, an indentation of two spaces,
// times such as "Mon Jan 11 09:06:25 2021" (here always UTC) and "end of time".
// It tells of this run only. The area is one of [TalerAreas]. A finding that
// the form has no list for is among the row_inconsistencies, or among whatever
// list it has.
func WriteTaler(r *Report, area string, w io.Writer) error {
	for _, form := range talerForms() {
		if form.area != area || !slices.Contains(r.Scope.Areas, area) {
			continue
		}
		if err := writeIndented(w, form.make(r)); err != nil {
			return fmt.Errorf("write area %s of report %d in the earlier form: %w", area, r.Run, err)
		}
		return nil
	}
	return fmt.Errorf("report %d has no area %.40q in the earlier form, choose one of: %s",
		r.Run, area, strings.Join(TalerAreas(r), ", "))
}

// noRow stands for a missing row.
const noRow = -1

type talerRow struct {
	Table      string `json:"table"`
	Row        int64  `json:"row"`
	Diagnostic string `json:"diagnostic"`
}

type talerArithmetic struct {
	Operation  string       `json:"operation"`
	Row        int64        `json:"rowid"`
	Exchange   taler.Amount `json:"exchange"`
	Auditor    taler.Amount `json:"auditor"`
	Profitable int          `json:"profitable"`
}

// talerTime is a time in the earlier form.
type talerTime string

func talerTimeOf(t time.Time) talerTime {
	return talerTime(t.UTC().Format("Mon Jan 02 15:04:05 2006"))
}

func row(f *Finding) int64 {
	if f.Serial == nil {
		return noRow
	}
	return *f.Serial
}

// madeInRun selects the findings of one area that this run made.
func madeInRun(r *Report, area string) []*Finding {
	var findings []*Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		made := f.Kind == OfRow && f.FirstRun == r.Run || f.Kind == OfState && f.Status != Resolved
		if f.Area == area && made {
			findings = append(findings, f)
		}
	}
	return findings
}

// first returns the first evidence of f that exists among names, or else what
// f is about.
func first(f *Finding, names ...string) string {
	for _, name := range names {
		if v := f.Lookup(name); v != "" {
			return v
		}
	}
	return f.Subject
}

// evidence reads typed evidence of a finding. It remembers whether any of it
// was missing or malformed.
type evidence struct {
	finding *Finding
	broken  bool
}

func (e *evidence) amount(name string) taler.Amount {
	a, err := taler.ParseAmount(e.finding.Lookup(name))
	if err != nil {
		e.broken = true
	}
	return a
}

// time reads ISO 8601, or "never".
func (e *evidence) time(name string) (time.Time, talerTime) {
	text := e.finding.Lookup(name)
	if text == taler.Forever.String() {
		return taler.Forever.Time(), "end of time"
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		e.broken = true
	}
	return t, talerTimeOf(t)
}

// date is time without the time that it can be compared by.
func (e *evidence) date(name string) talerTime {
	_, text := e.time(name)
	return text
}

func (e *evidence) integer(name string) int64 {
	n, err := strconv.ParseInt(e.finding.Lookup(name), 10, 64)
	if err != nil {
		e.broken = true
	}
	return n
}

// arithmetic makes an element of the list of wrong calculations. The flag
// profitable is 1 if the exchange gains by a figure that is too high, -1 if it
// loses, 0 if neither; a figure that is not too high turns it round.
func (e *evidence) arithmetic(operation string, row int64, profitable int) talerArithmetic {
	a := talerArithmetic{
		Operation: operation, Row: row,
		Exchange: e.amount("found"), Auditor: e.amount("expected"),
		Profitable: profitable,
	}
	if _, err := a.Auditor.Sub(a.Exchange); err == nil {
		a.Profitable = -profitable
	} else if !errors.Is(err, taler.ErrNegative) {
		e.broken = true
	}
	return a
}

// talerTotals looks up and adds up the totals of checks.
type talerTotals struct {
	report *Report
	rows   *[]talerRow // where to tell of a total that cannot be shown
}

func (t talerTotals) check(id string) Totals {
	for _, c := range t.report.Checks {
		if c.ID == id {
			return c.Run
		}
	}
	return Totals{}
}

// sum adds up one of the totals of some checks. A sum larger than any legal
// amount is shown as the largest one and told of.
func (t talerTotals) sum(field string, of func(Totals) taler.Amount, ids ...string) taler.Amount {
	var amounts []taler.Amount
	for _, id := range ids {
		amounts = append(amounts, of(t.check(id)))
	}
	return t.add(field, amounts...)
}

// add adds up amounts, as sum does.
func (t talerTotals) add(field string, amounts ...taler.Amount) taler.Amount {
	total, beyond, err := sum(t.report.Exchange.Currency, amounts...)
	if err != nil || beyond {
		*t.rows = append(*t.rows, talerRow{Row: noRow, Diagnostic: fmt.Sprintf("%s is wrong here: it cannot be written as one amount", field)})
	}
	if err != nil {
		return taler.Zero(t.report.Exchange.Currency)
	}
	return total
}

// enlist hands to add what this run found in some areas, as far as tells tells
// that a form tells of the check. What add has no list for, and how many more findings
// a check made than are listed, goes to rows.
func enlist(r *Report, areas []string, tells func(area, check string) bool, rows *[]talerRow, add func(*Finding) bool) {
	listed := map[string]int64{}
	for _, area := range areas {
		for _, f := range madeInRun(r, area) {
			if !tells(area, f.Check) {
				continue
			}
			listed[f.Check]++
			if !add(f) {
				*rows = append(*rows, talerRow{f.Table, row(f), f.Summary})
			}
		}
	}
	for _, c := range r.Checks {
		if more := c.Run.Count - listed[c.ID]; tells(c.Area, c.ID) && more > 0 {
			*rows = append(*rows, talerRow{Row: noRow, Diagnostic: fmt.Sprintf("%d more findings of check %s are not listed", more, c.ID)})
		}
	}
}

// only tells of all checks of an area.
func only(area string) func(area, check string) bool {
	return func(of, _ string) bool { return of == area }
}

func lossOf(t Totals) taler.Amount     { return t.Loss }
func exposureOf(t Totals) taler.Amount { return t.Exposure }
func gainOf(t Totals) taler.Amount     { return t.Gain }

// figure looks up a figure; one that does not exist is zero.
func figure(r *Report, area, name string) taler.Amount {
	for _, f := range r.Figures {
		if f.Area == area && f.Name == name {
			return f.Amount
		}
	}
	return taler.Zero(r.Exchange.Currency)
}

// progress looks up the progress points of a table before and after the run.
func progress(r *Report, area, table string) (start, end int64) {
	for _, p := range r.Population {
		if p.Area == area && p.Table == table {
			return p.From, p.Next
		}
	}
	return 0, 0
}
