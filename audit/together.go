package audit

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/pg"
	"auditor/report"
)

// transactionFailed is PostgreSQL's code for whatever is asked after something failed.
const transactionFailed = "25P02"

// auditAreas audits the keys, which everything rests on, then all areas that need
// nothing else, at the same time, then those that put others together. While one area
// waits for the auditor's database, signatures of others are verified. Each reads the
// exchange through a connection of its own; what they have to say is put in order
// afterwards.
func (r *run) auditAreas(ctx context.Context, snapshot *pg.Snapshot, selected []area, clock func() time.Time) error {
	for _, stage := range [][]area{
		only(selected, func(a area) bool { return a.name == areaKeys }),
		only(selected, func(a area) bool { return a.name != areaKeys && a.needs == nil }),
		only(selected, func(a area) bool { return a.needs != nil }),
	} {
		if err := r.auditTogether(ctx, snapshot, stage, clock); err != nil {
			return err
		}
	}
	order := func(name string) int {
		return slices.IndexFunc(selected, func(a area) bool { return a.name == name })
	}
	slices.SortStableFunc(r.population, func(a, b report.Population) int { return order(a.Area) - order(b.Area) })
	slices.SortStableFunc(r.figures, func(a, b report.Figure) int { return order(a.Area) - order(b.Area) })
	slices.SortStableFunc(r.unchecked, func(a, b report.Unchecked) int { return order(a.Area) - order(b.Area) })
	return nil
}

func only(areas []area, chosen func(area) bool) []area {
	return slices.DeleteFunc(slices.Clone(areas), func(a area) bool { return !chosen(a) })
}

// auditTogether audits areas at the same time. If one fails it returns that error, and
// not one of those that follow from it.
func (r *run) auditTogether(ctx context.Context, snapshot *pg.Snapshot, areas []area, clock func() time.Time) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var failure error
	var running sync.WaitGroup
	for _, a := range areas {
		running.Go(func() {
			err := r.auditArea(inner, snapshot, a, clock)
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

func (r *run) auditArea(ctx context.Context, snapshot *pg.Snapshot, a area, clock func() time.Time) error {
	r.logger.Debug("auditing", "area", a.name)
	began := clock()
	conn, err := snapshotConn(ctx, snapshot)
	if err != nil {
		return err
	}
	if err := a.audit(ctx, r, conn); err != nil {
		return err
	}
	r.logger.Debug("audited", "area", a.name, "took", clock().Sub(began))
	return nil
}

// snapshotConn is a connection that reads rows along the index of their serials, in
// chunks. Without statistics the planner would hash whole tables for each chunk.
// Compiling such queries takes longer than they do.
func snapshotConn(ctx context.Context, snapshot *pg.Snapshot) (*pgx.Conn, error) {
	conn, err := snapshot.Conn(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, "set local enable_hashjoin = off; set local enable_mergejoin = off; set local jit = off")
	return conn, err
}
