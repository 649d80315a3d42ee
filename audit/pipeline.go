package audit

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// pipeline verifies things on all cores that are put into it one by one, and
// settles them in the order in which they were put. It is to what the auditor has
// gathered itself what judge is to rows of the exchange.
type pipeline[T any] struct {
	*run
	area   string
	what   string // for a defect that shows
	verify func(*T, *verdict)
	settle func(*T) error

	group *errgroup.Group
	inner context.Context // ends when something fails
	queue chan *load[T]
	next  []T
	held  int // weight of next
}

// load is what one worker verifies at a time.
type load[T any] struct {
	things   []T
	verdicts []verdict
	panicked error
	done     chan struct{}
}

// loadWeight is when a load is given to a worker.
const loadWeight = 16

func newPipeline[T any](ctx context.Context, r *run, area, what string, verify func(*T, *verdict), settle func(*T) error) *pipeline[T] {
	p := &pipeline[T]{run: r, area: area, what: what, verify: verify, settle: settle, queue: make(chan *load[T], inFlight*r.workers)}
	p.group, p.inner = errgroup.WithContext(ctx)
	p.group.Go(p.settleAll)
	return p
}

// put adds a thing, whose weight tells how long its verification takes. It waits
// while too much is under way.
func (p *pipeline[T]) put(thing T, weight int) error {
	p.next = append(p.next, thing)
	if p.held += weight; p.held < loadWeight {
		return nil
	}
	return p.send()
}

func (p *pipeline[T]) send() error {
	if len(p.next) == 0 {
		return nil
	}
	l := &load[T]{things: p.next, done: make(chan struct{})}
	p.next, p.held = nil, 0
	if err := p.pool.do(p.inner, p.area, func() { defer close(l.done); p.verifyLoad(l) }); err != nil {
		return err
	}
	select {
	case p.queue <- l:
		return nil
	case <-p.inner.Done():
		return p.inner.Err()
	}
}

func (p *pipeline[T]) verifyLoad(l *load[T]) {
	defer catch(p.what, &l.panicked)
	l.verdicts = make([]verdict, len(l.things))
	for i := range l.things {
		p.verify(&l.things[i], &l.verdicts[i])
	}
}

func (p *pipeline[T]) settleAll() error {
	for l := range p.queue {
		<-l.done
		if l.panicked != nil {
			return l.panicked
		}
		for i := range l.things {
			if err := p.find(p.inner, l.verdicts[i].findings...); err != nil {
				return err
			}
			if err := p.store.remember(p.inner, l.verdicts[i].statements); err != nil {
				return err
			}
			if err := p.settle(&l.things[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// close waits until everything is settled. It must be called, whatever the error of
// those who put things; it returns that error, or the first of the pipeline's own.
func (p *pipeline[T]) close(err error) error {
	if err == nil {
		err = p.send()
	}
	close(p.queue)
	if own := p.group.Wait(); own != nil {
		return own
	}
	return err
}
