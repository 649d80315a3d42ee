package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// settled is a transfer with what its deposits earn.
type settled struct {
	serial   int64
	at       taler.Timestamp
	method   string
	amount   taler.Amount
	fee      *taler.Amount // nil if there is no single one
	total    taler.Amount
	expected taler.Amount
	deposits int64
	due      taler.Timestamp // of the deposit that was due first
}

// auditTransfers finds transfers whose fee cannot be told, that are for less
// than the fee, of a wrong amount, or early.
func (a *aggregationAudit) auditTransfers(ctx context.Context) error {
	for _, q := range []struct {
		query string
		judge func(*settled, []report.Evidence) report.Finding
		args  []any
	}{
		{"without_fee", a.withoutFee, nil},
		{"below_fee", a.belowFee, nil},
		{"wrong", a.wrong, nil},
		{"early", a.early, []any{a.policy.ExecutionTolerance.Microseconds()}},
	} {
		err := batches(ctx, a.store, sql.Text("audit/aggregation_transfers_"+q.query+".sql"), append([]any{a.store.exchange}, q.args...), a.scanSettled,
			func(transfers []settled) error {
				serials := make([]int64, len(transfers))
				for i := range transfers {
					serials[i] = transfers[i].serial
				}
				rows, err := reread(ctx, a, exchange.WireTransfers, serials)
				if err != nil {
					return err
				}
				for i := range transfers {
					t := &transfers[i]
					evidence := []report.Evidence{with("execution_date", t.at), with("total", t.total), with("expected", t.expected), with("found", t.amount), number("deposits", t.deposits)}
					if t.fee != nil {
						evidence = append(evidence, with("wire fee", *t.fee))
					}
					if row := rows[t.serial]; row != nil {
						evidence = append(evidence, with("wtid", row.WTID), withText("wire_target", row.Target))
					}
					if err := a.find(ctx, q.judge(t, evidence)); err != nil {
						return err
					}
				}
				return nil
			})
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *aggregationAudit) scanSettled(row pgx.CollectableRow) (settled, error) {
	var t settled
	var at, due *int64
	var amount, method, fee *string
	var total, expected string
	if err := row.Scan(&t.serial, &at, &amount, &method, &fee, &total, &expected, &t.deposits, &due); err != nil {
		return t, err
	}
	if at != nil {
		t.at = fromStored(*at)
	}
	if due != nil {
		t.due = fromStored(*due)
	}
	if method != nil {
		t.method = *method
	}
	zero := "0"
	if amount == nil {
		amount = &zero
	}
	for _, text := range []struct {
		into *taler.Amount
		text string
	}{{&t.amount, *amount}, {&t.total, total}, {&t.expected, expected}} {
		var err error
		if *text.into, err = a.store.amount("what a transfer should be of", text.text); err != nil {
			return t, err
		}
	}
	if fee != nil {
		of, err := a.store.amount("the fee for a transfer", *fee)
		if err != nil {
			return t, err
		}
		t.fee = &of
	}
	return t, nil
}

// withoutFee is about a transfer by a method for which no single fee was set. What
// was kept of it beyond rounding was kept without right.
func (a *aggregationAudit) withoutFee(t *settled, evidence []report.Evidence) report.Finding {
	kept := none
	if less, err := t.expected.Sub(t.amount); err == nil && !less.IsZero() {
		kept = gain(less)
	}
	return finding("A-22", row(exchange.WireTransfers.Table, t.serial), kept, append(evidence, withText("wire_method", t.method)),
		"the fee of transfer %d cannot be told: no single fee was set for %s at %v", t.serial, t.method, t.at)
}

// belowFee is about a transfer for which nothing should have been left, but for which
// the exchange spared the merchant the fee. What it wired beyond that is A-27.
func (a *aggregationAudit) belowFee(t *settled, evidence []report.Evidence) report.Finding {
	given := none
	wired := t.expected
	if t.amount.Cmp(wired) < 0 {
		wired = t.amount
	}
	if !wired.IsZero() {
		given = loss(wired)
	}
	return finding("A-26", row(exchange.WireTransfers.Table, t.serial), given, evidence,
		"transfer %d is for deposits worth %v, which is less than the fee of %v for it", t.serial, t.total, *t.fee)
}

// wrong is about a transfer of another amount than its deposits earn.
func (a *aggregationAudit) wrong(t *settled, evidence []report.Evidence) report.Finding {
	about := row(exchange.WireTransfers.Table, t.serial)
	if t.deposits == 0 {
		return finding("A-27", about, loss(t.amount), evidence, "transfer %d wired %v, but no deposit stands behind it", t.serial, t.amount)
	}
	if more, err := t.amount.Sub(t.expected); err == nil {
		return finding("A-27", about, loss(more), evidence, "transfer %d wired %v, but its deposits earn only %v", t.serial, t.amount, t.expected)
	}
	amounts := none
	if less, err := t.expected.Sub(t.amount); err == nil {
		amounts = gain(less)
	}
	return finding("A-27", about, amounts, evidence, "transfer %d wired only %v, but its deposits earn %v", t.serial, t.amount, t.expected)
}

// early is about a transfer that was made when none of its deposits was due. With one
// that is due, the exchange may pay whatever else it owes to the merchant.
func (a *aggregationAudit) early(t *settled, evidence []report.Evidence) report.Finding {
	return finding("A-32", row(exchange.WireTransfers.Table, t.serial), none, beyond(evidence, "at least", t.due, t.at),
		"transfer %d took place %v, but the first of its deposits was not due before %v", t.serial, t.at, t.due)
}
