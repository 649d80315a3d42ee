package taler

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// currencies of the same three letters are equal in any case.
var anyCurrency = rapid.SampledFrom([]Currency{"EUR", "eur", "Eur", "eUR"})

func drawAmount(t *rapid.T, label string) Amount {
	return Amount{
		Currency: anyCurrency.Draw(t, label+" currency"),
		Value: rapid.OneOf(
			rapid.Uint64Range(0, MaxAmountValue),
			rapid.Uint64Range(0, 3),
			rapid.Uint64Range(MaxAmountValue-3, MaxAmountValue),
		).Draw(t, label+" value"),
		Fraction: rapid.OneOf(
			rapid.Uint32Range(0, FractionBase-1),
			rapid.SampledFrom([]uint32{0, 1, FractionBase / 2, FractionBase - 1}),
		).Draw(t, label+" fraction"),
	}
}

// count gives an amount in hundred-millionths, the model of all arithmetic.
func count(a Amount) *big.Int {
	c := new(big.Int).SetUint64(a.Value)
	c.Mul(c, big.NewInt(FractionBase))
	return c.Add(c, big.NewInt(int64(a.Fraction)))
}

// legal reports whether a count can be an amount.
func legal(c *big.Int) bool {
	value := new(big.Int).Div(c, big.NewInt(FractionBase))
	return c.Sign() >= 0 && value.Cmp(big.NewInt(MaxAmountValue)) <= 0
}

// expect compares a result with the model.
func expect(t *rapid.T, what string, got Amount, err error, want *big.Int) {
	t.Helper()
	if legal(want) {
		if err != nil || count(got).Cmp(want) != 0 || got.Fraction >= FractionBase {
			t.Fatalf("%s = %v, %v, want the count %d", what, got, err, want)
		}
		return
	}
	kind := ErrOverflow
	if want.Sign() < 0 {
		kind = ErrNegative
	}
	if !errors.Is(err, kind) || got != (Amount{}) {
		t.Fatalf("%s = %v, %v, want the error %v", what, got, err, kind)
	}
}

func TestAmountArithmeticFollowsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawAmount(t, "a"), drawAmount(t, "b")
		sum, err := a.Add(b)
		expect(t, "a+b", sum, err, new(big.Int).Add(count(a), count(b)))
		if err == nil {
			if back, err := sum.Sub(b); err != nil || back != a {
				t.Fatalf("a+b-b = %v, %v, want %v", back, err, a)
			}
		}
		diff, err := a.Sub(b)
		expect(t, "a-b", diff, err, new(big.Int).Sub(count(a), count(b)))
		if err == nil {
			if back, err := diff.Add(b); err != nil || back != a {
				t.Fatalf("a-b+b = %v, %v, want %v", back, err, a)
			}
		}
		if got, want := a.Cmp(b), count(a).Cmp(count(b)); got != want || b.Cmp(a) != -want {
			t.Fatalf("Cmp = %d, want %d", got, want)
		}
		n := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 5)).Draw(t, "n")
		product, err := a.Mul(n)
		expect(t, "a*n", product, err, new(big.Int).Mul(count(a), new(big.Int).SetUint64(n)))
		d := max(1, rapid.Uint32().Draw(t, "d"))
		expect(t, "a/d", a.Div(d), nil, new(big.Int).Div(count(a), big.NewInt(int64(d))))
		if a.IsZero() != (count(a).Sign() == 0) {
			t.Fatalf("IsZero = %v", a.IsZero())
		}
	})
}

func TestAmountForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawAmount(t, "a")
		if back, err := ParseAmount(a.String()); err != nil || back != a {
			t.Fatalf("ParseAmount(%s) = %v, %v", a, back, err)
		}
		if back, err := ParseAmountNBO(a.AppendNBO(nil)); err != nil || back != a {
			t.Fatalf("ParseAmountNBO of %s = %v, %v", a, back, err)
		}
		if back, err := AmountFromDB(a.Currency, int64(a.Value), int32(a.Fraction)); err != nil || back != a {
			t.Fatalf("AmountFromDB of %s = %v, %v", a, back, err)
		}
		text, err := json.Marshal(a)
		var back Amount
		if err != nil || json.Unmarshal(text, &back) != nil || back != a {
			t.Fatalf("JSON of %s = %s, %v", a, text, err)
		}
	})
}

func TestRoundDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, unit := drawAmount(t, "a"), drawAmount(t, "unit")
		if rapid.Bool().Draw(t, "whole") {
			unit.Fraction = 0
		} else {
			unit.Value = 0
		}
		got, err := a.RoundDown(unit)
		if err != nil || got.Cmp(a) > 0 {
			t.Fatalf("%s rounded to %s = %s, %v", a, unit, got, err)
		}
		switch {
		case unit.IsZero():
			if got != a {
				t.Fatalf("%s rounded to nothing = %s", a, got)
			}
		case unit.Value == 0:
			if got.Fraction%unit.Fraction != 0 || got.Value != a.Value || a.Fraction-got.Fraction >= unit.Fraction {
				t.Fatalf("%s rounded to %s = %s", a, unit, got)
			}
		default:
			if got.Value%unit.Value != 0 || got.Fraction != 0 || a.Value-got.Value >= unit.Value {
				t.Fatalf("%s rounded to %s = %s", a, unit, got)
			}
		}
		if again, err := got.RoundDown(unit); err != nil || again != got {
			t.Fatalf("rounding %s again = %s, %v", got, again, err)
		}
	})
	if got, err := mustAmount(t, "EUR:1").RoundDown(Amount{"EUR", 1, 1}); err == nil {
		t.Errorf("a unit of 1.00000001 gives %s, want an error", got)
	}
}

func TestAmountFromDBRange(t *testing.T) {
	for _, test := range []struct {
		val   int64
		frac  int32
		wrong int64
	}{
		{-1, 0, -1},
		{math.MinInt64, 0, math.MinInt64},
		{MaxAmountValue + 1, 0, MaxAmountValue + 1},
		{math.MaxInt64, 0, math.MaxInt64},
		{0, -1, -1},
		{0, FractionBase, FractionBase},
		{0, math.MaxInt32, math.MaxInt32},
		{0, math.MinInt32, math.MinInt32},
	} {
		a, err := AmountFromDB("EUR", test.val, test.frac)
		var wrong *RangeError
		if !errors.As(err, &wrong) || wrong.Value != test.wrong || a != (Amount{}) ||
			!strings.Contains(err.Error(), strconv.FormatInt(test.wrong, 10)) {
			t.Errorf("AmountFromDB(%d, %d) = %v, %v", test.val, test.frac, a, err)
		}
	}
	if a, err := AmountFromDB("EUR", MaxAmountValue, FractionBase-1); err != nil || a.String() != "EUR:4503599627370496.99999999" {
		t.Errorf("the largest amount = %v, %v", a, err)
	}
}

func TestCurrencyMismatch(t *testing.T) {
	one, franc := mustAmount(t, "EUR:1"), mustAmount(t, "CHF:1")
	for name, op := range map[string]func() (Amount, error){
		"add":            func() (Amount, error) { return one.Add(franc) },
		"subtract":       func() (Amount, error) { return one.Sub(franc) },
		"round":          func() (Amount, error) { return one.RoundDown(franc) },
		"add to none":    func() (Amount, error) { return Amount{}.Add(Amount{}) },
		"add none":       func() (Amount, error) { return one.Add(Amount{}) },
		"multiply none":  func() (Amount, error) { return Amount{}.Mul(2) },
		"subtract shape": func() (Amount, error) { return one.Sub(mustAmount(t, "EURO:1")) },
	} {
		if got, err := op(); !errors.Is(err, ErrCurrencyMismatch) || got != (Amount{}) {
			t.Errorf("%s: %v, %v, want a currency mismatch", name, got, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("comparing francs with euros does not panic")
		}
	}()
	one.Cmp(franc)
}

// TestAbnormalAmounts is about values that no constructor gives, but a struct
// literal can.
func TestAbnormalAmounts(t *testing.T) {
	surplus := Amount{"EUR", 1, 2*FractionBase + 5}
	if got := surplus.String(); got != "EUR:3.00000005" {
		t.Errorf("String = %s", got)
	}
	if got, err := surplus.Add(Zero("EUR")); err != nil || got != (Amount{"EUR", 3, 5}) {
		t.Errorf("Add = %v, %v", got, err)
	}
	if surplus.Cmp(Amount{"EUR", 3, 5}) != 0 {
		t.Error("Cmp takes the same sum for different ones")
	}
	huge := Amount{"EUR", math.MaxUint64, FractionBase}
	if got, err := huge.Sub(Zero("EUR")); !errors.Is(err, ErrOverflow) {
		t.Errorf("Sub = %v, %v, want an overflow", got, err)
	}
	if huge.Cmp(Zero("EUR")) != 1 {
		t.Error("Cmp wraps")
	}
	if got := (Amount{Currency: Currency(strings.Repeat("X", 20))}).AppendNBO(nil); len(got) != 24 || got[23] != 0 {
		t.Errorf("AppendNBO of an overlong currency = %x", got)
	}
	if _, err := (Amount{}).MarshalText(); err == nil {
		t.Error("an amount without currency has a text form")
	}
}

func TestParseAmountRefuses(t *testing.T) {
	kept := mustAmount(t, "EUR:1")
	if err := kept.UnmarshalText([]byte("EUR:x")); err == nil || kept != mustAmount(t, "EUR:1") {
		t.Errorf("UnmarshalText of nonsense = %v, and leaves %s", err, kept)
	}
	for _, s := range []string{
		"", ":", ":1", "EUR:.", "EUR:1,5", "EUR:+1", "EUR:0x1", "EUR:1e2", "EUR: 1", "EUR:1.123456789", "EUR:1.-5",
		"EU R:1", "EUR\x00:1", "EUR1:1", "*:1", "**EUR:1", "€:1", "EUR:99999999999999999999999999", "EUR:18446744073709551617",
		"EUR:4503599627370497", "EUR:1\n", "EUR:１",
	} {
		if a, err := ParseAmount(s); err == nil {
			t.Errorf("ParseAmount(%q) = %s, want an error", s, a)
		}
	}
}

func TestParseAmountNBORefuses(t *testing.T) {
	good := mustAmount(t, "EUR:1").AppendNBO(nil)
	for name, change := range map[string]func(b []byte) []byte{
		"short":         func(b []byte) []byte { return b[:23] },
		"long":          func(b []byte) []byte { return append(b, 0) },
		"not padded":    func(b []byte) []byte { b[20] = 'X'; return b },
		"no currency":   func(b []byte) []byte { clear(b[12:]); return b },
		"no terminator": func(b []byte) []byte { copy(b[12:], "ABCDEFGHIJKL"); return b },
		"too large":     func(b []byte) []byte { b[1], b[7] = 0x10, 1; return b },
		"not normal":    func(b []byte) []byte { copy(b[8:], u32(FractionBase)); return b },
	} {
		if a, err := ParseAmountNBO(change(append([]byte(nil), good...))); err == nil {
			t.Errorf("%s: %s, want an error", name, a)
		}
	}
}

func TestParseCurrency(t *testing.T) {
	for _, s := range []string{"E", "EUR", "eur", "TESTKUDOS", "ABCDEFGHIJK", "*BRETAGNEFR"} {
		if c, err := ParseCurrency(s); err != nil || string(c) != s {
			t.Errorf("ParseCurrency(%q) = %q, %v", s, c, err)
		}
	}
	for _, s := range []string{"", "*", "ABCDEFGHIJKL", "EU-R", "EUR ", "É", "E*R", "@", "[", "`", "{"} {
		if c, err := ParseCurrency(s); err == nil {
			t.Errorf("ParseCurrency(%q) = %q, want an error", s, c)
		}
	}
	if !Currency("TestKudos").Equal("TESTKUDOS") || Currency("EUR").Equal("EUX") || Currency("EUR").Equal("EU") || Currency("@").Equal("`") {
		t.Error("Equal does not ignore exactly the case of letters")
	}
}
