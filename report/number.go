package report

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"auditor/internal/taler"
)

// Numbers and amounts as people read them: thousands set apart by commas,
// amounts with at least two decimals.

// minDecimals is how many digits follow the point of every amount.
const minDecimals = 2

// group writes n with commas between groups of three digits.
func group(n uint64) string {
	digits := strconv.FormatUint(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// count writes a number that may be negative.
func count(n int64) string {
	if n < 0 {
		return "-" + group(uint64(-n))
	}
	return group(uint64(n))
}

// plural writes n and the noun that fits it.
func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// decimals returns how many digits after the point a needs.
func decimals(a taler.Amount) int {
	return max(minDecimals, len(strings.TrimRight(fraction(a), "0")))
}

func fraction(a taler.Amount) string {
	return fmt.Sprintf("%08d", a.Fraction%taler.FractionBase)
}

// number writes a without its currency, with the given number of digits after
// the point.
func number(a taler.Amount, digits int) string {
	return group(a.Value+uint64(a.Fraction/taler.FractionBase)) + "." + fraction(a)[:digits]
}

// money writes a with its currency: EUR 1,234.50.
func money(a taler.Amount) string {
	return Escape(string(a.Currency)) + " " + number(a, decimals(a))
}

// sum adds amounts of currency c. Zeros of any currency count as nothing. When
// the sum is larger than any legal amount it returns the largest one, and
// beyond is true.
func sum(c taler.Currency, amounts ...taler.Amount) (total taler.Amount, beyond bool, err error) {
	total = taler.Zero(c)
	for _, a := range amounts {
		if a.IsZero() {
			continue
		}
		next, err := total.Add(a)
		if errors.Is(err, taler.ErrOverflow) {
			return taler.Amount{Currency: c, Value: taler.MaxAmountValue}, true, nil
		}
		if err != nil {
			return taler.Amount{}, false, fmt.Errorf("totals of checks do not add up, give all of them in the currency of the exchange: %w", err)
		}
		total = next
	}
	return total, false, nil
}

// difference writes by how much the second amount exceeds the first, with
// sign.
func difference(before, after taler.Amount, digits int) (string, error) {
	more, err := after.Sub(before)
	if err == nil && more.IsZero() {
		return number(more, digits), nil
	}
	if err == nil {
		return "+" + number(more, digits), nil
	}
	if !errors.Is(err, taler.ErrNegative) {
		return "", err
	}
	less, err := before.Sub(after)
	if err != nil {
		return "", err
	}
	return "-" + number(less, digits), nil
}
