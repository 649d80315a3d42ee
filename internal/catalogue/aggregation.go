package catalogue

import (
	"time"

	"auditor/internal/exchange"
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
				p, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"wire_target": "{}"})
				return []Expectation{lossOf("A-01", "wire_out", row, d.payable(d.ago(time.Hour), p))}
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
				p, row, tracked := paid(d, nil)
				d.update("wire_out", row, fields{"wire_target": wireOf("-operator")})
				d.lastDebit().CreditAccount = "payto://x-taler-bank/bank.example/merchant-operator"
				return []Expectation{lossOf("A-20", "aggregation_tracking", tracked, d.minus(p.amount, p.coin.of.FeeDeposit))}
			}},
		{Name: "transfer-before-the-refund-deadline", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-32", "A-33", "H-15", "A-21"},
			Story: "A merchant is paid before the time for refunds is over, to help him leave with the money.",
			deed: func(d *deed) []Expectation {
				_, row, tracked := paid(d, func(p *deposit) { p.refundDeadline, p.wireDeadline = d.ago(-5*day), d.ago(-6*day) })
				return append(about("A-32", "wire_out", row), about("A-33", "aggregation_tracking", tracked)...)
			}},
		{Name: "transfer-of-what-can-still-be-refunded", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-33", "H-15"},
			Story: "With a payment that is due a merchant is paid another one that customers could still have refunded.",
			deed: func(d *deed) []Expectation {
				first, second := d.due(), d.due()
				second.number, second.refundDeadline, second.wireDeadline = 2, d.ago(-5*day), d.ago(-6*day)
				c := d.valuable()
				r := d.fund("customer", c, 2)
				p, q := d.deposit(d.withdrawCoin(r, c), first), d.deposit(d.withdrawCoin(r, c), second)
				at := d.ago(time.Hour)
				_, tracked := d.transfer(d.payable(at, p, q), p.wire, at, p, q)
				return about("A-33", "aggregation_tracking", tracked[1])
			}},
		{Name: "transfer-before-the-wire-deadline", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-32", "H-15"},
			Story: "A merchant who is a friend gets his money days before he agreed to be paid.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, func(p *deposit) { p.wireDeadline = d.ago(-6 * day) })
				return about("A-32", "wire_out", row)
			}},
		{Name: "payment-prepared-for-nobody", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-42"},
			Story: "Somebody puts an order of his own among those that the exchange is about to send to its bank. There is nothing in the books.",
			deed: func(d *deed) []Expectation {
				order := exchange.PaymentOrder{Amount: d.money("700"), WTID: [32]byte{1}, Payee: "payto://x-taler-bank/bank.example/intruder", BaseURL: "https://exchange.example/"}
				row := d.insert("prewire", fields{"type": "x-taler-bank", "buf": order.AppendBinary(nil)})
				return []Expectation{{Check: "A-42", Table: "prewire", Serial: row, Exposure: order.Amount}}
			}},
		{Name: "payment-refused", Area: AreaAggregation, Culprit: Accident, Refs: []string{"A-43"},
			Story: "The bank refuses an order of the exchange, which does not try again; nobody looks.",
			deed: func(d *deed) []Expectation {
				order := exchange.PaymentOrder{Amount: d.money("7"), WTID: [32]byte{2}, Payee: "payto://x-taler-bank/bank.example/closed", BaseURL: "https://exchange.example/"}
				row := d.insert("prewire", fields{"type": "x-taler-bank", "buf": order.AppendBinary(nil), "failed": true})
				return []Expectation{{Check: "A-43", Table: "prewire", Serial: row, Exposure: order.Amount}}
			}},
		{Name: "transfer-in-the-future", Area: AreaAggregation, Culprit: Accident, Refs: []string{"A-34", "W-13", "H-15"},
			Story: "A transfer is dated tomorrow.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"execution_date": d.ago(-day)})
				return append(about("A-34", "wire_out", row), about("W-13", "wire_out", row)...)
			}},
		{Name: "transfer-at-a-part-of-a-second", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-35"},
			Story: "A transfer is dated to a part of a second, as no exchange does.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"execution_date": d.ago(time.Hour) + 1})
				return about("A-35", "wire_out", row)
			}},
		{Name: "transfer-dated-back", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-36", "H-15"},
			Story: "The operator pays late and dates the transfer back to when it was due.",
			deed: func(d *deed) []Expectation {
				second := d.due()
				c := d.valuable()
				second.number, second.wireDeadline, second.amount = 2, d.ago(150*time.Minute), c.Value.Div(2)
				paid(d, nil)
				p := d.deposit(d.withdrawCoin(d.fund("second customer", c, 1), c), second)
				at := d.ago(2 * time.Hour)
				row, _ := d.transfer(d.payable(at, p), p.wire, at, p)
				return about("A-36", "wire_out", row)
			}},
		{Name: "deposit-part-of-two-transfers", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-30", "A-27", "H-20"},
			Story: "The operator removes a constraint and has one payment paid to the merchant, who is a friend, by two transfers.",
			deed: func(d *deed) []Expectation {
				p, first, tracked := paid(d, nil)
				d.drop("aggregation_tracking", "aggregation_tracking_pkey")
				amount := d.minus(d.payable(d.ago(time.Hour), p), d.money("0.01"))
				subject := taler.WTID(secretOf("second transfer"))
				second := d.copy("wire_out", first, fields{"wtid_raw": subject, "amount": amount})
				d.copy("aggregation_tracking", tracked, fields{"wtid_raw": subject})
				d.pay(subject, amount, d.lastDebit().CreditAccount, d.ago(time.Hour))
				return append(about("A-30", "deposits", p.row), lossOf("A-27", "wire_out", second, amount))
			}},
		{Name: "deposit-part-of-no-transfer", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-31", "W-17"},
			Story: "The database says that a payment was part of a transfer, but there is no such transfer.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				tracked := d.insert("aggregation_tracking", fields{"deposit_serial_id": p.row, "wtid_raw": nil})
				d.update("deposits", p.row, fields{"done": true})
				return append(about("A-31", "aggregation_tracking", tracked), about("A-38", "deposits", p.row)[0],
					Expectation{Check: "W-17", Table: "deposits", Serial: p.row, Exposure: d.minus(p.amount, p.coin.of.FeeDeposit)})
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
				p, _, tracked := paid(d, nil)
				d.update("deposits", p.row, fields{"wire": "nonsense"})
				return append(about("A-03", "aggregation_tracking", tracked), lossOf("C-24", "deposits", p.row, p.amount))
			}},
		{Name: "aggregated-coin-without-a-signature", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-08", "C-10", "A-05", "A-06", "test 28", "test 32"},
			Story: "A merchant was paid for a coin on which the exchange's signature is worthless.",
			deed: func(d *deed) []Expectation {
				p, _, _ := paid(d, nil)
				d.update("known_coins", p.coin.known, fields{"denom_sig": []byte{1}})
				return []Expectation{lossOf("C-10", "known_coins", p.coin.known, p.amount)}
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
				p, _, _ := paid(d, nil)
				second := d.due()
				second.number, second.merchant, second.amount = 2, "-other", p.amount.Div(2)
				q := d.deposit(p.coin, second)
				at := d.ago(time.Hour)
				d.transfer(d.payable(at, q), q.wire, at, q)
				return []Expectation{lossOf("C-11", "known_coins", p.coin.known, q.amount)}
			}},
		{Name: "transfer-while-no-fee-was-set", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-22", "I-09"},
			Story: "The exchange is to pay by a method for which it has published no fees, and has no bank.",
			deed: func(d *deed) []Expectation {
				p := d.due()
				p.wire = `{"payto_uri":"payto://ach/bank.example/1","salt":"SALT"}`
				q := d.deposit(d.newCoin(), p)
				at := d.ago(time.Hour)
				amount := d.minus(q.amount, q.coin.of.FeeDeposit)
				row, _ := d.transfer(amount, q.wire, at, q)
				d.unpaid("payto://ach/bank.example/1")
				return append(about("A-22", "wire_out", row), Expectation{Check: "W-10", Table: "wire_out", Serial: row, Gain: amount})
			}},
		{Name: "transfer-of-less-than-its-fee", Area: AreaAggregation, Culprit: Operator, Refs: []string{"A-26", "I-08"},
			Story: "The exchange pays a merchant a sum that the fee eats up, at the expense of all others.",
			deed: func(d *deed) []Expectation {
				first := d.due()
				c := d.newCoin()
				first.amount = d.plus(c.of.FeeDeposit, d.money("0.01"))
				p := d.deposit(c, first)
				row, _ := d.transfer(d.money("0.01"), p.wire, d.ago(time.Hour), p)
				return []Expectation{lossOf("A-26", "wire_out", row, d.money("0.01"))}
			}},
		{Name: "transfer-of-negative-amount", Area: AreaAggregation, Culprit: Intruder, Refs: []string{"A-28", "B-10", "S6"},
			Story: "The amount of a transfer is negative.",
			deed: func(d *deed) []Expectation {
				_, row, _ := paid(d, nil)
				d.update("wire_out", row, fields{"amount_val": int64(-1)})
				debit := d.lastDebit()
				return []Expectation{{Check: "A-28", Table: "wire_out", Serial: row, Subject: "amount_val"},
					{Check: "W-14", Table: "bank", Serial: debit.RowID, Subject: d.accountFor(accomplice).Section, Loss: debit.Amount}}
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
