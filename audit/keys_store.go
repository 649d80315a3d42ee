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

// rememberKey stages the digest of a row about keys.
func (s *store) rememberKey(ctx context.Context, table string, serial int64, digest []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keyRows.Begin()
	s.keyRows.Text(table)
	s.keyRows.Int64(serial)
	s.keyRows.Bytes(digest)
	return s.keyRows.End(ctx)
}

// mergeKeys compares the staged digests with those of earlier runs and keeps the
// new ones. It returns the rows that differ, and when each revocation of a
// denomination was first seen.
func (s *store) mergeKeys(ctx context.Context) ([]alteredKey, map[int64]taler.Timestamp, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keyRows.Flush(ctx); err != nil {
		return nil, nil, err
	}
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
