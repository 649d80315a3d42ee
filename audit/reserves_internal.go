package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// difference is a reserve for which the exchange's balance is not ours.
type difference struct {
	reserve taler.EddsaPublicKey
	known   bool // to the exchange
	theirs  taler.Amount
	ours    taler.Amount
}

// auditBalances compares the exchange's own balance of every reserve with ours,
// in both directions: reserves that the exchange does not know and
// balances that differ, also of reserves that were never credited. It
// reads mutable columns, so only an internal audit can do it.
func (a *reserveAudit) auditBalances(ctx context.Context, conn *pgx.Conn) error {
	balances := a.store.copier("staged_reserve_balances", "reserve_pub", "balance_val", "balance_frac", "account", "expiration", "collection")
	population := report.Population{Area: areaReserves, Table: exchange.ReserveBalances.Table}
	err := exchange.ReserveBalances.All(ctx, conn, a.source, func(b exchange.ReserveBalance) error {
		population.Rows++
		population.Next = max(population.Next, b.Serial+1)
		balances.Begin()
		balances.Bytes(b.Reserve[:])
		if b.Malformed != nil {
			if err := a.find(ctx, malformed(areaReserves, exchange.ReserveBalances.Table, &b.Row)); err != nil {
				return err
			}
			for range 5 {
				balances.Null()
			}
		} else {
			putAmount(balances, b.Balance)
			balances.Text(b.Account)
			balances.Int64(stored(b.Expiration))
			balances.Int64(stored(b.Collection))
		}
		return balances.End(ctx)
	})
	if err != nil {
		return err
	}
	if err := balances.Flush(ctx); err != nil {
		return err
	}
	population.Total = population.Rows
	a.count(population)
	return each(ctx, a.store, sql.Text("audit/reserves_balances.sql"), []any{a.store.exchange}, a.scanDifference,
		func(d difference) error { return a.find(ctx, d.finding()) })
}

func (a *reserveAudit) scanDifference(row pgx.CollectableRow) (difference, error) {
	var d difference
	var reserve []byte
	var theirs *string
	var ours string
	if err := row.Scan(&reserve, &theirs, &ours); err != nil {
		return d, err
	}
	copy(d.reserve[:], reserve)
	what := "the balance of reserve " + d.reserve.String()
	d.theirs = taler.Zero(a.policy.Currency)
	var err error
	if theirs != nil {
		d.known = true
		if d.theirs, err = a.store.amount(what, *theirs); err != nil {
			return d, err
		}
	}
	d.ours, err = a.store.amount(what, ours)
	return d, err
}

func (d *difference) finding() report.Finding {
	evidence := []report.Evidence{with("reserve_pub", d.reserve), with("expected", d.ours), with("found", d.theirs)}
	if !d.known {
		return finding("R-14", reserveSubject(d.reserve), gain(d.ours), evidence,
			"reserve %v should hold %v, but the exchange does not know it", d.reserve, d.ours)
	}
	amounts := none
	if more, err := d.theirs.Sub(d.ours); err == nil {
		amounts = exposure(more)
	} else if less, err := d.ours.Sub(d.theirs); err == nil {
		amounts = gain(less)
	}
	return finding("R-15", reserveSubject(d.reserve), amounts, evidence,
		"the exchange believes reserve %v to hold %v, but it should hold %v", d.reserve, d.theirs, d.ours)
}
