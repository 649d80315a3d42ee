package simulator

import (
	"fmt"
	"math"

	"auditor/internal/taler"
)

// money is an amount in steps of 10^-8 of the currency's unit. It is the
// simulator's own arithmetic: the expected figures must not come from the code
// under test. 92 thousand million units fit, which no scenario reaches.
type money int64

const (
	unit money = taler.FractionBase
	cent money = unit / 100
	mill money = unit / 1000
)

func (m money) amount(c taler.Currency) taler.Amount {
	return taler.Amount{Currency: c, Value: uint64(m / unit), Fraction: uint32(m % unit)}
}

func (m money) columns() (value int64, fraction int32) {
	return int64(m / unit), int32(m % unit)
}

func parseMoney(s string) (money, error) {
	a, err := taler.ParseAmount("X:" + s)
	if err != nil {
		return 0, fmt.Errorf("denomination value %q: %w", s, err)
	}
	if a.IsZero() || a.Value > math.MaxInt32 {
		return 0, fmt.Errorf("denomination value %q: choose one between 0.00000001 and %d", s, math.MaxInt32)
	}
	return money(a.Value)*unit + money(a.Fraction), nil
}
