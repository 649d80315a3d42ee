package taler

import (
	"cmp"
	"fmt"
	"math/bits"
)

// Arithmetic on amounts. Operands need not be normal (fraction below one unit),
// results always are. Nothing wraps: an inexpressible result is an error.

// normal carries surplus fraction into the value. As in the reference the limit
// is looked at only when something is carried.
func (a Amount) normal() (Amount, bool) {
	if a.Fraction < FractionBase {
		return a, true
	}
	value, carry := bits.Add64(a.Value, uint64(a.Fraction/FractionBase), 0)
	a.Value, a.Fraction = value, a.Fraction%FractionBase
	return a, carry == 0 && value <= MaxAmountValue
}

// operands normalises a and b after checking that they can be combined.
func operands(a, b Amount, sign string) (Amount, Amount, error) {
	if a.Currency == "" || !a.Currency.Equal(b.Currency) {
		return Amount{}, Amount{}, arithmeticError(a, sign, b, ErrCurrencyMismatch)
	}
	x, okx := a.normal()
	y, oky := b.normal()
	if !okx || !oky {
		return Amount{}, Amount{}, arithmeticError(a, sign, b, ErrOverflow)
	}
	return x, y, nil
}

func arithmeticError(a Amount, sign string, b Amount, err error) error {
	return fmt.Errorf("%s %s %s: %w", a, sign, b, err)
}

// Add returns a + b in a's spelling of the currency. It fails with
// [ErrOverflow] or [ErrCurrencyMismatch].
func (a Amount) Add(b Amount) (Amount, error) {
	x, y, err := operands(a, b, "+")
	if err != nil {
		return Amount{}, err
	}
	sum, carry := bits.Add64(x.Value, y.Value, 0)
	x.Fraction += y.Fraction
	x.Value = sum
	x, ok := x.normal()
	if carry != 0 || sum > MaxAmountValue || !ok {
		return Amount{}, arithmeticError(a, "+", b, ErrOverflow)
	}
	return x, nil
}

// Sub returns a - b in a's spelling of the currency. It fails with
// [ErrNegative] if b is larger, or with [ErrCurrencyMismatch].
func (a Amount) Sub(b Amount) (Amount, error) {
	x, y, err := operands(a, b, "-")
	if err != nil {
		return Amount{}, err
	}
	if x.compare(y) < 0 {
		return Amount{}, arithmeticError(a, "-", b, ErrNegative)
	}
	if x.Fraction < y.Fraction {
		x.Value--
		x.Fraction += FractionBase
	}
	x.Value -= y.Value
	x.Fraction -= y.Fraction
	return x, nil
}

// parts returns a in hundred-millionths, as a number of 128 bits.
func (a Amount) parts() (high, low uint64) {
	high, low = bits.Mul64(a.Value, FractionBase)
	low, carry := bits.Add64(low, uint64(a.Fraction), 0)
	return high + carry, low
}

func (a Amount) compare(b Amount) int {
	aHigh, aLow := a.parts()
	bHigh, bLow := b.parts()
	if c := cmp.Compare(aHigh, bHigh); c != 0 {
		return c
	}
	return cmp.Compare(aLow, bLow)
}

// Cmp returns -1, 0 or 1 as a is smaller than, equal to or larger than b. It
// panics if the currencies differ, since the question then has no answer.
func (a Amount) Cmp(b Amount) int {
	if !a.Currency.Equal(b.Currency) {
		panic(arithmeticError(a, "<=>", b, ErrCurrencyMismatch))
	}
	return a.compare(b)
}

// Mul returns n times a. It fails with [ErrOverflow], or with
// [ErrCurrencyMismatch] if a has no currency.
func (a Amount) Mul(n uint64) (Amount, error) {
	x, _, err := operands(a, Zero(a.Currency), "*")
	if err != nil {
		return Amount{}, err
	}
	high, value := bits.Mul64(x.Value, n)
	partHigh, partLow := bits.Mul64(uint64(x.Fraction), n)
	carried, fraction := bits.Div64(partHigh, partLow, FractionBase)
	value, carry := bits.Add64(value, carried, 0)
	if high != 0 || carry != 0 || value > MaxAmountValue {
		return Amount{}, fmt.Errorf("%s * %d: %w", a, n, ErrOverflow)
	}
	return Amount{Currency: a.Currency, Value: value, Fraction: uint32(fraction)}, nil
}

// Div returns a divided by d, rounded down to a hundred-millionth. It panics if
// d is zero.
func (a Amount) Div(d uint32) Amount {
	rest := a.Value % uint64(d) * FractionBase
	part := (rest + uint64(a.Fraction)) / uint64(d)
	return Amount{
		Currency: a.Currency,
		Value:    a.Value/uint64(d) + part/FractionBase,
		Fraction: uint32(part % FractionBase),
	}
}

// RoundDown cuts a down to a multiple of unit. The unit is either whole (no
// fraction) or smaller than 1 (no value); a fractional unit rounds the fraction
// alone. A unit of zero changes nothing.
//
// The reference forgets to drop the fraction when the value already is a
// multiple of a whole unit (EUR:10.5 in units of EUR:5 stays EUR:10.5); here it
// is dropped.
func (a Amount) RoundDown(unit Amount) (Amount, error) {
	x, u, err := operands(a, unit, "rounded to")
	if err != nil {
		return Amount{}, err
	}
	switch {
	case u.IsZero():
	case u.Value == 0:
		x.Fraction -= x.Fraction % u.Fraction
	case u.Fraction == 0:
		x.Value -= x.Value % u.Value
		x.Fraction = 0
	default:
		return Amount{}, fmt.Errorf("rounding unit %s has both whole and fractional units, choose one of them", unit)
	}
	return x, nil
}
