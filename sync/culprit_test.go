package sync

import (
	"testing"
	"time"
)

// Whatever the size of the batch, wherever the culprits are and whatever line the
// destination names, the search ends at the first culprit with all rows before it
// copied, in a number of steps that grows with the logarithm.
func TestSearchFindsTheFirstCulprit(t *testing.T) {
	const largest = 24
	for size := 1; size <= largest; size++ {
		for first := 1; first <= size; first++ {
			for second := first; second <= size; second++ {
				for _, named := range []int{0, first, second} {
					find(t, size, first, second, named)
				}
			}
		}
	}
}

func find(t *testing.T, size, first, second, named int) {
	t.Helper()
	var s search
	in := 0 // rows that were copied
	for step := 0; ; step++ {
		if step > 16 {
			t.Fatalf("batch of %d, culprits %d and %d, named %d: no end", size, first, second, named)
		}
		n := min(s.next(size), size-in)
		if n < 1 {
			t.Fatalf("batch of %d: a step of %d rows", size, n)
		}
		holds := func(culprit int) bool { return in < culprit && culprit <= in+n }
		if !holds(first) && !holds(second) {
			in += n
			s.accepted(n)
			continue
		}
		line := 0
		if named > 0 && holds(named) {
			line = named - in
		}
		if s.refused(n, line) {
			if named == first && step > 2 {
				t.Errorf("batch of %d, culprits %d and %d, %d named: %d steps, want the batch, what precedes the culprit, the culprit", size, first, second, named, step+1)
			}
			break
		}
	}
	if in != first-1 {
		t.Errorf("batch of %d, culprits %d and %d, named %d: stopped after %d rows", size, first, second, named, in)
	}
}

// A refusal that does not come back leaves nothing behind.
func TestSearchForgetsAPassingRefusal(t *testing.T) {
	var s search
	s.refused(10, 0)
	for copied := 0; copied < 10; {
		n := s.next(100)
		copied += n
		s.accepted(n)
	}
	if n := s.next(100); n != 100 {
		t.Errorf("next batch has %d rows, want 100", n)
	}
}

func TestPaceAimsAtHalfASecond(t *testing.T) {
	p := newPace(0)
	for range 20 {
		p.took(p.rows, time.Duration(p.rows)*10*time.Microsecond)
	}
	if p.rows < 45_000 || p.rows > 55_000 {
		t.Errorf("batches of %d rows at 10 µs each, want about 50,000", p.rows)
	}
	for range 20 {
		p.took(p.rows, time.Duration(p.rows)*time.Second)
	}
	if p.rows != 1 {
		t.Errorf("batches of %d rows at 1 s each, want 1", p.rows)
	}
}

func TestPaceKeepsTheBound(t *testing.T) {
	p := newPace(7)
	for range 5 {
		p.took(p.rows, time.Microsecond)
		if p.rows > 7 {
			t.Fatalf("%d rows, want at most 7", p.rows)
		}
	}
}

func TestPaceLearnsNothingFromTheEndOfATable(t *testing.T) {
	p := newPace(0)
	p.took(3, time.Millisecond)
	if p.rows != firstRows {
		t.Errorf("a batch of 3 rows changed the pace to %d", p.rows)
	}
}
