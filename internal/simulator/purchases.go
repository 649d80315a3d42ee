package simulator

import (
	"time"

	"auditor/internal/taler"
)

// A purchase is what merchant and customer agreed upon. Several coins may pay
// for one.
type purchase struct {
	number         uint64
	shop           int
	made           taler.Timestamp // by the customer's clock
	refundDeadline taler.Timestamp
	wireDeadline   taler.Timestamp
}

// contract is the hash of the terms, which nobody but merchant and customer know.
func (x *Exchange) contract(p purchase) taler.Hash {
	terms := x.scenario.secret("contract", p.number)
	return taler.HashOf(terms[:])
}

// A basket is a payment to come that further coins may join.
type basket struct {
	at    taler.Timestamp
	terms purchase
}

// agree makes the terms of a purchase at a random shop that the exchange pays from
// the account where the coin's money came in, so that no account is overdrawn.
func (w *owner) agree(at taler.Timestamp, refundable time.Duration) purchase {
	account := w.x.coins[w.coin].account
	shops := (w.x.scenario.Merchants - account + 1) / 2
	return w.terms(at, kiosks+account+2*w.rng.IntN(shops), refundable)
}

func (w *owner) terms(at taler.Timestamp, shop int, refundable time.Duration) purchase {
	w.x.purchases++
	made := at.Add(-seconds(w.rng, 0, 20*time.Second))
	refund := made.Add(refundable)
	wire := refund
	if refundable == 0 || w.rng.IntN(3) > 0 {
		wire = refund.Add(seconds(w.rng, time.Hour, 3*day))
	}
	if shop%3 != 0 {
		wire = w.x.payday(shop, wire)
	}
	return purchase{number: w.x.purchases, shop: shop, made: made, refundDeadline: refund, wireDeadline: wire}
}

// payday is the next day on which a merchant wants to be paid, so that one transfer
// pays for many deposits.
func (x *Exchange) payday(shop int, after taler.Timestamp) taler.Timestamp {
	period := day * time.Duration(1+shop%4)
	next := x.start.Add((since(x.start, after)/period + 1) * period)
	return next.Add(time.Hour * time.Duration(1+shop%11))
}
