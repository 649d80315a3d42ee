package simulator

import (
	"auditor/internal/taler"
)

// The banks: one for each of the exchange's accounts, with its own numbers. It
// carries out what the exchange orders within some minutes, and numbers credits
// and debits in one series.

type bankCredit struct {
	row     int64
	reserve int
	at      taler.Timestamp
	amount  money
	sender  string
}

type bankDebit struct {
	row      int64
	at       taler.Timestamp
	amount   money
	receiver string
	subject  taler.WTID
}

// order has the bank pay from one of the exchange's accounts, unless there is
// nothing to pay. Until then the sum counts as pending.
func (x *Exchange) order(account int, at taler.Timestamp, receiver string, amount money, subject taler.WTID, pending *money) {
	if amount == 0 {
		return
	}
	*pending += amount
	executed := at.Add(seconds(x.aggregator, 0, bankWithin))
	x.schedule(executed, func() {
		*pending -= amount
		x.debit(account, executed, receiver, amount, subject)
	})
}

func (x *Exchange) debit(account int, at taler.Timestamp, receiver string, amount money, subject taler.WTID) {
	x.debits[account] = append(x.debits[account], bankDebit{
		row: x.references[account].next(), at: at, amount: amount, receiver: receiver, subject: subject,
	})
}
