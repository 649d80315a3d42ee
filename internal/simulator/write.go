package simulator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// ErrNotOurs says that a database is not in the state in which this exchange left
// it, or, before the first Write, not empty.
var ErrNotOurs = errors.New("the database holds something else than what this simulation wrote")

// Write appends what was played since the last Write to a database of the 2021
// layout, all in one transaction, and brings the balances and dates of older
// reserves and the marks of older deposits up to date. The first Write wants an empty database, later ones the
// database as the last one left it, plus the frauds that were adopted; both refuse
// any other with ErrNotOurs. If Write fails, it wrote nothing and can be repeated.
func (x *Exchange) Write(ctx context.Context, conn *pgx.Conn, schema string) error {
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := x.recognize(ctx, tx, schema); err != nil {
			return err
		}
		for _, t := range tables {
			if err := x.copy(ctx, tx, schema, t); err != nil {
				return fmt.Errorf("write table %s: %w", t.name, err)
			}
		}
		if err := x.updateReserves(ctx, tx, schema); err != nil {
			return err
		}
		return x.updateDeposits(ctx, tx, schema)
	})
	if err != nil {
		return fmt.Errorf("simulated exchange not written: %w", err)
	}
	x.wrote()
	return nil
}

// recognize returns an error unless the database is the one to write to.
func (x *Exchange) recognize(ctx context.Context, tx pgx.Tx, schema string) error {
	if !x.written {
		return empty(ctx, tx, schema)
	}
	k := x.signKeys[0]
	var public []byte
	query := "select exchange_pub from " + identifier(schema, "exchange_sign_keys") + " where esk_serial = $1"
	if err := tx.QueryRow(ctx, query, k.serial).Scan(&public); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if x.signKey(k.number).Public() != asKey(public) {
		return fmt.Errorf("%w: its first sign key is another; write to the database of the first Write", ErrNotOurs)
	}
	for _, t := range tables {
		if t.serial == "" {
			continue
		}
		var highest int64
		query := "select coalesce(max(" + t.serial + "), 0) from " + identifier(schema, t.name)
		if err := tx.QueryRow(ctx, query).Scan(&highest); err != nil {
			return err
		}
		if want := x.serials[t.name].stored; highest != want {
			return fmt.Errorf("%w: table %s ends with serial %d instead of %d; adopt the frauds that were applied before writing again",
				ErrNotOurs, t.name, highest, want)
		}
	}
	return nil
}

// empty returns an error unless all tables of an exchange are there, without rows.
func empty(ctx context.Context, tx pgx.Tx, schema string) error {
	for _, t := range exchange.Layout2021().Tables {
		var filled bool
		query := "select exists (select from " + identifier(schema, t.Name) + ")"
		if err := tx.QueryRow(ctx, query).Scan(&filled); err != nil {
			return fmt.Errorf("%w; initialise an empty exchange database first", err)
		}
		if filled {
			return fmt.Errorf("%w: table %s has rows; choose an empty exchange database", ErrNotOurs, t.Name)
		}
	}
	return nil
}

// copy appends a table's new rows and moves its sequence behind them.
func (x *Exchange) copy(ctx context.Context, tx pgx.Tx, schema string, t table) error {
	count, row := t.rows(x)
	if count == 0 {
		return nil
	}
	rows := newSource(ctx, x.workers, count, row)
	defer rows.close()
	if _, err := tx.CopyFrom(ctx, pgx.Identifier{schema, t.name}, t.columns, rows); err != nil {
		return err
	}
	if t.serial == "" {
		return nil
	}
	var at *int64
	const query = "select setval(pg_get_serial_sequence($1, $2), $3)"
	if err := tx.QueryRow(ctx, query, identifier(schema, t.name), t.serial, x.serials[t.name].last).Scan(&at); err != nil {
		return err
	}
	if at == nil {
		return fmt.Errorf("column %s has no sequence; initialise the database again", t.serial)
	}
	return nil
}

// updatesAtOnce bounds how many statements travel together.
const updatesAtOnce = 1000

// updateReserves writes the columns that the exchange changes after a reserve's
// row was written.
func (x *Exchange) updateReserves(ctx context.Context, tx pgx.Tx, schema string) error {
	query := "update " + identifier(schema, "reserves") +
		" set current_balance_val = $2, current_balance_frac = $3, expiration_date = $4, gc_date = $5 where reserve_uuid = $1"
	b := new(pgx.Batch)
	for _, i := range x.bySerial {
		if !x.reserves[i].changed || !x.reserves[i].stored {
			continue
		}
		r := x.reserves[i].visible()
		value, fraction := r.booked().columns()
		b.Queue(query, r.serial, value, fraction, r.expiration.DB(), r.collection.DB())
		if b.Len() == updatesAtOnce {
			if err := tx.SendBatch(ctx, b).Close(); err != nil {
				return err
			}
			b = new(pgx.Batch)
		}
	}
	return tx.SendBatch(ctx, b).Close()
}

// updateDeposits writes the marks of deposits that were written before.
func (x *Exchange) updateDeposits(ctx context.Context, tx pgx.Tx, schema string) error {
	query := "update " + identifier(schema, "deposits") + " set tiny = $2, done = $3 where deposit_serial_id = $1"
	for flagged := range slices.Chunk(x.batch.flagged, updatesAtOnce) {
		b := new(pgx.Batch)
		for _, n := range flagged {
			d := &x.deposits[n]
			b.Queue(query, d.serial, d.tiny, d.done)
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return err
		}
	}
	return nil
}

// wrote notes that the batch is in the database.
func (x *Exchange) wrote() {
	for _, i := range x.bySerial {
		x.reserves[i].changed = false
	}
	for _, i := range x.batch.reserves {
		x.reserves[i].stored = true
	}
	for _, n := range x.batch.deposits {
		x.deposits[n].stored = true
	}
	for _, c := range x.serials {
		c.stored = c.last
	}
	x.batch = batch{
		denominations: len(x.denominations), signKeys: len(x.signKeys), wireFees: len(x.wireFees),
		known: len(x.known),
	}
	x.writes++
	x.written = true
}

func identifier(schema, table string) string { return pgx.Identifier{schema, table}.Sanitize() }

// asKey returns the bytes as a key, the zero key if they are none.
func asKey(b []byte) (key taler.EddsaPublicKey) {
	if len(b) == len(key) {
		copy(key[:], b)
	}
	return key
}
