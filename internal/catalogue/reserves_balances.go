package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// overdrafts are deeds to the balances of reserves.
func overdrafts() []Entry {
	return []Entry{
		{Name: "reserve-overdrawn", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-13", "R-18", "I-03"},
			Story: "The operator lets a friend withdraw more than was ever paid into his reserve. Every request is signed; only the sum is wrong.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				r := d.newReserve("accomplice", d.price(c), accomplice, d.ago(time.Hour))
				d.withdraw(r, c, withdrawal{})
				d.withdraw(r, c, withdrawal{})
				return []Expectation{{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: d.price(c)}}
			}},
		{Name: "credit-understated", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-13", "W-06", "test 2", "I-03"},
			Story: "The exchange books less than the bank received. The customer withdraws what he paid in, and his reserve seems overdrawn.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				r := d.emptyReserve("customer", accomplice, d.now())
				paid := d.price(c)
				credit := d.credit(r, paid, accomplice, d.ago(time.Hour))
				d.withdraw(r, c, withdrawal{})
				less := d.minus(paid, d.money("0.05"))
				d.update("reserves_in", credit, fields{"credit": less})
				d.book(r, steps(less)-steps(paid), 0)
				return []Expectation{{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: d.money("0.05")},
					{Check: "W-06", Table: "reserves_in", Serial: credit, Gain: d.money("0.05")}}
			}},
		{Name: "balance-raised", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-15", "H-11"},
			Story: "Somebody adds money to a reserve by writing a higher balance into the database. Only an internal audit looks at that column.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.setBalance(r, d.plus(r.balance, d.money("100")))
				return []Expectation{d.wrongBalance(r, 100*taler.FractionBase)}
			}},
		{Name: "balance-lowered", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-15", "test 3"},
			Story: "The exchange writes a lower balance into the database, and refuses the customer what is his.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.setBalance(r, d.minus(r.balance, d.money("0.25")))
				return []Expectation{d.wrongBalance(r, -taler.FractionBase/4)}
			}},
		{Name: "reserve-out-of-nothing", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-15", "H-11"},
			Story: "A reserve with money appears that nobody ever paid into.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("intruder", accomplice, d.ago(-20*day))
				d.setBalance(r, d.money("7"))
				return []Expectation{d.wrongBalance(r, 7*taler.FractionBase)}
			}},
		{Name: "reserve-forgotten", Area: AreaReserves, Culprit: Operator, When: Between, Refs: []string{"R-14", "H-12", "S5"},
			Story: "The exchange deletes a reserve that holds money, with everything that happened to it.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.remove("reserves", r.serial)
				return []Expectation{{Check: "R-14", Table: "reserves", Subject: r.pub.String(), Gain: r.balance},
					{Check: "S5", Table: "reserves", Serial: r.serial}}
			}},
		{Name: "reserve-diverted", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-32", "R-12"},
			Story: "An intruder notes his own account for a customer's reserve and waits for the exchange to close it.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.update("reserves", r.serial, fields{"account_details": "payto://x-taler-bank/bank.example/intruder"})
				return []Expectation{{Check: "R-32", Table: "reserves", Subject: r.pub.String(), Exposure: r.balance}}
			}},
		{Name: "reserve-kept-for-ever", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-31", "H-15"},
			Story: "The exchange notes a much later date of expiration, so that its closing process never touches the reserve.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.update("reserves", r.serial, fields{"expiration_date": d.ago(-4000 * day)})
				return []Expectation{{Check: "R-31", Table: "reserves", Subject: r.pub.String()}}
			}},
		{Name: "evidence-to-be-collected", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-31", "S9"},
			Story: "The exchange notes that a reserve may be collected as garbage now, years before the time: with it goes all that happened to it.",
			deed: func(d *deed) []Expectation {
				r := d.spender()
				d.update("reserves", r.serial, fields{"gc_date": d.now()})
				return []Expectation{{Check: "R-31", Table: "reserves", Subject: r.pub.String()}}
			}},
		{Name: "evidence-collected", Area: AreaReserves, Culprit: Operator, When: Between, Refs: []string{"R-35", "S5", "H-12"},
			Story: "The exchange deletes an empty reserve years before it may.",
			deed: func(d *deed) []Expectation {
				r := d.emptied()
				d.remove("reserves", r.serial)
				return []Expectation{{Check: "R-35", Table: "reserves", Subject: r.pub.String()}, {Check: "S5", Table: "reserves", Serial: r.serial}}
			}},
		{Name: "reserve-key-replaced", Area: AreaReserves, Culprit: Intruder, Refs: []string{"W-05", "H-22"},
			Story: "An intruder puts his own key in the place of that of a reserve that was just credited. Only the bank knows better: there, the customer named his key.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("25"), accomplice, d.ago(time.Hour))
				thief := secretOf("intruder").Public()
				d.update("reserves", r.serial, fields{"reserve_pub": thief})
				d.Bookings = []Booking{{Reserve: thief, Amount: steps(r.balance)}}
				var credit int64
				d.read(`select reserve_in_serial_id from :"schema".reserves_in where reserve_uuid = $1`, []any{r.serial}, &credit)
				return []Expectation{{Check: "W-05", Table: "reserves_in", Serial: credit, Loss: r.balance}}
			}},
		{Name: "reserve-key-replaced-after-the-audit", Area: AreaReserves, Culprit: Intruder, When: Between, Refs: []string{"R-14", "R-15", "S5", "H-12"},
			Story: "The same with a reserve that an audit has seen. The audit misses the old one and wonders where the new one comes from.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				thief := secretOf("intruder").Public()
				d.update("reserves", r.serial, fields{"reserve_pub": thief})
				return []Expectation{{Check: "R-14", Table: "reserves", Subject: r.pub.String(), Gain: r.balance},
					d.wrongBalance(&reserve{pub: thief}, steps(r.balance)), {Check: "S5", Table: "reserves", Serial: r.serial}}
			}},
		{Name: "reserve-never-closed", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-16", "test 20", "H-11"},
			Story: "A reserve expired days ago. The exchange keeps the money instead of sending it back.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("30"), "payto://x-taler-bank/bank.example/customer", d.ago(d.idleTime()+3*day))
				return []Expectation{{Check: "R-16", Table: "reserves", Subject: r.pub.String(), Exposure: r.balance}}
			}},
		{Name: "closer-stopped", Area: AreaReserves, Culprit: Accident, Refs: []string{"R-16", "W-17", "H-11"},
			Story: "The exchange's processes stopped. Nothing is written at all; some reserves that the last audit saw open are still open days after they expired, and merchants wait for their money.",
			deed: func(d *deed) []Expectation {
				d.Delay = 5 * day
				var expected []Expectation
				for _, r := range d.reserves {
					if r.balance.IsZero() || r.expiration >= d.ago(day-d.Delay) {
						continue
					}
					if d.dueFee(r).Cmp(r.balance) < 0 {
						expected = append(expected, Expectation{Check: "R-16", Table: "reserves", Subject: r.pub.String(), Exposure: r.balance})
					}
				}
				if len(expected) == 0 {
					d.fail(ErrNoVictim)
				}
				return append(expected, d.overdue(d.Delay)...)
			}},
		{Name: "reserve-of-an-account-that-is-none", Area: AreaReserves, Culprit: Bank, Refs: []string{"R-17", "B-08"},
			Story: "The bank names a sender that is no account. The reserve expires and cannot be sent back. The earlier auditor crashed.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("30"), "garbage", d.ago(d.idleTime()+3*day))
				return []Expectation{{Check: "R-17", Table: "reserves", Subject: r.pub.String(), Exposure: r.balance}}
			}},
		{Name: "reserve-of-a-method-without-fees", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-17"},
			Story: "The exchange takes money by a payment method for which it has published no fees, and does not send it back when the reserve expires.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("30"), "payto://ach/bank.example/1", d.ago(d.idleTime()+3*day))
				return []Expectation{{Check: "R-17", Table: "reserves", Subject: r.pub.String(), Exposure: r.balance}}
			}},
	}
}

// emptied is a reserve without money that must be kept.
func (d *deed) emptied() *reserve {
	for _, r := range d.reserves {
		if r.balance.IsZero() && r.collection > d.ago(-day) {
			return r
		}
	}
	d.fail(ErrNoVictim)
	return &reserve{}
}
