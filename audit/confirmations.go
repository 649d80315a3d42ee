package audit

import (
	"context"
	"errors"
	"math"

	"github.com/jackc/pgx/v5"

	"auditor/internal/confirmation"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// The area "deposits" proves that the exchange keeps its word to merchants. Whenever
// it accepts a deposit it signs a confirmation, and merchants report some of them to
// the auditor, who imports them. What the exchange has signed must be in its
// database as it was signed.
//
// A confirmation is first proven to be the exchange's; what is not proven is tried
// again in each run. Then the deposit is looked for. Confirmations and deposits
// come in any order, so that
//   - all confirmations are compared with the deposits that are new,
//   - those that are new themselves and not among these are looked for among all
//     deposits of the merchant,
//   - and those that had none are looked for again, in each run.
//
// Deposits that were found are looked up by their serials in each run, until the
// exchange may collect them as garbage: they must still be what they were. So a
// run costs one pass over the new deposits, one look-up per confirmation that
// binds the exchange, and a pass over the deposits of those merchants who reported
// late or whose deposits are missing. Memory holds one batch of confirmations.

// confirmations is the name of the table of confirmations, in findings and progress.
const confirmations = "deposit_confirmations"

// confirmationBatch is how many confirmations are compared with the exchange's
// database at a time.
const confirmationBatch = 8192

// confirmationAudit is the state of auditing the confirmations.
type confirmationAudit struct {
	*run
	conn     *pgx.Conn
	proofs   *pg.Copier
	states   *pg.Copier
	revoked  map[taler.EddsaPublicKey]taler.Timestamp // when the revocation of a sign key was first seen
	from     int64                                    // the first serial of the deposits that count as new
	next     int64                                    // the one behind the last
	everyone bool                                     // all deposits count as new
	unjudged int64                                    // the first serial of the confirmations that no earlier run judged
	lacking  taler.Amount                             // what merchants lack
}

// promise is a confirmation, with what earlier runs found out about the deposit.
type promise struct {
	exchange.Row
	confirmation.Confirmation
	until   taler.Timestamp // when the exchange may forget
	wrong   bool
	deposit *exchange.ConfirmedDeposit // that it was compared with; nil if it never had one
}

// auditConfirmations judges the confirmations that merchants reported.
func auditConfirmations(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/confirmations_staging.sql")); err != nil {
		return err
	}
	a := &confirmationAudit{run: r, conn: conn, lacking: taler.Zero(r.policy.Currency),
		proofs: r.store.copier("staged_confirmation_proofs", "serial", "known", "proven", "until"),
		states: r.store.copier("staged_confirmation_states", "serial", "until", "deposits", "deposit_serial", "known_coin_id",
			"h_wire", "exchange_timestamp", "refund_deadline", "amount_with_fee_val", "amount_with_fee_frac", "amount_val", "amount_frac", "defect", "missing", "wrong")}
	for _, step := range []func(context.Context) error{
		a.prove,
		a.compare,
		a.judgePromises,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.figure(report.Figure{Area: areaDeposits, Name: "missing_deposit_confirmation_total", Title: "Confirmed to merchants and not booked",
		Amount: a.lacking, Provenance: report.AppendOnly})
	return nil
}

// prove tells which confirmations are the exchange's word, of those that are new
// and those of which it could not be told before.
func (a *confirmationAudit) prove(ctx context.Context) error {
	if err := a.readRevocations(ctx); err != nil {
		return err
	}
	before, err := a.store.progress(ctx, areaDeposits, confirmations)
	if err != nil {
		return err
	}
	a.unjudged = before.next
	after := before
	var highest int64
	var total string
	err = a.store.row(ctx, "select coalesce(max(serial), 0) from auditor.deposit_confirmations where exchange_id = $1", []any{a.store.exchange}, &highest)
	if err != nil {
		return err
	}
	err = a.store.row(ctx, sql.Text("audit/confirmations_total.sql"), []any{a.store.exchange, before.next, highest}, &after.rows, &total)
	if err != nil {
		return err
	}
	judged := after.rows
	after.rows += before.rows
	after.next = max(before.next, highest+1)
	err = inBatches(ctx, a.store, sql.Text("audit/confirmations_unproven.sql"), []any{a.store.exchange, before.next, highest}, a.scanReport, a.proveBatch)
	if err != nil {
		return err
	}
	if err := a.proofs.Flush(ctx); err != nil {
		return err
	}
	if err := a.store.exec(ctx, sql.Text("audit/confirmations_prove.sql"), a.store.exchange); err != nil {
		return err
	}
	if err := a.store.collectStatistics(ctx, "confirmation_states", "deposit_confirmations"); err != nil {
		return err
	}
	if err := a.total(ctx, areaDeposits, "total_deposit_confirmations", "Confirmed to merchants, as they reported", total, true); err != nil {
		return err
	}
	a.count(report.Population{Area: areaDeposits, Table: confirmations, From: before.point(), Next: after.point(), Rows: judged, Total: after.rows})
	return a.store.setProgress(ctx, areaDeposits, confirmations, after)
}

// inBatches is each for a take that takes many rows at a time.
func inBatches[T any](ctx context.Context, s *store, query string, args []any, scan func(pgx.CollectableRow) (T, error), take func(context.Context, []T) error) error {
	var batch []T
	err := each(ctx, s, query, args, scan, func(row T) error {
		batch = append(batch, row)
		if len(batch) < confirmationBatch {
			return nil
		}
		full := batch
		batch = nil
		return take(ctx, full)
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return take(ctx, batch)
}

// proveBatch proves confirmations, on all cores.
func (a *confirmationAudit) proveBatch(ctx context.Context, promises []promise) error {
	var batches []*batch[promise]
	for len(promises) > 0 {
		n := min(len(promises), batchRows)
		b := &batch[promise]{rows: promises[:n], done: make(chan struct{})}
		promises = promises[n:]
		batches = append(batches, b)
		if err := a.pool.do(ctx, areaDeposits, func() { defer close(b.done); verifyBatch(areaDeposits, confirmations, b, a.verifyPromise) }); err != nil {
			return err
		}
	}
	for _, b := range batches {
		<-b.done
		if b.panicked != nil {
			return b.panicked
		}
		for i := range b.rows {
			if err := a.find(ctx, b.verdicts[i].findings...); err != nil {
				return err
			}
			if err := a.stageProof(ctx, &b.rows[i], !b.verdicts[i].excluded); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *confirmationAudit) stageProof(ctx context.Context, p *promise, proven bool) error {
	a.proofs.Begin()
	a.proofs.Int64(p.Serial)
	a.proofs.Bool(p.Serial < a.unjudged)
	a.proofs.Bool(proven)
	a.proofs.Int64(stored(p.until))
	return a.proofs.End(ctx)
}

// marks reads how far earlier runs went through the deposits, and notes how far this
// one goes. What the run before saw as new counts as new once more, because
// merchants report later than exchanges book.
func (a *confirmationAudit) marks(ctx context.Context) error {
	highest, err := exchange.ConfirmedDeposits.Highest(ctx, a.conn, a.source)
	if err != nil {
		return err
	}
	a.next = min(highest, math.MaxInt64-1) + 1
	err = a.store.row(ctx, "select before from auditor.deposit_marks where exchange_id = $1", []any{a.store.exchange}, &a.from)
	if errors.Is(err, pgx.ErrNoRows) {
		a.from, a.everyone, err = math.MinInt64, true, nil
	}
	if err != nil {
		return err
	}
	return a.store.exec(ctx, `insert into auditor.deposit_marks as m (exchange_id, before, next) values ($1, $2, $2)
		on conflict (exchange_id) do update set before = m.next, next = greatest(m.next, excluded.next)`, a.store.exchange, a.next)
}
