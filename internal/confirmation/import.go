package confirmation

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/sql"
)

// Exchange is the exchange whose confirmations are imported.
type Exchange struct {
	MasterPub taler.EddsaPublicKey
	BaseURL   string
	Currency  taler.Currency
}

// Summary says what became of an import.
type Summary struct {
	Read           int64 // confirmations that verified
	New            int64 // that were not there before
	Contradictions []Contradiction
}

// Contradiction is a new confirmation that says something else than another one of
// the same coin for the same contract of the same merchant. The exchange has signed
// both, and can keep its word once.
type Contradiction struct{ Serial, Other int64 }

// CurrencyError says that the exchange is known in another currency.
type CurrencyError struct{ Known, Configured taler.Currency }

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("earlier audits of this exchange were in %s, the configuration says %s; correct the configuration", e.Known, e.Configured)
}

// ExitStatus is that of a wrong configuration.
func (*CurrencyError) ExitStatus() int { return 1 }

// Importer puts confirmations into the auditor's database, in one transaction: all
// of them are kept by [Importer.Commit], or none.
type Importer struct {
	exchange Exchange
	id       int32
	tx       pgx.Tx
	staged   *pg.Copier
	count    int64
}

// Begin begins an import on a connection to the auditor's database. Whoever begins
// ends with Commit or Rollback.
func Begin(ctx context.Context, conn *pgx.Conn, exchange Exchange) (*Importer, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	i := &Importer{exchange: exchange, tx: tx}
	if err := i.enrol(ctx); err != nil {
		return nil, errors.Join(err, tx.Rollback(ctx))
	}
	i.staged = pg.NewCopier(conn, pgx.Identifier{"pg_temp", "staged_confirmations"}, "entry", "h_contract_terms", "h_wire",
		"exchange_timestamp", "refund_deadline", "amount_val", "amount_frac", "coin_pub", "merchant_pub", "exchange_pub", "exchange_sig",
		"key_start", "key_expire_sign", "key_expire_legal", "master_sig", "statement")
	return i, nil
}

// enrol finds or makes the exchange's entry.
func (i *Importer) enrol(ctx context.Context) error {
	_, err := i.tx.Exec(ctx, `insert into auditor.exchanges (master_pub, base_url, currency) values ($1, $2, $3)
		on conflict (master_pub) do nothing`, i.exchange.MasterPub[:], i.exchange.BaseURL, string(i.exchange.Currency))
	if err != nil {
		return err
	}
	var currency taler.Currency
	err = i.tx.QueryRow(ctx, "select exchange_id, currency from auditor.exchanges where master_pub = $1", i.exchange.MasterPub[:]).
		Scan(&i.id, (*string)(&currency))
	if err != nil {
		return err
	}
	if currency != i.exchange.Currency {
		return &CurrencyError{Known: currency, Configured: i.exchange.Currency}
	}
	_, err = i.tx.Exec(ctx, sql.Text("confirmation/staging.sql"))
	return err
}

// Add takes a confirmation that verified.
func (i *Importer) Add(ctx context.Context, c *Confirmation) error {
	i.count++
	s := i.staged
	s.Begin()
	s.Int64(i.count)
	s.Bytes(c.ContractTermsHash[:])
	s.Bytes(c.WireHash[:])
	s.Int64(stored(c.ExchangeTimestamp))
	s.Int64(stored(c.RefundDeadline))
	s.Int64(int64(c.AmountWithoutFee.Value))
	s.Int32(int32(c.AmountWithoutFee.Fraction))
	s.Bytes(c.CoinPub[:])
	s.Bytes(c.MerchantPub[:])
	s.Bytes(c.ExchangePub[:])
	s.Bytes(c.Signature[:])
	if c.Key != nil {
		s.Int64(stored(c.Key.Start))
		s.Int64(stored(c.Key.ExpireSign))
		s.Int64(stored(c.Key.ExpireLegal))
		s.Bytes(c.Key.MasterSig[:])
	} else {
		for range 4 {
			s.Null()
		}
	}
	statement := sha256.Sum256(c.AppendSigned(nil))
	s.Bytes(statement[:])
	return s.End(ctx)
}

// stored is a time as the auditor's own tables hold it: the highest number means never.
func stored(t taler.Timestamp) int64 { return int64(min(t, math.MaxInt64)) }

// Commit keeps what was added and is not there yet. Confirmations that were there
// before stay what they were, but gain the master key's word for their sign key if
// it is new.
func (i *Importer) Commit(ctx context.Context) (Summary, error) {
	summary := Summary{Read: i.count}
	if err := i.staged.Flush(ctx); err != nil {
		return summary, err
	}
	// An audit that is going on holds a lock of its own on the row, which does not
	// exclude this one.
	if _, err := i.tx.Exec(ctx, "select from auditor.exchanges where exchange_id = $1 for no key update", i.id); err != nil {
		return summary, err
	}
	if _, err := i.tx.Exec(ctx, sql.Text("confirmation/vouch.sql"), i.id); err != nil {
		return summary, err
	}
	rows, err := i.tx.Query(ctx, sql.Text("confirmation/keep.sql"), i.id)
	if err != nil {
		return summary, err
	}
	var serial int64
	first := int64(math.MaxInt64)
	if _, err := pgx.ForEachRow(rows, []any{&serial}, func() error {
		summary.New++
		first = min(first, serial)
		return nil
	}); err != nil {
		return summary, err
	}
	if _, err := i.tx.Exec(ctx, "select auditor.collect_statistics('{deposit_confirmations}', true)"); err != nil {
		return summary, err
	}
	rows, err = i.tx.Query(ctx, sql.Text("confirmation/contradictions.sql"), i.id, first)
	if err != nil {
		return summary, err
	}
	if summary.Contradictions, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Contradiction]); err != nil {
		return summary, err
	}
	return summary, i.tx.Commit(ctx)
}

// Rollback ends the import without a trace. After Commit it does nothing.
func (i *Importer) Rollback(ctx context.Context) {
	_ = i.tx.Rollback(ctx)
}
