package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/sql"
)

// unpriced is a transfer of an earlier run for which there was no single fee.
type unpriced struct {
	serial int64
	method string
	at     taler.Timestamp
}

// lookUpFees looks once more for the fees that could not be told in earlier runs: the
// row that sets one may have come late.
func (a *aggregationAudit) lookUpFees(ctx context.Context) error {
	return each(ctx, a.store, "select serial, method, at from auditor.transfers where exchange_id = $1 and fee is null and amount is not null",
		[]any{a.store.exchange},
		func(row pgx.CollectableRow) (unpriced, error) {
			var t unpriced
			var at int64
			err := row.Scan(&t.serial, &t.method, &at)
			t.at = fromStored(at)
			return t, err
		},
		func(t unpriced) error {
			fee, ok := a.keys.fees.wireFee(t.method, t.at)
			if !ok {
				return nil
			}
			a.transfers.Begin()
			a.transfers.Int64(t.serial)
			nulls(a.transfers, 5)
			putAmount(a.transfers, fee)
			return a.transfers.End(ctx)
		})
}

// fold adds the events of this run to the debts and the transfers, and states what
// the exchange has wired, what it has earned by that, and what it still owes.
func (a *aggregationAudit) fold(ctx context.Context) error {
	for _, c := range []*pg.Copier{a.events, a.transfers, a.dangling} {
		if err := c.Flush(ctx); err != nil {
			return err
		}
	}
	if err := a.storePayees(ctx); err != nil {
		return err
	}
	if err := a.store.exec(ctx, "analyze pg_temp.staged_obligation_events, pg_temp.staged_transfers"); err != nil {
		return err
	}
	if err := a.store.exec(ctx, sql.Text("audit/aggregation_dangling.sql"), a.store.exchange); err != nil {
		return err
	}
	if err := a.store.exec(ctx, sql.Text("audit/aggregation_fold.sql"), a.store.exchange); err != nil {
		return arithmetic("what a merchant is owed", err)
	}
	if err := a.store.exec(ctx, "analyze pg_temp.staged_transfer_changes"); err != nil {
		return err
	}
	var income, wired string
	if err := a.store.row(ctx, sql.Text("audit/aggregation_transfers.sql"), []any{a.store.exchange, decimal(a.policy.RoundUnit)}, &income); err != nil {
		return arithmetic("what a transfer should be of", err)
	}
	if err := a.store.row(ctx, sql.Text("audit/aggregation_wired.sql"), nil, &wired); err != nil {
		return arithmetic("what was wired", err)
	}
	if err := a.total(ctx, areaAggregation, "total_aggregation_fee_income", "wire fees, and what rounding down left", income, false); err != nil {
		return err
	}
	if err := a.total(ctx, areaAggregation, "total_wired", "wired to merchants", wired, true); err != nil {
		return err
	}
	return a.stateUnpaid(ctx)
}

// stateUnpaid states what merchants are owed that no transfer has paid yet.
func (a *aggregationAudit) stateUnpaid(ctx context.Context) error {
	var unpaid, overdue string
	if err := a.store.row(ctx, sql.Text("audit/aggregation_unpaid.sql"), []any{a.store.exchange, a.overdueBefore()}, &unpaid, &overdue); err != nil {
		return arithmetic("what merchants are owed", err)
	}
	if err := a.total(ctx, areaAggregation, "total_unpaid_deposits", "owed to merchants for deposits that were not paid yet", unpaid, false); err != nil {
		return err
	}
	return a.total(ctx, areaAggregation, "total_overdue_deposits", "of these, for deposits that were due, with tiny sums", overdue, false)
}

// overdueBefore is the time before which a deposit must have been due to be overdue.
func (a *aggregationAudit) overdueBefore() int64 {
	return stored(a.now.Add(-a.policy.DepositGrace))
}

// reread reads rows once more, by their serials. Those that are gone or malformed are
// left out.
func reread[T any, P rowOf[T]](ctx context.Context, a *aggregationAudit, rel exchange.Relation[T], serials []int64) (map[int64]P, error) {
	rows := make(map[int64]P, len(serials))
	err := rel.Within(ctx, a.conn, a.source, single(serials), func(row T) error {
		if head := P(&row).Head(); head.Malformed == nil {
			rows[head.Serial] = &row
		}
		return nil
	})
	return rows, err
}
