package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/report"
)

// verifyDeposit judges one deposit as a debt: its denomination, that it is
// worth its fee, the hash of the merchant's account, and the deadline,
// which nobody signs. An account that cannot be used at all is the
// business of the coin's signature (C-24). A deposit whose fee cannot be told is left
// out of the books.
func (a *aggregationAudit) verifyDeposit(p *exchange.PayableDeposit, v *verdict) {
	about := row(exchange.PayableDeposits.Table, p.Serial)
	evidence := func() []report.Evidence {
		return []report.Evidence{with("coin_pub", p.CoinPub), with("merchant_pub", p.MerchantPub), with("amount", p.AmountWithFee)}
	}
	d := a.keys.denominations[p.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("A-07", about, none, evidence(),
			"deposit %d is of a coin of denomination %d, which does not exist or cannot be read, so that what the merchant is owed cannot be told", p.Serial, p.Denomination))
		return
	}
	if p.AmountWithFee.Cmp(d.FeeDeposit) < 0 {
		v.find(finding("A-14", about, none, append(evidence(), with("expected", d.FeeDeposit), with("found", p.AmountWithFee)),
			"deposit %d is of %v, which is less than the fee of %v for it", p.Serial, p.AmountWithFee, d.FeeDeposit))
	}
	if account := a.wires.of(p.Wire); account.err == nil && account.hash != p.WireHash {
		v.find(finding("A-04", about, none, append(evidence(), with("h_wire", p.WireHash), with("expected", account.hash), withText("wire", p.Wire)),
			"the hash of the merchant's account in deposit %d is not that of the account", p.Serial))
	}
	if !p.WireDeadline.WholeSecond() {
		v.find(finding("A-35", about, none, append(evidence(), with("wire_deadline", p.WireDeadline)),
			"the wire deadline of deposit %d is a part of a second, which no exchange writes", p.Serial))
	}
	if latest := a.latestDeadline(p); a.policy.LongestWireDelay > 0 && p.WireDeadline > latest {
		v.find(finding("A-37", about, exposure(p.AmountWithFee), append(evidence(), with("exchange_timestamp", p.ExchangeTimestamp),
			with("refund_deadline", p.RefundDeadline), with("wire_deadline", p.WireDeadline), with("not after", latest)),
			"deposit %d of %v is not to be paid before %v", p.Serial, p.AmountWithFee, p.WireDeadline))
	}
}

// verifyTransfer judges one transfer by itself: that it names an account (A-01,
// A-02), and its date. Whether it is of the right amount depends on its
// deposits. Of one that names no account nobody can tell who was paid.
func (a *aggregationAudit) verifyTransfer(t *exchange.WireTransfer, v *verdict) {
	about := row(exchange.WireTransfers.Table, t.Serial)
	evidence := func() []report.Evidence {
		return []report.Evidence{with("execution_date", t.ExecutionDate), with("wtid", t.WTID), with("amount", t.Amount), withText("wire_target", t.Target)}
	}
	if account := a.wires.of(t.Target); account.err != nil {
		id := "A-01"
		if account.payto {
			id = "A-02"
		}
		v.find(finding(id, about, loss(t.Amount), evidence(), "nobody can tell to whom transfer %d wired %v: %v", t.Serial, t.Amount, account.err))
	}
	if t.ExecutionDate > a.now.Add(a.policy.FutureTolerance) {
		v.find(finding("A-34", about, none, beyond(evidence(), "at most", a.now, t.ExecutionDate),
			"transfer %d is dated %v, which lies in the future", t.Serial, t.ExecutionDate))
	}
	if !t.ExecutionDate.WholeSecond() {
		v.find(finding("A-35", about, none, append(evidence(), number("microseconds", int64(t.ExecutionDate))),
			"transfer %d is dated to a part of a second, which no exchange does", t.Serial))
	}
}

// verifyTracked judges one part of a transfer by itself: that its deposit names an
// account, and that the deposit could no longer be refunded. The
// exchange pays, with a deposit that is due, whatever else it owes to the merchant on
// that account, so this need not be meant badly.
func (a *aggregationAudit) verifyTracked(t *exchange.TrackedDeposit, v *verdict) {
	about := row(exchange.TrackedDeposits.Table, t.Serial)
	evidence := func() []report.Evidence {
		return []report.Evidence{number("deposit", t.Deposit)}
	}
	if account := a.wires.of(t.Wire); account.err != nil {
		v.find(finding("A-03", about, none, append(evidence(), withText("wire", t.Wire)),
			"deposit %d is part of a transfer, but names no account to be paid to: %v", t.Deposit, account.err))
	}
	if t.Transfer != nil && t.RefundDeadline > t.ExecutionDate.Add(a.policy.ExecutionTolerance) {
		v.find(finding("A-33", about, none, beyond(append(evidence(), number("transfer", *t.Transfer)), "at least", t.RefundDeadline, t.ExecutionDate),
			"deposit %d was paid %v, but could be refunded until %v", t.Deposit, t.ExecutionDate, t.RefundDeadline))
	}
}

// diverted tells whether a transfer went to another account than its deposit names
// by hash. Where that is only because the hash is wrong, A-04 says so; where the
// transfer names no account, A-01 or A-02.
func (a *aggregationAudit) diverted(t *exchange.TrackedDeposit) bool {
	target := a.wires.of(t.Target)
	if target.err != nil || target.hash == t.WireHash {
		return false
	}
	account := a.wires.of(t.Wire)
	return account.err != nil || account.hash != target.hash
}

// retrace reads those parts of transfers once more whose transfer did not exist in
// earlier runs.
func (a *aggregationAudit) retrace(ctx context.Context) error {
	again := func(serials []int64) error {
		return exchange.TrackedDeposits.Within(ctx, a.conn, a.source, single(serials), func(t exchange.TrackedDeposit) error {
			if t.Malformed != nil || t.Transfer == nil {
				return nil
			}
			var v verdict
			a.verifyTracked(&t, &v)
			if err := a.find(ctx, v.findings...); err != nil {
				return err
			}
			return a.stager(ctx).tracked(&t)
		})
	}
	return batches(ctx, a.store, "select serial from auditor.dangling_trackings where exchange_id = $1 order by serial", []any{a.store.exchange},
		pgx.RowTo[int64], again)
}

// single are the spans of the serials, one for each.
func single(serials []int64) []exchange.Span {
	spans := make([]exchange.Span, len(serials))
	for i, s := range serials {
		spans[i] = exchange.Span{From: s, To: s + 1}
	}
	return spans
}
