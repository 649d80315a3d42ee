package catalogue

import (
	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// altered is what follows when somebody without the keys changes what is signed
// about a denomination.
func (d *deed) altered(c *exchange.Denomination) []Expectation {
	expected := about("K-01", "denominations", c.Serial)
	expected = append(expected, about("C-01", "auditor_denom_sigs", d.affirmed(c.Serial)...)...)
	return append(expected, only(Between, about("K-13", "denominations", c.Serial))...)
}

// keysOfDenominations are deeds to denominations.
func keysOfDenominations() []Entry {
	return []Entry{
		{Name: "denomination-without-master-signature", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-01", "K-13", "H-08"},
			Story: "The master key's signature on a denomination is overwritten with zeros. The earlier auditor never looked at it.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				d.update("denominations", c.Serial, fields{"master_sig": taler.EddsaSignature{}})
				return append(about("K-01", "denominations", c.Serial), only(Between, about("K-13", "denominations", c.Serial))...)
			}},
		{Name: "denomination-of-an-intruder", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-01", "K-05", "H-08"},
			Story: "An intruder adds a denomination of his own, for which he holds the key. He has to sign it himself, for he has not got the master key.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, secretOf("intruder"))
				return append(about("K-01", "denominations", c.Serial), about("K-05", "denominations", c.Serial)...)
			}},
		{Name: "denomination-hash-replaced", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-02", "H-21"},
			Story: "The hash of a denomination is replaced, so that revocations and signatures that name the denomination are no longer found.",
			deed: func(d *deed) []Expectation {
				c := d.idle()
				d.update("denominations", c.Serial, fields{"denom_pub_hash": taler.HashOf([]byte("another key"))})
				return append(d.altered(c), about("K-02", "denominations", c.Serial)...)
			}},
		{Name: "denomination-key-broken", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-02"},
			Story: "The operator publishes, with all signatures, a denomination whose key is no key at all. Nobody can ever verify a coin of it.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.Pub = []byte("no key")
				c.PubHash = taler.HashOf(c.Pub)
				d.offer(c, key)
				return about("K-02", "denominations", c.Serial)
			}},
		{Name: "denomination-key-padded", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-02", "H-21"},
			Story: "The operator stores the key of a denomination with a leading zero: the same key, but whoever hashes what is stored gets another hash than what was signed.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				size := int(c.Pub[0])<<8 | int(c.Pub[1]) + 1
				c.Pub = append([]byte{byte(size >> 8), byte(size), c.Pub[2], c.Pub[3], 0}, c.Pub[4:]...)
				d.offer(c, key)
				return about("K-02", "denominations", c.Serial)
			}},
		{Name: "denomination-dates-out-of-order", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-03"},
			Story: "A denomination, properly signed by everybody, can be withdrawn for longer than its coins can be spent.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.ExpireWithdraw = c.ExpireDeposit.Add(day)
				d.offer(c, key)
				return about("K-03", "denominations", c.Serial)
			}},
		{Name: "denomination-worth-nothing", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-03"},
			Story: "A denomination of value zero: who withdraws such a coin pays the fee and gets nothing.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.Value = d.money("0")
				d.offer(c, key)
				return about("K-03", "denominations", c.Serial)
			}},
		{Name: "denomination-beyond-all-amounts", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-03"},
			Story: "A denomination of the highest amount there is, with a fee on top: to withdraw it costs what cannot be expressed.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.Value = taler.Amount{Currency: d.Play.Currency(), Value: taler.MaxAmountValue}
				c.FeeWithdraw = d.money("1")
				d.offer(c, key)
				return about("K-03", "denominations", c.Serial)
			}},
		{Name: "withdraw-period-cut-short", Area: AreaKeys, Culprit: Intruder, Refs: []string{"R-03", "K-01", "test 22"},
			Story: "The end of the time in which a denomination can be withdrawn is moved before the withdrawals that took place.",
			deed: func(d *deed) []Expectation {
				c := d.offered()
				d.update("denominations", c.Serial, fields{"expire_withdraw": c.ValidFrom + 1})
				expected := d.altered(c)
				for _, w := range d.withdrawals {
					if w.Denomination == c.Serial {
						expected = append(expected, Expectation{Check: "R-03", Table: "reserves_out", Serial: w.Serial, When: Before})
					}
				}
				return expected
			}},
		{Name: "withdraw-fee-raised", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-01", "K-13", "R-05", "R-13", "R-15", "C-19", "test 29", "H-12"},
			Story: "The withdraw fee of a denomination is raised in the database, without the master key. Every withdrawal of it then seems to have cost too little.",
			deed:  raiseWithdrawFee},
		{Name: "refresh-fee-raised", Area: AreaKeys, Culprit: Intruder, When: Between, Refs: []string{"K-01", "K-13", "H-12", "C-01", "test 30"},
			Story: "The fee for refreshing coins is raised between two audits, without the master key.",
			deed: func(d *deed) []Expectation {
				c := d.idle()
				d.update("denominations", c.Serial, fields{"fee_refresh": d.plus(c.FeeRefresh, d.money("0.02"))})
				return d.altered(c)
			}},
		{Name: "refund-fee-rewritten-by-the-operator", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-13", "C-01", "B-05"},
			Story: "The operator raises the refund fee of a denomination that was published long ago and signs the new terms with his master key. " +
				"He cannot make the auditors sign them.",
			deed: func(d *deed) []Expectation {
				c := d.idle()
				c.FeeRefund = d.money("7")
				d.update("denominations", c.Serial, d.denominationFields(c, d.Play.MasterKey()))
				return append(about("C-01", "auditor_denom_sigs", d.affirmed(c.Serial)...), about("K-13", "denominations", c.Serial)...)
			}},
	}
}

// raiseWithdrawFee raises the withdraw fee of the offered denomination. Reserves
// that have since been emptied then seem overdrawn.
func raiseWithdrawFee(d *deed) []Expectation {
	c := d.offered()
	more := d.money("0.03")
	d.update("denominations", c.Serial, fields{"fee_withdraw": d.plus(c.FeeWithdraw, more)})
	expected := d.altered(c)
	count := make(map[taler.EddsaPublicKey]int64)
	for _, w := range d.withdrawals {
		if w.Denomination == c.Serial {
			count[w.Reserve]++
			expected = append(expected, Expectation{Check: "R-05", Table: "reserves_out", Serial: w.Serial, Loss: more, When: Before})
		}
	}
	expected = append(expected, d.dearerMelts(c, more)...)
	for _, r := range d.reserves {
		n := count[r.pub]
		if n == 0 {
			continue
		}
		short := n * steps(more)
		d.Bookings = append(d.Bookings, Booking{When: Before, Reserve: r.pub, Amount: -short, Fee: short})
		if over := short - steps(r.balance); over > 0 {
			expected = append(expected, Expectation{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: d.ofSteps(over), When: Before})
			short = steps(r.balance)
		}
		if short > 0 {
			expected = append(expected, only(Before, []Expectation{d.wrongBalance(r, short)})...)
		}
	}
	return expected
}
