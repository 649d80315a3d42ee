package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditor/internal/taler"
)

// Findings as a table for spreadsheets: one row for each, and one column for each
// name that evidence has. Amounts are plain numbers, with the currency in a column of
// its own.

// WriteCSV writes the findings of r with their evidence: RFC 4180, UTF-8, a heading,
// a finding per row. Where the report does not list all findings of a check, a row
// with the status "unlisted" counts the others.
func WriteCSV(w io.Writer, r *Report) error {
	t := newSheet(r.Findings)
	for i := range r.Findings {
		t.finding(&r.Findings[i])
	}
	for _, c := range r.Checks {
		if more := c.Open.Count - int64(c.Listed); more > 0 {
			t.unlisted(c, more)
		}
	}
	return t.write(w)
}

// WriteListCSV writes a list of findings in the form of [WriteCSV].
func WriteListCSV(w io.Writer, l *List) error {
	t := newSheet(l.Findings)
	for i := range l.Findings {
		t.finding(&l.Findings[i])
	}
	if more := l.Total - int64(len(l.Findings)); more > 0 {
		t.add(map[string]string{"status": "unlisted", "summary": plural(more, "more finding is", "more findings are") + " not listed"})
	}
	return t.write(w)
}

// fixed are the columns in front of the evidence.
func fixed() []string {
	return []string{
		"identity", "check", "area", "kind", "severity", "status", "first_run", "first_seen", "since_run", "last_run",
		"table", "serial", "subject", "currency", "loss", "exposure", "gain", "summary",
		"acknowledged_by", "acknowledged_at", "acknowledgement_lapsed", "reason",
	}
}

const evidenceColumn = "evidence: "

type sheet struct {
	header []string
	rows   [][]string
}

func newSheet(findings []Finding) *sheet {
	names := map[string]bool{}
	for i := range findings {
		for _, e := range findings[i].Evidence {
			names[evidenceColumn+e.Name] = true
		}
	}
	return &sheet{header: append(fixed(), slices.Sorted(maps.Keys(names))...)}
}

func (t *sheet) add(cells map[string]string) {
	row := make([]string, len(t.header))
	for i, name := range t.header {
		row[i] = cells[name]
	}
	t.rows = append(t.rows, row)
}

func (t *sheet) finding(f *Finding) {
	cells := map[string]string{
		"identity": f.Identity, "check": f.Check, "area": f.Area, "kind": string(f.Kind), "severity": string(f.Severity), "status": string(f.Status),
		"first_run": strconv.FormatInt(f.FirstRun, 10), "first_seen": f.First.UTC().Format(time.RFC3339),
		"table": f.Table, "subject": f.Subject, "summary": f.Summary,
	}
	for name, n := range map[string]int64{"since_run": f.Since, "last_run": f.Last} {
		if n != 0 {
			cells[name] = strconv.FormatInt(n, 10)
		}
	}
	if f.Serial != nil {
		cells["serial"] = strconv.FormatInt(*f.Serial, 10)
	}
	for name, a := range map[string]*taler.Amount{"loss": f.Loss, "exposure": f.Exposure, "gain": f.Gain} {
		if a != nil {
			cells["currency"], cells[name] = string(a.Currency), inCell(*a)
		}
	}
	if a := f.Acknowledged; a != nil {
		cells["acknowledged_by"], cells["reason"] = a.By, a.Reason
		cells["acknowledged_at"], cells["acknowledgement_lapsed"] = a.At.UTC().Format(time.RFC3339), strconv.FormatBool(a.Lapsed)
	}
	for _, e := range f.Evidence {
		name := evidenceColumn + e.Name
		if before, again := cells[name]; again {
			cells[name] = before + "; " + e.Value
		} else {
			cells[name] = e.Value
		}
	}
	t.add(cells)
}

func (t *sheet) unlisted(c Check, more int64) {
	t.add(map[string]string{
		"check": c.ID, "area": c.Area, "status": "unlisted",
		"summary": fmt.Sprintf("%s of this check not listed; all %s together: loss %s, exposure %s, undue gain %s",
			plural(more, "more finding is", "more findings are"), count(c.Open.Count), money(c.Open.Loss), money(c.Open.Exposure), money(c.Open.Gain)),
	})
}

// inCell writes an amount as spreadsheets read numbers.
func inCell(a taler.Amount) string {
	return strings.ReplaceAll(number(a, decimals(a)), ",", "")
}

func (t *sheet) write(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			row[i] = escapeCell(cell)
		}
		if err := out.Write(row); err != nil {
			return fmt.Errorf("write findings as CSV: %w", err)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write findings as CSV: %w", err)
	}
	return nil
}
