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
// nothing else, then those that put others together. Lanes run at the same time: while
// one waits for the auditor's database, signatures of others are verified. Each reads the
// exchange through a connection of its own, and a connection costs as much as a short
// area, which is why some share a lane. What the areas have to say is put in order
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
	lanes := make(map[int][]area)
	for _, a := range areas {
		lanes[a.lane] = append(lanes[a.lane], a)
	}
	var tasks []func(context.Context) error
	for _, inTurn := range lanes {
		tasks = append(tasks, func(ctx context.Context) error {
			for _, a := range inTurn {
				if err := r.auditArea(ctx, a, clock); err != nil {
					return err
				}
			}
			return nil
		})
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
	return r.reading(ctx, func(conn *pgx.Conn) error {
		r.logger.Debug("auditing", "area", a.name)
		began := clock()
		if err := a.audit(ctx, r, conn); err != nil {
			return err
		}
		r.logger.Debug("audited", "area", a.name, "took", clock().Sub(began))
		return nil
	})
}

// reading calls read with a connection that reads the run's snapshot, rows along the index of
// their serials, in chunks. Without statistics the planner would hash whole tables for each
// chunk.
func (r *run) reading(ctx context.Context, read func(*pgx.Conn) error) error {
	conn, err := r.snapshot.Conn(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "set local enable_hashjoin = off; set local enable_mergejoin = off"); err != nil {
		return err
	}
	if err := read(conn); err != nil {
		return err
	}
	r.snapshot.GiveBack(conn)
	return nil
}
