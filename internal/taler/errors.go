package taler

import (
	"errors"
	"fmt"
)

// The ways in which arithmetic on amounts can end. They are wrapped together
// with the operands; compare with [errors.Is].
var (
	// ErrOverflow says that a result exceeds MaxAmountValue.
	ErrOverflow = errors.New("the result is larger than any legal amount")
	// ErrNegative says that a result would be below zero.
	ErrNegative = errors.New("the result would be negative")
	// ErrCurrencyMismatch says that the operands are of different currencies,
	// or that one of them has none.
	ErrCurrencyMismatch = errors.New("the currencies differ")
)

// ErrMaliciousKey says that a denomination key shares a factor with a value
// that has to be invertible. It does not happen by accident with an honest key.
var ErrMaliciousKey = errors.New("the denomination key shares a factor with a hashed value, so whoever made it cheats")

// RangeError tells of a stored number outside the range that its column may
// hold.
type RangeError struct {
	Quantity string // what the number is, for instance "amount value"
	Value    int64  // as stored
	Rule     string // what would have been legal, for instance "0 to 4503599627370496"
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("%s %d is out of range, expected %s", e.Quantity, e.Value, e.Rule)
}
