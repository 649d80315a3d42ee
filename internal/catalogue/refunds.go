package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// refunds are deeds to refunds.
func refunds() []Entry {
	return []Entry{
		{Name: "refund-not-signed-by-the-merchant", Area: AreaRefunds, Culprit: Operator, Refs: []string{"C-05"},
			Story: "The exchange gives a payment back to the customer although the merchant never agreed.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				return []Expectation{lossOf("C-05", "refunds", d.refund(p, p.amount.Div(2), 1, secretOf("operator")), p.amount.Div(2))}
			}},
		{Name: "refund-below-its-fee", Area: AreaRefunds, Culprit: Merchant, Refs: []string{"C-06", "B-05"},
			Story: "A refund is of less than the fee for it. The earlier auditor crashed.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				return about("C-06", "refunds", d.refund(p, d.money("0.001"), 1, p.merchantKey()))
			}},
		{Name: "refund-of-more-than-the-deposit", Area: AreaRefunds, Culprit: Merchant, Refs: []string{"A-29", "H-04", "A-15", "A-16"},
			Story: "Customer and merchant are one. He pays himself a part of a coin, refunds himself a hundred times as much, and spends the coin elsewhere.",
			deed: func(d *deed) []Expectation {
				c := d.newCoin()
				p := d.deposit(c, deposit{amount: c.of.Value.Div(2)})
				more, err := c.of.Value.Mul(50)
				if err != nil {
					d.fail(err)
				}
				d.refund(p, more, 1, p.merchantKey())
				return []Expectation{lossOf("A-29", "deposits", p.row, d.minus(more, p.amount))}
			}},
		{Name: "refund-repeated", Area: AreaRefunds, Culprit: Operator, Refs: []string{"C-40", "H-04", "B-11", "H-20"},
			Story: "A refund that a merchant signed once is booked twice: he gets less, and the coin more.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				twin := d.copy("refunds", d.refund(p, p.amount.Div(4), 1, p.merchantKey()), fields{})
				return []Expectation{lossOf("C-40", "refunds", twin, p.amount.Div(4))}
			}},
		{Name: "refund-after-the-transfer", Area: AreaRefunds, Culprit: Merchant, Refs: []string{"A-27", "H-04", "H-15"},
			Story: "The merchant was paid, and afterwards has the payment refunded to the customer: both have the money.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				at := d.ago(time.Hour)
				row, _ := d.transfer(d.payable(at, p), p.wire, at, p)
				d.refund(p, p.amount, 1, p.merchantKey())
				return []Expectation{lossOf("A-27", "wire_out", row, d.payable(at, p))}
			}},
		{Name: "refund-erased", Area: AreaRefunds, Culprit: Operator, Refs: []string{"S5", "H-12", "test 25"}, When: Between,
			Story: "A refund that was audited is deleted. The customer has spent it already.",
			deed: func(d *deed) []Expectation {
				var serial int64
				d.read(`select refund_serial_id from :"schema".refunds order by refund_serial_id limit 1`, nil, &serial)
				d.remove("refunds", serial)
				return about("S5", "refunds", serial)
			}},
		{Name: "refund-of-negative-amount", Area: AreaRefunds, Culprit: Intruder, Refs: []string{"C-33", "A-28", "B-10", "S6"},
			Story: "The amount of a refund is negative.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				serial := d.refund(p, p.amount.Div(4), 1, p.merchantKey())
				d.update("refunds", serial, fields{"amount_with_fee_val": int64(-1)})
				return []Expectation{{Check: "C-33", Table: "refunds", Serial: serial, Subject: "amount_with_fee_val"},
					{Check: "A-28", Table: "refunds", Serial: serial, Subject: "amount_with_fee_val"}}
			}},
		{Name: "deposit-of-negative-amount", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"C-33", "B-10", "S6"},
			Story: "The amount of a deposit is negative, so that it fills the coin.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				d.update("deposits", p.row, fields{"amount_with_fee_frac": int32(-taler.FractionBase)})
				return []Expectation{{Check: "C-33", Table: "deposits", Serial: p.row, Subject: "amount_with_fee_val"},
					{Check: "A-28", Table: "deposits", Serial: p.row, Subject: "amount_with_fee_val"}}
			}},
	}
}
