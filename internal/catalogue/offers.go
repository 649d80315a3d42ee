package catalogue

import (
	"cmp"
	"crypto/sha512"
	"fmt"
	"slices"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// What the exchange offers, as the deeds find it or make it: denominations, sign
// keys and wire fees.

const day = 24 * time.Hour

// ownKeyNumber is where in the key pool the deeds' denominations begin.
const ownKeyNumber = 1 << 40

// secretOf is the private key of somebody who plays a part in a deed.
func secretOf(who string) taler.EddsaPrivateKey {
	return taler.EddsaPrivateKey(sha512.Sum512_256([]byte(who)))
}

// denomination returns the first denomination that meets a condition.
func (d *deed) denomination(meets func(*exchange.Denomination) bool) *exchange.Denomination {
	for i := range d.denominations {
		if meets(&d.denominations[i]) {
			return &d.denominations[i]
		}
	}
	d.fail(fmt.Errorf("%w: no such denomination", ErrNoVictim))
	return &exchange.Denomination{}
}

// offered is the cheapest denomination that can be withdrawn now and has a
// withdraw fee.
func (d *deed) offered() *exchange.Denomination {
	var cheapest *exchange.Denomination
	for i := range d.denominations {
		c := &d.denominations[i]
		if !d.isRevoked(c) && c.ValidFrom <= d.now() && d.now() < c.ExpireWithdraw && !c.FeeWithdraw.IsZero() && (cheapest == nil || c.Value.Cmp(cheapest.Value) < 0) {
			cheapest = c
		}
	}
	if cheapest == nil {
		d.fail(fmt.Errorf("%w: no denomination is offered", ErrNoVictim))
		return &exchange.Denomination{}
	}
	return cheapest
}

func (d *deed) isRevoked(c *exchange.Denomination) bool {
	return slices.ContainsFunc(d.revocations, func(r exchange.DenominationRevocation) bool { return r.Denomination == c.Serial })
}

// idle is a denomination of which no coin was issued or is known.
func (d *deed) idle() *exchange.Denomination {
	used := make(map[int64]bool)
	for _, w := range d.withdrawals {
		used[w.Denomination] = true
	}
	return d.denomination(func(c *exchange.Denomination) bool {
		if used[c.Serial] || d.err != nil {
			return false
		}
		var elsewhere bool
		d.read(`select exists (select from :"schema".known_coins where denominations_serial = $1)
			or exists (select from :"schema".refresh_revealed_coins where denominations_serial = $1)
			or exists (select from :"schema".denomination_revocations where denominations_serial = $1)`, []any{c.Serial}, &elsewhere)
		return !elsewhere
	})
}

// price is what the withdrawal of a coin costs.
func (d *deed) price(c *exchange.Denomination) taler.Amount { return d.plus(c.Value, c.FeeWithdraw) }

// affirmed lists the serials of the auditors' signatures on a denomination.
func (d *deed) affirmed(denomination int64) []int64 {
	var serials []int64
	for _, a := range d.affirmations {
		if a.Denomination == denomination {
			serials = append(serials, a.Serial)
		}
	}
	return serials
}

// validity is what is signed about a denomination.
func (d *deed) validity(c *exchange.Denomination) taler.DenominationValidity {
	return taler.DenominationValidity{MasterPub: d.Play.MasterPublicKey(), Start: c.ValidFrom, ExpireWithdraw: c.ExpireWithdraw,
		ExpireDeposit: c.ExpireDeposit, ExpireLegal: c.ExpireLegal, Value: c.Value, FeeWithdraw: c.FeeWithdraw,
		FeeDeposit: c.FeeDeposit, FeeRefresh: c.FeeRefresh, FeeRefund: c.FeeRefund, DenomPubHash: c.PubHash}
}

// newDenomination is a denomination that the exchange could offer from now on. It
// has a key, but is not in the database yet.
func (d *deed) newDenomination() (*exchange.Denomination, *taler.RSAPrivateKey) {
	scenario := d.Play.Scenario()
	key, err := d.keys.Key(scenario.KeySeed, scenario.RSABits, ownKeyNumber+uint64(len(d.ownKeys)))
	if err != nil {
		d.fail(err)
		return &exchange.Denomination{}, nil
	}
	public := key.Public()
	return &exchange.Denomination{
		PubHash: public.Hash(), Pub: public.Encode(),
		ValidFrom: d.ago(time.Hour), ExpireWithdraw: d.ago(-30 * day), ExpireDeposit: d.ago(-400 * day), ExpireLegal: d.ago(-2000 * day),
		Value: d.money("2"), FeeWithdraw: d.money("0.01"), FeeDeposit: d.money("0.01"), FeeRefresh: d.money("0.01"), FeeRefund: d.money("0.01"),
	}, key
}

// publish offers a denomination that the holder of a key has signed.
func (d *deed) publish(c *exchange.Denomination, key *taler.RSAPrivateKey, signer taler.EddsaPrivateKey) {
	c.Serial = d.insert("denominations", d.denominationFields(c, signer))
	d.ownKeys[c.Serial] = key
	d.denominations = append(d.denominations, *c)
}

// denominationFields are the columns of a denomination, signed with a key.
func (d *deed) denominationFields(c *exchange.Denomination, signer taler.EddsaPrivateKey) fields {
	return fields{"denom_pub_hash": c.PubHash, "denom_pub": c.Pub, "master_sig": taler.Sign(signer, d.validity(c)),
		"valid_from": c.ValidFrom, "expire_withdraw": c.ExpireWithdraw, "expire_deposit": c.ExpireDeposit, "expire_legal": c.ExpireLegal,
		"coin": c.Value, "fee_withdraw": c.FeeWithdraw, "fee_deposit": c.FeeDeposit, "fee_refresh": c.FeeRefresh, "fee_refund": c.FeeRefund}
}

// affirm adds the signature of auditor 0 (ours) or 1 on a denomination, made with
// a key.
func (d *deed) affirm(c *exchange.Denomination, number int, signer taler.EddsaPrivateKey) int64 {
	public := d.Play.AuditorKey(number).Public()
	var auditor int64
	var url string
	d.read(`select auditor_uuid, auditor_url from :"schema".auditors where auditor_pub = $1`, []any{public[:]}, &auditor, &url)
	return d.insert("auditor_denom_sigs", fields{"auditor_uuid": auditor, "denominations_serial": c.Serial,
		"auditor_sig": taler.Sign(signer, taler.AuditorDenominationValidity{AuditorURL: url, DenominationValidity: d.validity(c)})})
}

// offer publishes a denomination with every signature that it should have.
func (d *deed) offer(c *exchange.Denomination, key *taler.RSAPrivateKey) {
	d.publish(c, key, d.Play.MasterKey())
	d.affirm(c, 0, d.Play.AuditorKey(0))
	d.affirm(c, 1, d.Play.AuditorKey(1))
}

// keyOf is the key that signs coins of a denomination.
func (d *deed) keyOf(c *exchange.Denomination) *taler.RSAPrivateKey {
	if key, own := d.ownKeys[c.Serial]; own {
		return key
	}
	key, ok := d.Play.DenominationKey(c.Serial)
	if !ok && d.err == nil {
		d.fail(fmt.Errorf("%w: denomination %d has no key", ErrNoVictim, c.Serial))
	}
	return key
}

// lastFee is the wire fee of a method that starts last.
func (d *deed) lastFee(method string) *exchange.WireFee {
	var of []*exchange.WireFee
	for i := range d.fees {
		if d.fees[i].Method == method {
			of = append(of, &d.fees[i])
		}
	}
	if len(of) == 0 {
		d.fail(fmt.Errorf("%w: no fees for %s", ErrNoVictim, method))
		return &exchange.WireFee{}
	}
	return slices.MaxFunc(of, func(a, b *exchange.WireFee) int { return cmp.Compare(a.Start, b.Start) })
}

// setFee publishes a wire fee that the holder of a key has signed.
func (d *deed) setFee(f exchange.WireFee, signer taler.EddsaPrivateKey) int64 {
	return d.insert("wire_fee", d.feeFields(&f, signer))
}

func (d *deed) feeFields(f *exchange.WireFee, signer taler.EddsaPrivateKey) fields {
	return fields{"wire_method": f.Method, "start_date": f.Start, "end_date": f.End, "wire_fee": f.WireFee, "closing_fee": f.ClosingFee,
		"master_sig": taler.Sign(signer, taler.WireFee{Method: f.Method, Start: f.Start, End: f.End, WireFee: f.WireFee, ClosingFee: f.ClosingFee})}
}

// closingFee is the published fee for closing by a method at a time.
func (d *deed) closingFee(method string, at taler.Timestamp) taler.Amount {
	for i := range d.fees {
		if f := &d.fees[i]; f.Method == method && f.Start <= at && at < f.End {
			return f.ClosingFee
		}
	}
	d.fail(fmt.Errorf("%w: no closing fee for %s at %v", ErrNoVictim, method, at))
	return d.money("0")
}

// signKeyFields are the columns of a sign key, signed with a key.
func (d *deed) signKeyFields(k *exchange.SignKey, signer taler.EddsaPrivateKey) fields {
	return fields{"exchange_pub": k.Pub, "valid_from": k.ValidFrom, "expire_sign": k.ExpireSign, "expire_legal": k.ExpireLegal,
		"master_sig": taler.Sign(signer, taler.SignKeyValidity{Start: k.ValidFrom, ExpireSign: k.ExpireSign, ExpireLegal: k.ExpireLegal, ExchangePub: k.Pub})}
}
