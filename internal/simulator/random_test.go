package simulator

import (
	"testing"

	"auditor/internal/simulator/simtest"
)

// TestRandomWalk lets chance decide when the exchange goes on, when it is written,
// completely or not, and when another process takes over.
func TestRandomWalk(t *testing.T) {
	simtest.Each(t, []uint64{11, 12, 13, 14}, func(t *testing.T, seed uint64) {
		trail := simtest.NewTrail(t)
		s := smallScenario(seed)
		chance := s.chance("walk")
		s.Reserves, s.Days = 12, 1+chance.IntN(70)
		trail.Step("play %d days", s.Days)
		x, conn := written(t, s)
		exec(t, conn, figureViews)
		for range 6 {
			switch chance.IntN(4) {
			case 0, 1:
				days := 1 + chance.IntN(15)
				trail.Step("advance %d days", days)
				advance(t, x, days)
			case 2:
				trail.Step("write early")
				if _, err := x.WriteEarly(t.Context(), conn, schema); err != nil {
					t.Fatal(err)
				}
			case 3:
				trail.Step("write, replay and resume")
				write(t, x, conn)
				var err error
				if x, err = x.Record().Replay(); err != nil {
					t.Fatal(err)
				}
				if err := x.Resume(t.Context(), conn, schema); err != nil {
					t.Fatal(err)
				}
			}
		}
		trail.Step("write and compare")
		write(t, x, conn)
		agrees(t, x, func(query string, args ...any) int64 { return number(t, conn, query, args...) })
		if n := unbalanced(t, conn); n != 0 {
			t.Errorf("%d balances are wrong", n)
		}
	})
}
