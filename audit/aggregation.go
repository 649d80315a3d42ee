package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/sql"
)

// The area "aggregation" proves that merchants get what they are owed, and nobody
// else anything. Each deposit is a debt that stays open until a transfer pays it:
// what was deposited less the deposit fee or, once anything of it was refunded, less
// the refunds, as the exchange then waives the fee. Each transfer is of what its
// deposits earn, less the wire fee and rounded down. Refunds and parts of transfers
// may show up in any run, so debts and transfers are state: what is wrong with them,
// and what is overdue, is looked for in every run.
//
// That the deposits themselves are in order, and the coins that they were paid with,
// is a matter of the area "coins".

// Kinds of events of a debt.
const (
	eventOwed     = 1 // a deposit
	eventRefunded = 2 // a refund of it
	eventTracked  = 3 // it is part of a transfer
)

// aggregationAudit is the state of auditing what merchants are owed and paid.
type aggregationAudit struct {
	*run
	conn      *pgx.Conn // to the exchange's database
	wires     *wires
	events    *pg.Copier
	transfers *pg.Copier
	dangling  *pg.Copier
	order     *chronology      // of transfers
	methods   map[int64]string // of payees, those that are not stored yet
}

// maxPayees is how many payees are gathered before they are stored.
const maxPayees = 1 << 16

// auditAggregation judges all new rows about what merchants are owed and paid, and
// evaluates every debt that is open and every transfer that is wrong.
func auditAggregation(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/aggregation_staging.sql")); err != nil {
		return err
	}
	a := &aggregationAudit{run: r, conn: conn, wires: new(wires),
		events: r.store.copier("staged_obligation_events", "kind", "deposit", "amount_val", "amount_frac", "fee_val", "fee_frac",
			"payee", "due", "wire_deadline", "transfer", "tracking", "diverted"),
		transfers: r.store.copier("staged_transfers", "serial", "at", "amount_val", "amount_frac", "usable", "method", "fee_val", "fee_frac"),
		dangling:  r.store.copier("staged_dangling_trackings", "serial", "deposit"),
		methods:   make(map[int64]string),
		order:     r.chronology("A-36", exchange.WireTransfers.Table),
	}
	if err := judge(ctx, r, conn, areaAggregation, exchange.PayableDeposits, a.verifyDeposit, a.stager(ctx).deposit); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaAggregation, exchange.BookedRefunds, func(*exchange.BookedRefund, *verdict) {}, a.stager(ctx).refund); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaAggregation, exchange.WireTransfers, a.verifyTransfer, a.stager(ctx).transfer); err != nil {
		return err
	}
	if err := a.retrace(ctx); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaAggregation, exchange.TrackedDeposits, a.verifyTracked, a.stager(ctx).tracked); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		a.lookUpFees,
		a.fold,
		a.auditTransfers,
		a.auditDebts,
		a.auditOverdue,
		a.order.audit,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if r.internal {
		if err := a.auditMarks(ctx); err != nil {
			return err
		}
		return a.auditPrepared(ctx)
	}
	r.leave(areaAggregation, "the exchange's own marks of deposits as paid or tiny, and the payments that it is about to make",
		"they change after replication or are not replicated; an internal audit (-i) compares them")
	return nil
}

// stager stages rows that were judged, within one audit.
type stager struct {
	*aggregationAudit
	ctx context.Context
}

func (a *aggregationAudit) stager(ctx context.Context) stager { return stager{a, ctx} }

// begin starts an event; the caller ends it.
func (s stager) begin(kind int16, deposit int64) *pg.Copier {
	s.events.Begin()
	s.events.Int16(kind)
	s.events.Int64(deposit)
	return s.events
}

func nulls(c *pg.Copier, columns int) {
	for range columns {
		c.Null()
	}
}

func (s stager) deposit(p *exchange.PayableDeposit) error {
	if err := s.rememberPayee(s.ctx, payee(p), s.wires.of(p.Wire).method); err != nil {
		return err
	}
	c := s.begin(eventOwed, p.Serial)
	putAmount(c, p.AmountWithFee)
	putAmount(c, s.keys.denominations[p.Denomination].FeeDeposit)
	c.Int64(payee(p))
	c.Int64(stored(s.due(p)))
	c.Int64(stored(p.WireDeadline))
	nulls(c, 3)
	return c.End(s.ctx)
}

// payee tells whom a deposit pays: a merchant on one of his accounts.
func payee(p *exchange.PayableDeposit) int64 {
	sum := sha256.Sum256(append(p.MerchantPub[:len(p.MerchantPub):len(p.MerchantPub)], p.WireHash[:]...))
	return int64(binary.BigEndian.Uint64(sum[:8]))
}

// rememberPayee keeps by which method a payee is paid, for when the deposits that tell
// were collected as garbage.
func (a *aggregationAudit) rememberPayee(ctx context.Context, payee int64, method string) error {
	a.methods[payee] = method
	if len(a.methods) < maxPayees {
		return nil
	}
	return a.storePayees(ctx)
}

func (a *aggregationAudit) storePayees(ctx context.Context) error {
	payees, methods := make([]int64, 0, len(a.methods)), make([]string, 0, len(a.methods))
	for payee, method := range a.methods {
		payees, methods = append(payees, payee), append(methods, method)
	}
	clear(a.methods)
	return a.store.exec(ctx, sql.Text("audit/aggregation_payees.sql"), a.store.exchange, payees, methods)
}

// due is when a deposit is to be paid: at its wire deadline, as soon as it can no
// longer be refunded, and at the latest when the policy says, as nobody signs the
// wire deadline.
func (a *aggregationAudit) due(p *exchange.PayableDeposit) taler.Timestamp {
	due := max(p.WireDeadline, p.RefundDeadline)
	if a.policy.LongestWireDelay > 0 {
		due = min(due, a.latestDeadline(p))
	}
	return due
}

// latestDeadline is up to when the policy lets the exchange wait.
func (a *aggregationAudit) latestDeadline(p *exchange.PayableDeposit) taler.Timestamp {
	return max(p.RefundDeadline, p.ExchangeTimestamp).Add(a.policy.LongestWireDelay)
}

func (s stager) refund(p *exchange.BookedRefund) error {
	c := s.begin(eventRefunded, p.Deposit)
	putAmount(c, p.AmountWithFee)
	nulls(c, 8)
	return c.End(s.ctx)
}

func (s stager) transfer(t *exchange.WireTransfer) error {
	s.order.note(t.Serial, t.ExecutionDate)
	account := s.wires.of(t.Target)
	fee, single := s.keys.fees.wireFee(account.method, t.ExecutionDate)
	c := s.transfers
	c.Begin()
	c.Int64(t.Serial)
	c.Int64(stored(t.ExecutionDate))
	putAmount(c, t.Amount)
	c.Bool(account.err == nil)
	c.Text(account.method)
	if single {
		putAmount(c, fee)
	} else {
		nulls(c, 2)
	}
	return c.End(s.ctx)
}

func (s stager) tracked(t *exchange.TrackedDeposit) error {
	if t.Transfer == nil {
		s.dangling.Begin()
		s.dangling.Int64(t.Serial)
		s.dangling.Int64(t.Deposit)
		return s.dangling.End(s.ctx)
	}
	c := s.begin(eventTracked, t.Deposit)
	nulls(c, 7)
	c.Int64(*t.Transfer)
	c.Int64(t.Serial)
	c.Bool(s.diverted(t))
	return c.End(s.ctx)
}
