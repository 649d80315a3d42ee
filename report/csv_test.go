package report

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func writeCSV(t interface {
	Helper()
	Fatal(...any)
}, r *Report) [][]string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, r); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCSVGolden(t *testing.T) {
	for name, r := range map[string]*Report{"full.csv": classified(), "empty.csv": emptyReport()} {
		var b bytes.Buffer
		if err := WriteCSV(&b, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
	}
}

// TestNoCellIsAFormula fills reports with what spreadsheets would compute.
func TestNoCellIsAFormula(t *testing.T) {
	for _, attack := range []string{"=1+1", "+0", "+17", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "|x", "%x", " =1", "\u200b=1"} {
		cell := escapeCell(attack)
		if first := []rune(cell)[0]; strings.ContainsRune(formulaSigns, first) {
			t.Errorf("%q begins a formula", cell)
		}
	}
	if got := escapeCell("-17"); got != "-17" {
		t.Errorf("a number becomes %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=1", "-x", "a\nb", `"`, ";,", hostileText}))
		for _, row := range writeCSV(t, anyReport(t, text)) {
			for _, cell := range row {
				if flaw := safe(cell); flaw != "" {
					t.Fatalf("a cell %s: %+q", flaw, cell)
				}
				if cell != "" && strings.ContainsRune("=+@", []rune(cell)[0]) {
					t.Fatalf("the cell %q begins a formula", cell)
				}
			}
		}
	})
}

// TestCSVLosesNothing: a row per finding, every piece of evidence in a cell, and what
// is not listed announced.
func TestCSVLosesNothing(t *testing.T) {
	r := classified()
	r.Findings[0].Evidence = append(r.Findings[0].Evidence, Evidence{"twice", "a"}, Evidence{"twice", "b"})
	rows := writeCSV(t, r)
	at := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for i, f := range r.Findings {
		row := rows[i+1]
		if at(row, "identity") != f.Identity || at(row, "status") != string(f.Status) {
			t.Errorf("row %d is %q", i, row)
		}
		for _, e := range f.Evidence {
			if !strings.Contains(at(row, evidenceColumn+e.Name), Escape(e.Value)) {
				t.Errorf("row %d lacks the evidence %s", i, e.Name)
			}
		}
	}
	if got := at(rows[1], evidenceColumn+"twice"); got != "a; b" {
		t.Errorf("evidence of one name is %q", got)
	}
	if last := rows[len(rows)-1]; at(last, "status") != "unlisted" || !strings.HasPrefix(at(last, "summary"), "12,345 more") {
		t.Errorf("the last row is %q", last)
	}
	if got := at(rows[3], "loss"); got != "1000.00000001" {
		t.Errorf("an amount is %q", got)
	}
}
