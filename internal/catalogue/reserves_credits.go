package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// credits are deeds to the transfers into reserves.
func credits() []Entry {
	return []Entry{
		{Name: "credit-booked-twice", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-27", "W-02", "H-20"},
			Story: "One bank transfer is booked as credit of two reserves, the customer's and that of a friend of the operator.",
			deed: func(d *deed) []Expectation {
				first := d.lastCredit()
				r := d.emptyReserve("accomplice", first.sender, first.at.Add(d.idleTime()))
				d.book(r, steps(first.amount), 0)
				twin := d.copy("reserves_in", first.serial, fields{"reserve_uuid": r.serial})
				d.setBalance(r, first.amount)
				return []Expectation{{Check: "R-27", Table: "reserves_in", Serial: twin, Loss: first.amount}}
			}},
		{Name: "credit-below-all-serials", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-27", "H-12", "S6"},
			Story: "A copy of a credit gets a serial below zero, where nobody looks for new rows.",
			deed: func(d *deed) []Expectation {
				first := d.lastCredit()
				r := d.emptyReserve("accomplice", first.sender, first.at.Add(d.idleTime()))
				d.book(r, steps(first.amount), 0)
				twin := d.copy("reserves_in", first.serial, fields{"reserve_uuid": r.serial})
				d.update("reserves_in", twin, fields{"reserve_in_serial_id": int64(-5)})
				d.setBalance(r, first.amount)
				// The first audit judges rows in the order of serials: there, the
				// original is the copy.
				return []Expectation{{Check: "R-27", Table: "reserves_in", Serial: first.serial, Loss: first.amount, When: Before},
					{Check: "R-27", Table: "reserves_in", Serial: -5, Loss: first.amount, When: Between},
					{Check: "S6", Table: "reserves_in", Serial: -5}}
			}},
		{Name: "credit-out-of-nothing", Area: AreaReserves, Culprit: Operator, Refs: []string{"W-03"},
			Story: "The operator books a transfer into a friend's reserve that the bank never saw.",
			deed: func(d *deed) []Expectation {
				account := d.Play.Accounts()[0]
				r := d.emptyReserve("accomplice", accomplice, d.now())
				credit := d.bookCredit(r, d.money("1000"), accomplice, d.ago(time.Hour), account.Section, 1<<40)
				return []Expectation{{Check: "W-03", Table: "reserves_in", Serial: credit, Loss: d.money("1000")}}
			}},
		{Name: "credit-of-an-unknown-account", Area: AreaReserves, Culprit: Operator, Refs: []string{"W-20", "H-03"},
			Story: "The operator books a transfer to an account that is in nobody's configuration, so that nobody asks the bank about it.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("accomplice", accomplice, d.now())
				credit := d.bookCredit(r, d.money("1000"), accomplice, d.ago(time.Hour), "exchange-account-nope", 1)
				return []Expectation{{Check: "W-20", Table: "reserves_in", Serial: credit, Loss: d.money("1000")}}
			}},
		{Name: "credit-in-the-future", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-29", "H-15"},
			Story: "A credit is dated so late that the reserve never expires and is never closed.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("customer", accomplice, d.now())
				return about("R-29", "reserves_in", d.credit(r, d.money("15"), accomplice, d.ago(-400*day)))
			}},
		{Name: "credit-dated-never", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-29", "H-15"},
			Story: "A credit bears the date that stands for never.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("customer", accomplice, d.now())
				return about("R-29", "reserves_in", d.credit(r, d.money("15"), accomplice, taler.Forever))
			}},
		{Name: "withdrawals-erased", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-15", "S5", "C-28", "C-29", "test 18"},
			Story: "All withdrawals of a reserve are deleted. Done before the first audit, the reserve should hold more than the exchange says, and coins are known that nobody withdrew; done later, only replication can notice.",
			deed: func(d *deed) []Expectation {
				r := d.spender()
				var expected []Expectation
				var taken taler.Amount = d.money("0")
				erased := make(map[int64]int64) // by denomination
				for _, w := range d.withdrawals {
					if w.Reserve != r.pub {
						continue
					}
					d.remove("reserves_out", w.Serial)
					taken = d.plus(taken, w.AmountWithFee)
					erased[w.Denomination]++
					for _, c := range d.denominations {
						if c.Serial == w.Denomination {
							d.Bookings = append(d.Bookings, Booking{When: Before, Reserve: r.pub, Amount: steps(w.AmountWithFee), Fee: -steps(c.FeeWithdraw)})
						}
					}
					expected = append(expected, Expectation{Check: "S5", Table: "reserves_out", Serial: w.Serial, When: Between})
				}
				for i := range d.denominations {
					if c := &d.denominations[i]; erased[c.Serial] > 0 {
						expected = append(expected, only(Before, d.unissued(c, erased[c.Serial]))...)
					}
				}
				return append(expected, only(Before, []Expectation{d.wrongBalance(r, -steps(taken))})...)
			}},
	}
}

type booked struct {
	serial int64
	amount taler.Amount
	sender string
	at     taler.Timestamp
}

// firstCredit is the credit with the lowest serial.
func (d *deed) firstCredit() booked {
	b := booked{amount: d.money("0")}
	d.read(`select reserve_in_serial_id, credit_val, credit_frac from :"schema".reserves_in order by reserve_in_serial_id limit 1`, nil,
		&b.serial, &b.amount.Value, &b.amount.Fraction)
	return b
}

// lastCredit is the latest credit.
func (d *deed) lastCredit() booked {
	b := booked{amount: d.money("0")}
	var at int64
	d.read(`select reserve_in_serial_id, credit_val, credit_frac, sender_account_details, execution_date from :"schema".reserves_in
		order by execution_date desc limit 1`, nil, &b.serial, &b.amount.Value, &b.amount.Fraction, &b.sender, &at)
	b.at = taler.Timestamp(at)
	return b
}

// spender is an open reserve out of which was withdrawn, and into which nothing was paid back.
func (d *deed) spender() *reserve {
	for _, r := range d.reserves {
		if r.withdrawals > 0 && r.closings == 0 && r.recoups == 0 && r.expiration > d.now() {
			return r
		}
	}
	d.fail(ErrNoVictim)
	return &reserve{}
}
