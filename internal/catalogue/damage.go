package catalogue

import (
	"math"
	"time"

	"auditor/internal/taler"
)

// unreadable are rows about reserves that no program can make sense of. Such rows
// are left out of the books.
func unreadable() []Entry {
	return []Entry{
		{Name: "credit-with-negative-fraction", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "B-10", "S1", "S6"},
			Story: "The fraction of a credit is negative. The earlier auditor took it for a credit of almost 43.",
			deed: func(d *deed) []Expectation {
				return d.spoilCredit("credit_val", fields{"credit_frac": int32(-1)})
			}},
		{Name: "credit-above-the-limit", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "B-10", "S6"},
			Story: "A credit is of more than the highest amount there can be.",
			deed: func(d *deed) []Expectation {
				return d.spoilCredit("credit_val", fields{"credit_val": int64(taler.MaxAmountValue + 1)})
			}},
		{Name: "credit-from-before-all-time", Area: AreaReserves, Culprit: Accident, Refs: []string{"R-21", "S6"},
			Story: "A credit is dated before 1970.",
			deed: func(d *deed) []Expectation {
				return d.spoilCredit("execution_date", fields{"execution_date": int64(-5)})
			}},
		{Name: "credit-of-a-reserve-that-does-not-exist", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "S6", "S7"},
			Story: "The intruder removes a constraint and books a credit for a reserve that does not exist.",
			deed: func(d *deed) []Expectation {
				d.drop("reserves_in", "reserves_in_reserve_uuid_fkey")
				return d.spoilCredit("reserve_pub", fields{"reserve_uuid": int64(1 << 40)})
			}},
		{Name: "withdrawal-with-negative-amount", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "B-10", "S6"},
			Story: "A withdrawal is of a negative amount, which would fill the reserve. The earlier auditor ended without a report.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				r := d.newReserve("accomplice", d.price(c), accomplice, d.ago(time.Hour))
				w := d.withdraw(r, c, withdrawal{})
				d.update("reserves_out", w, fields{"amount_with_fee_val": int64(-1)})
				d.book(r, steps(d.price(c)), -steps(c.FeeWithdraw))
				return []Expectation{{Check: "R-21", Table: "reserves_out", Serial: w, Subject: "amount_with_fee_val"}, d.wrongBalance(r, -steps(d.price(c)))}
			}},
		{Name: "closing-with-negative-fee", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "B-10", "S6"},
			Story: "The fee of a closing is negative: more is wired than was in the reserve.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				amount, fee := r.balance, d.dueFee(r)
				serial := d.close(r, amount, fee, r.origins[0], d.now())
				d.update("reserves_close", serial, fields{"closing_fee_val": int64(-10)})
				d.unpaid(r.origins[0])
				d.book(r, steps(amount), -steps(fee))
				return []Expectation{{Check: "R-21", Table: "reserves_close", Serial: serial, Subject: "closing_fee_val"}, d.wrongBalance(r, -steps(amount))}
			}},
		{Name: "balance-that-is-none", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "B-10"},
			Story: "The exchange's own balance of a reserve is negative.",
			deed: func(d *deed) []Expectation {
				r := d.open()
				d.update("reserves", r.serial, fields{"current_balance_val": int64(-3)})
				return []Expectation{{Check: "R-21", Table: "reserves", Serial: r.serial, Subject: "current_balance_val", Internal: true}}
			}},
		{Name: "highest-serial-of-all", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-21", "C-33", "S6"},
			Story: "A withdrawal gets the highest serial there is: an auditor that went on from there would never see another one.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				r := d.newReserve("accomplice", d.price(c), accomplice, d.ago(time.Hour))
				w := d.withdraw(r, c, withdrawal{})
				d.update("reserves_out", w, fields{"reserve_out_serial_id": int64(math.MaxInt64)})
				d.book(r, steps(d.price(c)), -steps(c.FeeWithdraw))
				return []Expectation{{Check: "R-21", Table: "reserves_out", Serial: math.MaxInt64, Subject: "serial"},
					{Check: "C-33", Table: "reserves_out", Serial: math.MaxInt64, Subject: "serial"}, d.wrongBalance(r, -steps(d.price(c)))}
			}},
	}
}

// spoilCredit books a credit and then makes its row unreadable. Its reserve then
// holds nothing, and nothing is taken out of it.
func (d *deed) spoilCredit(column string, f fields) []Expectation {
	r := d.emptyReserve("accomplice", accomplice, d.now())
	amount := d.money("15")
	account := d.accountFor(accomplice)
	credit := d.bookCredit(r, amount, accomplice, d.ago(time.Hour), account.Section, account.nextRow())
	d.update("reserves_in", credit, f)
	d.book(r, -steps(amount), 0)
	return []Expectation{{Check: "R-21", Table: "reserves_in", Serial: credit, Subject: column}, d.wrongBalance(r, steps(amount))}
}
