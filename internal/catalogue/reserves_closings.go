package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// closings are deeds to the closing of reserves; about the fee see closingFees.
func closings() []Entry {
	return []Entry{
		{Name: "closing-to-an-accomplice", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-12"},
			Story: "The exchange closes an expired reserve and sends the money to a friend instead of to where it came from.",
			deed: func(d *deed) []Expectation {
				r := d.expired("12.34")
				amount := r.balance
				serial := d.close(r, amount, d.dueFee(r), accomplice, d.now())
				return []Expectation{{Check: "R-12", Table: "reserves_close", Serial: serial, Loss: amount}}
			}},
		{Name: "closing-of-a-reserve-that-was-never-credited", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-11", "R-13", "R-32"},
			Story: "The exchange makes up a reserve and closes it: money leaves that never came in.",
			deed: func(d *deed) []Expectation {
				r := d.emptyReserve("accomplice", accomplice, d.ago(day))
				amount := d.money("50")
				at := d.now()
				serial := d.close(r, amount, d.closingFee(methodOf(accomplice), at), accomplice, at)
				return []Expectation{{Check: "R-11", Table: "reserves_close", Serial: serial, Exposure: amount},
					{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: amount},
					{Check: "R-32", Table: "reserves", Subject: r.pub.String(), Exposure: d.money("0")}}
			}},
		{Name: "closing-of-more-than-there-is", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-13"},
			Story: "The exchange closes a friend's reserve and sends him twice what he had in it.",
			deed: func(d *deed) []Expectation {
				r := d.expired("12.34")
				over := r.balance
				d.close(r, d.plus(over, over), d.dueFee(r), r.origins[0], d.now())
				return []Expectation{{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: over}}
			}},
		{Name: "closing-too-early", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-23", "H-15"},
			Story: "The exchange closes a reserve hours after it was filled, takes the fee, and leaves the customer without the money that he wanted to withdraw.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("40"), "payto://x-taler-bank/bank.example/customer", d.ago(5*time.Hour))
				at := d.now()
				return about("R-23", "reserves_close", d.close(r, r.balance, d.closingFee("x-taler-bank", at), r.origins[0], at))
			}},
		{Name: "closing-too-early-and-by-half", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-23", "R-24", "H-15"},
			Story: "The exchange closes a reserve seconds after its credit, and only half of it.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("40"), "payto://x-taler-bank/bank.example/customer", d.ago(5*time.Second))
				at := d.now()
				serial := d.close(r, d.money("20"), d.closingFee("x-taler-bank", at), r.origins[0], at)
				return append(about("R-23", "reserves_close", serial),
					Expectation{Check: "R-24", Table: "reserves", Subject: r.pub.String(), Exposure: d.money("20")})
			}},
		{Name: "closing-by-half", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-24", "H-15"},
			Story: "The exchange closes an expired reserve in time, but wires only half of what is in it.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				d.close(r, d.money("20"), d.dueFee(r), r.origins[0], d.now())
				return []Expectation{{Check: "R-24", Table: "reserves", Subject: r.pub.String(), Exposure: d.money("20")}}
			}},
		{Name: "closing-in-two-parts", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-25", "H-15"},
			Story: "The exchange closes a reserve in two parts and charges the fee twice.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				fee := d.dueFee(r)
				d.close(r, d.money("20"), fee, r.origins[0], d.ago(time.Minute))
				second := d.close(r, d.money("20"), fee, r.origins[0], d.now())
				return []Expectation{{Check: "R-25", Table: "reserves_close", Serial: second, Gain: fee}}
			}},
		{Name: "closing-repeated", Area: AreaReserves, Culprit: Accident, Refs: []string{"R-25", "R-13"},
			Story: "After a crash, the exchange closes a reserve a second time, though nothing is left in it.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				amount, fee := r.balance, d.dueFee(r)
				first := d.close(r, amount, fee, r.origins[0], d.ago(time.Minute))
				second := d.copy("reserves_close", first, fields{"execution_date": d.now()})
				d.book(r, -steps(amount), steps(fee))
				d.pay(taler.WTID(r.pub), d.minus(amount, fee), r.origins[0], d.now())
				return []Expectation{{Check: "R-25", Table: "reserves_close", Serial: second, Gain: fee},
					{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: amount}}
			}},
		{Name: "closing-under-another-subject", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-30", "H-16"},
			Story: "The subject of a closing's transfer is not the reserve's key: nobody can show at the bank that the customer was paid.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				serial := d.close(r, r.balance, d.dueFee(r), r.origins[0], d.now())
				d.update("reserves_close", serial, fields{"wtid": secretOf("subject").Public()})
				d.unpaid(r.origins[0])
				return about("R-30", "reserves_close", serial)
			}},
		{Name: "closing-backdated", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-34", "H-15"},
			Story: "A closing is dated a day before others that were written earlier: the exchange was late and hides it.",
			deed: func(d *deed) []Expectation {
				first, second := d.expired("40"), d.newReserve("another", d.money("30"), "payto://x-taler-bank/bank.example/another", d.ago(d.idleTime()+2*day))
				d.close(first, first.balance, d.dueFee(first), first.origins[0], d.now())
				return about("R-34", "reserves_close", d.close(second, second.balance, d.dueFee(second), second.origins[0], d.ago(day)))
			}},
		{Name: "closing-in-the-future", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-29", "H-15"},
			Story: "A closing is dated a month ahead: the exchange says that it has paid, and wires when it likes.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				serial := d.close(r, r.balance, d.dueFee(r), r.origins[0], d.ago(-30*day))
				d.unpaid(r.origins[0])
				return about("R-29", "reserves_close", serial)
			}},
		{Name: "closing-erased", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-15", "R-16", "W-14", "S5"},
			Story: "The row of a closing is deleted. Done before the first audit, the reserve seems still open; done later, only replication can notice.",
			deed:  eraseClosing},
	}
}

// eraseClosing deletes the closing of a reserve that was not credited since.
func eraseClosing(d *deed) []Expectation {
	var serial int64
	var pub []byte
	amount, fee := d.money("0"), d.money("0")
	d.read(`select c.close_uuid, r.reserve_pub, c.amount_val, c.amount_frac, c.closing_fee_val, c.closing_fee_frac
		from :"schema".reserves_close as c join :"schema".reserves as r using (reserve_uuid)
		where c.amount_val >= 1 and r.current_balance_val = 0 and r.current_balance_frac = 0 and c.execution_date > r.expiration_date
		and r.expiration_date < $1 order by c.close_uuid limit 1`, []any{d.ago(2 * day).DB()},
		&serial, &pub, &amount.Value, &amount.Fraction, &fee.Value, &fee.Fraction)
	if d.err != nil {
		return nil
	}
	r := taler.EddsaPublicKey(pub)
	d.remove("reserves_close", serial)
	d.Bookings = append(d.Bookings, Booking{When: Before, Reserve: r, Amount: steps(amount), Fee: -steps(fee)})
	section, debit := d.paidUnder(taler.WTID(r), d.minus(amount, fee))
	return []Expectation{
		{Check: "R-16", Table: "reserves", Subject: r.String(), Exposure: amount, When: Before},
		{Check: "W-14", Table: "bank", Serial: debit.RowID, Subject: section, Loss: debit.Amount, When: Before},
		{Check: "R-15", Table: "reserves", Subject: r.String(), Gain: amount, When: Before},
		{Check: "S5", Table: "reserves_close", Serial: serial, When: Between},
	}
}
