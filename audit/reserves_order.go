package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// An exchange draws the serial of a row and reads its clock in the same moment, so
// dates and serials ascend together, but for what its clocks differ. A row that
// does not fit in was dated to suit somebody: into the time in which a denomination
// could still be withdrawn, or before it was revoked. Credits are left out: their
// dates are the bank's.

// horizon is what earlier runs leave to compare with.
type horizon struct {
	next   map[string]int64 // first serial that no run has judged, per table
	latest int64            // date of any row judged so far
}

// horizon is taken before anything is judged. Dates beyond the previous run's clock
// were findings and would condemn every later row.
func (a *reserveAudit) horizon(ctx context.Context) (horizon, error) {
	h := horizon{next: make(map[string]int64)}
	for _, table := range []string{exchange.Withdrawals.Table, exchange.Recoups.Table, exchange.Closings.Table} {
		p, err := a.store.progress(ctx, areaReserves, table)
		if err != nil {
			return h, err
		}
		h.next[table] = p.next
	}
	if a.store.previous == nil {
		return h, nil
	}
	limit := taler.TimestampOf(a.store.previous.AsOf).Add(a.policy.FutureTolerance)
	err := a.store.row(ctx, "select coalesce(max(greatest(last_use, last_closing)), 0) from auditor.reserves where exchange_id = $1",
		[]any{a.store.exchange}, &h.latest)
	h.latest = min(h.latest, stored(limit))
	return h, err
}

// misdated is a row that is dated against the order of serials.
type misdated struct {
	serial    int64
	reserve   taler.EddsaPublicKey
	at        taler.Timestamp
	neighbour taler.Timestamp // date of a row that it contradicts
}

// auditOrder finds rows that are dated against the order of their serials.
func (a *reserveAudit) auditOrder(ctx context.Context, h horizon) error {
	limit := stored(a.now.Add(a.policy.FutureTolerance))
	for _, k := range []struct {
		kind  int16
		table string
	}{
		{eventWithdrawal, exchange.Withdrawals.Table},
		{eventRecoup, exchange.Recoups.Table},
		{eventClosing, exchange.Closings.Table},
	} {
		err := each(ctx, a.store, sql.Text("audit/reserves_order.sql"),
			[]any{k.kind, h.latest, h.next[k.table], limit, a.policy.ExecutionTolerance.Microseconds()},
			func(row pgx.CollectableRow) (misdated, error) {
				var m misdated
				var reserve []byte
				var at, neighbour int64
				err := row.Scan(&m.serial, &reserve, &at, &neighbour)
				copy(m.reserve[:], reserve)
				m.at, m.neighbour = fromStored(at), fromStored(neighbour)
				return m, err
			},
			func(m misdated) error {
				return a.find(ctx, finding("R-34", row(k.table, m.serial), none,
					[]report.Evidence{with("reserve_pub", m.reserve), with("execution_date", m.at), with("neighbour", m.neighbour)},
					"row %d of %s is dated %v, although rows beside it are dated %v", m.serial, k.table, m.at, m.neighbour))
			})
		if err != nil {
			return err
		}
	}
	return nil
}
