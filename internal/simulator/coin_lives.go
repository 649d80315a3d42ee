package simulator

import (
	"math/rand/v2"
	"time"

	"auditor/internal/taler"
)

// Each coin has a life, which begins when the exchange issues it. Which one it is
// depends on the coin's number, so that all kinds occur in any exchange that is
// not too small. Fresh coins live like withdrawn ones, but are not melted without
// end.

// Bounds on what one coin can lead to.
const (
	maxFresh = 6 // fresh coins of a melt
	maxDepth = 2 // melts between a coin and its withdrawal
)

// leastPayment is what is paid at shops other than kiosks, at least: more than any
// wire fee, so that each such deposit is worth a transfer.
const leastPayment = 10 * cent

// habits are what owners do with a coin, some of it more often.
func habits() []func(w *owner) {
	return []func(w *owner){
		(*owner).paysWhole, (*owner).paysAndChanges, (*owner).paysWhole, (*owner).returnsAll,
		(*owner).hoards, (*owner).paysTwice, (*owner).paysWhole, (*owner).changes,
		(*owner).returnsSome, (*owner).paysAndChanges, (*owner).paysWhole, (*owner).hoards,
		(*owner).paysPart, (*owner).returnsAll, (*owner).paysAndChanges, (*owner).paysWhole,
		(*owner).abandons, (*owner).changesLate, (*owner).returnsSome, (*owner).paysWhole,
		(*owner).paysTwice, (*owner).changes, (*owner).hoards,
	}
}

// An owner is the customer of one coin.
type owner struct {
	x    *Exchange
	rng  *rand.Rand
	coin int
	now  taler.Timestamp
}

func (x *Exchange) ownerOf(number int, purpose string, now taler.Timestamp) *owner {
	return &owner{x: x, rng: x.scenario.chance(purpose, uint64(number)), coin: number, now: now}
}

// liveCoin begins the life of a coin.
func (x *Exchange) liveCoin(number int, born taler.Timestamp) {
	if x.scenario.Merchants == 0 {
		return
	}
	w := x.ownerOf(number, "coin life", born)
	all := habits()
	habit := all[number%len(all)]
	if d := w.denomination(); d.value == x.least && d.feeDeposit < tinyAmount/2 && number%4 == 1 {
		habit = (*owner).visitsKiosk
	}
	habit(w)
}

func (w *owner) denomination() *denomination { return w.x.denominationOf(&w.x.coins[w.coin]) }
func (w *owner) left() money                 { return w.x.coins[w.coin].left }

// later does something after a random time.
func (w *owner) later(from, to time.Duration, do func()) {
	at := w.now.Add(seconds(w.rng, from, to))
	w.x.schedule(at, func() {
		w.now = at
		do()
	})
}

func (w *owner) hoards() {}

func (w *owner) paysWhole() {
	at := w.now.Add(seconds(w.rng, time.Minute, 6*day))
	terms := w.agree(at, w.hours(240))
	// What is in one reserve is often spent together.
	if c := &w.x.coins[w.coin]; c.melt == withdrawn {
		b := &w.x.reserves[c.reserve].basket
		if b.at > w.now && w.rng.IntN(3) > 0 {
			at, terms = b.at, b.terms
		} else {
			*b = basket{at, terms}
		}
	}
	w.x.schedule(at, func() { w.x.pay(at, w.coin, w.left(), terms) })
}

func (w *owner) paysPart() {
	w.later(time.Minute, 6*day, func() { w.pay(w.part(), w.hours(200)) })
}

func (w *owner) paysTwice() {
	w.later(time.Minute, 5*day, func() {
		w.pay(w.part(), w.hours(200))
		w.later(time.Second, 2*day, func() { w.pay(w.left(), w.hours(200)) })
	})
}

func (w *owner) paysAndChanges() {
	w.later(time.Minute, 5*day, func() {
		w.pay(w.part(), w.hours(200))
		w.later(time.Second, 2*day, func() { w.change(time.Second, time.Minute) })
	})
}

func (w *owner) changes() {
	w.later(time.Minute, 4*day, func() { w.change(time.Second, time.Minute) })
}

// changesLate reveals days after the melt.
func (w *owner) changesLate() {
	if w.x.scenario.PromptCustomers {
		w.changes()
		return
	}
	w.later(time.Minute, 4*day, func() { w.change(day, 6*day) })
}

// abandons melts and never reveals.
func (w *owner) abandons() {
	if w.x.scenario.PromptCustomers {
		w.changes()
		return
	}
	w.later(time.Minute, 4*day, func() {
		w.x.melt(w.now, w.coin, w.chooseFresh(w.now))
	})
}

// returnsAll has a payment refunded completely and spends the coin again.
func (w *owner) returnsAll() {
	w.later(time.Minute, 4*day, func() {
		amount := w.left()
		paid, ok := w.pay(amount, time.Duration(2+w.rng.IntN(8))*day)
		if !ok {
			return
		}
		w.later(time.Minute, 30*time.Hour, func() {
			w.x.refund(w.now, paid, amount)
			w.later(time.Minute, 3*day, func() {
				if w.rng.IntN(3) == 0 {
					w.change(time.Second, time.Minute)
				}
				w.pay(w.left(), w.hours(100))
			})
		})
	})
}

// returnsSome has a payment refunded in several steps, or in one with a part of
// the payment left, and changes what came back.
func (w *owner) returnsSome() {
	w.later(time.Minute, 4*day, func() {
		amount := w.left()
		paid, ok := w.pay(amount, time.Duration(3+w.rng.IntN(6))*day)
		if !ok {
			return
		}
		steps := 1 + w.rng.IntN(3)
		returned := (amount - leastPayment) / money(steps+1)
		returned -= returned % cent
		for range steps {
			w.later(time.Minute, 2*day, func() { w.x.refund(w.now, paid, returned) })
		}
		w.later(49*time.Hour, 4*day, func() { w.change(time.Second, time.Minute) })
	})
}

// visitsKiosk pays several tiny amounts.
func (w *owner) visitsKiosk() {
	last, kiosk := w.now, w.x.coins[w.coin].account
	if w.rng.IntN(5) == 0 {
		kiosk += 2
	}
	for range 3 + w.rng.IntN(4) {
		at := last.Add(seconds(w.rng, time.Minute, 2*day))
		last = at
		terms := w.terms(at, kiosk, 0)
		w.x.schedule(at, func() {
			most := int((tinyAmount - w.denomination().feeDeposit) / mill)
			w.x.pay(at, w.coin, w.denomination().feeDeposit+mill*money(1+w.rng.IntN(most-1)), terms)
		})
	}
}

// part is some of what is left, at least as much as shops take.
func (w *owner) part() money {
	part := w.left() * money(20+w.rng.IntN(60)) / 100
	return max(part-part%cent, leastPayment)
}

// hours is a random time, often none at all.
func (w *owner) hours(most int) time.Duration {
	return time.Duration(max(0, w.rng.IntN(most*3/2)-most/2)) * time.Hour
}

// pay pays at a shop, if the coin holds enough. It returns as Exchange.pay does.
func (w *owner) pay(amount money, refundable time.Duration) (int, bool) {
	if amount < leastPayment {
		return 0, false
	}
	return w.x.pay(w.now, w.coin, amount, w.agree(w.now, refundable))
}
