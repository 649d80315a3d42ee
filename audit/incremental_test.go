package audit

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
)

// TestLateRows audits an exchange whose transactions become visible in another
// order than their serials say: rows that an audit could not see are judged by
// the next one, and the figures are those of one audit of everything. Nothing is
// hidden that a visible row was written in knowledge of.
func TestLateRows(t *testing.T) {
	hidden := map[string]string{
		"reserves_in":            "reserve_uuid not in (select reserve_uuid from public.reserves_close)",
		"reserves_out":           "true",
		"reserves_close":         "true",
		"deposits":               "not done and refund_deadline <= exchange_timestamp",
		"refunds":                "true",
		"refresh_transfer_keys":  "true",
		"refresh_revealed_coins": "rrc_serial not in (select rrc_serial from public.recoup_refresh)",
	}
	s := simulated(t, simulator.DefaultScenario(3))
	for table, condition := range hidden {
		s.exec(fmt.Sprintf(`create table public.late_%[1]s as select * from public.%[1]s where %[2]s %% 3 = 0 and %[3]s;
			delete from public.%[1]s where %[2]s in (select %[2]s from public.late_%[1]s)`, table, serialColumn(table), condition))
	}
	s.audit()
	for table := range hidden {
		s.exec(fmt.Sprintf(`insert into public.%[1]s select * from public.late_%[1]s; drop table public.late_%[1]s`, table))
	}
	rep := s.audit()
	s.agrees(rep)
	if got := s.surprises(rep); got != nil {
		t.Errorf("when all rows are there the audit says %q", got)
	}
	for _, p := range rep.Population {
		if _, ok := hidden[p.Table]; ok && p.Late == 0 {
			t.Errorf("no late rows of %s", p.Table)
		}
	}
}

func serialColumn(table string) string {
	return exchange.Layout2021().Table(table).Serial
}

// TestSpans cuts a random set of serials into random runs: each serial is judged
// once, and what was not seen lies in the holes.
func TestSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		present := rapid.SliceOfN(rapid.Bool(), 1, 60).Draw(t, "present")
		p := beginning()
		judged := map[int64]bool{}
		visible := make([]bool, len(present))
		for runs := rapid.IntRange(1, 5).Draw(t, "runs"); runs > 0; runs-- {
			for i, there := range present {
				visible[i] = visible[i] || there && (runs == 1 || rapid.Bool().Draw(t, "visible"))
			}
			judge := func(serial int64) {
				if judged[serial] {
					t.Fatalf("serial %d is judged twice", serial)
				}
				judged[serial] = true
			}
			var late []int64
			for _, h := range p.holes {
				for i, seen := range visible {
					if serial := int64(i); seen && serial >= h.From && serial < h.To {
						judge(serial)
						late = append(late, serial)
					}
				}
			}
			for i, seen := range visible {
				if serial := int64(i); seen && serial >= p.next {
					judge(serial)
					p.advance(serial)
				}
			}
			p.holes = fill(p.holes, late)
		}
		missing := int64(0)
		for i, there := range present {
			if judged[int64(i)] != there {
				t.Fatalf("serial %d: present %v, judged %v", i, there, judged[int64(i)])
			}
			if !there && i > 0 && int64(i) < p.next {
				missing++
			}
		}
		if p.missing() != missing {
			t.Fatalf("%d serials lie in holes, want %d", p.missing(), missing)
		}
	})
}
