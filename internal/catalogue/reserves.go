package catalogue

import (
	"fmt"
	"strings"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// What happens to reserves, as the exchange would do it, or almost.

// open is the reserve with most money that is open now and for two days more.
func (d *deed) open() *reserve {
	var richest *reserve
	for _, r := range d.reserves {
		if r.expiration > d.ago(-2*day) && !r.balance.IsZero() && (richest == nil || r.balance.Cmp(richest.balance) > 0) {
			richest = r
		}
	}
	if richest == nil {
		d.fail(fmt.Errorf("%w: no reserve is open", ErrNoVictim))
		return &reserve{balance: d.money("0")}
	}
	return richest
}

// accomplice is the bank account of one who helps.
const accomplice = "payto://x-taler-bank/bank.example/accomplice"

// idleTime is how long after its last credit a reserve expires.
func (d *deed) idleTime() time.Duration { return d.Play.Scenario().IdleReserveExpiration }

// newReserve opens a reserve with a credit that the bank really received.
func (d *deed) newReserve(who string, amount taler.Amount, sender string, at taler.Timestamp) *reserve {
	r := d.emptyReserve(who, sender, at.Add(d.idleTime()))
	d.credit(r, amount, sender, at)
	return r
}

// emptyReserve writes the row of a reserve that was never credited.
func (d *deed) emptyReserve(who, sender string, expiration taler.Timestamp) *reserve {
	key := secretOf(who)
	r := &reserve{pub: key.Public(), key: key, balance: d.money("0"), expiration: expiration, collection: expiration}
	r.serial = d.insert("reserves", fields{"reserve_pub": r.pub, "account_details": sender, "current_balance": r.balance,
		"expiration_date": expiration, "gc_date": expiration})
	return r
}

// credit books a transfer that the bank really received and returns the row.
func (d *deed) credit(r *reserve, amount taler.Amount, sender string, at taler.Timestamp) int64 {
	account := d.accountFor(sender)
	reference := d.receive(account, r.pub, amount, sender, at)
	return d.bookCredit(r, amount, sender, at, account.Section, reference)
}

// bookCredit books a transfer, whether or not the bank knows it, with its effect
// on all books.
func (d *deed) bookCredit(r *reserve, amount taler.Amount, sender string, at taler.Timestamp, section string, reference int64) int64 {
	serial := d.insert("reserves_in", fields{"wire_reference": reference, "credit": amount, "sender_account_details": sender,
		"exchange_account_section": section, "execution_date": at, "reserve_uuid": r.serial})
	r.origins, r.section, r.credited = append(r.origins, sender), section, max(r.credited, at)
	r.expiration = max(r.expiration, at.Add(d.idleTime()))
	d.keepUntil(r)
	d.setBalance(r, d.plus(r.balance, amount))
	d.book(r, steps(amount), 0)
	return serial
}

// keepUntil writes the dates of a reserve into the exchange's books.
func (d *deed) keepUntil(r *reserve) {
	r.collection = max(r.collection, r.expiration)
	d.update("reserves", r.serial, fields{"expiration_date": r.expiration, "gc_date": r.collection})
}

// setBalance sets what the exchange believes to be in a reserve.
func (d *deed) setBalance(r *reserve, balance taler.Amount) {
	r.balance = balance
	d.update("reserves", r.serial, fields{"current_balance": balance})
}

// take lowers what the exchange believes to be in a reserve, not below nothing.
func (d *deed) take(r *reserve, amount taler.Amount) {
	if amount.Cmp(r.balance) > 0 {
		amount = r.balance
	}
	d.setBalance(r, d.minus(r.balance, amount))
}

// withdrawal is a withdrawal that is about to be written. Whatever is not set is
// as it should be.
type withdrawal struct {
	at       taler.Timestamp
	amount   taler.Amount
	signer   taler.EddsaPrivateKey
	blindSig []byte
	padded   int // zero bytes before the envelope
}

// withdraw issues a coin, with its effect on the exchange's books and on ours, and
// returns the row.
func (d *deed) withdraw(r *reserve, c *exchange.Denomination, w withdrawal) int64 {
	if d.err != nil {
		return 0
	}
	if w.at == 0 {
		w.at = d.now()
	}
	if w.amount.Currency == "" {
		w.amount = d.price(c)
	}
	if w.signer == (taler.EddsaPrivateKey{}) {
		w.signer = r.key
	}
	serial := d.nextSerial("reserves_out")
	key := d.keyOf(c)
	if d.err != nil {
		return 0
	}
	envelope, err := key.Public().Blind(d.Play.CoinKey(serial).Public(), d.Play.CoinBlinding(serial))
	if err != nil {
		d.fail(err)
		return 0
	}
	if w.blindSig == nil {
		w.blindSig = key.SignBlinded(envelope)
	}
	hash := taler.HashOf(make([]byte, w.padded), envelope)
	d.insert("reserves_out", fields{"reserve_out_serial_id": serial, "h_blind_ev": hash, "denom_sig": w.blindSig,
		"reserve_sig":    taler.Sign(w.signer, taler.WithdrawRequest{ReservePub: r.pub, AmountWithFee: w.amount, DenomPubHash: c.PubHash, EnvelopeHash: hash}),
		"execution_date": w.at, "amount_with_fee": w.amount, "reserve_uuid": r.serial, "denominations_serial": c.Serial})
	r.collection = max(r.collection, w.at.Add(d.Play.Scenario().LegalReserveExpiration))
	d.update("reserves", r.serial, fields{"gc_date": r.collection})
	d.take(r, w.amount)
	d.book(r, -steps(d.price(c)), steps(c.FeeWithdraw))
	d.withdrawals = append(d.withdrawals, exchange.Withdrawal{Row: exchange.Row{Serial: serial}, Reserve: r.pub, Denomination: c.Serial,
		EnvelopeHash: hash, BlindSig: w.blindSig, ExecutionDate: w.at, AmountWithFee: w.amount})
	return serial
}

// close wires money out of a reserve and returns the row. The amount includes the
// fee.
func (d *deed) close(r *reserve, amount, fee taler.Amount, receiver string, at taler.Timestamp) int64 {
	serial := d.insert("reserves_close", fields{"execution_date": at, "wtid": r.pub, "receiver_account": receiver,
		"amount": amount, "closing_fee": fee, "reserve_uuid": r.serial})
	d.take(r, amount)
	d.book(r, -steps(amount), steps(fee))
	if amount.Cmp(fee) > 0 {
		d.pay(taler.WTID(r.pub), d.minus(amount, fee), receiver, at)
	}
	return serial
}

// methodOf is the payment method of an account.
func methodOf(payto string) string {
	method, _, _ := strings.Cut(strings.TrimPrefix(payto, "payto://"), "/")
	return method
}

// dueFee is what closing a reserve costs after it expired.
func (d *deed) dueFee(r *reserve) taler.Amount {
	return d.closingFee(methodOf(r.origins[0]), r.expiration)
}

// expired opens a reserve so long ago that it expired half a day ago, and wire
// fees did not change since. Nobody closed it yet.
func (d *deed) expired(amount string) *reserve {
	return d.newReserve("customer", d.money(amount), "payto://x-taler-bank/bank.example/customer", d.ago(d.idleTime()+12*time.Hour).Truncate())
}

// wrongBalance is the finding about the exchange's own balance of a reserve, given
// by how much it is too high, or too low.
func (d *deed) wrongBalance(r *reserve, by int64) Expectation {
	e := Expectation{Check: "R-15", Table: "reserves", Subject: r.pub.String()}
	if by > 0 {
		e.Exposure = d.ofSteps(by)
	} else {
		e.Gain = d.ofSteps(-by)
	}
	return e
}

// about makes expectations of one check for one row each.
func about(check, table string, serials ...int64) []Expectation {
	expected := make([]Expectation, len(serials))
	for i, serial := range serials {
		expected[i] = Expectation{Check: check, Table: table, Serial: serial}
	}
	return expected
}

// only limits expectations to a time of the deed.
func only(w When, expected []Expectation) []Expectation {
	limited := append([]Expectation(nil), expected...)
	for i := range limited {
		limited[i].When = w
	}
	return limited
}
