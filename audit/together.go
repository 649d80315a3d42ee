package audit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/report"
)

// transactionFailed is PostgreSQL's code for whatever is asked after something failed.
const transactionFailed = "25P02"

// auditAreas audits the keys, which everything rests on, then all areas that need
// nothing else, at the same time, then those that put others together. While one area
// waits for the auditor's database, signatures of others are verified. Each reads the
// exchange through a connection of its own; what they have to say is put in order
// afterwards.
func (r *run) auditAreas(ctx context.Context, selected []area, clock func() time.Time) error {
	for _, stage := range [][]area{
		only(selected, func(a area) bool { return a.name == areaKeys }),
		only(selected, func(a area) bool { return a.name != areaKeys && a.needs == nil }),
		only(selected, func(a area) bool { return a.needs != nil }),
	} {
		if err := r.auditTogether(ctx, stage, clock); err != nil {
			return err
		}
	}
	order := func(name string) int {
		return slices.IndexFunc(selected, func(a area) bool { return a.name == name })
	}
	slices.SortStableFunc(r.population, func(a, b report.Population) int {
		return cmp.Or(order(a.Area)-order(b.Area), r.source.Layout.Place(a.Table)-r.source.Layout.Place(b.Table))
	})
	slices.SortStableFunc(r.figures, func(a, b report.Figure) int { return order(a.Area) - order(b.Area) })
	slices.SortStableFunc(r.unchecked, func(a, b report.Unchecked) int { return order(a.Area) - order(b.Area) })
	return nil
}

func only(areas []area, chosen func(area) bool) []area {
	return slices.DeleteFunc(slices.Clone(areas), func(a area) bool { return !chosen(a) })
}

func (r *run) auditTogether(ctx context.Context, areas []area, clock func() time.Time) error {
	tasks := make([]func(context.Context) error, len(areas))
	for i, a := range areas {
		tasks[i] = func(ctx context.Context) error { return r.auditArea(ctx, a, clock) }
	}
	return together(ctx, tasks...)
}

// together does tasks at the same time. If one fails it ends the others and returns that
// error, and not one of those that follow from it.
func together(ctx context.Context, tasks ...func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var failure error
	var running sync.WaitGroup
	for _, do := range tasks {
		running.Go(func() {
			err := do(inner)
			if err == nil {
				return
			}
			cancel()
			mu.Lock()
			defer mu.Unlock()
			if failure == nil || follows(failure) {
				failure = err
			}
		})
	}
	running.Wait()
	if failure != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return failure
}

// follows tells whether an error says only that something else failed before.
func follows(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == transactionFailed
}

func (r *run) auditArea(ctx context.Context, a area, clock func() time.Time) error {
	r.logger.Debug("auditing", "area", a.name)
	began := clock()
	conn, err := r.reader(ctx)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, r, conn); err != nil {
		return err
	}
	r.logger.Debug("audited", "area", a.name, "took", clock().Sub(began))
	return nil
}

// reader is one more connection that reads the run's snapshot, rows along the index of
// their serials, in chunks. Without statistics the planner would hash whole tables for each chunk.
func (r *run) reader(ctx context.Context) (*pgx.Conn, error) {
	conn, err := r.snapshot.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "set local enable_hashjoin = off; set local enable_mergejoin = off")
	return conn, err
}
