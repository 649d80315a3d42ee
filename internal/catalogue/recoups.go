package catalogue

import (
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// recoup is a recoup that is about to be written. Whatever is not set is as it
// should be.
type recoup struct {
	signer   taler.EddsaPrivateKey
	blinding taler.BlindingSecret
	amount   taler.Amount
	of       int64 // the withdrawal that is reversed, if it is not the coin's
	into     *reserve
	at       taler.Timestamp
}

// revoked is a denomination that is revoked as it should be, and of which a
// customer has withdrawn two coins.
func (d *deed) revoked(signer taler.EddsaPrivateKey) (c *exchange.Denomination, r *reserve, first, second int64) {
	c, key := d.newDenomination()
	d.offer(c, key)
	r = d.newReserve("customer", d.money("20"), "payto://x-taler-bank/bank.example/customer", d.ago(day))
	first = d.withdraw(r, c, withdrawal{at: d.ago(10 * time.Minute)})
	second = d.withdraw(r, c, withdrawal{at: d.ago(10 * time.Minute)})
	if signer != (taler.EddsaPrivateKey{}) {
		d.revoke(c, signer)
	}
	return c, r, first, second
}

// know writes the coin of a withdrawal into the coins that the exchange knows and
// returns the row.
func (d *deed) know(w int64) int64 {
	if d.err != nil {
		return 0
	}
	for _, out := range d.withdrawals {
		if out.Serial != w {
			continue
		}
		c := d.denomination(func(c *exchange.Denomination) bool { return c.Serial == out.Denomination })
		return d.knowUnder(w, c, out.BlindSig)
	}
	d.fail(ErrNoVictim)
	return 0
}

func (d *deed) knowUnder(w int64, c *exchange.Denomination, blindSig []byte) int64 {
	key := d.keyOf(c)
	if d.err != nil {
		return 0
	}
	signature, err := key.Public().Unblind(blindSig, d.Play.CoinBlinding(w))
	if err != nil {
		d.fail(err)
		return 0
	}
	return d.insert("known_coins", fields{"coin_pub": d.Play.CoinKey(w).Public(), "denom_sig": signature, "denominations_serial": c.Serial})
}

// recoup pays the coin of a withdrawal back and returns the row.
func (d *deed) recoup(r *reserve, c *exchange.Denomination, w int64, p recoup) int64 {
	coin := d.Play.CoinKey(w)
	if p.signer == (taler.EddsaPrivateKey{}) {
		p.signer = coin
	}
	if p.blinding == (taler.BlindingSecret{}) {
		p.blinding = d.Play.CoinBlinding(w)
	}
	if p.amount.Currency == "" {
		p.amount = c.Value
	}
	if p.of == 0 {
		p.of = w
	}
	if p.at == 0 {
		p.at = d.now()
	}
	if p.into == nil {
		p.into = r
	}
	known := d.know(w)
	serial := d.insert("recoup", fields{"known_coin_id": known, "reserve_out_serial_id": p.of, "coin_blind": p.blinding, "amount": p.amount, "timestamp": p.at,
		"coin_sig": taler.Sign(p.signer, taler.RecoupRequest{CoinPub: coin.Public(), DenomPubHash: c.PubHash, BlindingSecret: p.blinding})})
	d.recredit(p.into, p.amount, p.at)
	return serial
}

// knownAs is the row of the coin that a recoup pays back.
func (d *deed) knownAs(recoup int64) int64 {
	var known int64
	d.read(`select known_coin_id from :"schema".recoup where recoup_uuid = $1`, []any{recoup}, &known)
	return known
}

// recredit books what a recoup puts back into a reserve.
func (d *deed) recredit(r *reserve, amount taler.Amount, at taler.Timestamp) {
	r.expiration = max(r.expiration, at.Add(d.idleTime()))
	r.collection = max(r.collection, at.Add(d.Play.Scenario().LegalReserveExpiration))
	d.keepUntil(r)
	d.setBalance(r, d.plus(r.balance, amount))
	d.book(r, steps(amount), 0)
}

// recoups are deeds to recoups into reserves.
func recoups() []Entry {
	return []Entry{
		{Name: "recoup-not-signed-by-the-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-06", "I-04", "I-06"},
			Story: "A coin is paid back although its owner never asked for it: the signature is by another key.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				return []Expectation{{Check: "R-06", Table: "recoup", Serial: d.recoup(r, c, w, recoup{signer: secretOf("operator")}), Loss: c.Value}}
			}},
		{Name: "recoup-made-up", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-06", "R-26", "H-10"},
			Story: "The operator pays somebody else's coin, of which he knows neither the key nor the blinding secret, into a reserve.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				p := d.recoup(r, c, w, recoup{signer: secretOf("operator"), blinding: taler.BlindingSecret{1}})
				return []Expectation{{Check: "R-06", Table: "recoup", Serial: p, Loss: c.Value}, {Check: "R-26", Table: "recoup", Serial: p, Loss: c.Value}}
			}},
		{Name: "recoup-without-a-revocation", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-07", "C-13", "revocation test 4"},
			Story: "Coins of a denomination that was never revoked are paid back.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(taler.EddsaPrivateKey{})
				return []Expectation{{Check: "R-07", Table: "recoup", Serial: d.recoup(r, c, w, recoup{}), Exposure: c.Value}}
			}},
		{Name: "recoup-under-a-forged-revocation", Area: AreaRecoup, Culprit: Intruder, Refs: []string{"R-08", "K-07", "C-02"},
			Story: "An intruder revokes a denomination without the master key, and has coins of it paid back.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(taler.EddsaPrivateKey{})
				revocation := d.revoke(c, secretOf("intruder"))
				return append(about("K-07", "denomination_revocations", revocation),
					Expectation{Check: "R-08", Table: "recoup", Serial: d.recoup(r, c, w, recoup{}), Loss: c.Value})
			}},
		{Name: "recoup-of-another-withdrawal", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-26", "H-10"},
			Story: "A recoup reverses another withdrawal of the same reserve than the one that the coin came from.",
			deed: func(d *deed) []Expectation {
				c, r, w, other := d.revoked(d.Play.MasterKey())
				return []Expectation{{Check: "R-26", Table: "recoup", Serial: d.recoup(r, c, w, recoup{of: other}), Loss: c.Value}}
			}},
		{Name: "recoup-into-the-reserve-of-an-accomplice", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-26", "H-10"},
			Story: "A customer's coin is paid back into the reserve of a friend of the operator, who has withdrawn a coin of the same denomination.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(taler.EddsaPrivateKey{})
				friend := d.newReserve("accomplice", d.money("20"), accomplice, d.ago(day))
				his := d.withdraw(friend, c, withdrawal{at: d.ago(10 * time.Minute)})
				d.revoke(c, d.Play.MasterKey())
				return []Expectation{{Check: "R-26", Table: "recoup", Serial: d.recoup(r, c, w, recoup{of: his, into: friend}), Loss: c.Value}}
			}},
		{Name: "recoup-of-more-than-the-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-11", "C-29", "revocation test 2"},
			Story: "More is paid back for a coin than it was ever worth. The amount of a recoup is signed by nobody.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				p := d.recoup(r, c, w, recoup{amount: d.plus(c.Value, d.money("3"))})
				return append(about("C-29", "denominations", c.Serial), lossOf("C-11", "known_coins", d.knownAs(p), d.money("3")))
			}},
		{Name: "recoup-booked-short", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-15", "revocation test 2"},
			Story: "The recoup is booked in full, but the reserve's balance rises by less.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				d.recoup(r, c, w, recoup{})
				d.setBalance(r, d.minus(r.balance, d.money("0.5")))
				return []Expectation{d.wrongBalance(r, -taler.FractionBase/2)}
			}},
		{Name: "recoup-repeated", Area: AreaRecoup, Culprit: Customer, Refs: []string{"C-11", "C-40", "H-10", "H-20"},
			Story: "A coin is paid back twice with one and the same signature: the reserve grows by what was never in the coin.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				twin := d.copy("recoup", d.recoup(r, c, w, recoup{}), fields{})
				d.recredit(r, c.Value, d.now())
				return append(about("C-40", "recoup", twin), lossOf("C-11", "known_coins", d.knownAs(twin), c.Value))
			}},
		{Name: "recoup-of-a-spent-coin", Area: AreaRecoup, Culprit: Customer, Refs: []string{"C-11", "H-10"},
			Story: "A customer has a coin paid back that he has spent before.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				spent := &coin{known: d.knownAs(d.recoup(r, c, w, recoup{})), key: d.Play.CoinKey(w), of: c}
				d.deposit(spent, deposit{})
				return []Expectation{{Check: "C-11", Table: "known_coins", Serial: spent.known, Loss: c.Value}}
			}},
		{Name: "recoup-in-the-future", Area: AreaRecoup, Culprit: Operator, Refs: []string{"R-29", "H-15"},
			Story: "A recoup is dated years ahead, so that the reserve does not expire.",
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				return about("R-29", "recoup", d.recoup(r, c, w, recoup{at: d.ago(-1000 * day)}))
			}},
		{Name: "recoup-after-the-reserve-lost-its-credits", Area: AreaRecoup, Culprit: Intruder, Refs: []string{"R-13", "R-32", "W-04", "B-09"},
			Story: "The credits of a reserve are deleted before the first audit; a coin is paid back into it. The earlier auditor crashed.",
			When:  Before,
			deed: func(d *deed) []Expectation {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				d.exec(`delete from :"schema".reserves_in where reserve_uuid = $1`, r.serial)
				d.book(r, -20*taler.FractionBase, 0)
				d.recoup(r, c, w, recoup{})
				d.setBalance(r, d.money("0"))
				return []Expectation{{Check: "R-13", Table: "reserves", Subject: r.pub.String(), Loss: d.plus(d.price(c), c.FeeWithdraw)},
					{Check: "R-32", Table: "reserves", Subject: r.pub.String(), Exposure: d.money("0")},
					{Check: "W-04", Table: "bank", Serial: d.received(r.pub), Subject: r.section, Gain: d.money("20")}}
			}},
	}
}
