package audit

import (
	"encoding/hex"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// verifyCredit judges one transfer into a reserve by itself: its date.
// That the bank received it is a matter of the bank's history.
func (a *reserveAudit) verifyCredit(c *exchange.Credit, v *verdict) {
	a.judgeDate(v, exchange.Credits.Table, c.Serial, c.ExecutionDate)
}

// verifyWithdrawal judges one withdrawal by itself: the denomination, its
// time, the reserve's signature, the price and
// the exchange's blind signature. The price that enters the books is that
// of the denomination, not that of the row. A withdrawal that the reserve did not
// sign, or whose price cannot be told, is left out of the books.
func (a *reserveAudit) verifyWithdrawal(w *exchange.Withdrawal, v *verdict) {
	about := row(exchange.Withdrawals.Table, w.Serial)
	a.judgeDate(v, about.table, w.Serial, w.ExecutionDate)
	d := a.keys.denominations[w.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("R-02", about, exposure(w.AmountWithFee), []report.Evidence{with("reserve_pub", w.Reserve)},
			"withdrawal %d is of denomination %d, which does not exist or cannot be read", w.Serial, w.Denomination))
		return
	}
	evidence := func() []report.Evidence {
		return []report.Evidence{with("reserve_pub", w.Reserve), with("denom_pub_hash", d.PubHash), with("execution_date", w.ExecutionDate)}
	}

	if w.ExecutionDate < d.ValidFrom || w.ExecutionDate > d.ExpireWithdraw {
		v.find(finding("R-03", about, none, append(evidence(), with("valid_from", d.ValidFrom), with("expire_withdraw", d.ExpireWithdraw)),
			"withdrawal %d of %v took place outside the time in which its denomination could be withdrawn", w.Serial, w.ExecutionDate))
	}
	if r := d.revocation; r != nil && r.signed && w.ExecutionDate > r.seen.Add(a.policy.ExecutionTolerance) {
		v.find(finding("R-28", about, exposure(d.Value), append(evidence(), with("revocation seen", r.seen)),
			"withdrawal %d took place after its denomination was revoked", w.Serial))
	}

	request := taler.WithdrawRequest{ReservePub: w.Reserve, AmountWithFee: w.AmountWithFee, DenomPubHash: d.PubHash, EnvelopeHash: w.EnvelopeHash}
	if !taler.Verify(w.Reserve, request, w.ReserveSig) {
		v.excluded = true
		v.find(finding("R-04", about, loss(w.AmountWithFee), unverified(append(evidence(), with("key_pub", w.Reserve)), w.Reserve, request, w.ReserveSig),
			"withdrawal %d of %v is not signed by the reserve it was taken from", w.Serial, w.AmountWithFee))
	} else {
		v.claim(about.table, w.Serial, w.AmountWithFee, request)
	}
	if w.AmountWithFee != d.cost {
		amounts := none
		if more, err := w.AmountWithFee.Sub(d.cost); err == nil {
			amounts = gain(more)
		} else if less, err := d.cost.Sub(w.AmountWithFee); err == nil {
			amounts = loss(less)
		}
		v.find(finding("R-05", about, amounts, append(evidence(), with("expected", d.cost), with("found", w.AmountWithFee)),
			"withdrawal %d took %v, but value and fee of the denomination are %v", w.Serial, w.AmountWithFee, d.cost))
	}
	a.verifyBlindSignature(w, d, v, about, evidence)
}

// verifyBlindSignature checks that the exchange's signature gives back the
// envelope that the reserve's owner asked to be signed. An envelope is
// sent as a number without leading zeros; a wallet that sends it padded to the
// size of the modulus is served as well.
func (a *reserveAudit) verifyBlindSignature(w *exchange.Withdrawal, d *denomination, v *verdict, about subject, evidence func() []report.Evidence) {
	if d.key == nil {
		return // K-02 says so
	}
	envelope := d.key.Envelope(w.BlindSig)
	if taler.HashOf(envelope) == w.EnvelopeHash {
		return
	}
	for size := (d.key.Bits() + 7) / 8; len(envelope) < size; {
		envelope = append([]byte{0}, envelope...)
		if taler.HashOf(envelope) == w.EnvelopeHash {
			return
		}
	}
	v.find(finding("R-20", about, gain(d.cost), append(evidence(), with("h_blind_ev", w.EnvelopeHash), withText("denom_sig", hex.EncodeToString(w.BlindSig))),
		"the exchange's signature does not answer withdrawal %d: the customer paid %v and got nothing valid", w.Serial, d.cost))
}

// verifyRecoup judges one recoup by itself: the coin's signature, the
// revocation, and that the coin is the one that was withdrawn by the
// withdrawal whose reserve is credited. Its effect on the balance counts
// in any case, as the exchange will pay it out.
func (a *reserveAudit) verifyRecoup(p *exchange.Recoup, v *verdict) {
	about := row(exchange.Recoups.Table, p.Serial)
	a.judgeDate(v, about.table, p.Serial, p.Timestamp)
	d := a.keys.denominations[p.Denomination]
	if d == nil {
		v.find(finding("R-26", about, loss(p.Amount), []report.Evidence{with("coin_pub", p.CoinPub), with("reserve_pub", p.Reserve)},
			"recoup %d is of a coin of denomination %d, which does not exist or cannot be read", p.Serial, p.Denomination))
		return
	}
	evidence := func() []report.Evidence {
		return []report.Evidence{with("coin_pub", p.CoinPub), with("reserve_pub", p.Reserve), with("denom_pub_hash", d.PubHash)}
	}

	request := taler.RecoupRequest{CoinPub: p.CoinPub, DenomPubHash: d.PubHash, BlindingSecret: p.BlindingSecret}
	if !taler.Verify(p.CoinPub, request, p.CoinSig) {
		v.find(finding("R-06", about, loss(p.Amount), unverified(append(evidence(), with("key_pub", p.CoinPub)), p.CoinPub, request, p.CoinSig),
			"recoup %d of %v is not signed by the coin", p.Serial, p.Amount))
	} else {
		v.claim(about.table, p.Serial, taler.Zero(a.policy.Currency), request)
	}
	switch {
	case d.revocation == nil:
		v.find(finding("R-07", about, exposure(p.Amount), evidence(),
			"recoup %d of %v is of a denomination that was not revoked", p.Serial, p.Amount))
	case !d.revocation.signed:
		v.find(finding("R-08", about, loss(p.Amount), unverified(append(evidence(), with("key_pub", a.policy.MasterPub)), a.policy.MasterPub, d.revoked(), d.revocation.sig),
			"recoup %d of %v rests on a revocation that the master key did not sign", p.Serial, p.Amount))
	}
	if p.Denomination == p.WithdrawnDenomination && d.key != nil {
		if envelope, err := d.key.Blind(p.CoinPub, p.BlindingSecret); err == nil && taler.HashOf(envelope) == p.EnvelopeHash {
			return
		}
	}
	if d.key != nil {
		v.find(finding("R-26", about, loss(p.Amount), append(evidence(), with("h_blind_ev", p.EnvelopeHash)),
			"recoup %d pays %v into a reserve that the coin was not withdrawn from", p.Serial, p.Amount))
	}
}

// verifyClosing judges one closing by itself: its date, and that the
// transfer can be told at the bank by the reserve's key. The rest depends on
// what happened to the reserve before.
func (a *reserveAudit) verifyClosing(c *exchange.Closing, v *verdict) {
	a.judgeDate(v, exchange.Closings.Table, c.Serial, c.ExecutionDate)
	if c.WTID != taler.WTID(c.Reserve) {
		v.find(finding("R-30", row(exchange.Closings.Table, c.Serial), none,
			[]report.Evidence{with("reserve_pub", c.Reserve), with("wtid", c.WTID), with("amount", c.Amount)},
			"closing %d of %v has another subject than the reserve's key", c.Serial, c.Amount))
	}
}
