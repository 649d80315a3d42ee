package simulator

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestSourceKeepsOrder makes rows that take different times.
func TestSourceKeepsOrder(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for _, count := range []int{0, 1, chunk - 1, chunk, chunk + 1, 20*chunk + 7} {
		s := newSource(t.Context(), 4, count, func(i int) ([]any, error) {
			if i%chunk == 0 && i%(3*chunk) == 0 {
				time.Sleep(time.Millisecond)
			}
			return []any{i}, nil
		})
		n := 0
		for s.Next() {
			if row, err := s.Values(); err != nil || row[0] != n {
				t.Fatalf("row %d of %d is %v, error %v", n, count, row, err)
			}
			n++
		}
		if n != count || s.Err() != nil {
			t.Errorf("%d of %d rows, error %v", n, count, s.Err())
		}
		s.close()
	}
}

func TestSourceStops(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	broken := errors.New("broken row")
	s := newSource(t.Context(), 3, 100*chunk, func(i int) ([]any, error) {
		if i == 5*chunk+1 {
			return nil, broken
		}
		return []any{i}, nil
	})
	n := 0
	for s.Next() {
		n++
	}
	if n > 5*chunk || !errors.Is(s.Err(), broken) {
		t.Errorf("%d rows before the broken one, error %v", n, s.Err())
	}

	s = newSource(t.Context(), 3, 100*chunk, func(i int) ([]any, error) { return []any{i}, nil })
	if !s.Next() {
		t.Error("no first row")
	}
	s.close()

	ctx, cancel := context.WithCancel(t.Context())
	s = newSource(ctx, 3, 100*chunk, func(i int) ([]any, error) {
		if i == chunk {
			cancel()
		}
		return []any{i}, nil
	})
	n = 0
	for s.Next() {
		n++
	}
	if n == 100*chunk || !errors.Is(s.Err(), context.Canceled) {
		t.Errorf("%d rows after the end of the context, error %v", n, s.Err())
	}
}
