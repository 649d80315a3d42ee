// Package simtest helps tests that play exchanges of several seeds: a run that
// fails says what it had done, and how to do just that again.
package simtest

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

// only is the seed to play instead of those that a test chose.
var only = flag.Uint64("seed", 0, "play the exchange of this seed only; 0 = those that each test chooses")

// Each runs a test once for each seed, as a subtest. With the flag -seed it is run
// for that one instead.
func Each(t *testing.T, seeds []uint64, play func(t *testing.T, seed uint64)) {
	t.Helper()
	if *only != 0 {
		seeds = []uint64{*only}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Log(Replay(t.Name(), seed))
				}
			})
			play(t, seed)
		})
	}
}

// Replay is the command that runs a subtest of Each again.
func Replay(test string, seed uint64) string {
	name, _, _ := strings.Cut(test, "/seed=")
	return fmt.Sprintf("to replay it: go test -run '^%s$' -seed %d", strings.ReplaceAll(name, "/", "$/^"), seed)
}

// A Trail remembers the steps of a random run. It is shown if the test fails.
type Trail struct{ steps []string }

// NewTrail begins the trail of a test.
func NewTrail(t testing.TB) *Trail {
	trail := new(Trail)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(trail)
		}
	})
	return trail
}

// Step notes what is done next.
func (r *Trail) Step(format string, args ...any) {
	r.steps = append(r.steps, fmt.Sprintf(format, args...))
}

// String lists the steps, the last of which failed.
func (r *Trail) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "failed in step %d of:", len(r.steps))
	for i, step := range r.steps {
		fmt.Fprintf(&b, "\n%4d. %s", i+1, step)
	}
	return b.String()
}
