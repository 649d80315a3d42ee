package catalogue

import (
	"fmt"
	"slices"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// confirmed are deeds to deposits for which a merchant holds the exchange's word.
func confirmed() []Entry {
	return []Entry{
		{Name: "confirmed-deposit-denied", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-01", "test 24"},
			Story: "The exchange confirmed a deposit to the merchant, who gave his goods away, and never booked it. The merchant handed the confirmation on to the auditor.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				d.remove("deposits", p.row)
				return []Expectation{lossOf("D-01", "deposit_confirmations", c.Serial, c.AmountWithoutFee)}
			}},
		{Name: "confirmed-deposit-to-another-account", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-02"},
			Story: "The exchange confirmed a deposit and booked it, with the help of the customer, for another account.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				p.wire = wireOf("-operator")
				d.rewrite(p)
				return []Expectation{lossOf("D-02", "deposit_confirmations", c.Serial, c.AmountWithoutFee)}
			}},
		{Name: "confirmed-deposit-with-another-deadline", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-03"},
			Story: "The exchange confirmed a deposit and booked it, with the help of the customer, as open to refunds for another time.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				p.refundDeadline = p.refundDeadline.Add(-day / 2)
				d.rewrite(p)
				return []Expectation{{Check: "D-03", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}}
			}},
		{Name: "confirmed-deposit-booked-twice", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-07", "C-40", "H-20"},
			Story: "The exchange confirmed one payment to a merchant and charged the customer twice.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				twin := d.copy("deposits", p.row, fields{})
				return append(about("D-07", "deposit_confirmations", c.Serial), lossOf("C-40", "deposits", twin, p.amount))
			}},
		{Name: "confirmed-deposit-spoiled", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"D-08", "C-33", "A-28", "B-10", "S6"},
			Story: "The amount of a deposit that was confirmed to a merchant is made negative.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				d.update("deposits", p.row, fields{"amount_with_fee_val": int64(-1)})
				return []Expectation{{Check: "C-33", Table: "deposits", Serial: p.row, Subject: "amount_with_fee_val"},
					{Check: "A-28", Table: "deposits", Serial: p.row, Subject: "amount_with_fee_val"},
					{Check: "D-08", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}}
			}},
		{Name: "confirmed-deposit-of-less", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-04", "H-14"},
			Story: "The exchange confirmed a deposit to the merchant and booked half of it. The customer helped, and keeps the other half.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				half := p.amount.Div(2)
				lost := d.minus(p.amount, half)
				p.amount = half
				d.rewrite(p)
				return []Expectation{lossOf("D-04", "deposit_confirmations", c.Serial, lost)}
			}},
		{Name: "confirmed-deposit-dated-otherwise", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-05", "H-14"},
			Story: "The exchange confirmed a deposit and books it as made a minute earlier.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				d.update("deposits", p.row, fields{"exchange_timestamp": p.exchange.Add(-time.Minute)})
				return about("D-05", "deposit_confirmations", c.Serial)
			}},
		{Name: "confirmed-deposit-not-there-yet", Area: AreaDeposits, Culprit: Accident, Refs: []string{"D-01"},
			Story: "The merchant was quicker to hand on the confirmation than the exchange's database was replicated.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{exchange: d.ago(time.Minute)})
				d.remove("deposits", p.row)
				return []Expectation{{Check: "D-01", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}}
			}},
		{Name: "confirmed-deposit-in-two-ways", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-04", "H-14"},
			Story: "The exchange confirmed one deposit twice, of half the amount at first, and booked that. The merchant handed both confirmations on.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				half := p.amount.Div(2)
				lost := d.minus(p.amount, half)
				p.amount = half
				d.rewrite(p)
				d.confirm(p)
				return []Expectation{lossOf("D-04", "deposit_confirmations", c.Serial, lost)}
			}},
		{Name: "confirmed-in-two-ways-and-denied", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-01"},
			Story: "The exchange confirmed one deposit twice, with different dates, and booked it never. The merchant is owed the amount once.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				p.exchange = p.exchange.Add(time.Second)
				again := d.confirm(p)
				d.remove("deposits", p.row)
				return append(about("D-01", "deposit_confirmations", again.Serial), lossOf("D-01", "deposit_confirmations", c.Serial, c.AmountWithoutFee))
			}},
		{Name: "confirmed-with-a-key-of-nobody", Area: AreaDeposits, Culprit: Intruder, Refs: []string{"D-06"},
			Story: "Somebody hands on a confirmation that he has signed himself.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised(deposit{})
				d.remove("deposits", p.row)
				d.Confirmations[0].ExchangePub, d.Confirmations[0].Signature = secretOf("intruder").Public(), taler.Sign(secretOf("intruder"), c.DepositConfirmation)
				return []Expectation{{Check: "D-06", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}}
			}},
		{Name: "confirmed-with-an-expired-key", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-06"},
			Story: "The exchange signs a confirmation with a key whose time to sign is over, so that nobody need believe it.",
			deed: func(d *deed) []Expectation {
				_, c := d.promised(deposit{})
				old, _ := d.Play.SignKey(d.signKeys[0].Serial)
				d.Confirmations[0].ExchangePub, d.Confirmations[0].Signature = old.Public(), taler.Sign(old, c.DepositConfirmation)
				return []Expectation{{Check: "D-06", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}}
			}},
	}
}

// promised is a deposit, properly booked, of which the merchant has handed the
// exchange's confirmation on to the auditor.
func (d *deed) promised(wanted deposit) (*deposit, simulator.Confirmation) {
	p := d.deposit(d.newCoin(), wanted)
	return p, d.confirm(p)
}

// confirm signs what there is of a deposit, as the exchange does, and the merchant
// hands it on.
func (d *deed) confirm(p *deposit) simulator.Confirmation {
	count, _ := d.Play.Confirmations()
	c := simulator.Confirmation{Serial: int64(count + len(d.Confirmations) + 1), Deposit: p.row, DepositConfirmation: taler.DepositConfirmation{
		ContractTermsHash: p.contract(), WireHash: hashOfWire(p.wire), ExchangeTimestamp: p.exchange, RefundDeadline: p.refundDeadline,
		AmountWithoutFee: d.minus(p.amount, p.coin.of.FeeDeposit), CoinPub: p.coin.key.Public(), MerchantPub: p.merchantKey().Public()}}
	key := d.signKeyInUse()
	c.ExchangePub, c.Signature = key.Public(), taler.Sign(key, c.DepositConfirmation)
	d.Confirmations = append(d.Confirmations, c)
	return c
}

// signKeyInUse is a key with which the exchange signs now.
func (d *deed) signKeyInUse() taler.EddsaPrivateKey {
	var revoked []int64
	d.read(`select coalesce(array_agg(esk_serial), '{}') from :"schema".signkey_revocations`, nil, &revoked)
	i := slices.IndexFunc(d.signKeys, func(k exchange.SignKey) bool {
		return k.ValidFrom <= d.now() && d.now() < k.ExpireSign && !slices.Contains(revoked, k.Serial)
	})
	if i < 0 {
		d.fail(fmt.Errorf("%w: no sign key is valid", ErrNoVictim))
		return taler.EddsaPrivateKey{}
	}
	key, _ := d.Play.SignKey(d.signKeys[i].Serial)
	return key
}

// rewrite changes a deposit with the help of the coin's owner, who signs again.
func (d *deed) rewrite(p *deposit) {
	d.update("deposits", p.row, fields{"wire": p.wire, "h_wire": hashOfWire(p.wire), "refund_deadline": p.refundDeadline, "amount_with_fee": p.amount,
		"coin_sig": taler.Sign(p.coin.key, d.request(p.coin, p))})
}
