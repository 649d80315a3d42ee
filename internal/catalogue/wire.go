package catalogue

import (
	"time"

	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// incoming are deeds about transfers to the exchange, as the bank knows them.
func incoming() []Entry {
	// received books a credit properly and shows the bank's record of it.
	received := func(d *deed) (*reserve, int64, *simulator.BankCredit) {
		r := d.emptyReserve("customer", accomplice, d.now())
		row := d.credit(r, d.money("10"), accomplice, d.ago(day))
		a := d.accountFor(accomplice)
		return r, row, &a.Credits[len(a.Credits)-1]
	}
	return []Entry{
		{Name: "credit-ignored", Area: AreaWire, Culprit: Operator, Refs: []string{"W-04", "H-02"},
			Story: "A customer's transfer arrives at the bank, and the exchange never books it. From then on, the earlier auditor compared nothing any more.",
			deed: func(d *deed) []Expectation {
				a := d.accountFor(accomplice)
				row := d.receive(a, secretOf("customer").Public(), d.money("500"), accomplice, d.ago(2*day))
				return []Expectation{{Check: "W-04", Table: "bank", Serial: row, Subject: a.Section, Gain: d.money("500")}}
			}},
		{Name: "credit-ignored-to-hide-another", Area: AreaWire, Culprit: Operator, Refs: []string{"W-03", "W-04", "H-02"},
			Story: "The operator ignores a small transfer, and then books a large one that never came: the earlier auditor stopped at the first.",
			deed: func(d *deed) []Expectation {
				a := d.accountFor(accomplice)
				row := d.receive(a, secretOf("customer").Public(), d.money("1"), accomplice, d.ago(2*day))
				r := d.emptyReserve("accomplice", accomplice, d.now())
				credit := d.bookCredit(r, d.money("1000"), accomplice, d.ago(day), a.Section, row+1)
				return []Expectation{{Check: "W-04", Table: "bank", Serial: row, Subject: a.Section, Gain: d.money("1")},
					lossOf("W-03", "reserves_in", credit, d.money("1000"))}
			}},
		{Name: "credit-overstated", Area: AreaWire, Culprit: Operator, Refs: []string{"W-06", "test 3"},
			Story: "The exchange books more than the bank received; the owner of the reserve is a friend.",
			deed: func(d *deed) []Expectation {
				_, row, credit := received(d)
				credit.Amount = d.money("4")
				return []Expectation{lossOf("W-06", "reserves_in", row, d.money("6"))}
			}},
		{Name: "credit-of-another-reserve", Area: AreaWire, Culprit: Operator, Refs: []string{"W-05", "test 8"},
			Story: "The exchange books a customer's transfer into the reserve of a friend.",
			deed: func(d *deed) []Expectation {
				_, row, credit := received(d)
				credit.ReservePub = secretOf("another customer").Public()
				return []Expectation{lossOf("W-05", "reserves_in", row, d.money("10"))}
			}},
		{Name: "credit-of-another-sender", Area: AreaWire, Culprit: Operator, Refs: []string{"W-07", "H-22", "test 9"},
			Story: "The exchange notes another sender than the bank, so that the money goes to him when the reserve is closed.",
			deed: func(d *deed) []Expectation {
				_, row, credit := received(d)
				credit.DebitAccount = "payto://x-taler-bank/bank.example/the-true-sender"
				return []Expectation{{Check: "W-07", Table: "reserves_in", Serial: row, Exposure: d.money("10")}}
			}},
		{Name: "credit-of-another-day", Area: AreaWire, Culprit: Accident, Refs: []string{"W-08", "I-11", "test 10"},
			Story: "The exchange dates a transfer a day earlier than the bank, so that the reserve expires early.",
			deed: func(d *deed) []Expectation {
				_, row, credit := received(d)
				credit.Date = bankTime(d.now())
				return about("W-08", "reserves_in", row)
			}},
		{Name: "history-of-another-account", Area: AreaWire, Culprit: Operator, Refs: []string{"W-22", "H-22"},
			Story: "The wire gateway, which the exchange runs, puts a transfer to another account into the history of the exchange's.",
			When:  Before,
			deed: func(d *deed) []Expectation {
				_, _, credit := received(d)
				credit.CreditAccount = accomplice
				return []Expectation{{Check: "W-22", Table: "bank", Subject: d.accountFor(accomplice).Section + ", incoming"}}
			}},
	}
}

// outgoing are deeds about transfers from the exchange, as the bank knows them.
func outgoing() []Entry {
	// paid pays a merchant properly and shows the bank's record of it.
	paid := func(d *deed) (row int64, amount taler.Amount, debit *simulator.BankDebit) {
		p := d.deposit(d.newCoin(), d.due())
		at := d.ago(time.Hour)
		amount = d.payable(at, p)
		row, _ = d.transfer(amount, p.wire, at, p)
		a := d.accountFor(accomplice)
		return row, amount, &a.Debits[len(a.Debits)-1]
	}
	return []Entry{
		{Name: "transfer-without-a-reason", Area: AreaWire, Culprit: Operator, Refs: []string{"W-14", "test 11"},
			Story: "Money leaves the exchange's account, and nothing in the database says why.",
			deed: func(d *deed) []Expectation {
				row := d.pay(taler.WTID(secretOf("operator")), d.money("750"), accomplice, d.ago(time.Hour))
				return []Expectation{{Check: "W-14", Table: "bank", Serial: row, Subject: d.accountFor(accomplice).Section, Loss: d.money("750")}}
			}},
		{Name: "transfer-made-twice", Area: AreaWire, Culprit: Operator, Refs: []string{"W-09", "H-16", "test 27"},
			Story: "The bank pays under the subject of an honest transfer a second time, to a friend. The earlier auditor called that a matter of format.",
			deed: func(d *deed) []Expectation {
				_, _, debit := paid(d)
				row := d.pay(debit.WTID, d.money("1000"), accomplice, d.ago(time.Hour))
				return []Expectation{{Check: "W-09", Table: "bank", Serial: row, Subject: d.accountFor(accomplice).Section, Loss: d.money("1000")}}
			}},
		{Name: "transfer-never-made", Area: AreaWire, Culprit: Operator, Refs: []string{"W-10", "B-14", "B-15"},
			Story: "The database says that a merchant was paid an hour ago. The bank knows nothing of it.",
			deed: func(d *deed) []Expectation {
				row, amount, _ := paid(d)
				d.unpaid(accomplice)
				return []Expectation{{Check: "W-10", Table: "wire_out", Serial: row, Gain: amount}}
			}},
		{Name: "transfer-to-another-account-at-the-bank", Area: AreaWire, Culprit: Operator, Refs: []string{"W-11"},
			Story: "The bank paid to another account than the database says.",
			deed: func(d *deed) []Expectation {
				row, amount, debit := paid(d)
				debit.CreditAccount = accomplice
				return []Expectation{lossOf("W-11", "wire_out", row, amount)}
			}},
		{Name: "transfer-of-more-at-the-bank", Area: AreaWire, Culprit: Operator, Refs: []string{"W-12", "test 16"},
			Story: "The bank paid more than the database says.",
			deed: func(d *deed) []Expectation {
				row, _, debit := paid(d)
				debit.Amount = d.plus(debit.Amount, d.money("50"))
				return []Expectation{lossOf("W-12", "wire_out", row, d.money("50"))}
			}},
		{Name: "transfer-of-less-at-the-bank", Area: AreaWire, Culprit: Operator, Refs: []string{"W-12", "test 16"},
			Story: "The bank paid a cent less than the database says.",
			deed: func(d *deed) []Expectation {
				row, _, debit := paid(d)
				debit.Amount = d.minus(debit.Amount, d.money("0.01"))
				return []Expectation{{Check: "W-12", Table: "wire_out", Serial: row, Gain: d.money("0.01")}}
			}},
		{Name: "transfer-of-another-day", Area: AreaWire, Culprit: Bank, Refs: []string{"W-13", "test 17"},
			Story: "The bank paid an hour later than the database says.",
			deed: func(d *deed) []Expectation {
				row, _, debit := paid(d)
				debit.Date = bankTime(d.now())
				return about("W-13", "wire_out", row)
			}},
		{Name: "transfer-of-an-unknown-account", Area: AreaWire, Culprit: Operator, Refs: []string{"W-20", "H-03"},
			Story: "A merchant is said to have been paid from an account that is in nobody's configuration, where nobody looks.",
			deed: func(d *deed) []Expectation {
				row, amount, _ := paid(d)
				d.unpaid(accomplice)
				d.update("wire_out", row, fields{"exchange_account_section": "exchange-account-nope"})
				return []Expectation{{Check: "W-20", Table: "wire_out", Serial: row, Gain: amount}}
			}},
		{Name: "transfer-from-another-account", Area: AreaWire, Culprit: Accident, Refs: []string{"W-25"},
			Story: "The database says that a merchant was paid from one of the exchange's accounts. It was the other.",
			deed: func(d *deed) []Expectation {
				row, _, _ := paid(d)
				paidFrom := d.accountFor(accomplice).Section
				for _, a := range d.Bank {
					if a.Section != paidFrom {
						d.update("wire_out", row, fields{"exchange_account_section": a.Section})
					}
				}
				return about("W-25", "wire_out", row)
			}},
		{Name: "closing-of-another-day-at-the-bank", Area: AreaWire, Culprit: Bank, Refs: []string{"W-15"},
			Story: "The bank paid out a closed reserve an hour before the database says.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				row := d.close(r, r.balance, d.dueFee(r), r.origins[0], d.now())
				a := d.accountFor(r.origins[0])
				a.Debits[len(a.Debits)-1].Date = bankTime(d.ago(time.Hour))
				return about("W-15", "reserves_close", row)
			}},
		{Name: "closing-never-wired", Area: AreaWire, Culprit: Operator, Refs: []string{"W-16", "I-11", "test 21"},
			Story: "A reserve was closed, so the database says, and the money never left.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				amount := d.minus(r.balance, d.dueFee(r))
				row := d.close(r, r.balance, d.dueFee(r), r.origins[0], d.now())
				d.unpaid(r.origins[0])
				d.Delay = 2 * time.Hour
				return append(d.overdue(d.Delay), Expectation{Check: "W-16", Table: "reserves_close", Serial: row, Exposure: amount})
			}},
	}
}
