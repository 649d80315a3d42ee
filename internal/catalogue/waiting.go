package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// paymentGrace is how long after its wire deadline a deposit may stay unpaid.
const paymentGrace = time.Hour

// payee is a merchant on one of his bank accounts.
type payee struct {
	merchant, hash string
}

// overdue says which deposits an audit must miss the payment of if nothing was written
// until some time after the exchange's clock: those that were due by then, unless all
// of a merchant's on one account are not worth a transfer.
func (d *deed) overdue(delay time.Duration) []Expectation {
	now := d.now().Add(delay)
	due := make(map[payee][]Expectation)
	sums := make(map[payee]int64)
	least := make(map[payee]int64) // worth a transfer
	var order []payee
	for _, o := range d.Play.Ledger().Obligations.Open {
		deadline := taler.TimestampOf(o.WireDeadline)
		if deadline.Add(paymentGrace) >= now {
			continue
		}
		var merchant, hash []byte
		var wire string
		d.read(`select merchant_pub, h_wire, wire from :"schema".deposits where deposit_serial_id = $1`, []any{o.Deposit}, &merchant, &hash, &wire)
		p := payee{string(merchant), string(hash)}
		if due[p] == nil {
			order = append(order, p)
		}
		due[p] = append(due[p], Expectation{Check: "W-17", Table: "deposits", Serial: o.Deposit, Exposure: o.Owed})
		sums[p] += steps(o.Owed)
		least[p] = steps(d.highestFee(wire, deadline, now)) + steps(d.Play.TinyAmount())
	}
	var expected []Expectation
	for _, p := range order {
		if sums[p] >= least[p] {
			expected = append(expected, due[p]...)
		}
	}
	return expected
}

// highestFee is the highest wire fee in a time for transfers to an account.
func (d *deed) highestFee(wire string, from, to taler.Timestamp) taler.Amount {
	highest := d.money("0")
	for i := range d.fees {
		if f := &d.fees[i]; f.Method == payingMethod(wire) && f.Start <= to && from < f.End && f.WireFee.Cmp(highest) > 0 {
			highest = f.WireFee
		}
	}
	return highest
}

// payingMethod is the payment method of an account, "" if it has none.
func payingMethod(wire string) string {
	details, err := taler.ParseWireDetails(wire)
	if err != nil {
		return ""
	}
	account, err := taler.ParsePayto(details.PaytoURI)
	if err != nil {
		return ""
	}
	return account.Method
}
