package auditordb

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/taler"
	"auditor/sql"
)

// An Exchange is one that is audited.
type Exchange struct {
	MasterPub taler.EddsaPublicKey
	BaseURL   string
	Currency  taler.Currency
	Added     time.Time
	Reports   int64      // that are kept
	LastAsOf  *time.Time // the clock of the last audit; nil if there was none
	Open      int64      // findings that held in the last audit
	Restarted *time.Time // when its audit began anew; nil if it never did

	id int32
}

// List returns the exchanges of the database, in the order in which they were added.
func List(ctx context.Context, conn *pgx.Conn) ([]Exchange, error) {
	rows, err := conn.Query(ctx, sql.Text("auditordb/exchanges.sql"))
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e Exchange, err error) {
		var master []byte
		err = row.Scan(&e.id, &master, &e.BaseURL, (*string)(&e.Currency), &e.Added, &e.Reports, &e.LastAsOf, &e.Open, &e.Restarted)
		copy(e.MasterPub[:], master)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the exchanges: %w", err)
	}
	return list, nil
}

// Find returns the exchange with that master public key, or an [*UnknownError].
func Find(ctx context.Context, conn *pgx.Conn, master taler.EddsaPublicKey) (Exchange, error) {
	list, err := List(ctx, conn)
	if err != nil {
		return Exchange{}, err
	}
	for _, e := range list {
		if e.MasterPub == master {
			return e, nil
		}
	}
	return Exchange{}, &UnknownError{Database: conn.Config().Database, Master: master, Known: list}
}

// An Addition is what adding an exchange came to.
type Addition string

// What can come of it, as it is printed.
const (
	Added     Addition = "added"
	Known     Addition = "is known already"
	MovedHere Addition = "has another base URL now"
)

// Add makes an exchange known, or corrects the base URL of a known one. An audit of an
// exchange that is not known does the same; adding it before makes mistakes visible
// before anything was audited. The currency of an exchange never changes
// ([*CurrencyError]).
func Add(ctx context.Context, conn *pgx.Conn, master taler.EddsaPublicKey, baseURL string, currency taler.Currency) (outcome Addition, err error) {
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `insert into auditor.exchanges (master_pub, base_url, currency) values ($1, $2, $3)
			on conflict (master_pub) do nothing`, master[:], baseURL, string(currency))
		if err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			outcome = Added
			return nil
		}
		var url, have string
		err = tx.QueryRow(ctx, "select base_url, currency from auditor.exchanges where master_pub = $1 for update", master[:]).Scan(&url, &have)
		switch {
		case errors.Is(err, pgx.ErrNoRows): // removed meanwhile
			return &BusyError{}
		case err != nil:
			return err
		case have != string(currency):
			return &CurrencyError{Master: master, Have: taler.Currency(have), Want: currency}
		case url == baseURL:
			outcome = Known
			return nil
		}
		outcome = MovedHere
		_, err = tx.Exec(ctx, "update auditor.exchanges set base_url = $2 where master_pub = $1", master[:], baseURL)
		return err
	})
	return outcome, err
}

// Remove removes an exchange and everything that the database holds about it, in one
// transaction. Reports go along only if withReports says so, else they are a
// [*ReportsError].
func Remove(ctx context.Context, conn *pgx.Conn, e Exchange, withReports bool) error {
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := Lock(ctx, tx, e.MasterPub); err != nil {
			return err
		}
		var reports int64
		if err := tx.QueryRow(ctx, "select count(*) from auditor.runs where exchange_id = $1", e.id).Scan(&reports); err != nil {
			return err
		}
		if reports > 0 && !withReports {
			return &ReportsError{Exchange: e, Reports: reports}
		}
		_, err := tx.Exec(ctx, "delete from auditor.exchanges where exchange_id = $1", e.id)
		if denied, ok := errors.AsType[*pgconn.PgError](err); ok && denied.Code == insufficientPrivilege {
			return &OwnerError{Role: conn.Config().User}
		}
		return err
	})
}
