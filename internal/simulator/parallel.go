package simulator

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// chunk is how many rows a goroutine makes at a time.
const chunk = 64

// A source feeds rows to COPY in order while several goroutines make them. It
// holds a few chunks per worker, however many rows there are. It implements
// pgx.CopyFromSource.
type source struct {
	chunks <-chan chan [][]any
	group  *errgroup.Group
	cancel context.CancelFunc
	rows   [][]any
	row    int
	err    error
}

// newSource starts to make count rows on as many goroutines as there are workers.
// Whoever got it must close it.
func newSource(ctx context.Context, workers, count int, row rowFunc) *source {
	ctx, cancel := context.WithCancel(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers + 1)
	chunks := make(chan chan [][]any, 2*workers)
	group.Go(func() error {
		defer close(chunks)
		for first := 0; first < count; first += chunk {
			made := make(chan [][]any, 1)
			select {
			case chunks <- made:
			case <-ctx.Done():
				return ctx.Err()
			}
			group.Go(func() error {
				defer close(made)
				rows := make([][]any, 0, chunk)
				for i := first; i < min(first+chunk, count); i++ {
					r, err := row(i)
					if err != nil {
						return err
					}
					rows = append(rows, r)
				}
				made <- rows
				return nil
			})
		}
		return nil
	})
	return &source{chunks: chunks, group: group, cancel: cancel, row: -1}
}

// Next moves on to the next row. It waits until the row is made.
func (s *source) Next() bool {
	if s.row++; s.row < len(s.rows) {
		return true
	}
	made, more := <-s.chunks
	if more {
		s.rows, more = <-made
		s.row = 0
	}
	if !more {
		s.close()
	}
	return more
}

// Values returns the row.
func (s *source) Values() ([]any, error) { return s.rows[s.row], nil }

// Err returns why there are no more rows, or nil if all were made.
func (s *source) Err() error { return s.err }

// close ends all goroutines, whether or not all rows were taken.
func (s *source) close() {
	s.cancel()
	for range s.chunks {
	}
	if err := s.group.Wait(); s.err == nil {
		s.err = err
	}
}
