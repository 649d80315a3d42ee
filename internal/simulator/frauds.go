package simulator

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// A Fraud is something that a dishonest operator can do to the database of his
// exchange, with the keys that he has, and that one check finds.
type Fraud struct {
	Name        string // a word with hyphens
	Description string // for people, a sentence

	// Apply commits the fraud in a database that the exchange wrote. It leaves
	// the Exchange as it is, so that one exchange serves several copies of its
	// database; before the exchange advances on a defrauded one, it must Adopt
	// the effect. ErrNoVictim says that nothing in the database lends itself.
	Apply func(ctx context.Context, conn *pgx.Conn, schema string, x *Exchange) (Effect, error)
}

// An Effect is what a fraud did and how it must be found.
type Effect struct {
	Check  string       // identifier of the check that finds it, such as R-04
	Table  string       // with the fraudulent row
	Serial int64        // of that row
	Amount taler.Amount // that the finding must state

	adopt func(x *Exchange)
}

// ErrNoVictim says that the exchange holds nothing that a fraud could be tried on.
var ErrNoVictim = errors.New("no victim for this fraud")

// Frauds returns the catalogue.
func Frauds() []Fraud {
	return []Fraud{
		withdrawalWithoutConsent(),
		closingFeeOvercharged(),
	}
}

// Adopt makes an applied fraud part of the exchange's history: its own books, its
// serials, and as far as money really moved, its ledger.
func (x *Exchange) Adopt(e Effect) {
	c := x.serials[e.Table]
	c.rows++
	c.last = max(c.last, e.Serial)
	c.stored = c.last
	e.adopt(x)
}

// fraudulently runs a fraud's changes in one transaction, after making sure that
// the database is the one which the exchange knows.
func (x *Exchange) fraudulently(ctx context.Context, conn *pgx.Conn, schema string, change func(tx pgx.Tx) error) error {
	if !x.written {
		return fmt.Errorf("%w: nothing is written yet; call Write first", ErrNotOurs)
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := x.recognize(ctx, tx, schema); err != nil {
			return err
		}
		return change(tx)
	})
}

// insert adds one row of a table that the simulator writes.
func insert(ctx context.Context, tx pgx.Tx, schema, name string, row []any) error {
	for _, t := range tables {
		if t.name == name {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{schema, name}, t.columns, pgx.CopyFromRows([][]any{row}))
			return err
		}
	}
	return fmt.Errorf("table %s is not one that a simulated exchange writes", name)
}

// takeSerial takes the next number of a table's sequence.
func takeSerial(ctx context.Context, tx pgx.Tx, schema, name, column string) (serial int64, err error) {
	const query = "select nextval(pg_get_serial_sequence($1, $2))"
	err = tx.QueryRow(ctx, query, identifier(schema, name), column).Scan(&serial)
	return serial, err
}

// setReserve writes what the exchange's books say about a reserve.
func setReserve(ctx context.Context, tx pgx.Tx, schema string, r reserve) error {
	query := "update " + identifier(schema, "reserves") +
		" set current_balance_val = $2, current_balance_frac = $3, gc_date = $4 where reserve_uuid = $1"
	value, fraction := r.booked().columns()
	_, err := tx.Exec(ctx, query, r.serial, value, fraction, r.collection.DB())
	return err
}
