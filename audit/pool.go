package audit

import (
	"context"
	"runtime"
	"sync"
)

// pool runs verifications on a fixed number of workers, which all areas share.
type pool struct {
	urgent, jobs chan func()
	workers      sync.WaitGroup
}

func newPool(workers int) *pool {
	p := &pool{urgent: make(chan func(), workers), jobs: make(chan func(), workers)}
	for range workers {
		p.workers.Go(p.work)
	}
	return p
}

// work does jobs until there will be none, urgent ones first.
func (p *pool) work() {
	urgent, jobs := p.urgent, p.jobs
	for urgent != nil || jobs != nil {
		select {
		case job, open := <-urgent:
			do(job, open, &urgent)
			continue
		default:
		}
		select {
		case job, open := <-urgent:
			do(job, open, &urgent)
		case job, open := <-jobs:
			do(job, open, &jobs)
		}
	}
}

// do does a job, or forgets the channel that is closed.
func do(job func(), open bool, from *chan func()) {
	if open {
		job()
		runtime.Gosched()
	} else {
		*from = nil
	}
}

// do hands a job of an area to the workers; it waits while all are busy. Withdrawals and
// confirmations wait for the others: least is left to be done when these are verified,
// while PostgreSQL has much to do with the coins.
func (p *pool) do(ctx context.Context, area string, job func()) error {
	queue := p.urgent
	if area == areaReserves {
		queue = p.jobs
	}
	select {
	case queue <- job:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for the jobs that were handed over. Nothing may be handed over
// afterwards.
func (p *pool) close() {
	close(p.urgent)
	close(p.jobs)
	p.workers.Wait()
}
