package audit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/sql"
)

// alteredKey is a row about keys that is no longer what it was.
type alteredKey struct {
	table         string
	serial        int64
	before, after []byte
	first         time.Time // clock of the run that first saw it
}

// goneKey is a row about keys that is no longer there.
type goneKey struct {
	table  string
	serial int64
	first  time.Time       // clock of the run that first saw it
	until  taler.Timestamp // when it might have been collected
}

// rememberKey stages the digest of a row about keys, nil if the row cannot be
// read, and when the row may be gone.
func (s *store) rememberKey(ctx context.Context, table string, serial int64, digest []byte, until taler.Timestamp) error {
	s.keyRows.Begin()
	s.keyRows.Text(table)
	s.keyRows.Int64(serial)
	if digest == nil {
		s.keyRows.Null()
	} else {
		s.keyRows.Bytes(digest)
	}
	s.keyRows.Int64(stored(until))
	return s.keyRows.End(ctx)
}

// mergeKeys compares the staged digests with those of earlier runs and keeps the
// new ones. It returns the rows that differ, and when each revocation of a
// denomination was first seen.
func (s *store) mergeKeys(ctx context.Context) ([]alteredKey, map[int64]taler.Timestamp, error) {
	if err := s.keyRows.Flush(ctx); err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.tx.Exec(ctx, sql.Text("audit/keys_merge.sql"), s.exchange, s.asOf); err != nil {
		return nil, nil, err
	}
	rows, err := s.tx.Query(ctx, sql.Text("audit/keys_altered.sql"), s.exchange)
	if err != nil {
		return nil, nil, err
	}
	altered, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (alteredKey, error) {
		var k alteredKey
		return k, row.Scan(&k.table, &k.serial, &k.before, &k.after, &k.first)
	})
	if err != nil {
		return nil, nil, err
	}
	rows, err = s.tx.Query(ctx, "select serial, first_as_of from auditor.key_rows where exchange_id = $1 and table_name = 'denomination_revocations'", s.exchange)
	if err != nil {
		return nil, nil, err
	}
	seen := make(map[int64]taler.Timestamp)
	var serial int64
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&serial, &first}, func() error {
		seen[serial] = taler.TimestampOf(first)
		return nil
	})
	return altered, seen, err
}

// goneKeys returns the rows about keys that earlier runs saw and this one did not
// stage, although they may not be collected before the given time.
func (s *store) goneKeys(ctx context.Context, at taler.Timestamp) ([]goneKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows, err := s.tx.Query(ctx, sql.Text("audit/keys_gone.sql"), s.exchange, stored(at))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (goneKey, error) {
		var k goneKey
		var until int64
		err := row.Scan(&k.table, &k.serial, &k.first, &until)
		k.until = fromStored(until)
		return k, err
	})
}
