package simulator

import (
	"cmp"
	"slices"
	"time"

	"auditor/internal/taler"
)

// What an owner wants for a coin that he melts.

// change melts what is left and reveals within the given time.
func (w *owner) change(from, to time.Duration) {
	if w.x.coins[w.coin].depth >= maxDepth {
		return
	}
	reveal := w.now.Add(seconds(w.rng, from, to))
	if m, ok := w.x.melt(w.now, w.coin, w.chooseFresh(reveal)); ok {
		w.x.schedule(reveal, func() { w.x.reveal(reveal, m) })
	}
}

// chooseFresh returns denominations of fresh coins that the coin pays for, dearest
// first, of which all are issued until the given time.
func (w *owner) chooseFresh(until taler.Timestamp) []int {
	var fresh []int
	offers := w.x.offers(w.now, until)
	sum := w.left() - w.denomination().feeRefresh
	for most := 1 + w.rng.IntN(maxFresh); len(fresh) < most; {
		offers = slices.DeleteFunc(offers, func(d int) bool { return w.x.denominations[d].cost() > sum })
		if len(offers) == 0 {
			break
		}
		chosen := w.rng.IntN(min(3, len(offers)))
		fresh = append(fresh, offers[chosen])
		sum -= w.x.denominations[offers[chosen]].cost()
		offers = offers[chosen:]
	}
	return fresh
}

// offers returns the denominations that the exchange issues at both times, dearest
// first.
func (x *Exchange) offers(from, to taler.Timestamp) []int {
	var offers []int
	for i := range x.denominations {
		if x.denominations[i].offered(from, to) {
			offers = append(offers, i)
		}
	}
	slices.SortStableFunc(offers, func(a, b int) int {
		return cmp.Compare(x.denominations[b].value, x.denominations[a].value)
	})
	return offers
}
