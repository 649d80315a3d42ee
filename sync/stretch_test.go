package sync

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Serials and gaps together are every number from 1 to the last serial, and filling
// the gaps in any order leaves nothing.
func TestGapsAreWhatIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		after := rapid.Int64Range(-3, 20).Draw(t, "after")
		serials := rapid.SliceOfDistinct(rapid.Int64Range(max(after, 0)+1, 60), rapid.ID[int64]).Draw(t, "serials")
		slices.Sort(serials)
		var open []stretch
		next := max(after, 0) + 1
		for _, g := range gaps(after, serials) {
			if g.from > g.to || g.from < next {
				t.Fatalf("gap from %d to %d", g.from, g.to)
			}
			open, next = append(open, g), g.to+1
		}
		missing := func(n int64) bool { return slices.ContainsFunc(open, func(g stretch) bool { return g.holds(n) }) }
		var late []int64
		for n := max(after, 0) + 1; len(serials) > 0 && n <= serials[len(serials)-1]; n++ {
			if missing(n) == slices.Contains(serials, n) {
				t.Fatalf("serial %d is missing: %v", n, missing(n))
			}
			if missing(n) {
				late = append(late, n)
			}
		}
		some := rapid.SliceOfDistinct(rapid.SampledFrom(append(late, 1000)), rapid.ID[int64]).Draw(t, "late")
		slices.Sort(some)
		var rest []stretch
		for _, g := range open {
			rest = append(rest, g.without(some)...)
		}
		open = rest
		for _, n := range late {
			if missing(n) == slices.Contains(some, n) {
				t.Fatalf("after %v came late, serial %d is missing: %v", some, n, missing(n))
			}
		}
	})
}

func TestLargeStretches(t *testing.T) {
	if g := gaps(math.MinInt64, []int64{math.MaxInt64}); !slices.Equal(g, []stretch{{1, math.MaxInt64 - 1}}) {
		t.Errorf("got %v", g)
	}
	if n := (stretch{1, math.MaxInt64 - 1}).size(); n != math.MaxInt64-1 {
		t.Errorf("%d serials", n)
	}
	if n := (stretch{math.MinInt64, math.MaxInt64}).size(); n != math.MaxInt64 {
		t.Errorf("%d serials", n)
	}
	if r := (stretch{math.MaxInt64 - 1, math.MaxInt64}).without([]int64{math.MaxInt64}); !slices.Equal(r, []stretch{{math.MaxInt64 - 1, math.MaxInt64 - 1}}) {
		t.Errorf("got %v", r)
	}
}
