package catalogue

import (
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// later is a fee for a method after all that are published, of a period that
// starts some time after the last one ends.
func (d *deed) later(method string, gap time.Duration) exchange.WireFee {
	last := d.lastFee(method)
	return exchange.WireFee{Method: method, Start: last.End.Add(gap), End: last.End.Add(gap + 30*day), WireFee: last.WireFee, ClosingFee: last.ClosingFee}
}

// fees are deeds to wire fees, and rows about keys and fees that cannot be read.
func fees() []Entry {
	return []Entry{
		{Name: "wire-fee-unsigned", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-09", "A-23", "H-19", "test 14"},
			Story: "Wire fees for the coming months are announced without the master key's signature. The earlier auditor noticed only once such a fee was charged.",
			deed: func(d *deed) []Expectation {
				return about("K-09", "wire_fee", d.setFee(d.later("iban", 0), secretOf("intruder")))
			}},
		{Name: "wire-fee-altered", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-09", "K-13", "A-26", "A-27", "H-12"},
			Story: "The wire fee of a published period is changed in the database, without the master key.",
			deed: func(d *deed) []Expectation {
				f := d.lastFee("iban")
				raised := d.plus(f.WireFee, d.money("0.05"))
				d.update("wire_fee", f.Serial, fields{"wire_fee": raised})
				// What was audited was wired for the fee that was known then.
				return append(append(about("K-09", "wire_fee", f.Serial), only(Between, about("K-13", "wire_fee", f.Serial))...), only(Before, d.refee(f, raised))...)
			}},
		{Name: "wire-fee-rewritten-by-the-operator", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-13", "H-12"},
			Story: "The operator raises a closing fee that was published and paid long ago, and signs the new one with his master key, so that what he has charged since looks right.",
			deed: func(d *deed) []Expectation {
				f := d.fees[0]
				f.ClosingFee = d.plus(f.ClosingFee, d.money("5"))
				d.update("wire_fee", f.Serial, d.feeFields(&f, d.Play.MasterKey()))
				return about("K-13", "wire_fee", f.Serial)
			}},
		{Name: "wire-fee-replaced-by-the-operator", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-16", "K-13", "S5"},
			Story: "The operator deletes a published fee and publishes a higher one for the same time, with his signature, as if it had always been so. As the new row has a number of its own, no row was altered.",
			deed: func(d *deed) []Expectation {
				f := d.lastFee("iban")
				d.remove("wire_fee", f.Serial)
				higher := *f
				higher.WireFee = d.plus(f.WireFee, d.money("1"))
				d.setFee(higher, d.Play.MasterKey())
				return append(about("K-16", "wire_fee", f.Serial), about("S5", "wire_fee", f.Serial)...)
			}},
		{Name: "wire-fee-for-another-method", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-09", "H-19"},
			Story: "The signature on the fees of one payment method is used for another method.",
			deed: func(d *deed) []Expectation {
				return about("K-09", "wire_fee", d.copy("wire_fee", d.lastFee("iban").Serial, fields{"wire_method": "sepa"}))
			}},
		{Name: "wire-fees-overlap", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-10", "A-24", "A-25", "H-19"},
			Story: "Two fees, both signed, are published for the same time, so that the operator can always charge the higher one.",
			deed: func(d *deed) []Expectation {
				f := d.later("x-taler-bank", -time.Hour)
				f.WireFee = d.plus(f.WireFee, d.money("1"))
				return about("K-10", "wire_fee", d.setFee(f, d.Play.MasterKey()))
			}},
		{Name: "wire-fees-with-a-gap", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-11", "A-22", "H-19"},
			Story: "No wire fee is set for some days to come: nobody can tell what a transfer may cost then.",
			deed: func(d *deed) []Expectation {
				f := d.later("iban", 2*day)
				d.setFee(f, d.Play.MasterKey())
				return []Expectation{{Check: "K-11", Table: "wire_fee", Subject: "iban " + d.lastFee("iban").End.String()}}
			}},
		{Name: "wire-fee-ends-before-it-starts", Area: AreaKeys, Culprit: Accident, Refs: []string{"K-15"},
			Story: "Start and end of a wire fee are interchanged, and signed like that.",
			deed: func(d *deed) []Expectation {
				f := d.later("iban", 0)
				f.Start, f.End = f.End, f.Start
				return about("K-15", "wire_fee", d.setFee(f, d.Play.MasterKey()))
			}},
		{Name: "denomination-with-negative-value", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-14", "C-01", "B-10"},
			Story: "The value of a denomination is made negative. The earlier auditor ended without a report.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				ours, theirs := d.affirm(c, 0, d.Play.AuditorKey(0)), d.affirm(c, 1, d.Play.AuditorKey(1))
				d.update("denominations", c.Serial, fields{"coin_val": int64(-2)})
				return append(about("C-01", "auditor_denom_sigs", ours, theirs),
					Expectation{Check: "K-14", Table: "denominations", Serial: c.Serial, Subject: "coin_val"})
			}},
		{Name: "wire-fee-with-negative-fraction", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-14", "B-10"},
			Story: "The fraction of a wire fee is made negative. The earlier auditor took it for a fee of almost 43.",
			deed: func(d *deed) []Expectation {
				serial := d.setFee(d.later("iban", 0), d.Play.MasterKey())
				d.update("wire_fee", serial, fields{"wire_fee_frac": int32(-1)})
				return []Expectation{{Check: "K-14", Table: "wire_fee", Serial: serial, Subject: "wire_fee_val"}}
			}},
		{Name: "sign-key-from-before-all-time", Area: AreaKeys, Culprit: Accident, Refs: []string{"K-14"},
			Story: "A sign key is valid from a time before 1970.",
			deed: func(d *deed) []Expectation {
				k := exchange.SignKey{Pub: secretOf("sign key").Public(), ValidFrom: taler.Timestamp(0), ExpireSign: d.ago(-day), ExpireLegal: d.ago(-2000 * day)}
				serial := d.insert("exchange_sign_keys", d.signKeyFields(&k, d.Play.MasterKey()))
				d.update("exchange_sign_keys", serial, fields{"valid_from": int64(-5)})
				return []Expectation{{Check: "K-14", Table: "exchange_sign_keys", Serial: serial, Subject: "valid_from"}}
			}},
	}
}
