package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// judgeDeposits judges and books the payments to merchants.
func (a *coinAudit) judgeDeposits(ctx context.Context, conn *pgx.Conn) error {
	return judge(ctx, a.run, conn, areaCoins, exchange.Deposits, a.verifyDeposit, func(p *exchange.Deposit) error {
		a.deposits.note(p.Serial, p.ExchangeTimestamp)
		return a.stage(ctx, coinEvent{kind: eventDeposit, coin: p.Coin, denomination: p.Denomination, serial: p.Serial,
			amount: p.AmountWithFee, fee: chargedFee(a.keys.denominations[p.Denomination].FeeDeposit, p.AmountWithFee)})
	})
}

// verifyDeposit judges one deposit by itself: the denomination (C-22), the dates
// (C-23, C-41 to C-44), the merchant's account (C-24) and the coin's signature
// (C-25). A deposit that the coin did not sign is left out of the books, as is one
// of which that cannot be told.
func (a *coinAudit) verifyDeposit(p *exchange.Deposit, v *verdict) {
	about := row(exchange.Deposits.Table, p.Serial)
	a.judgeDates(p, v)
	d := a.keys.denominations[p.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("C-22", about, exposure(p.AmountWithFee), []report.Evidence{with("coin_pub", p.CoinPub)},
			"deposit %d is of a coin of denomination %d, which does not exist or cannot be read", p.Serial, p.Denomination))
		return
	}
	evidence := func() []report.Evidence {
		return []report.Evidence{with("coin_pub", p.CoinPub), with("denom_pub_hash", d.PubHash), with("amount", p.AmountWithFee)}
	}
	account := a.wires.of(p.Wire)
	if account.err != nil {
		v.excluded = true
		v.find(finding("C-24", about, loss(p.AmountWithFee), append(evidence(), withText("reason", account.err.Error())),
			"deposit %d of %v is to be paid to an account that is none", p.Serial, p.AmountWithFee))
		return
	}
	request := taler.DepositRequest{ContractTermsHash: p.ContractTermsHash, WireHash: account.hash, DenomPubHash: d.PubHash, WalletTimestamp: p.WalletTimestamp,
		RefundDeadline: p.RefundDeadline, AmountWithFee: p.AmountWithFee, DepositFee: d.FeeDeposit, MerchantPub: p.MerchantPub, CoinPub: p.CoinPub}
	if !taler.Verify(p.CoinPub, request, p.CoinSig) {
		v.excluded = true
		v.find(finding("C-25", about, loss(p.AmountWithFee), unverified(append(evidence(), with("merchant_pub", p.MerchantPub)), p.CoinPub, request, p.CoinSig),
			"deposit %d of %v is not signed by the coin", p.Serial, p.AmountWithFee))
		return
	}
	v.claim(about.table, p.Serial, p.AmountWithFee, request)
	a.judgeTime(p, d, v, evidence)
}

// judgeTime makes the findings that a coin was accepted when it could no longer be
// deposited (C-41), or after its denomination was revoked (C-42).
func (a *coinAudit) judgeTime(p *exchange.Deposit, d *denomination, v *verdict, evidence func() []report.Evidence) {
	about := row(exchange.Deposits.Table, p.Serial)
	dated := func(limit report.Evidence) []report.Evidence {
		return append(evidence(), with("exchange_timestamp", p.ExchangeTimestamp), limit)
	}
	if p.ExchangeTimestamp > d.ExpireDeposit.Add(a.policy.ExecutionTolerance) {
		v.find(finding("C-41", about, exposure(p.AmountWithFee), beyond(dated(with("expire_deposit", d.ExpireDeposit)), "at most", d.ExpireDeposit, p.ExchangeTimestamp),
			"deposit %d took place after its denomination could be deposited", p.Serial))
	}
	if r := d.revocation; r != nil && r.signed && p.ExchangeTimestamp > r.seen.Add(a.policy.ExecutionTolerance) {
		v.find(finding("C-42", about, exposure(p.AmountWithFee), beyond(dated(with("revocation seen", r.seen)), "at most", r.seen, p.ExchangeTimestamp),
			"deposit %d took place after its denomination was revoked", p.Serial))
	}
}

// judgeDates makes the findings that a deposit is to be paid before it can no longer
// be refunded (C-23), is dated later than now, beyond what clocks may differ (C-43),
// or not to the second, as an exchange does and demands of everybody (C-44).
func (a *coinAudit) judgeDates(p *exchange.Deposit, v *verdict) {
	about := row(exchange.Deposits.Table, p.Serial)
	if p.RefundDeadline > p.WireDeadline {
		v.find(finding("C-23", about, none, []report.Evidence{with("coin_pub", p.CoinPub), with("refund_deadline", p.RefundDeadline), with("wire_deadline", p.WireDeadline)},
			"deposit %d is to be paid before it can no longer be refunded", p.Serial))
	}
	if p.ExchangeTimestamp > a.now.Add(a.policy.FutureTolerance) {
		v.find(finding("C-43", about, none, beyond([]report.Evidence{with("coin_pub", p.CoinPub)}, "at most", a.now, p.ExchangeTimestamp),
			"deposit %d is dated %v, which lies in the future", p.Serial, p.ExchangeTimestamp))
	}
	for _, date := range []struct {
		name string
		at   taler.Timestamp
	}{{"wallet_timestamp", p.WalletTimestamp}, {"exchange_timestamp", p.ExchangeTimestamp}, {"refund_deadline", p.RefundDeadline}, {"wire_deadline", p.WireDeadline}} {
		if !date.at.WholeSecond() {
			v.find(finding("C-44", about, none, []report.Evidence{with("coin_pub", p.CoinPub), with(date.name, date.at), number("microseconds", int64(date.at))},
				"the %s of deposit %d is a part of a second, which no exchange accepts", date.name, p.Serial))
			return
		}
	}
}
