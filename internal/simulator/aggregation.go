package simulator

import (
	"slices"
	"time"

	"auditor/internal/taler"
)

// Aggregation: what is due to one account of a merchant is paid by one transfer,
// less the wire fee in force and rounded down to whole cents. What that leaves
// nothing of waits for more.

// The exchange pays soon after each deadline, and the bank soon after that.
const (
	aggregatorAfter  = time.Minute
	aggregatorWithin = 45 * time.Minute
	aggregatorPrompt = time.Second
	bankWithin       = 10 * time.Minute
)

// aggregatorDelay is how long after a deadline the exchange looks at what is due.
func (x *Exchange) aggregatorDelay() time.Duration {
	if x.scenario.PromptAggregator {
		return aggregatorPrompt
	}
	return seconds(x.aggregator, aggregatorAfter, aggregatorWithin)
}

// tinyAmount is the sum that need not be wired on its own.
const tinyAmount = cent

type transfer struct {
	serial int64
	at     taler.Timestamp
	shop   int
	amount money
}

type tracking struct {
	serial, deposit, transfer int64 // the latter two: serials of what is tied together
}

// aggregate pays a deposit that is due, and with it all others of the same account
// that are. If there is too little to pay, it marks them as tiny.
func (x *Exchange) aggregate(at taler.Timestamp, number int) {
	if d := &x.deposits[number]; d.done || d.tiny {
		return
	}
	shop := x.deposits[number].purchase.shop
	var due []int
	var total money
	for _, n := range x.open[shop] {
		if d := &x.deposits[n]; d.purchase.wireDeadline <= at && d.purchase.refundDeadline < at {
			due = append(due, n)
			total += x.owed(d)
		}
	}
	account := x.shops[shop].account
	amount := total - x.wireFeeAt(account, at)
	amount -= amount % cent
	if amount <= 0 {
		for _, n := range due {
			x.deposits[n].tiny = true
			x.flag(n)
		}
		return
	}
	t := transfer{serial: x.serials["wire_out"].next(), at: at, shop: shop, amount: amount}
	x.batch.transfers = append(x.batch.transfers, t)
	x.books.wired += amount
	x.books.aggregationFees += total - amount
	for _, n := range due {
		x.deposits[n].done = true
		x.flag(n)
		x.batch.trackings = append(x.batch.trackings, tracking{
			serial: x.serials["aggregation_tracking"].next(), deposit: x.deposits[n].serial, transfer: t.serial,
		})
	}
	x.open[shop] = slices.DeleteFunc(x.open[shop], func(n int) bool { return x.deposits[n].done })
	x.order(account, at, x.shops[shop].payto, amount, x.transferID(t.serial), &x.books.transfersPending)
}

// flag notes that a deposit's marks changed.
func (x *Exchange) flag(number int) {
	if x.deposits[number].stored {
		x.batch.flagged = append(x.batch.flagged, number)
	}
}

// transferID is the random identifier of a transfer.
func (x *Exchange) transferID(serial int64) taler.WTID {
	return x.scenario.secret("transfer", uint64(serial))
}
