package audit

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"auditor/internal/exchange"
	"auditor/report"
)

const (
	// batchRows is how many rows are verified as one job.
	batchRows = 32
	// chunkRows is how many rows one query reads.
	chunkRows = 1 << 16
	// inFlight is how many batches may wait to be settled, per worker.
	inFlight = 4
)

// verdict is what verification says about one row. Findings are about the row
// alone; a row that is excluded has no effect on the books.
type verdict struct {
	findings   []report.Finding
	excluded   bool
	statements []statement
}

func (v *verdict) find(f report.Finding) { v.findings = append(v.findings, f) }

// rowOf is a pointer to a row of a canonical relation.
type rowOf[T any] interface {
	*T
	Head() *exchange.Row
}

type batch[T any] struct {
	rows     []T
	verdicts []verdict
	late     bool
	panicked error
	done     chan struct{}
}

// judge brings one table up to date: it reads the rows that no run has seen,
// those in the holes of earlier runs first, verifies them on all cores, and
// settles them one by one in the order of their serials. A row that is
// malformed is a finding (R-21, K-14, C-33 or A-28) and is not settled. The area wire
// reads what other areas read as well, and leaves that finding to them.
//
// Each row that is read ends in exactly one verdict, which judge counts.
func judge[T any, P rowOf[T]](ctx context.Context, r *run, conn *pgx.Conn, area string, rel exchange.Relation[T],
	verify func(P, *verdict), settle func(P) error) error {
	return judgeAll(ctx, r, conn, area, rel, verify, func(row P, v *verdict) error {
		if v.excluded {
			return nil
		}
		return settle(row)
	})
}

// judgeAll is judge for a relation whose rows matter to others even if they are
// malformed or excluded from the books: every row is settled.
func judgeAll[T any, P rowOf[T]](ctx context.Context, r *run, conn *pgx.Conn, area string, rel exchange.Relation[T],
	verify func(P, *verdict), settle func(P, *verdict) error) error {
	before, err := r.store.progress(ctx, area, rel.Table)
	if err != nil {
		return err
	}
	highest, err := rel.Highest(ctx, conn, r.source)
	if err != nil {
		return err
	}
	if highest == math.MaxInt64 && area != areaWire {
		if err := r.find(ctx, unreachable(area, rel.Table)); err != nil {
			return err
		}
	}
	expected := max(highest-before.point(), 0)
	what := rel.Table + " (" + area + ")"

	group, inner := errgroup.WithContext(ctx)
	queue := make(chan *batch[T], inFlight*r.workers)
	read := int64(0)
	group.Go(func() error {
		defer close(queue)
		var err error
		read, err = readNew[T, P](inner, r, conn, area, rel, before, queue, func(b *batch[T]) { verifyBatch(area, rel.Table, b, verify) })
		return err
	})
	after := before
	var late []int64
	judged := int64(0)
	group.Go(func() error {
		for b := range queue {
			<-b.done
			if b.panicked != nil {
				return b.panicked
			}
			for i := range b.rows {
				row := P(&b.rows[i])
				if b.late {
					late = append(late, row.Head().Serial)
				} else {
					after.advance(row.Head().Serial)
				}
				judged++
				if err := r.find(inner, b.verdicts[i].findings...); err != nil {
					return err
				}
				if err := r.store.remember(inner, b.verdicts[i].statements); err != nil {
					return err
				}
				if err := settle(row, &b.verdicts[i]); err != nil {
					return err
				}
			}
			r.progress(what, judged, max(expected, judged+1))
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if read != judged {
		return &DefectError{fmt.Sprintf("%s: %d rows were read but %d were judged", rel.Table, read, judged)}
	}
	r.progress(what, judged, judged)
	after.holes = fill(after.holes, late)
	after.rows += int64(len(late))
	r.count(report.Population{
		Area: area, Table: rel.Table, From: before.point(), Next: after.point(),
		Rows: judged, Late: int64(len(late)), Holes: after.missing(), Total: after.rows,
	})
	return r.store.setProgress(ctx, area, rel.Table, after)
}

// readNew reads rows in batches, hands each batch to the workers and puts it
// into the queue, in the order of serials. It returns the number of rows read.
func readNew[T any, P rowOf[T]](ctx context.Context, r *run, conn *pgx.Conn, area string, rel exchange.Relation[T], from progress,
	queue chan<- *batch[T], work func(*batch[T])) (int64, error) {
	var total int64
	var rows []T
	late := len(from.holes) > 0
	send := func() error {
		if len(rows) == 0 {
			return nil
		}
		b := &batch[T]{rows: rows, late: late, done: make(chan struct{})}
		rows = nil
		if err := r.pool.do(ctx, area, func() { defer close(b.done); work(b) }); err != nil {
			return err
		}
		select {
		case queue <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	next := from.next
	take := func(row T) error {
		total++
		if rows == nil {
			rows = make([]T, 0, batchRows)
		}
		rows = append(rows, row)
		if !late {
			next = P(&rows[len(rows)-1]).Head().Serial + 1
		}
		if len(rows) < batchRows {
			return nil
		}
		return send()
	}
	if late {
		if err := rel.Within(ctx, conn, r.source, from.holes, take); err != nil {
			return total, err
		}
		if err := send(); err != nil {
			return total, err
		}
		late = false
	}
	for {
		before := total
		if err := rel.Above(ctx, conn, r.source, next, chunkRows, take); err != nil {
			return total, err
		}
		if total-before < chunkRows {
			return total, send()
		}
	}
}

// verifyBatch gives each row of a batch its verdict. A defect of the program
// that shows here ends the run instead of the process.
func verifyBatch[T any, P rowOf[T]](area, table string, b *batch[T], verify func(P, *verdict)) {
	defer catch(table, &b.panicked)
	b.verdicts = make([]verdict, len(b.rows))
	for i := range b.rows {
		row, v := P(&b.rows[i]), &b.verdicts[i]
		if bad := row.Head().Malformed; bad != nil {
			v.excluded = true
			if area != areaWire { // where another area tells
				v.find(malformed(area, table, row.Head()))
			}
			continue
		}
		verify(row, v)
	}
}

// catch turns a panic of the verification that defers it into an error.
func catch(table string, panicked *error) {
	if p := recover(); p != nil {
		*panicked = &DefectError{fmt.Sprintf("verification of %s: %v\n%s", table, p, debug.Stack())}
	}
}
