package catalogue

import (
	"fmt"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// What customers and merchants do with coins, as an honest exchange would book it,
// or almost.

// coin is a coin in the hands of somebody who plays a part in a deed.
type coin struct {
	known    int64 // row of known_coins
	issue    int64 // row that issued it, of reserves_out or refresh_revealed_coins
	key      taler.EddsaPrivateKey
	blinding taler.BlindingSecret
	of       *exchange.Denomination
}

// valuable is the dearest denomination that can be withdrawn now.
func (d *deed) valuable() *exchange.Denomination {
	dearest := d.offered()
	for i := range d.denominations {
		c := &d.denominations[i]
		if !d.isRevoked(c) && c.ValidFrom <= d.now() && d.now() < c.ExpireWithdraw && c.Value.Cmp(dearest.Value) > 0 {
			dearest = c
		}
	}
	return dearest
}

// fund opens a reserve that can pay for some coins of a denomination.
func (d *deed) fund(who string, c *exchange.Denomination, coins uint64) *reserve {
	price, err := d.price(c).Mul(coins)
	if err != nil {
		d.fail(err)
		return &reserve{balance: d.money("0")}
	}
	return d.newReserve(who, price, accomplice, d.ago(day))
}

// withdrawCoin withdraws a coin and shows it to the exchange.
func (d *deed) withdrawCoin(r *reserve, c *exchange.Denomination) *coin {
	w := d.withdraw(r, c, withdrawal{at: d.ago(10 * time.Minute)})
	return d.coinOf(w, c)
}

// coinOf is the coin of a withdrawal, shown to the exchange.
func (d *deed) coinOf(w int64, c *exchange.Denomination) *coin {
	return &coin{known: d.know(w), issue: w, key: d.Play.CoinKey(w), blinding: d.Play.CoinBlinding(w), of: c}
}

// newCoin withdraws a coin of some value out of a reserve of its own.
func (d *deed) newCoin() *coin {
	c := d.valuable()
	return d.withdrawCoin(d.fund("customer", c, 1), c)
}

// mint makes a coin that was never withdrawn, as whoever has the denomination's
// key can, and shows it to the exchange.
func (d *deed) mint(c *exchange.Denomination, number byte) *coin {
	minted := &coin{key: secretOf(fmt.Sprintf("minted coin %d", number)), blinding: taler.BlindingSecret{number}, of: c}
	key := d.keyOf(c)
	if d.err != nil {
		return minted
	}
	envelope, err := key.Public().Blind(minted.key.Public(), minted.blinding)
	if err != nil {
		d.fail(err)
		return minted
	}
	signature, err := key.Public().Unblind(key.SignBlinded(envelope), minted.blinding)
	if err != nil {
		d.fail(err)
		return minted
	}
	minted.known = d.insert("known_coins", fields{"coin_pub": minted.key.Public(), "denom_sig": signature, "denominations_serial": c.Serial})
	return minted
}

// deposit is a deposit that is about to be written. Whatever is not set is as it
// should be.
type deposit struct {
	amount         taler.Amount // with the fee; the whole coin
	number         byte         // of the contract
	merchant       string       // whose key and account are made of this
	wire           string       // JSON
	wallet         taler.Timestamp
	exchange       taler.Timestamp
	refundDeadline taler.Timestamp
	wireDeadline   taler.Timestamp
	signer         taler.EddsaPrivateKey
	row            int64 // as written
	coin           *coin
}

func (p *deposit) contract() taler.Hash { return taler.HashOf([]byte("contract"), []byte{p.number}) }

func (p *deposit) merchantKey() taler.EddsaPrivateKey { return secretOf("merchant " + p.merchant) }

// wireOf is how deposits name the account of a merchant.
func wireOf(merchant string) string {
	return fmt.Sprintf(`{"payto_uri":"payto://x-taler-bank/bank.example/merchant%s","salt":"SALT%s"}`, merchant, merchant)
}

// hashOfWire is the hash of an account, zeros if there is none.
func hashOfWire(wire string) taler.Hash {
	details, err := taler.ParseWireDetails(wire)
	if err != nil {
		return taler.Hash{}
	}
	return details.Hash()
}

// request is what the coin signs.
func (d *deed) request(c *coin, p *deposit) taler.DepositRequest {
	return taler.DepositRequest{ContractTermsHash: p.contract(), WireHash: hashOfWire(p.wire), DenomPubHash: c.of.PubHash, WalletTimestamp: p.wallet,
		RefundDeadline: p.refundDeadline, AmountWithFee: p.amount, DepositFee: c.of.FeeDeposit, MerchantPub: p.merchantKey().Public(), CoinPub: c.key.Public()}
}

// deposit pays with a coin. The merchant is not due to be paid before tomorrow.
func (d *deed) deposit(c *coin, p deposit) *deposit {
	if p.amount.Currency == "" {
		p.amount = c.of.Value
	}
	if p.wire == "" {
		p.wire = wireOf(p.merchant)
	}
	for _, t := range []struct {
		at      *taler.Timestamp
		regular taler.Timestamp
	}{{&p.wallet, d.ago(12 * time.Minute)}, {&p.exchange, d.ago(10 * time.Minute)}, {&p.refundDeadline, d.ago(-day)}, {&p.wireDeadline, d.ago(-2 * day)}} {
		if *t.at == 0 {
			*t.at = t.regular.Truncate()
		}
	}
	if p.signer == (taler.EddsaPrivateKey{}) {
		p.signer = c.key
	}
	p.coin = c
	p.row = d.insert("deposits", fields{"amount_with_fee": p.amount, "wallet_timestamp": p.wallet, "exchange_timestamp": p.exchange,
		"refund_deadline": p.refundDeadline, "wire_deadline": p.wireDeadline, "merchant_pub": p.merchantKey().Public(),
		"h_contract_terms": p.contract(), "h_wire": hashOfWire(p.wire), "wire": p.wire, "known_coin_id": c.known,
		"coin_sig": taler.Sign(p.signer, d.request(c, &p))})
	return &p
}

// due is a deposit that the merchant was to be paid for an hour ago.
func (d *deed) due() deposit {
	return deposit{wallet: d.ago(5 * time.Hour), exchange: d.ago(5 * time.Hour), refundDeadline: d.ago(3 * time.Hour), wireDeadline: d.ago(2 * time.Hour)}
}

// refund gives a part of a deposit back and returns the row.
func (d *deed) refund(p *deposit, amount taler.Amount, transaction int64, signer taler.EddsaPrivateKey) int64 {
	return d.insert("refunds", fields{"deposit_serial_id": p.row, "rtransaction_id": transaction, "amount_with_fee": amount,
		"merchant_sig": taler.Sign(signer, taler.RefundRequest{ContractTermsHash: p.contract(), CoinPub: p.coin.key.Public(),
			MerchantPub: p.merchantKey().Public(), TransactionID: uint64(transaction), Amount: amount})})
}

// transfer pays deposits to an account and returns the row of wire_out and those
// of aggregation_tracking.
func (d *deed) transfer(amount taler.Amount, target string, at taler.Timestamp, deposits ...*deposit) (transfer int64, tracked []int64) {
	subject := taler.WTID(secretOf(fmt.Sprintf("transfer %v", amount)))
	transfer = d.insert("wire_out", fields{"execution_date": at, "wtid_raw": subject, "wire_target": target,
		"exchange_account_section": d.accountFor(accomplice).Section, "amount": amount})
	for _, p := range deposits {
		tracked = append(tracked, d.insert("aggregation_tracking", fields{"deposit_serial_id": p.row, "wtid_raw": subject}))
		d.update("deposits", p.row, fields{"done": true})
	}
	if details, err := taler.ParseWireDetails(target); err == nil {
		d.pay(subject, amount, details.PaytoURI, at)
	} else {
		d.pay(subject, amount, accomplice, at)
	}
	return transfer, tracked
}

// payable is what a transfer for deposits without refunds is to be, of methods
// whose amounts are whole cents.
func (d *deed) payable(at taler.Timestamp, deposits ...*deposit) taler.Amount {
	total := d.money("0")
	for _, p := range deposits {
		total = d.plus(total, d.minus(p.amount, p.coin.of.FeeDeposit))
	}
	return d.minus(total, d.wireFee(at))
}

// wireFee is the published fee for transfers by x-taler-bank.
func (d *deed) wireFee(at taler.Timestamp) taler.Amount {
	for i := range d.fees {
		if f := &d.fees[i]; f.Method == "x-taler-bank" && f.Start <= at && at < f.End {
			return f.WireFee
		}
	}
	d.fail(ErrNoVictim)
	return d.money("0")
}
