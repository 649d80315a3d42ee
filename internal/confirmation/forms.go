package confirmation

import (
	"encoding"
	"encoding/hex"
	"encoding/json"
	"math"
	"strings"

	"auditor/internal/taler"
)

// stored reads a row of deposit_confirmations. Its serial is not ours, and its
// master_sig, if any, was never filled in by the service that received it.
func (f *fields) stored(c *Confirmation) {
	if f.has("serial_id") {
		var serial int64
		f.take("serial_id", &serial)
	}
	f.hexadecimal("h_contract_terms", c.ContractTermsHash[:])
	f.hexadecimal("h_wire", c.WireHash[:])
	f.microseconds("exchange_timestamp", &c.ExchangeTimestamp)
	f.microseconds("refund_deadline", &c.RefundDeadline)
	var value, fraction int64
	if f.take("amount_without_fee_val", &value) && f.take("amount_without_fee_frac", &fraction) {
		if fraction != int64(int32(fraction)) {
			fraction = -1
		}
		amount, err := taler.AmountFromDB(f.currency, value, int32(fraction))
		if err != nil {
			f.refuse("amount_without_fee", "is no amount: %v", err)
		}
		c.AmountWithoutFee = amount
	}
	f.hexadecimal("coin_pub", c.CoinPub[:])
	f.hexadecimal("merchant_pub", c.MerchantPub[:])
	f.hexadecimal("exchange_sig", c.Signature[:])
	f.hexadecimal("exchange_pub", c.ExchangePub[:])
	delete(f.members, "master_pub")
	delete(f.members, "master_sig")
}

func (f *fields) hexadecimal(name string, into []byte) {
	var text string
	if !f.take(name, &text) {
		return
	}
	b, err := hex.DecodeString(strings.TrimPrefix(text, `\x`))
	if err != nil || len(b) != len(into) {
		f.refuse(name, "is not %d bytes in hexadecimal digits", len(into))
		return
	}
	copy(into, b)
}

func (f *fields) microseconds(name string, into *taler.Timestamp) {
	var v int64
	if !f.take(name, &v) {
		return
	}
	t, err := taler.TimestampFromDB(v)
	if err != nil {
		f.refuse(name, "is no time: %v", err)
	}
	f.setTime(name, t, into)
}

// setTime takes a time that an exchange can have signed.
func (f *fields) setTime(name string, t taler.Timestamp, into *taler.Timestamp) {
	if !t.WholeSecond() {
		f.refuse(name, "is not a whole second")
	}
	if t != taler.Forever && t > math.MaxInt64 {
		f.refuse(name, "is no time: it is later than any")
	}
	*into = t
}

// request reads the body of PUT /deposit-confirmation.
func (f *fields) request(c *Confirmation) {
	f.text("h_contract_terms", &c.ContractTermsHash)
	f.text("h_wire", &c.WireHash)
	timestamp := "timestamp"
	if f.has("exchange_timestamp") {
		timestamp = "exchange_timestamp"
	}
	f.time(timestamp, &c.ExchangeTimestamp)
	f.time("refund_deadline", &c.RefundDeadline)
	f.amount("amount_without_fee", &c.AmountWithoutFee)
	f.text("coin_pub", &c.CoinPub)
	f.text("merchant_pub", &c.MerchantPub)
	f.text("exchange_sig", &c.Signature)
	f.text("exchange_pub", &c.ExchangePub)
	if f.has("master_sig") || f.has("ep_start") || f.has("ep_expire") || f.has("ep_end") {
		c.Key = &Key{}
		f.time("ep_start", &c.Key.Start)
		f.time("ep_expire", &c.Key.ExpireSign)
		f.time("ep_end", &c.Key.ExpireLegal)
		f.text("master_sig", &c.Key.MasterSig)
	}
}

// text takes bytes in base 32.
func (f *fields) text(name string, into encoding.TextUnmarshaler) {
	var text string
	if !f.take(name, &text) {
		return
	}
	if err := into.UnmarshalText([]byte(text)); err != nil {
		f.refuse(name, "cannot be read: %v", err)
	}
}

func (f *fields) amount(name string, into *taler.Amount) {
	var text string
	if !f.take(name, &text) {
		return
	}
	a, err := taler.ParseAmount(text)
	switch {
	case err != nil:
		f.refuse(name, "is no amount: %v", err)
	case !a.Currency.Equal(f.currency):
		f.refuse(name, "is not in %s, the currency of the exchange", f.currency)
	}
	a.Currency = f.currency
	*into = a
}

// time takes {"t_ms": N} or {"t_s": N}, where N may be "never".
func (f *fields) time(name string, into *taler.Timestamp) {
	var raw json.RawMessage
	if !f.take(name, &raw) {
		return
	}
	inner, err := membersOf(raw)
	if err != nil {
		f.refuse(name, "%v", err)
		return
	}
	unit, scale := "t_s", uint64(1_000_000)
	if inner.has("t_ms") {
		unit, scale = "t_ms", 1000
	}
	never := inner.never(unit)
	var v uint64
	if !never && inner.take(unit, &v) && v > math.MaxInt64/scale {
		f.refuse(name, "is no time: it is later than any")
		return
	}
	if inner.err == nil {
		inner.refuseRest()
	}
	if inner.err != nil {
		f.refuse(name, "is no time: %v", inner.err)
		return
	}
	t := taler.Timestamp(v * scale)
	if never {
		t = taler.Forever
	}
	f.setTime(name, t, into)
}

// never takes a member that is the word "never" and tells whether it was.
func (f *fields) never(name string) bool {
	var text string
	if json.Unmarshal(f.members[name], &text) != nil || !strings.EqualFold(text, "never") {
		return false
	}
	delete(f.members, name)
	return true
}
