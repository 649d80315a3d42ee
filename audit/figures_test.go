package audit

import (
	"testing"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
)

// TestFiguresHaveAMeaning looks at every figure of an audit: what it is, what it is
// made of, and what it was before.
func TestFiguresHaveAMeaning(t *testing.T) {
	s := simulated(t, simulator.DefaultScenario(1))
	first := s.audit()
	s.advance(5)
	second := s.audit()
	known := map[string]bool{}
	for _, f := range second.Figures {
		known[f.Name] = true
	}
	stated := map[[2]string]bool{}
	for i, f := range second.Figures {
		stated[[2]string{f.Area, f.Name}] = true
		if f.Class == "" || len(f.MadeOf) == 0 {
			t.Errorf("%s of %s has no meaning: add it to meanings", f.Name, f.Area)
		}
		for _, c := range f.MadeOf {
			if exchange.Layout2021().Table(c.Name) == nil && !known[c.Name] {
				t.Errorf("%s is made of %s, which is neither a table nor a figure", f.Name, c.Name)
			}
		}
		if f.Previous == nil || *f.Previous != first.Figures[i].Amount {
			t.Errorf("%s was %v before, the report says %v", f.Name, first.Figures[i].Amount, f.Previous)
		}
	}
	for key := range meanings() {
		if !stated[key] {
			t.Errorf("no audit states %q", key)
		}
	}
	if first.Checkpoint != nil || len(second.Figures) == 0 {
		t.Error("a database that is no trusted copy has a checkpoint, or no figures")
	}
	if second.Previous == nil || len(second.Previous.Digest) != 64 {
		t.Errorf("the second report continues %+v", second.Previous)
	}
}
