package taler

import (
	"encoding/binary"
	"fmt"
)

// An amount of money and its three forms: columns, text, and the 24 bytes that
// enter signatures. The arithmetic is in amount_arithmetic.go.

const (
	// MaxAmountValue is the largest legal count of whole units. An amount of
	// this value may still carry a fraction.
	MaxAmountValue = 1 << 52
	// FractionBase is the number of smallest parts in one unit.
	FractionBase = 100_000_000
	// fractionDigits is the number of decimal digits of a fraction.
	fractionDigits = 8
	// amountSize is the length of the binary form.
	amountSize = 24
)

// Amount is a sum of money: Value whole units and Fraction hundred-millionths.
// An amount without currency (the zero Amount) is invalid. Amounts are
// comparable with ==, which looks at the spelling of the currency too.
type Amount struct {
	Currency Currency
	Value    uint64
	Fraction uint32
}

// Zero returns the amount of nothing in currency c.
func Zero(c Currency) Amount { return Amount{Currency: c} }

// AmountFromDB makes an amount of a pair of columns. The currency is not in the
// database. The error is a *[RangeError] when val is not in 0..2^52 or frac not
// in 0..99999999.
func AmountFromDB(c Currency, val int64, frac int32) (Amount, error) {
	if val < 0 || val > MaxAmountValue {
		return Amount{}, &RangeError{Quantity: "amount value", Value: val, Rule: "0 to 4503599627370496"}
	}
	if frac < 0 || frac >= FractionBase {
		return Amount{}, &RangeError{Quantity: "amount fraction", Value: int64(frac), Rule: "0 to 99999999"}
	}
	return Amount{Currency: c, Value: uint64(val), Fraction: uint32(frac)}, nil
}

// IsZero reports whether a is an amount of nothing.
func (a Amount) IsZero() bool { return a.Value == 0 && a.Fraction == 0 }

// AppendNBO appends the 24 bytes that represent a in signatures and hashes:
// value (8), fraction (4), currency padded with zeros (12).
func (a Amount) AppendNBO(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, a.Value)
	b = binary.BigEndian.AppendUint32(b, a.Fraction)
	var c [MaxCurrencyLength + 1]byte
	copy(c[:MaxCurrencyLength], a.Currency)
	return append(b, c[:]...)
}

// ParseAmountNBO is the inverse of [Amount.AppendNBO]. It accepts exactly 24
// bytes of a legal, normal amount.
func ParseAmountNBO(b []byte) (Amount, error) {
	if len(b) != amountSize {
		return Amount{}, fmt.Errorf("a binary amount has %d bytes, not %d", amountSize, len(b))
	}
	text := b[12:]
	end := 0
	for end < len(text) && text[end] != 0 {
		end++
	}
	for _, c := range text[end:] {
		if c != 0 {
			return Amount{}, fmt.Errorf("the currency %q of a binary amount is not padded with zeros", text)
		}
	}
	c, err := ParseCurrency(string(text[:end]))
	if err != nil {
		return Amount{}, err
	}
	a := Amount{Currency: c, Value: binary.BigEndian.Uint64(b), Fraction: binary.BigEndian.Uint32(b[8:])}
	if a.Value > MaxAmountValue || a.Fraction >= FractionBase {
		return Amount{}, fmt.Errorf("binary amount of value %d and fraction %d: %w", a.Value, a.Fraction, ErrOverflow)
	}
	return a, nil
}
