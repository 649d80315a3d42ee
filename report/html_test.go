package report

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"auditor/internal/taler"
)

func writeHTML(t interface {
	Helper()
	Fatal(...any)
}, r *Report, past History) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, r, past); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pastOfFull is a history that leads to fullReport.
func pastOfFull() History {
	var past History
	for i, escrow := range []string{"1100000", "1234600"} {
		past = append(past, Past{
			Run: int64(i + 1), AsOf: clock("2026-02-01T12:00:00Z").Add(time.Duration(i) * 14 * 24 * time.Hour),
			Figures: []Figure{{Area: "reserves", Name: "total_escrow_balance", Amount: eur(escrow)}, {Area: "reserves", Name: "total_withdraw_fee_income", Amount: eur("150")}},
			Checks:  []Check{{ID: "R-13", Open: totals(1, "1000", "2", "0")}},
		})
	}
	return past
}

// classified is fullReport with what the program knows of its figures.
func classified() *Report {
	r := fullReport()
	r.Figures[0].Class, r.Figures[1].Class, r.Figures[2].Class, r.Figures[3].Class = Liability, Income, Liability, Liability
	r.Figures[0].MadeOf = []Component{{"reserves_in", "", false}, {"reserves_out", "", true}, {"recoup", "into reserves", false}}
	r.Findings[1].Acknowledged = &Acknowledgement{By: "Ada Lovelace", Reason: "paid back", At: clock("2026-02-28T00:00:00Z")}
	r.Checks[0].Acknowledged = 1
	r.Checkpoint = &Checkpoint{Tables: []CopiedTable{{"reserves_in", 1284, strings.Repeat("A", 43) + "="}, {"reserves_out", 32000, strings.Repeat("B", 43) + "="}}}
	return r
}

func TestHTMLGolden(t *testing.T) {
	golden(t, "empty.html", []byte(writeHTML(t, emptyReport(), nil)))
	golden(t, "full.html", []byte(writeHTML(t, classified(), pastOfFull())))
}

var tag = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)

// harmlessPage checks what holds for every page: nothing runs, nothing is loaded,
// there are no elements but the template's, and nothing in the text deceives.
func harmlessPage(t interface {
	Helper()
	Fatal(...any)
	Errorf(string, ...any)
}, r *Report) {
	t.Helper()
	page := writeHTML(t, r, pastOfFull())
	for _, element := range tag.FindAllString(page, -1) {
		for _, bad := range []string{"<script", "<b>&", "<iframe", "<object", "<embed", "http:", "https:", "javascript:", "onerror", "<img", "<base"} {
			if strings.Contains(strings.ToLower(element), bad) {
				t.Errorf("the page has the element %s", element)
			}
		}
	}
	for line := range strings.Lines(page) {
		if flaw := safe(strings.TrimSuffix(line, "\n")); flaw != "" {
			t.Errorf("a line %s: %+q", flaw, line)
		}
	}
}

func TestPagesAreHarmless(t *testing.T) {
	hostile := hostileReport()
	hostile.Findings[0].Summary = `</p><script>alert(1)</script><img src=x onerror="alert(1)"><a href="javascript:alert(1)">`
	hostile.Findings[0].Acknowledged = &Acknowledgement{By: hostileText, Reason: `"><script>`, At: clock("2026-02-28T00:00:00Z"), Lapsed: true}
	hostile.Figures[0].Class, hostile.Figures[0].Title = Liability, `"/><script>`
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": classified(), "hostile": hostile, "zero": {}} {
		t.Run(name, func(t *testing.T) { harmlessPage(t, r) })
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{hostileText, `"><script>`, "' onload=alert(1) '", "]]>", "-->"}))
		harmlessPage(t, anyReport(t, text))
	})
}

func TestHTMLRefusesMixedCurrencies(t *testing.T) {
	r := fullReport()
	r.Checks[0].Open.Loss.Currency = "CHF"
	if err := WriteHTML(&bytes.Buffer{}, r, nil); !errors.Is(err, taler.ErrCurrencyMismatch) {
		t.Errorf("error %v", err)
	}
	if err := WriteHTML(brokenWriter{}, fullReport(), nil); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
}

func TestCharts(t *testing.T) {
	charts := drawCharts(classified(), pastOfFull())
	if len(charts) != 3 || charts[0].Title != "What the exchange owes" || len(charts[0].Lines) != 3 {
		t.Fatalf("got %+v", charts)
	}
	escrow := charts[0].Lines[0]
	if len(escrow.Dots) != 3 || escrow.Last != "EUR 1,234,567.50" || strings.Count(escrow.Path, " ") != 2 {
		t.Errorf("got %+v", escrow)
	}
	if top := charts[0].Across[len(charts[0].Across)-1].Text; top != "2,000,000" {
		t.Errorf("the highest rule is at %s", top)
	}
	for _, test := range []struct{ v, want float64 }{{0, 1}, {1, 1}, {1.1, 2}, {2.5, 5}, {7, 10}, {4503599627370496, 5e15}, {0.003, 0.005}} {
		if got := roundUp(test.v); got < test.want*0.999 || got > test.want*1.001 {
			t.Errorf("%v is rounded to %v, want %v", test.v, got, test.want)
		}
	}
}
