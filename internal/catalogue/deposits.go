package catalogue

import (
	"time"

	"auditor/internal/taler"
)

// payments are deeds to deposits.
func payments() []Entry {
	return []Entry{
		{Name: "deposit-not-signed-by-the-coin", Area: AreaDeposits, Culprit: Operator, Refs: []string{"C-25", "I-04"},
			Story: "The exchange books a payment that the owner of the coin never made.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{signer: secretOf("operator")})
				return []Expectation{lossOf("C-25", "deposits", p.row, p.amount)}
			}},
		{Name: "deposit-diverted", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"C-25", "A-04", "test 4"},
			Story: "The account that a merchant is to be paid to is replaced by the intruder's.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				d.update("deposits", p.row, fields{"wire": wireOf("-intruder")})
				return append(about("A-04", "deposits", p.row), lossOf("C-25", "deposits", p.row, p.amount))
			}},
		{Name: "deposit-for-another-contract", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"C-25", "test 5"},
			Story: "A payment is booked for another contract than the one that the customer signed.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				d.update("deposits", p.row, fields{"h_contract_terms": taler.HashOf([]byte("another contract"))})
				return []Expectation{lossOf("C-25", "deposits", p.row, p.amount)}
			}},
		{Name: "deposit-to-no-account", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"C-24", "A-03", "A-09", "test 26"},
			Story: "The account of a deposit is spoiled, so that nobody can tell who is to be paid.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				d.update("deposits", p.row, fields{"wire": `{"url":"payto://x-taler-bank/bank.example/merchant","salt":"SALT"}`})
				return []Expectation{lossOf("C-24", "deposits", p.row, p.amount)}
			}},
		{Name: "deposit-paid-before-it-can-be-refunded", Area: AreaDeposits, Culprit: Merchant, Refs: []string{"C-23"},
			Story: "A deposit is to be paid before the time for refunds is over.",
			deed: func(d *deed) []Expectation {
				return about("C-23", "deposits", d.deposit(d.newCoin(), deposit{refundDeadline: d.ago(-5 * day), wireDeadline: d.ago(-2 * day)}).row)
			}},
		{Name: "deposit-payable-in-a-hundred-years", Area: AreaDeposits, Culprit: Operator, Refs: []string{"A-37", "H-05"},
			Story: "The exchange moves the date on which it must pay a merchant far into the future. Nothing signs that date.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				d.update("deposits", p.row, fields{"wire_deadline": int64(4_000_000_000_000_000)})
				return []Expectation{{Check: "A-37", Table: "deposits", Serial: p.row, Exposure: p.amount}}
			}},
		{Name: "deposit-booked-twice", Area: AreaDeposits, Culprit: Operator, Refs: []string{"C-40", "H-20", "A-19"},
			Story: "One signed payment is booked twice; enough was left in the coin. The customer pays double.",
			deed: func(d *deed) []Expectation {
				c := d.newCoin()
				p := d.deposit(c, deposit{amount: c.of.Value.Div(4)})
				twin := d.copy("deposits", p.row, fields{})
				return []Expectation{lossOf("C-40", "deposits", twin, p.amount)}
			}},
		{Name: "deposit-of-an-expired-coin", Area: AreaDeposits, Culprit: Customer, Refs: []string{"C-41", "H-15"},
			Story: "The exchange accepts a coin after it expired.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.ValidFrom, c.ExpireWithdraw, c.ExpireDeposit = d.ago(20*day), d.ago(48*time.Minute), d.ago(46*time.Minute)
				d.offer(c, key)
				r := d.newReserve("customer", d.price(c), accomplice, d.ago(5*day))
				w := d.withdraw(r, c, withdrawal{at: d.ago(49 * time.Minute)})
				return []Expectation{{Check: "C-41", Table: "deposits", Serial: d.deposit(d.coinOf(w, c), deposit{wallet: d.ago(2 * time.Minute), exchange: d.ago(time.Minute)}).row, Exposure: c.Value}}
			}},
		{Name: "deposit-of-a-revoked-coin", Area: AreaDeposits, Culprit: Operator, Refs: []string{"C-42", "H-10"},
			Story: "The exchange accepts a coin of a denomination that it has revoked.",
			deed: func(d *deed) []Expectation {
				c, _, w, _ := d.revoked(d.Play.MasterKey())
				p := d.deposit(d.coinOf(w, c), deposit{exchange: d.ago(-30 * time.Minute)})
				return []Expectation{{Check: "C-42", Table: "deposits", Serial: p.row, Exposure: c.Value}}
			}},
		{Name: "deposit-in-the-future", Area: AreaDeposits, Culprit: Operator, Refs: []string{"C-43"},
			Story: "The exchange dates a deposit two hours after the time at which it can have taken place.",
			deed: func(d *deed) []Expectation {
				return about("C-43", "deposits", d.deposit(d.newCoin(), deposit{exchange: d.ago(-2 * time.Hour)}).row)
			}},
		{Name: "deposit-dated-to-a-part-of-a-second", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"C-44"},
			Story: "Somebody writes a deposit that no exchange wrote: its date is not a whole second.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), deposit{})
				d.update("deposits", p.row, fields{"exchange_timestamp": p.exchange + 1})
				return about("C-44", "deposits", p.row)
			}},
		{Name: "deposit-dated-back", Area: AreaDeposits, Culprit: Operator, Refs: []string{"C-45", "H-12"},
			Story: "The exchange dates a deposit back, into a time in which its coin was still good.",
			deed: func(d *deed) []Expectation {
				return about("C-45", "deposits", d.deposit(d.newCoin(), deposit{exchange: d.ago(30 * day)}).row)
			}},
		{Name: "deposit-below-its-fee", Area: AreaDeposits, Culprit: Customer, Refs: []string{"A-14", "A-18", "B-06"},
			Story: "A deposit is of less than the fee for it. The earlier auditor ended without a report, for ever.",
			deed: func(d *deed) []Expectation {
				return about("A-14", "deposits", d.deposit(d.newCoin(), deposit{amount: d.ofSteps(taler.FractionBase / 1000)}).row)
			}},
		{Name: "deposit-not-paid", Area: AreaDeposits, Culprit: Operator, Refs: []string{"W-17", "H-06", "I-10", "test 1"},
			Story: "A merchant was to be paid hours ago and was not.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				return []Expectation{{Check: "W-17", Table: "deposits", Serial: p.row, Exposure: d.minus(p.amount, p.coin.of.FeeDeposit)}}
			}},
		{Name: "deposit-not-paid-after-a-refund", Area: AreaDeposits, Culprit: Operator, Refs: []string{"W-17", "H-06", "test 1"},
			Story: "A merchant gave back a tenth of a payment; the exchange never pays him the rest. The earlier auditor forgave all deposits of a refunded coin.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				back := p.amount.Div(10)
				d.refund(p, back, 1, p.merchantKey())
				return []Expectation{{Check: "W-17", Table: "deposits", Serial: p.row, Exposure: d.minus(p.amount, back)}}
			}},
		{Name: "deposit-paid-but-still-to-be-paid", Area: AreaDeposits, Culprit: Operator, Refs: []string{"A-39"},
			Story: "A merchant was paid, but the exchange marks the deposit as one that it must still pay, and will pay it again.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				at := d.ago(time.Hour)
				d.transfer(d.payable(at, p), p.wire, at, p)
				d.update("deposits", p.row, fields{"done": false})
				return []Expectation{{Check: "A-39", Table: "deposits", Serial: p.row, Exposure: d.minus(p.amount, p.coin.of.FeeDeposit)}}
			}},
		{Name: "deadline-moved-after-the-audit", Area: AreaDeposits, Culprit: Operator, When: Between, Refs: []string{"A-41", "S5", "H-05"},
			Story: "After an audit the exchange gives itself another day to pay a merchant. Nothing signs the date.",
			deed: func(d *deed) []Expectation {
				var row, deadline int64
				d.read(`select deposit_serial_id, wire_deadline from :"schema".deposits as p where not done and not tiny and wire_deadline > $1 and not exists
					(select from :"schema".aggregation_tracking as t where t.deposit_serial_id = p.deposit_serial_id) order by 1 limit 1`, []any{int64(d.now())}, &row, &deadline)
				d.update("deposits", row, fields{"wire_deadline": deadline + (24 * time.Hour).Microseconds()})
				return append(about("A-41", "deposits", row), about("S5", "deposits", row)...)
			}},
		{Name: "deposits-called-tiny", Area: AreaDeposits, Culprit: Operator, Refs: []string{"W-18", "H-07"},
			Story: "The exchange declares real payments too small to be worth a transfer, and keeps them.",
			deed: func(d *deed) []Expectation {
				p := d.deposit(d.newCoin(), d.due())
				d.update("deposits", p.row, fields{"tiny": true})
				return append(about("A-40", "deposits", p.row),
					Expectation{Check: "W-17", Table: "deposits", Serial: p.row, Exposure: d.minus(p.amount, p.coin.of.FeeDeposit)})
			}},
	}
}
