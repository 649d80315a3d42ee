package sync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// pass reads all tables in one snapshot of the source, parents before children,
// and copies the rows above the destination's highest serial of each. Whole passes
// are all that the auditor sees: until the pass ends, the session holds
// exchange.PassLock, and a pass that was cut short stays unfinished in the
// destination's list of passes.
func (s *session) pass(ctx context.Context) (rows int64, err error) {
	highest, err := s.openSnapshot(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := s.destination.Exec(ctx, "select pg_catalog.pg_advisory_lock($1)", exchange.PassLock); err != nil {
		return 0, databaseError(Destination, s.destination, "wait for the pass lock", err)
	}
	var number int64
	if err := s.destination.QueryRow(ctx, sql.Text("sync/start_pass.sql"), s.Clock()).Scan(&number); err != nil {
		return 0, databaseError(Destination, s.destination, "note the start of a pass (auditor-dbinit creates the table)", err)
	}
	copied, err := highestSerials(ctx, Destination, s.destination, s.DestinationSchema, s.shapes)
	if err != nil {
		return 0, err
	}
	before := s.summary.Rows
	for i, sh := range s.shapes {
		if err := s.copyTable(ctx, sh, copied[i], highest[i]); err != nil {
			return s.summary.Rows - before, err
		}
	}
	rows = s.summary.Rows - before
	if _, err := s.destination.Exec(ctx, sql.Text("sync/finish_pass.sql"), number, s.Clock(), rows); err != nil {
		return rows, databaseError(Destination, s.destination, "note the end of a pass", err)
	}
	if _, err := s.destination.Exec(ctx, "select pg_catalog.pg_advisory_unlock($1)", exchange.PassLock); err != nil {
		return rows, databaseError(Destination, s.destination, "release the pass lock", err)
	}
	if _, err := s.source.Exec(ctx, "rollback"); err != nil {
		return rows, databaseError(Source, s.source, "end the snapshot", err)
	}
	s.summary.Passes++
	return rows, nil
}

// openSnapshot begins the source's transaction of a pass, passes the schema gate,
// and returns the highest serial of each table in the snapshot.
func (s *session) openSnapshot(ctx context.Context) ([]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	if _, err := s.source.Exec(ctx, "begin isolation level repeatable read read only"); err != nil {
		return nil, databaseError(Source, s.source, "begin a snapshot", err)
	}
	if err := gateSource(ctx, s.source, s.SourceSchema, s.layout, s.shapes); err != nil {
		return nil, err
	}
	return highestSerials(ctx, Source, s.source, s.SourceSchema, s.shapes)
}

// highestSerials returns the highest serial of each table, math.MinInt64 for an
// empty one.
func highestSerials(ctx context.Context, side Side, conn *pgx.Conn, schema string, shapes []*shape) ([]int64, error) {
	parts := make([]string, len(shapes))
	for i, sh := range shapes {
		parts[i] = fmt.Sprintf("coalesce((select max(%s) from only %s), '%d'::bigint)", sh.serial, sh.relation(schema), int64(math.MinInt64))
	}
	var highest []int64
	err := conn.QueryRow(ctx, "select array["+strings.Join(parts, ", ")+"]").Scan(&highest)
	if err == nil && len(highest) != len(shapes) {
		err = fmt.Errorf("the server answers with %d serials for %d tables", len(highest), len(shapes))
	}
	return highest, databaseError(side, conn, "look for the highest serials", err)
}

// copyTable copies the rows with serials in (after, until] batch by batch, up to
// the first one that breaks an invariant.
func (s *session) copyTable(ctx context.Context, sh *shape, after, until int64) error {
	pace := s.pace(sh.table.Name)
	var culprit search
	for after < until {
		limit := culprit.next(pace.rows)
		began := s.Clock()
		b, err := s.copyBatch(ctx, sh, after, until, limit)
		if r, ok := errors.AsType[*refused](err); ok {
			pace.refused()
			if culprit.refused(r.rows, r.line()) {
				return s.accuse(ctx, sh, after, r)
			}
			continue
		}
		if err != nil {
			return err
		}
		after = b.last
		culprit.accepted(b.rows)
		pace.took(b.rows, s.Clock().Sub(began))
		s.copied(sh.table.Name, b, until)
		switch {
		case b.next != nil:
			return b.next
		case b.tooLong:
			return s.accuseTooLong(ctx, sh, after)
		case b.rows < limit && after < until:
			return sh.violation(0, after, exchange.Column{}, RuleStream, "all rows of the snapshot arrive",
				fmt.Sprintf("the end after serial %d", after), fmt.Sprintf("rows up to the highest serial %d", until))
		}
	}
	return nil
}
