package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// fetchRows is how many rows of the auditor's database are in memory at a time.
const fetchRows = 1000

// each runs a query in the auditor's database and calls take for each row. The
// connection is free while take runs, so that take may record findings.
func each[T any](ctx context.Context, s *store, query string, args []any, scan func(pgx.CollectableRow) (T, error), take func(T) error) error {
	s.mu.Lock()
	s.cursors++
	cursor := fmt.Sprintf("batch_%d", s.cursors)
	_, err := s.tx.Exec(ctx, fmt.Sprintf("declare %s cursor for ", cursor)+query, args...)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	for {
		s.mu.Lock()
		rows, err := s.tx.Query(ctx, fmt.Sprintf("fetch %d from %s", fetchRows, cursor), pgx.QueryExecModeDescribeExec)
		var batch []T
		if err == nil {
			batch, err = pgx.CollectRows(rows, scan)
		}
		s.mu.Unlock()
		if err != nil {
			return err
		}
		for _, row := range batch {
			if err := take(row); err != nil {
				return err
			}
		}
		if len(batch) < fetchRows {
			break
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err = s.tx.Exec(ctx, "close "+cursor)
	return err
}

// batches is each for what is dealt with in batches. It calls take at least once, so
// that what an audit does follows from what there is to do in steps only.
func batches[T any](ctx context.Context, s *store, query string, args []any, scan func(pgx.CollectableRow) (T, error), take func([]T) error) error {
	var batch []T
	err := each(ctx, s, query, args, scan, func(row T) error {
		batch = append(batch, row)
		if len(batch) < fetchRows {
			return nil
		}
		full := batch
		batch = nil
		return take(full)
	})
	if err != nil {
		return err
	}
	return take(batch)
}

// exec runs a statement in the auditor's database.
func (s *store) exec(ctx context.Context, statement string, args ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.tx.Exec(ctx, statement, args...)
	return err
}

// row runs a query that gives one row.
func (s *store) row(ctx context.Context, query string, args []any, columns ...any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tx.QueryRow(ctx, query, args...).Scan(columns...)
}
