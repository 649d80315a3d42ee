package auditordb

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

// Lock keeps audits of the exchange away until the transaction ends, or returns a
// [*BusyError].
func Lock(ctx context.Context, tx pgx.Tx, master taler.EddsaPublicKey) error {
	class, key := exchange.AuditLock(master)
	var free bool
	if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1, $2)", class, key).Scan(&free); err != nil {
		return err
	}
	if !free {
		return &BusyError{}
	}
	return nil
}

// A Holding is how many rows of a table are about an exchange.
type Holding struct {
	Table
	Rows int64
}

// Holdings counts what the database holds about an exchange, table by table, leaving
// out empty ones and the entry of the exchange itself. It reads all of it.
func Holdings(ctx context.Context, tx pgx.Tx, e Exchange) ([]Holding, error) {
	var list []Holding
	for _, t := range Tables() {
		if t.Name == "exchanges" {
			continue
		}
		h := Holding{Table: t}
		if err := tx.QueryRow(ctx, "select count(*) from "+relation(t.Name)+" where exchange_id = $1", e.id).Scan(&h.Rows); err != nil {
			return nil, fmt.Errorf("counting the rows of %s: %w", t.Name, err)
		}
		if h.Rows > 0 {
			list = append(list, h)
		}
	}
	return list, nil
}

// Restart forgets what audits of an exchange remember, so that the next one judges
// everything anew, and puts on record that it did. Where there is nothing to forget it does
// nothing. The lock must be held.
func Restart(ctx context.Context, tx pgx.Tx, e Exchange, forced bool) error {
	rows := int64(0)
	for _, name := range forgotten() {
		deleted, err := tx.Exec(ctx, "delete from "+relation(name)+" where exchange_id = $1", e.id)
		if err != nil {
			return fmt.Errorf("emptying %s: %w", name, err)
		}
		rows += deleted.RowsAffected()
	}
	if rows == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `insert into auditor.restarts (exchange_id, last_run, forced)
		select $1, coalesce(max(run), 0), $2 from auditor.runs where exchange_id = $1`, e.id, forced)
	return err
}

func relation(table string) string { return pgx.Identifier{Schema, table}.Sanitize() }

// Judged is how far audits have come in a table.
type Judged struct {
	Table string
	Next  int64  // the first serial that was not judged
	Holes string // an int8multirange: serials below it that were not judged
	Rows  int64  // judged below it
}

// Progress returns how far audits of the exchange have come.
func Progress(ctx context.Context, tx pgx.Tx, e Exchange) ([]Judged, error) {
	rows, err := tx.Query(ctx, sql.Text("auditordb/judged.sql"), e.id)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Judged])
	if err != nil {
		return nil, fmt.Errorf("reading the progress of the audit: %w", err)
	}
	return list, nil
}
