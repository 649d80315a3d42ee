package audit

import (
	"context"
	"sync"
)

// pool runs verifications on a fixed number of workers, which all areas share.
type pool struct {
	jobs    chan func()
	workers sync.WaitGroup
}

func newPool(workers int) *pool {
	p := &pool{jobs: make(chan func(), workers)}
	for range workers {
		p.workers.Go(func() {
			for job := range p.jobs {
				job()
			}
		})
	}
	return p
}

// do hands a job to the workers; it waits while all are busy.
func (p *pool) do(ctx context.Context, job func()) error {
	select {
	case p.jobs <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for the jobs that were handed over. Nothing may be handed over
// afterwards.
func (p *pool) close() {
	close(p.jobs)
	p.workers.Wait()
}
