package dbinit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
)

// openTrusted connects to [exchangedb], which must be a trusted copy: the tables of
// a known layout with the bookkeeping of auditor-sync.
func (p *Program) openTrusted(ctx context.Context, options ...pg.Option) (*database, *exchange.Layout, error) {
	exchangeOnly := *p
	exchangeOnly.Part = Exchange
	list, err := exchangeOnly.databases()
	if err != nil {
		return nil, nil, err
	}
	d := list[0]
	if err := d.connect(ctx, p.Getenv, options...); err != nil {
		return nil, nil, err
	}
	layout, err := d.checkTrusted(ctx)
	if err != nil {
		closeAll(ctx, list)
		return nil, nil, err
	}
	return d, layout, nil
}

func (d *database) checkTrusted(ctx context.Context) (*exchange.Layout, error) {
	layout, err := exchange.Recognize(ctx, d.conn, d.main.Schema)
	if err != nil {
		return nil, err
	}
	for _, m := range d.beside {
		if err := migrate.CheckCurrent(ctx, d.conn, m.Component); err != nil {
			return nil, fmt.Errorf("[exchangedb] is no trusted copy that is up to date: %w", err)
		}
	}
	return layout, nil
}

// collection is the rule book of garbage collection for the database.
func (d *database) collection(layout *exchange.Layout) exchange.Collection {
	return exchange.Collection{
		Layout:                 layout,
		Schema:                 d.main.Schema,
		IdleReserveExpiration:  d.settings.IdleReserveExpiration,
		LegalReserveExpiration: d.settings.LegalReserveExpiration,
	}
}

// patience is how long we wait for auditor-sync to end a pass. Passes over a copy
// that is up to date take moments.
const patience = 10 * time.Minute

const lockTimedOut = "55P03"

// ReplicatingError says that the trusted copy is being written.
type ReplicatingError struct{ Database string }

func (e *ReplicatingError) Error() string {
	return fmt.Sprintf("auditor-sync has been copying into database %q for more than %v: try again when the pass has ended", e.Database, patience)
}

// ExitStatus is the exit status of a program that cannot use a database.
func (e *ReplicatingError) ExitStatus() int { return 2 }

// awaitPass runs a statement that takes a lock, and gives up after a while.
func awaitPass(ctx context.Context, conn *pgx.Conn, statement string, args ...any) error {
	if _, err := conn.Exec(ctx, fmt.Sprintf("set lock_timeout = %d", patience.Milliseconds())); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, statement, args...)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == lockTimedOut {
		return &ReplicatingError{Database: conn.Config().Database}
	}
	return err
}
