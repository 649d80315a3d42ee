package audit

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/simulator"
	"auditor/report"
)

var (
	stepsSeed = flag.Uint64("steps.seed", 1, "the first history of TestSteps")
	stepsFor  = flag.Duration("steps.for", 0, "how long TestSteps goes on playing histories, printing those that fail; 0: a few of them")
)

// TestSteps audits exchanges step by step: business goes on, transactions become
// visible late, rows are corrupted before they are audited, confirmations come when
// merchants like, garbage is collected. In the end another auditor audits everything
// at once, with what was collected. Both say the same.
func TestSteps(t *testing.T) {
	few := uint64(6)
	if testing.Short() {
		few = 1
	}
	started := time.Now()
	var next atomic.Uint64
	for lane := range lanes {
		t.Run(fmt.Sprint("lane ", lane), func(t *testing.T) {
			t.Parallel()
			for {
				i := next.Add(1) - 1
				if i > 0 && *stepsFor > 0 && time.Since(started) > *stepsFor || *stepsFor == 0 && i >= few {
					return
				}
				t.Run(fmt.Sprint("seed ", *stepsSeed+i), func(t *testing.T) { playHistory(t, *stepsSeed+i) })
			}
		})
	}
}

// playHistory plays, corrupts and audits one exchange.
func playHistory(t *testing.T, seed uint64) {
	h := newHistory(t, seed)
	const steps = 6
	ends := h.play.Clock()
	for range steps - 1 {
		h.days = append(h.days, 2+h.rng.IntN(9))
		ends = ends.Add(time.Duration(h.days[len(h.days)-1]) * 24 * time.Hour)
	}
	h.ends = ends
	var last *report.Report
	for step := range steps {
		if step > 0 {
			h.advanceDays(h.days[step-1])
		}
		h.write(step == steps-1)
		for range h.rng.IntN(2 + int(seed%3)*4) {
			h.corrupt()
		}
		collects := step < steps-1 && h.rng.IntN(2) == 0
		// Nobody can tell whether a deposit is missing that was collected before its
		// confirmation was reported.
		h.report(step == steps-1 || collects)
		h.opt.Internal = h.internal && (step == steps-1 || h.rng.IntN(2) == 0)
		last = h.audit()
		h.judged()
		if collects {
			h.collect()
		}
	}
	h.uncollect()
	before := h.auditor
	h.auditor = migratetest.NewDatabase(t, migrate.Auditor())
	h.recall(before)
	h.opt.Auditor = connectTo(h.auditor)
	h.reported = 0
	h.report(true)
	whole := h.audit()
	h.compare(whole, last)
}

// compare refuses reports that differ without a reason.
func (h *history) compare(whole, steps *report.Report) {
	h.Helper()
	var wrong []string
	missing := h.open(steps)
	for line, f := range h.open(whole) {
		if _, ok := missing[line]; ok {
			delete(missing, line)
		} else if !h.excused(f, true) {
			wrong = append(wrong, "only at once: "+line+": "+f.Summary)
		}
	}
	for line, f := range missing {
		if !h.excused(f, false) {
			wrong = append(wrong, "only in steps: "+line+": "+f.Summary)
		}
	}
	wantFigures, gotFigures := figureLines(whole), figureLines(steps)
	for i, line := range wantFigures {
		if i >= len(gotFigures) || gotFigures[i] != line {
			wrong = append(wrong, fmt.Sprintf("at once the figure is %s, in steps %s", line, gotFigures[i]))
		}
	}
	want, got := rowsOf(whole), rowsOf(steps)
	for table, rows := range want {
		if got[table] != rows {
			wrong = append(wrong, fmt.Sprintf("%d rows of %s are judged at once, %d in steps", rows, table, got[table]))
		}
	}
	if wrong != nil {
		slices.Sort(wrong)
		h.Errorf("%s\nwhat happened:\n  %s\nreplay with: go test ./audit -run 'TestSteps' -steps.seed %d -steps.for 1ns",
			strings.Join(wrong, "\n"), strings.Join(h.story, "\n  "), h.seed)
	}
}

// open are the findings that are open, by what is said of them.
func (h *history) open(rep *report.Report) map[string]report.Finding {
	lines := map[string]report.Finding{}
	for _, f := range rep.Findings {
		if f.Status != report.Resolved {
			lines[foundLine(f)] = f
		}
	}
	return lines
}

func figureLines(rep *report.Report) []string {
	var lines []string
	for _, f := range rep.Figures {
		lines = append(lines, fmt.Sprintf("%s %s %v", f.Area, f.Name, f.Amount))
	}
	return lines
}

// rowsOf counts the rows that were judged, but for those that are judged anew in every
// run: keys, and what the exchange believes of its reserves.
func rowsOf(rep *report.Report) map[string]int64 {
	rows := map[string]int64{}
	for _, p := range rep.Population {
		if p.Area != areaKeys && p.Table != "reserves" {
			rows[p.Area+" "+p.Table] = p.Total
		}
	}
	return rows
}

// excused tells whether a finding may depend on when it was audited.
func (h *history) excused(f report.Finding, atOnce bool) bool {
	switch {
	case atOnce && f.Serial != nil && (f.Area == areaKeys || ruleOf(f.Check).internal):
		// What keys and mutable columns say is judged while they are there.
		return h.isCollected(f.Table, *f.Serial)
	case ruleOf(f.Check).internal && f.Table == "reserves":
		// The exchange no longer says what it believes of a reserve that it has forgotten.
		return slices.Contains(h.forgotten(), f.Subject)
	}
	return false
}

// quickScenario is an exchange whose denominations and reserves come and go quickly.
func quickScenario(seed uint64) simulator.Scenario {
	const day = 24 * time.Hour
	s := simulator.DefaultScenario(seed)
	s.KeySeed = 1
	s.Days, s.Reserves, s.WithdrawalsPerReserve = 12, 8, 5
	s.Values = []string{"0.5", "2", "10"}
	s.DenominationSpan, s.DenominationOverlap = 9*day, 3*day
	s.DepositSpan, s.LegalSpan = 10*day, 5*day
	s.SignKeySpan, s.SignKeyOverlap = 10*day, 2*day
	s.WireFeePeriod = 8 * day
	s.IdleReserveExpiration, s.LegalReserveExpiration = 6*day, 8*day
	s.RevokeSignKeyAfter = 9 * day
	if seed%2 == 0 {
		s.RevokeDenominationAfter = 7 * day
	}
	return s
}

// newHistory begins a history.
func newHistory(t *testing.T, seed uint64) *history {
	h := &history{seed: seed, rng: rand.New(rand.NewPCG(seed, 9)), internal: seed%4 != 0}
	h.stage(t, quickScenario(seed))
	return h
}
