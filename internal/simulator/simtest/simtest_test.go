package simtest

import (
	"slices"
	"testing"
)

func TestEach(t *testing.T) {
	var played []uint64
	Each(t, []uint64{3, 5}, func(t *testing.T, seed uint64) { played = append(played, seed) })
	if *only == 0 && !slices.Equal(played, []uint64{3, 5}) {
		t.Errorf("played %v", played)
	}
	defer func(before uint64) { *only = before }(*only)
	*only, played = 7, nil
	Each(t, []uint64{3, 5}, func(t *testing.T, seed uint64) { played = append(played, seed) })
	if !slices.Equal(played, []uint64{7}) {
		t.Errorf("with -seed 7 played %v", played)
	}
}

func TestReplay(t *testing.T) {
	for name, want := range map[string]string{
		"TestMatrix/seed=7":       "to replay it: go test -run '^TestMatrix$' -seed 7",
		"TestMatrix/late/seed=7":  "to replay it: go test -run '^TestMatrix$/^late$' -seed 7",
		"TestMatrix/seed=7/fraud": "to replay it: go test -run '^TestMatrix$' -seed 7",
	} {
		if got := Replay(name, 7); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTrail(t *testing.T) {
	trail := NewTrail(t)
	trail.Step("advance %d days", 3)
	trail.Step("write")
	if got, want := trail.String(), "failed in step 2 of:\n   1. advance 3 days\n   2. write"; got != want {
		t.Errorf("trail %q, want %q", got, want)
	}
}
