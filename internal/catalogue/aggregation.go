package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// aggregations are deeds to transfers to merchants and to what they are made of.
func aggregations() []Entry {
	// paid pays one deposit properly but for what prepare and spoil do.
	paid := func(d *deed, prepare func(*deposit)) (p *deposit, transfer, tracked int64) {
		first := d.due()
		if prepare != nil {
			prepare(&first)
		}
		p = d.deposit(d.newCoin(), first)
		at := d.ago(time.Hour)
		row, rows := d.transfer(d.payable(at, p), p.wire, at, p)
		return p, row, rows[0]
	}
	misstate := func(more, less string) func(*deed) []Expectation {
		return func(d *deed) []Expectation {
			p := d.deposit(d.newCoin(), d.due())
			at := d.ago(time.Hour)
			amount := d.minus(d.plus(d.payable(at, p), d.money(more)), d.money(less))
			row, _ := d.transfer(amount, p.wire, at, p)
			e := Expectation{Check: "A-27", Table: "wire_out", Serial: row}
			if more > less {
				e.Loss = d.minus(d.money(more), d.money(less))
			} else {
				e.Gain = d.minus(d.money(less), d.money(more))
			}
			return []Expectation{e}
		}
	}
	return []Entry{
		{Name: "transfer-of-too-much", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-27", "test 23"},
			Story: "A merchant who is a friend gets a little more than he is owed.", deed: misstate("0.01", "0")},
		{Name: "transfer-of-too-little", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-27", "test 23"},
			Story: "A merchant gets a cent less than he is owed.", deed: misstate("0", "0.01")},
		{Name: "transfer-to-nobody-in-particular", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-02", "H-01"},
			Story: "The operator sends money to a friend; the row names an account without the salt, so that its hash cannot be told. The earlier auditor skipped such a row without a word.",
			deed: func(d *deed) []Expectation {
				row, _ := d.transfer(d.money("1000"), `{"payto_uri":"`+accomplice+`"}`, d.ago(time.Hour))
				return []Expectation{lossOf("A-02", "wire_out", row, d.money("1000"))}
			}},
		{Name: "transfer-without-a-target", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-01", "B-07"},
			Story: "The target of a transfer is an empty object. The earlier auditor crashed.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"wire_target": "{}"})
				return about("A-01", "wire_out", row)
			}},
		{Name: "transfer-for-nothing", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-27", "A-26"},
			Story: "The operator sends money to a friend; no deposit stands behind the transfer.",
			deed: func(d *deed) []Expectation {
				row, _ := d.transfer(d.money("500"), wireOf("-friend"), d.ago(time.Hour))
				return []Expectation{lossOf("A-27", "wire_out", row, d.money("500"))}
			}},
		{Name: "transfer-to-somebody-else", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-20", "A-21"},
			Story: "What a merchant is owed is paid to an account of the operator's.",
			deed: func(d *deed) []Expectation {
				_, row, tracked := paid(d, nil)
				d.update("wire_out", row, fields{"wire_target": wireOf("-operator")})
				return about("A-20", "aggregation_tracking", tracked)
			}},
		{Name: "transfer-before-the-refund-deadline", Area: AreaAggregation, Culprit: Operator, Refs: []string{"H-15", "A-21"},
			Story: "A merchant is paid before the time for refunds is over, to help him leave with the money.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, func(p *deposit) { p.refundDeadline, p.wireDeadline = d.ago(-5*day), d.ago(-6*day) })
				return about("H-15", "wire_out", row)
			}},
		{Name: "aggregated-hash-replaced", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-04", "A-10", "test 15"},
			Story: "The stored hash of a merchant's account is not that of the account.",
			deed: func(d *deed) []Expectation {
				p, _, _ := paid(d, nil)
				d.update("deposits", p.row, fields{"h_wire": taler.HashOf([]byte("another account"))})
				return about("A-04", "deposits", p.row)
			}},
		{Name: "aggregated-account-spoiled", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-03", "A-09", "C-24"},
			Story: "The account of a deposit that was paid is spoiled afterwards.",
			deed: func(d *deed) []Expectation {
				p, _, _ := paid(d, nil)
				d.update("deposits", p.row, fields{"wire": "nonsense"})
				return append(about("A-03", "deposits", p.row), lossOf("C-24", "deposits", p.row, p.amount))
			}},
		{Name: "aggregated-coin-without-a-signature", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-08", "C-10", "A-05", "A-06", "test 28", "test 32"},
			Story: "A merchant was paid for a coin on which the exchange's signature is worthless.",
			deed: func(d *deed) []Expectation {
				p, _, tracked := paid(d, nil)
				d.update("known_coins", p.coin.known, fields{"denom_sig": []byte{1}})
				return []Expectation{lossOf("C-10", "known_coins", p.coin.known, p.amount), lossOf("A-08", "aggregation_tracking", tracked, p.amount)}
			}},
		{Name: "aggregated-refund-ignored", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-27", "A-15", "I-02"},
			Story: "A merchant refunded half of a payment, and is paid in full all the same.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				back := p.amount.Div(2)
				d.refund(p, back, 1, p.merchantKey())
				at := d.ago(time.Hour)
				row, _ := d.transfer(d.payable(at, p), p.wire, at, p)
				// With a refund, the deposit fee is the merchant's.
				return []Expectation{lossOf("A-27", "wire_out", row, d.minus(back, p.coin.of.FeeDeposit))}
			}},
		{Name: "aggregated-coin-overspent", Area: AreaAggregation, Culprit: Customer, Refs: []string{"A-17", "C-11", "I-02"},
			Story: "Two merchants were paid with one coin.",
			deed: func(d *deed) []Expectation {
				p, _, tracked := paid(d, nil)
				second := d.due()
				second.number = 2
				d.deposit(p.coin, second)
				return []Expectation{lossOf("C-11", "known_coins", p.coin.known, p.amount), lossOf("A-17", "aggregation_tracking", tracked, p.amount)}
			}},
		{Name: "transfer-while-no-fee-was-set", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-22", "I-09"},
			Story: "The exchange pays by a method for which it has published no fees.",
			deed: func(d *deed) []Expectation {
				p := d.due()
				p.wire = `{"payto_uri":"payto://ach/bank.example/1","salt":"SALT"}`
				q := d.deposit(d.newCoin(), p)
				at := d.ago(time.Hour)
				row, _ := d.transfer(d.minus(q.amount, q.coin.of.FeeDeposit), q.wire, at, q)
				d.unpaid("payto://ach/bank.example/1")
				return about("A-22", "wire_out", row)
			}},
		{Name: "transfer-of-less-than-its-fee", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-26", "I-08"},
			Story: "The exchange pays a merchant a sum that the fee eats up, at the expense of all others.",
			deed: func(d *deed) []Expectation {
				first := d.due()
				c := d.newCoin()
				first.amount = d.plus(c.of.FeeDeposit, d.money("0.01"))
				p := d.deposit(c, first)
				row, _ := d.transfer(d.money("0.01"), p.wire, d.ago(time.Hour), p)
				return about("A-26", "wire_out", row)
			}},
		{Name: "transfer-of-negative-amount", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"B-10", "S6"},
			Story: "The amount of a transfer is negative.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"amount_val": int64(-1)})
				return []Expectation{{Check: "B-10", Table: "wire_out", Serial: row, Subject: "amount_val"}}
			}},
		{Name: "transfer-altered-after-the-audit", Area: AreaAggregation, Culprit: Operator, When: Between, Refs: []string{"S5", "H-12"},
			Story: "The amount of a transfer that was audited is raised.",
			deed: func(d *deed) []Expectation {
				var row int64
				d.read(`select wireout_uuid from :"schema".wire_out order by wireout_uuid limit 1`, nil, &row)
				d.update("wire_out", row, fields{"amount_val": int64(9999)})
				return about("S5", "wire_out", row)
			}},
	}
}
