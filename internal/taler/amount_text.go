package taler

import (
	"fmt"
	"strconv"
	"strings"
)

// The text form of amounts: CUR:V or CUR:V.F with at most eight digits after
// the dot.

// String gives CUR:V, or CUR:V.F without trailing zeros. An amount whose
// fraction was not normal is shown as if it were.
func (a Amount) String() string {
	return string(a.appendText(make([]byte, 0, len(a.Currency)+31)))
}

func (a Amount) appendText(b []byte) []byte {
	value := a.Value + uint64(a.Fraction/FractionBase)
	b = append(b, a.Currency...)
	b = append(b, ':')
	b = strconv.AppendUint(b, value, 10)
	fraction := a.Fraction % FractionBase
	if fraction == 0 {
		return b
	}
	digits := [1 + fractionDigits]byte{'.'}
	for i := fractionDigits; i > 0; i-- {
		digits[i] = byte('0' + fraction%10)
		fraction /= 10
	}
	return append(b, strings.TrimRight(string(digits[:]), "0")...)
}

// ParseAmount reads the text form. Leading white space and leading zeros are
// allowed, and the digits before a dot may be missing; nothing else is. It
// accepts what the reference accepts, except for odd currencies
// ([ParseCurrency]).
func ParseAmount(s string) (Amount, error) {
	text := strings.TrimLeft(s, " \t\n\v\f\r")
	name, number, found := strings.Cut(text, ":")
	if !found {
		return Amount{}, amountError(s, "lacks a colon")
	}
	c, err := ParseCurrency(name)
	if err != nil {
		return Amount{}, err
	}
	whole, part, dot := strings.Cut(number, ".")
	if whole == "" && !dot {
		return Amount{}, amountError(s, "lacks a number")
	}
	if dot && (part == "" || len(part) > fractionDigits) {
		return Amount{}, amountError(s, "needs 1 to 8 digits after the dot")
	}
	a := Amount{Currency: c}
	for i := range len(whole) {
		d := whole[i] - '0'
		if d > 9 {
			return Amount{}, amountError(s, "has something else than digits before the dot")
		}
		a.Value = a.Value*10 + uint64(d)
		if a.Value > MaxAmountValue {
			return Amount{}, amountError(s, "is larger than any legal amount")
		}
	}
	scale := uint32(FractionBase)
	for i := range len(part) {
		d := part[i] - '0'
		if d > 9 {
			return Amount{}, amountError(s, "has something else than digits after the dot")
		}
		scale /= 10
		a.Fraction += uint32(d) * scale
	}
	return a, nil
}

func amountError(s, flaw string) error {
	return fmt.Errorf("amount %.60q %s, write it as in EUR:1.50", s, flaw)
}

// MarshalText gives the form of [Amount.String]; an amount without currency is
// an error.
func (a Amount) MarshalText() ([]byte, error) {
	if a.Currency == "" {
		return nil, fmt.Errorf("amount %s has no currency, give it one", a)
	}
	return a.appendText(nil), nil
}

// UnmarshalText is [ParseAmount].
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := ParseAmount(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}
