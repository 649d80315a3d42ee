package catalogue

import (
	"fmt"
	"slices"

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
				p, c := d.promised()
				d.remove("deposits", p.row)
				return []Expectation{lossOf("D-01", "deposit_confirmations", c.Serial, c.AmountWithoutFee)}
			}},
		{Name: "confirmed-deposit-to-another-account", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-02"},
			Story: "The exchange confirmed a deposit and booked it, with the help of the customer, for another account.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised()
				p.wire = wireOf("-operator")
				d.rewrite(p)
				return []Expectation{lossOf("D-02", "deposit_confirmations", c.Serial, c.AmountWithoutFee)}
			}},
		{Name: "confirmed-deposit-with-another-deadline", Area: AreaDeposits, Culprit: Operator, Refs: []string{"D-03"},
			Story: "The exchange confirmed a deposit and booked it, with the help of the customer, as open to refunds for another time.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised()
				p.refundDeadline = p.refundDeadline.Add(-day / 2)
				d.rewrite(p)
				return []Expectation{lossOf("D-03", "deposit_confirmations", c.Serial, c.AmountWithoutFee)}
			}},
		{Name: "confirmed-deposit-of-less", Area: AreaDeposits, Culprit: Operator, Refs: []string{"H-14"},
			Story: "The exchange confirmed a deposit to the merchant and booked half of it. The customer helped, and keeps the other half.",
			deed: func(d *deed) []Expectation {
				p, c := d.promised()
				half := p.amount.Div(2)
				lost := d.minus(p.amount, half)
				p.amount = half
				d.rewrite(p)
				return []Expectation{lossOf("H-14", "deposit_confirmations", c.Serial, lost)}
			}},
	}
}

// promised is a deposit, properly booked, of which the merchant has handed the
// exchange's confirmation on to the auditor.
func (d *deed) promised() (*deposit, simulator.Confirmation) {
	p := d.deposit(d.newCoin(), deposit{})
	count, _ := d.Play.Confirmations()
	c := simulator.Confirmation{Serial: int64(count + len(d.Confirmations) + 1), Deposit: p.row, DepositConfirmation: taler.DepositConfirmation{
		ContractTermsHash: p.contract(), WireHash: hashOfWire(p.wire), ExchangeTimestamp: p.exchange, RefundDeadline: p.refundDeadline,
		AmountWithoutFee: d.minus(p.amount, p.coin.of.FeeDeposit), CoinPub: p.coin.key.Public(), MerchantPub: p.merchantKey().Public()}}
	key := d.signKeyInUse()
	c.ExchangePub, c.Signature = key.Public(), taler.Sign(key, c.DepositConfirmation)
	d.Confirmations = append(d.Confirmations, c)
	return p, c
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
