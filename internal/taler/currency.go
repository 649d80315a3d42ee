package taler

import "fmt"

// MaxCurrencyLength is the length in bytes of the longest currency code.
const MaxCurrencyLength = 11

// Currency is a currency code: 1 to 11 ASCII letters, of which the first may be
// preceded by an asterisk (regional currencies). Its spelling matters in
// signatures; for everything else case is ignored, so compare with
// [Currency.Equal].
type Currency string

// ParseCurrency checks a currency code. Upper and lower case stay as they are.
// It is stricter than the reference, which takes any bytes but a colon.
func ParseCurrency(s string) (Currency, error) {
	if len(s) > MaxCurrencyLength {
		return "", fmt.Errorf("currency %.20q is longer than %d letters, shorten it", s, MaxCurrencyLength)
	}
	letters := s
	if len(letters) > 0 && letters[0] == '*' {
		letters = letters[1:]
	}
	if letters == "" {
		return "", fmt.Errorf("currency %q has no letters, give one such as EUR", s)
	}
	for i := range len(letters) {
		if c := lower(letters[i]); c < 'a' || c > 'z' {
			return "", fmt.Errorf("currency %q holds something else than ASCII letters, give one such as EUR", s)
		}
	}
	return Currency(s), nil
}

// Equal reports whether both codes name the same currency, which they do when
// they match without regard to ASCII case.
func (c Currency) Equal(d Currency) bool {
	if c == d {
		return true
	}
	if len(c) != len(d) {
		return false
	}
	for i := range len(c) {
		if lower(c[i]) != lower(d[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
