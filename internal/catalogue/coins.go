package catalogue

import (
	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// lossOf is the finding of a check that a row costs an amount.
func lossOf(check, table string, serial int64, amount taler.Amount) Expectation {
	return Expectation{Check: check, Table: table, Serial: serial, Loss: amount}
}

// coins are deeds to coins as such: who made them, and how often they were spent.
func coins() []Entry {
	return []Entry{
		{Name: "coin-without-a-signature", Area: AreaCoins, Culprit: Operator, Refs: []string{"C-10", "C-31", "test 6", "I-06"},
			Story: "The exchange accepts a coin on which its signature is that on another coin.",
			deed: func(d *deed) []Expectation {
				c := d.valuable()
				r := d.fund("customer", c, 2)
				good, bad := d.withdrawCoin(r, c), d.withdrawCoin(r, c)
				d.exec(`update :"schema".known_coins set denom_sig = (select denom_sig from :"schema".known_coins where known_coin_id = $1) where known_coin_id = $2`, good.known, bad.known)
				d.deposit(bad, deposit{})
				return []Expectation{lossOf("C-10", "known_coins", bad.known, c.Value)}
			}},
		{Name: "coin-spent-twice", Area: AreaCoins, Culprit: Customer, Refs: []string{"C-11"},
			Story: "One coin pays two merchants in full, each time with a good signature, and the exchange lets it pass.",
			deed: func(d *deed) []Expectation {
				c := d.newCoin()
				d.deposit(c, deposit{number: 1})
				d.deposit(c, deposit{number: 2, merchant: "2"})
				return []Expectation{lossOf("C-11", "known_coins", c.known, c.of.Value)}
			}},
		{Name: "coin-spent-and-melted", Area: AreaCoins, Culprit: Customer, Refs: []string{"C-11"},
			Story: "A coin pays a merchant in full and is melted for fresh coins as well.",
			deed: func(d *deed) []Expectation {
				c := d.newCoin()
				d.deposit(c, deposit{})
				m := d.melt(c, melt{fresh: d.change()})
				return []Expectation{lossOf("C-11", "known_coins", c.known, m.amount)}
			}},
		{Name: "coins-of-a-stolen-key", Area: AreaCoins, Culprit: Intruder, Refs: []string{"C-26", "C-27", "C-28", "C-29", "B-12", "I-07"},
			Story: "An intruder has got hold of the key of a denomination, makes coins that nobody withdrew, and spends them. Each coin is perfect; only there are more of them than were issued.",
			deed: func(d *deed) []Expectation {
				c := d.stolen()
				d.deposit(d.mint(c, 1), deposit{number: 1})
				d.deposit(d.mint(c, 2), deposit{number: 2})
				return append(about("C-29", "denominations", c.Serial), lossOf("C-28", "denominations", c.Serial, d.plus(c.Value, c.Value)))
			}},
		{Name: "coins-of-a-stolen-key-melted", Area: AreaCoins, Culprit: Intruder, Refs: []string{"C-20", "C-21", "C-28", "C-29"},
			Story: "The same, but the intruder melts his coin for coins of other denominations, to cover his tracks.",
			deed: func(d *deed) []Expectation {
				c := d.stolen()
				d.melt(d.mint(c, 1), melt{fresh: d.change()})
				return append(about("C-29", "denominations", c.Serial), lossOf("C-28", "denominations", c.Serial, c.Value))
			}},
		{Name: "coins-of-a-stolen-key-kept", Area: AreaCoins, Culprit: Intruder, Refs: []string{"C-28", "H-11"},
			Story: "The intruder shows the coin that he made to the exchange, but has not spent it yet.",
			deed: func(d *deed) []Expectation {
				c := d.stolen()
				d.mint(c, 1)
				return []Expectation{lossOf("C-28", "denominations", c.Serial, c.Value)}
			}},
		{Name: "coin-known-twice", Area: AreaCoins, Culprit: Operator, Refs: []string{"C-47", "H-20"},
			Story: "The exchange enters a coin of a friend once more, under another number: he can spend it twice, and neither number is overspent.",
			deed: func(d *deed) []Expectation {
				of := d.stolen()
				r := d.fund("customer", of, 2)
				c := d.withdrawCoin(r, of)
				d.withdraw(r, of, withdrawal{})
				d.deposit(c, deposit{number: 1})
				d.drop("known_coins", "known_coins_pkey")
				twin := *c
				twin.known = d.copy("known_coins", c.known, fields{})
				d.deposit(&twin, deposit{number: 2, merchant: "2"})
				return []Expectation{{Check: "C-47", Table: "known_coins", Serial: twin.known, Exposure: c.of.Value}}
			}},
		{Name: "coins-of-a-denomination-made-unreadable", Area: AreaCoins, Culprit: Operator, Refs: []string{"C-03", "C-04", "C-07", "C-09", "C-14", "C-17", "C-22", "A-07", "R-02"},
			Story: "After coins were withdrawn, spent, refunded and melted, the row of their denomination is spoiled: nobody can tell any more what they are worth.",
			deed:  spoilDenomination},
		{Name: "deposit-fee-raised", Area: AreaCoins, Culprit: Intruder, Refs: []string{"C-25", "K-01", "C-01", "test 31"},
			Story: "The deposit fee of a denomination is raised after coins of it were spent. What customers signed then no longer fits.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				ours, theirs := d.affirm(c, 0, d.Play.AuditorKey(0)), d.affirm(c, 1, d.Play.AuditorKey(1))
				p := d.deposit(d.withdrawCoin(d.fund("customer", c, 1), c), deposit{})
				d.update("denominations", c.Serial, fields{"fee_deposit": d.money("0.05")})
				return append(append(about("K-01", "denominations", c.Serial), about("C-01", "auditor_denom_sigs", ours, theirs)...),
					lossOf("C-25", "deposits", p.row, p.amount))
			}},
	}
}

// unissued are the findings that coins of a denomination are known, and were spent,
// that the erased withdrawals had issued.
func (d *deed) unissued(c *exchange.Denomination, erased int64) []Expectation {
	ledger, found := d.Play.Ledger().Denomination(c.Serial)
	if !found {
		d.fail(ErrNoVictim)
		return nil
	}
	var expected []Expectation
	if forged := ledger.Known - ledger.Issued + erased; forged > 0 {
		expected = append(expected, lossOf("C-28", "denominations", c.Serial, d.ofSteps(forged*steps(c.Value))))
	}
	if steps(ledger.Outstanding) < erased*steps(c.Value) {
		expected = append(expected, about("C-29", "denominations", c.Serial)...)
	}
	return expected
}

// stolen is a new denomination, in order but for its key, which somebody stole.
func (d *deed) stolen() *exchange.Denomination {
	c, key := d.newDenomination()
	d.offer(c, key)
	return c
}

func spoilDenomination(d *deed) []Expectation {
	c, key := d.newDenomination()
	d.publish(c, key, d.Play.MasterKey())
	ours, theirs := d.affirm(c, 0, d.Play.AuditorKey(0)), d.affirm(c, 1, d.Play.AuditorKey(1))
	r := d.fund("customer", c, 2)
	first, second := d.withdrawCoin(r, c), d.withdrawCoin(r, c)
	p := d.deposit(first, deposit{})
	back := d.refund(p, d.money("0.5"), 1, p.merchantKey())
	m := d.melt(second, melt{fresh: d.change()})
	d.update("denominations", c.Serial, fields{"coin_frac": int32(-1)})
	expected := append(about("C-01", "auditor_denom_sigs", ours, theirs),
		Expectation{Check: "K-14", Table: "denominations", Serial: c.Serial, Subject: "coin_val"}, d.wrongBalance(r, -2*steps(d.price(c))),
		Expectation{Check: "C-22", Table: "deposits", Serial: p.row, Exposure: p.amount}, Expectation{Check: "A-07", Table: "deposits", Serial: p.row},
		Expectation{Check: "C-04", Table: "refunds", Serial: back, Exposure: d.money("0.5")},
		Expectation{Check: "C-14", Table: "refresh_commitments", Serial: m.row, Exposure: m.amount})
	for _, w := range []int64{first.issue, second.issue} {
		d.book(r, steps(d.price(c)), -steps(c.FeeWithdraw))
		expected = append(expected, Expectation{Check: "R-02", Table: "reserves_out", Serial: w, Exposure: d.price(c)})
	}
	return append(expected, about("C-46", "known_coins", first.known, second.known)...)
}
