package audit

import (
	"fmt"
	"slices"
	"testing"

	"auditor/internal/simulator"
	"auditor/report"
)

// faultsOfBooks are changes that show in the books as a whole.
func faultsOfBooks() []fault {
	return []fault{
		{name: "the exchange owes more than it was paid", folder: "small-wired", books: true,
			sql:  `update public.reserves_in set credit_val = 5 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 4.99", "L-01"}},
		{name: "the exchange claims to have been paid more, and owes it", folder: "small-wired", books: true,
			sql: `update public.reserves_in set credit_val = 15 where reserve_in_serial_id = 1`},
		{name: "a payment that nobody can read", folder: "small-wired", books: true,
			sql:  `update public.reserves_in set credit_frac = -1 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 9.99", "R-21", "L-01"}},
		{name: "an exchange that keeps what it wired too little", folder: "small-wired", books: true,
			sql:  `update public.wire_out set amount_val = amount_val - 1`,
			want: []string{"A-27 gain 1"}},
		{name: "a transfer that nobody can read", folder: "small-wired", books: true,
			sql:  `update public.wire_out set amount_val = -1`,
			want: []string{"A-28", "L-02"}},
	}
}

// contradictions lists where the findings about the books do not follow from the
// figures, and from what other findings explain.
func contradictions(rep *report.Report) []string {
	wrong := map[string]bool{}
	for _, f := range rep.Figures {
		if f.Area == areaSolvency && !f.Amount.IsZero() {
			wrong["L-01"] = wrong["L-01"] || f.Name == "total_shortfall"
			wrong["L-02"] = wrong["L-02"] || f.Name == "total_gap" || f.Name == "total_surplus"
		}
	}
	wrong["L-02"] = wrong["L-02"] && !slices.ContainsFunc(rep.Checks, func(c report.Check) bool {
		return !c.Open.Loss.IsZero() || !c.Open.Gain.IsZero() || !c.Open.Exposure.IsZero() && ruleOf(c.ID).kind == report.OfRow
	})
	var lines []string
	for _, id := range []string{"L-01", "L-02"} {
		made := slices.ContainsFunc(rep.Findings, func(f report.Finding) bool { return f.Check == id && f.Status != report.Resolved })
		if made != wrong[id] {
			lines = append(lines, fmt.Sprintf("%s is found: %v, which the figures contradict", id, made))
		}
	}
	return lines
}

// TestSolvencyNeedsAllBooks leaves the books as a whole alone where some of them are
// not audited, and says so.
func TestSolvencyNeedsAllBooks(t *testing.T) {
	s := simulated(t, simulator.DefaultScenario(1))
	s.opt.Areas = []string{areaReserves, areaCoins}
	rep := s.audit()
	if slices.Contains(rep.Scope.Areas, areaSolvency) {
		t.Errorf("the areas are %q", rep.Scope.Areas)
	}
	if !slices.ContainsFunc(rep.Unchecked, func(u report.Unchecked) bool { return u.Area == areaSolvency }) {
		t.Errorf("the report does not say that solvency was not checked: %v", rep.Unchecked)
	}
}
