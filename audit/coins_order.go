package audit

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// As with reserves, rows are dated in the order of their serials, but for what
// clocks differ: a deposit that is not was dated into the life of its
// denomination, or before it was revoked.

// pastDates is what earlier runs leave to compare with.
type pastDates struct {
	next   int64 // first serial that no run has judged
	latest int64 // date of any row judged so far, but for those dated in the future
}

// dates is taken before anything is judged.
func (a *coinAudit) dates(ctx context.Context, table string) (pastDates, error) {
	p, err := a.store.progress(ctx, areaCoins, table)
	if err != nil {
		return pastDates{}, err
	}
	past := pastDates{next: p.next}
	err = a.store.row(ctx, "select latest from auditor.latest_dates where exchange_id = $1 and table_name = $2", []any{a.store.exchange, table}, &past.latest)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return past, err
}

// disorder is a row that is dated against the order of serials.
type disorder struct {
	serial        int64
	at, neighbour taler.Timestamp // of the row, and of one that it contradicts
}

// auditOrder finds events of one kind that are dated against the order of their
// serials (C-45).
func (a *coinAudit) auditOrder(ctx context.Context, kind int16, table string, past pastDates) error {
	limit := stored(a.now.Add(a.policy.FutureTolerance))
	err := each(ctx, a.store, sql.Text("audit/coins_order.sql"),
		[]any{kind, past.latest, past.next, limit, a.policy.ExecutionTolerance.Microseconds()},
		func(row pgx.CollectableRow) (disorder, error) {
			var d disorder
			var at, neighbour int64
			err := row.Scan(&d.serial, &at, &neighbour)
			d.at, d.neighbour = fromStored(at), fromStored(neighbour)
			return d, err
		},
		func(d disorder) error {
			return a.find(ctx, finding("C-45", row(table, d.serial), none, []report.Evidence{with("dated", d.at), with("neighbour", d.neighbour)},
				"row %d of %s is dated %v, although rows beside it are dated %v", d.serial, table, d.at, d.neighbour))
		})
	if err != nil {
		return err
	}
	return a.store.exec(ctx, sql.Text("audit/coins_latest.sql"), a.store.exchange, table, kind, limit)
}
