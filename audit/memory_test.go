package audit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/archive"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/report"
)

// TestFindingsComeBack follows a finding that appears, is acknowledged, is resolved
// and comes back: it keeps its identity, its history tells of both times, and the
// acknowledgement no longer covers it.
func TestFindingsComeBack(t *testing.T) {
	s := simulated(t, simulator.DefaultScenario(1))
	change := func(by string) {
		s.exec("update denominations set fee_deposit_frac = fee_deposit_frac " + by + " where denominations_serial = (select min(denominations_serial) from denominations)")
	}
	states := func(rep *report.Report) (list []report.Finding) {
		for _, f := range rep.Findings {
			if f.Kind == report.OfState {
				list = append(list, f)
			}
		}
		return list
	}
	s.audit()
	change("+ 1")
	found := states(s.audit())
	if len(found) == 0 {
		t.Fatal("an altered denomination is not found")
	}
	f := found[0]
	conn := pgtest.Connect(t, s.auditor)
	e, err := archive.Open(t.Context(), conn, s.opt.Policy.MasterPub)
	if err != nil {
		t.Fatal(err)
	}
	id, err := archive.ParseIdentity(strings.ToUpper(f.Identity))
	if err != nil {
		t.Fatal(err)
	}
	entry := report.Entry{At: archive.Now(time.Now), By: "Ada", Reason: "the operator's mistake"}
	if _, err := e.Acknowledge(t.Context(), conn, []archive.Identity{id}, entry); err != nil {
		t.Fatal(err)
	}
	find := func(rep *report.Report) report.Finding {
		t.Helper()
		i := slices.IndexFunc(rep.Findings, func(g report.Finding) bool { return g.Identity == f.Identity })
		if i < 0 {
			t.Fatalf("report %d does not list %s", rep.Run, f.Check)
		}
		return rep.Findings[i]
	}
	if g := find(s.audit()); g.Status != report.Persisting || g.Counts() || g.Acknowledged.By != "Ada" {
		t.Errorf("acknowledged, it is %+v", g)
	}
	change("- 1")
	if g := find(s.audit()); g.Status != report.Resolved || g.Last != 3 {
		t.Errorf("resolved, it is %+v", g)
	}
	change("+ 1")
	g := find(s.audit())
	if g.Status != report.New || g.FirstRun != 2 || g.Since != 5 || !g.Counts() || g.Acknowledged == nil || !g.Acknowledged.Lapsed {
		t.Errorf("come back, it is %+v", g)
	}
	story, err := e.Story(t.Context(), conn, id)
	if err != nil {
		t.Fatal(err)
	}
	if p := story.Periods; len(p) != 2 || p[0].From != 2 || *p[0].Until != 4 || p[1].From != 5 || p[1].Until != nil || len(story.Entries) != 1 {
		t.Errorf("its story is %+v", story)
	}
	var chain archive.Chain
	if err := e.VerifyReports(t.Context(), conn, &chain); err != nil || len(chain.Problems) > 0 {
		t.Errorf("the chain: %v, %v", err, chain.Problems)
	}
}
