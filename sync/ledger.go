package sync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// An account is what the destination has on record about one table.
type account struct {
	highest int64 // serial that was ever copied, math.MinInt64 if none
	chunks  int64 // of evidence
	holes   int64 // that are looked for
	missing int64 // serials in them
	givenUp int64 // serials
	state   State
	reason  string
	checked int64 // chunks that were compared in the present round
}

// readLedger reads the accounts of all tables, in the order of shapes.
func (s *session) readLedger(ctx context.Context) ([]account, error) {
	names := make([]string, len(s.shapes))
	for i, sh := range s.shapes {
		names[i] = sh.table.Name
	}
	rows, err := s.destination.Query(ctx, sql.Text("sync/ledger.sql"), names)
	var accounts []account
	if err == nil {
		accounts, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (account, error) {
			a := account{highest: math.MinInt64}
			var highest *int64
			err := row.Scan(&highest, &a.chunks, &a.holes, &a.missing, &a.givenUp, &a.state, &a.reason, &a.checked)
			if highest != nil {
				a.highest = *highest
			}
			return a, err
		})
	}
	return accounts, databaseError(Destination, s.destination, "read what is on record about the copy", err)
}

// adoptRows is how many rows without evidence are taken in at a time.
const adoptRows = 100_000

// adopt makes the evidence of rows that the destination holds without any, because
// an earlier version of this program or a restored backup brought them.
func (s *session) adopt(ctx context.Context) error {
	highest, err := highestSerials(ctx, Destination, s.destination, s.DestinationSchema, s.shapes)
	if err != nil {
		return err
	}
	accounts, err := s.readLedger(ctx)
	if err != nil {
		return err
	}
	for i, sh := range s.shapes {
		for after := accounts[i].highest; after < highest[i]; {
			s.Logger.InfoContext(ctx, "making the evidence of rows that have none", "table", sh.table.Name, "after", max(after, 0))
			if after, err = s.adoptSome(ctx, sh, after, highest[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *session) adoptSome(ctx context.Context, sh *shape, after, until int64) (last int64, err error) {
	doing := "make evidence of " + sh.table.Name
	h := &harvest{}
	p := newParser(sh, after, until, adoptRows, h.take)
	p.lenient = true
	query := selection{after: after, until: until, limit: adoptRows}.copyOut(sh, s.DestinationSchema)
	if _, err := s.destination.PgConn().CopyTo(ctx, p, query); err != nil {
		return 0, databaseError(Destination, s.destination, doing, err)
	}
	if p.Close(); p.violation != nil || p.rows == 0 {
		return 0, fmt.Errorf("destination database: %s: a row after serial %d cannot be read: %w", doing, after, errors.Join(p.violation))
	}
	err = pgx.BeginFunc(ctx, s.destination, func(pgx.Tx) error { return s.record(ctx, sh, h, after, s.Clock()) })
	return p.last, databaseError(Destination, s.destination, doing, err)
}

// record notes what a batch of rows above all copied ones brought: evidence, and
// the holes between them.
func (s *session) record(ctx context.Context, sh *shape, h *harvest, after int64, now time.Time) error {
	if err := s.keep(ctx, sh.table.Name, h); err != nil {
		return err
	}
	return s.addHoles(ctx, sh.table.Name, gaps(after, h.serials), now)
}

func (s *session) addHoles(ctx context.Context, table string, holes []stretch, firstSeen time.Time) error {
	if len(holes) == 0 {
		return nil
	}
	from, to := make([]int64, len(holes)), make([]int64, len(holes))
	for i, g := range holes {
		from[i], to[i] = g.from, g.to
	}
	_, err := s.destination.Exec(ctx, `insert into auditor_sync.holes (table_name, from_serial, to_serial, first_seen)
		select $1, f, t, $4 from unnest($2::bigint[], $3::bigint[]) as h (f, t)`, table, from, to, firstSeen)
	return err
}
