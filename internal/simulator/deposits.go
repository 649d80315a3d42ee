package simulator

import (
	"auditor/internal/taler"
)

// Deposits and refunds: what a customer pays to a merchant, and what the merchant
// has the exchange give back to the coin while the refund deadline has not passed.

// A deposit is a claim of a merchant on the exchange.
type deposit struct {
	serial   int64
	coin     int
	purchase purchase
	at       taler.Timestamp // by the exchange's clock
	amount   money           // with the deposit fee
	refunded money           // with refund fees
	refunds  int
	tiny     bool // too little for a transfer when it was due
	done     bool // paid
	stored   bool // in the database
	reported bool // to the auditor
}

type refund struct {
	serial  int64
	deposit int
	number  int // among those of the deposit
	amount  money
}

// pay deposits a part of a coin. It returns the position in Exchange.deposits,
// and false if the exchange refuses.
func (x *Exchange) pay(at taler.Timestamp, number int, amount money, p purchase) (int, bool) {
	c := &x.coins[number]
	d := x.denominationOf(c)
	if amount > c.left || amount <= d.feeDeposit || !d.accepted(at) {
		return 0, false
	}
	x.know(number)
	c.left -= amount
	x.books.depositFees += d.feeDeposit
	n := len(x.deposits)
	x.deposits = append(x.deposits, deposit{
		serial: x.serials["deposits"].next(),
		coin:   number, purchase: p, at: at, amount: amount,
	})
	c.last = x.change(changeOfDeposits, len(x.batch.deposits))
	x.batch.deposits = append(x.batch.deposits, n)
	x.open[p.shop] = append(x.open[p.shop], n)
	x.report(n)
	due := p.wireDeadline.Add(x.aggregatorDelay())
	x.schedule(due, func() { x.aggregate(due, n) })
	return n, true
}

// owed is what the merchant is to be paid: what was deposited, less the refunds,
// less the deposit fee, which the exchange waives if there was a refund.
func (x *Exchange) owed(d *deposit) money {
	owed := d.amount - d.refunded
	if d.refunds == 0 {
		owed -= x.denominationOf(&x.coins[d.coin]).feeDeposit
	}
	return owed
}

// refund gives a part of a deposit back to the coin, less the refund fee. With
// its first refund a coin gets one deposit fee back. It returns false if the
// exchange refuses.
func (x *Exchange) refund(at taler.Timestamp, number int, amount money) bool {
	dep := &x.deposits[number]
	c := &x.coins[dep.coin]
	d := x.denominationOf(c)
	if dep.done || at >= dep.purchase.refundDeadline || amount <= 0 || amount < d.feeRefund || dep.refunded+amount > dep.amount {
		return false
	}
	x.books.refundFees += d.feeRefund
	if dep.refunds == 0 {
		x.books.feesWaived += d.feeDeposit
	}
	c.left += amount - d.feeRefund
	if !c.refunded {
		c.refunded = true
		c.left += d.feeDeposit
		d.returned += d.feeDeposit
		x.books.feesReturned += d.feeDeposit
	}
	dep.refunded += amount
	d.returned += amount - d.feeRefund
	c.last = x.change(changeOfRefunds, len(x.batch.refunds))
	x.batch.refunds = append(x.batch.refunds, refund{
		serial:  x.serials["refunds"].next(),
		deposit: number, number: dep.refunds, amount: amount,
	})
	dep.refunds++
	return true
}
