package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// A refresh melts a coin for fresh ones. The melt commits to three sets of
// envelopes, of which the exchange chooses one; the answer to it is the fresh coins
// of that set, signed, and the transfer keys of the two others. The exchange's
// database has no way from a melt to its answer, and the answer may come days
// later, so that the pieces are gathered in the auditor's database: each one is
// judged by itself while it streams past, and every melt to which something was
// added is then judged as a whole. A melt that is in order leaves little behind;
// one that is not keeps its pieces, since more of them may come.

// refreshAudit is the state of auditing the refreshes.
type refreshAudit struct {
	*coinAudit
	melts, transferKeys, freshCoins, proofs, unlinked *pg.Copier
}

// auditRefresh judges all new melts and answers, and all melts that are not in order.
func (a *coinAudit) auditRefresh(ctx context.Context, conn *pgx.Conn) error {
	if err := a.store.exec(ctx, sql.Text("audit/refresh_staging.sql")); err != nil {
		return err
	}
	f := &refreshAudit{
		coinAudit: a,
		melts: a.store.copier("staged_melts", "serial", "coin_pub", "commitment", "amount_val", "amount_frac", "paid_val", "paid_frac",
			"choice", "booked"),
		transferKeys: a.store.copier("staged_transfer_keys", "serial", "melt", "transfer_pub", "transfer_privs"),
		freshCoins:   a.store.copier("staged_fresh_coins", "serial", "melt", "place", "denomination", "usable", "envelope", "link_sig", "cost_val", "cost_frac"),
		proofs:       a.store.copier("staged_proofs", "melt", "proven", "gap"),
		unlinked:     a.store.copier("staged_unlinked_coins", "serial", "melt", "coin_pub", "denom_pub_hash", "envelope_hash", "transfer_pub", "link_sig"),
	}
	err := judgeAll(ctx, a.run, conn, areaCoins, exchange.Melts, f.verifyMelt, func(m *exchange.Melt, v *verdict) error { return f.settleMelt(ctx, m, v) })
	if err != nil {
		return err
	}
	err = judge(ctx, a.run, conn, areaCoins, exchange.RevealedKeys, func(*exchange.TransferKeys, *verdict) {},
		func(k *exchange.TransferKeys) error { return f.settleKeys(ctx, k) })
	if err != nil {
		return err
	}
	err = judge(ctx, a.run, conn, areaCoins, exchange.FreshCoins, f.verifyFreshCoin,
		func(c *exchange.FreshCoin) error { return f.settleFreshCoin(ctx, c) })
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		f.gather,
		f.auditOrphans,
		f.auditAnswers,
		f.keep,
		f.auditOpenMelts,
		f.auditLinks,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// send sends what was staged and lets PostgreSQL look at it, so that it plans well.
func (a *refreshAudit) send(ctx context.Context, tables map[string]*pg.Copier) error {
	for table, staged := range tables {
		if err := staged.Flush(ctx); err != nil {
			return err
		}
		if err := a.store.exec(ctx, "analyze pg_temp."+table); err != nil {
			return err
		}
	}
	return nil
}

// gather puts together what is known of each melt that this run touches.
func (a *refreshAudit) gather(ctx context.Context) error {
	err := a.send(ctx, map[string]*pg.Copier{"staged_melts": a.melts, "staged_transfer_keys": a.transferKeys, "staged_fresh_coins": a.freshCoins})
	if err != nil {
		return err
	}
	if err := a.store.exec(ctx, sql.Text("audit/refresh_touched.sql"), a.store.exchange); err != nil {
		return arithmetic("the cost of fresh coins", err)
	}
	return a.store.exec(ctx, "analyze pg_temp.touched_melts")
}

// orphan is a piece of an answer to no melt.
type orphan struct {
	table        string
	serial, melt int64
}

// auditOrphans finds rows that answer a melt which does not exist (C-33).
func (a *refreshAudit) auditOrphans(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/refresh_orphans.sql"), nil,
		func(row pgx.CollectableRow) (orphan, error) {
			var o orphan
			return o, row.Scan(&o.table, &o.serial, &o.melt)
		},
		func(o orphan) error {
			return a.find(ctx, finding("C-33", subject{table: o.table, serial: &o.serial, key: "melt_serial_id"}, none,
				[]report.Evidence{number("melt_serial_id", o.melt)},
				"row %d of %s answers melt %d, which does not exist", o.serial, o.table, o.melt))
		})
}

// keep remembers what is known by now of the melts that this run touched.
func (a *refreshAudit) keep(ctx context.Context) error {
	if err := a.send(ctx, map[string]*pg.Copier{"staged_proofs": a.proofs, "staged_unlinked_coins": a.unlinked}); err != nil {
		return err
	}
	for _, step := range []string{"refresh_merge", "refresh_keep", "refresh_unlinked_keep", "refresh_forget"} {
		if err := a.store.exec(ctx, sql.Text("audit/"+step+".sql"), a.store.exchange); err != nil {
			return arithmetic("what was melted", err)
		}
	}
	return nil
}

// meltRow is the subject of findings about a melt.
func meltRow(serial int64) subject { return row(exchange.Melts.Table, serial) }

// chargedFee is the part of the amount of a melt, a deposit or a refund that the
// exchange may take: at most what there is.
func chargedFee(fee, amount taler.Amount) taler.Amount {
	if fee.Cmp(amount) > 0 {
		return amount
	}
	return fee
}
