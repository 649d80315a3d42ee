package audit

import (
	"context"
	"encoding/hex"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// verifyMelt judges one melt by itself: the denomination of the melted coin (C-14),
// the coin's signature (C-15), and that more is melted than the fee for it (C-18). A
// melt that the coin did not sign, or whose fee is not known, takes nothing from the
// coin in the books; its answer is judged all the same.
func (a *refreshAudit) verifyMelt(m *exchange.Melt, v *verdict) {
	about := meltRow(m.Serial)
	d := a.keys.denominations[m.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("C-14", about, exposure(m.Amount), []report.Evidence{with("coin_pub", m.CoinPub), with("amount", m.Amount)},
			"melt %d of %v is of a coin of denomination %d, which does not exist or cannot be read", m.Serial, m.Amount, m.Denomination))
		return
	}
	evidence := func() []report.Evidence {
		return []report.Evidence{with("coin_pub", m.CoinPub), with("amount", m.Amount), with("denom_pub_hash", d.PubHash)}
	}
	request := taler.MeltRequest{Commitment: m.Commitment, DenomPubHash: d.PubHash, AmountWithFee: m.Amount, MeltFee: d.FeeRefresh, CoinPub: m.CoinPub}
	if !taler.Verify(m.CoinPub, request, m.CoinSig) {
		v.excluded = true
		v.find(finding("C-15", about, loss(m.Amount), unverified(evidence(), m.CoinPub, request, m.CoinSig),
			"melt %d of %v is not signed by the coin", m.Serial, m.Amount))
	} else {
		v.claim(about.table, m.Serial, m.Amount, request)
	}
	if m.Amount.Cmp(d.FeeRefresh) <= 0 {
		amounts := none
		if less, err := d.FeeRefresh.Sub(m.Amount); err == nil && !less.IsZero() {
			amounts = loss(less)
		}
		v.find(finding("C-18", about, amounts, beyond(evidence(), "more than", d.FeeRefresh, m.Amount),
			"melt %d is of %v, which is not more than the fee of %v", m.Serial, m.Amount, d.FeeRefresh))
	}
}

// settleMelt stages a melt, and what it does to the coin unless it is excluded. Of one
// that cannot be read it is only kept that it is there.
func (a *refreshAudit) settleMelt(ctx context.Context, m *exchange.Melt, v *verdict) error {
	d := a.keys.denominations[m.Denomination]
	if !v.excluded {
		err := a.stage(ctx, coinEvent{kind: eventMelt, coin: m.Coin, denomination: m.Denomination, serial: m.Serial, amount: m.Amount,
			fee: chargedFee(d.FeeRefresh, m.Amount)})
		if err != nil {
			return err
		}
	}
	c := a.melts
	c.Begin()
	c.Int64(m.Serial)
	if m.Malformed != nil {
		c.Null()
	} else {
		c.Bytes(m.CoinPub[:])
	}
	c.Bytes(m.Commitment[:])
	putAmount(c, m.Amount)
	if d == nil || m.Malformed != nil {
		c.Null()
		c.Null()
	} else if paid, err := m.Amount.Sub(d.FeeRefresh); err == nil {
		putAmount(c, paid)
	} else {
		putAmount(c, taler.Zero(a.policy.Currency))
	}
	c.Int32(m.Choice)
	c.Bool(!v.excluded)
	return c.End(ctx)
}

// settleKeys stages transfer keys. Keys of a wrong length are as good as none at all:
// nothing fits them (C-34).
func (a *refreshAudit) settleKeys(ctx context.Context, k *exchange.TransferKeys) error {
	if len(k.Private) != revealedKeySize {
		k.Private = nil
	}
	c := a.transferKeys
	c.Begin()
	c.Int64(k.Serial)
	c.Int64(k.Melt)
	c.Bytes(k.Public[:])
	c.Bytes(k.Private)
	return c.End(ctx)
}

// verifyFreshCoin judges one fresh coin by itself: the denomination (C-17), the
// exchange's signature on the envelope (C-36), and the hash of the envelope (C-37).
// The coin enters the books in any case, as the exchange has issued it, unless its
// value cannot be told.
func (a *refreshAudit) verifyFreshCoin(c *exchange.FreshCoin, v *verdict) {
	about := row(exchange.FreshCoins.Table, c.Serial)
	evidence := func() []report.Evidence {
		return []report.Evidence{number("melt", c.Melt), number("freshcoin_index", int64(c.Index))}
	}
	if hash := taler.HashOf(c.Envelope); hash != c.EnvelopeHash {
		v.find(finding("C-37", about, none, append(evidence(), with("expected", hash), with("found", c.EnvelopeHash)),
			"the hash of fresh coin %d is not that of its envelope", c.Serial))
	}
	d := a.keys.denominations[c.Denomination]
	if d == nil {
		v.find(finding("C-17", about, none, evidence(),
			"fresh coin %d is of denomination %d, which does not exist or cannot be read", c.Serial, c.Denomination))
		return
	}
	if d.key != nil && !d.key.SameResidue(d.key.Envelope(c.BlindSig), c.Envelope) {
		v.find(finding("C-36", about, gain(d.Value), append(evidence(), with("denom_pub_hash", d.PubHash), with("h_coin_ev", c.EnvelopeHash), withText("ev_sig", hex.EncodeToString(c.BlindSig))),
			"the exchange's signature on fresh coin %d is none: the customer paid for %v and got nothing valid", c.Serial, d.Value))
	}
}

// settleFreshCoin stages a fresh coin, and what the exchange owes for it.
func (a *refreshAudit) settleFreshCoin(ctx context.Context, f *exchange.FreshCoin) error {
	cost := taler.Zero(a.policy.Currency)
	d := a.keys.denominations[f.Denomination]
	if d != nil {
		cost = d.cost
		err := a.stage(ctx, coinEvent{kind: eventRevealed, denomination: f.Denomination, serial: f.Serial, amount: d.Value, fee: d.FeeWithdraw})
		if err != nil {
			return err
		}
	}
	c := a.freshCoins
	c.Begin()
	c.Int64(f.Serial)
	c.Int64(f.Melt)
	c.Int32(f.Index)
	c.Int64(f.Denomination)
	c.Bool(d != nil && d.key != nil)
	c.Bytes(f.Envelope)
	c.Bytes(f.LinkSig[:])
	putAmount(c, cost)
	return c.End(ctx)
}
