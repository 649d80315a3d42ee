package bank

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"auditor/internal/taler"
)

// fields reads the members of one record, each with its type and bounds. The first violation stays; after it
// the values mean nothing.
type fields struct {
	answer    *answer
	values    map[string]any
	violation *Violation
}

func (a *answer) fields(values map[string]any) *fields { return &fields{answer: a, values: values} }

func (f *fields) fail(v Violation) {
	if f.violation == nil {
		f.violation = &v
	}
}

func (f *fields) err() error {
	if f.violation == nil {
		return nil
	}
	return f.violation
}

// member returns a value that must be there.
func (f *fields) member(name string) (any, bool) {
	v, found := f.values[name]
	if !found {
		f.fail(Violation{Rule: RuleMissing, Field: name, Have: "missing", Want: "a value", Hint: hintGateway})
	}
	return v, found
}

func (f *fields) wrongType(name string, v any, want string) {
	f.fail(Violation{Rule: RuleType, Field: name, Have: typeOf(v), Want: want, Hint: hintGateway})
}

// integer is a whole number of at least min, written without fraction or exponent.
func (f *fields) integer(name string, min int64) int64 {
	v, found := f.member(name)
	if !found {
		return 0
	}
	number, ok := v.(json.Number)
	if !ok {
		f.wrongType(name, v, "a whole number")
		return 0
	}
	n, err := strconv.ParseInt(string(number), 10, 64)
	if err != nil || n < min {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(string(number)), Err: err,
			Want: "a whole number from " + strconv.FormatInt(min, 10) + " to 2^63-1", Hint: hintGateway})
		return 0
	}
	return n
}

// row is the number of the record, under which its other violations are reported.
func (f *fields) row() int64 {
	row := f.integer("row_id", 1)
	f.answer.row = row
	return row
}

// date is a time in milliseconds or seconds.
func (f *fields) date() taler.Timestamp {
	name, perUnit := "date.t_ms", int64(1000)
	_, later := f.values["date.t_s"]
	_, early := f.values["date.t_ms"]
	switch {
	case later && early:
		f.fail(Violation{Rule: RuleRepeated, Field: "date", Want: "one of t_ms and t_s", Hint: hintGateway})
		return 0
	case later:
		name, perUnit = "date.t_s", 1_000_000
	case !early:
		if v, found := f.member("date"); found && v != json.Delim('{') {
			f.wrongType("date", v, "an object")
		}
	}
	if f.values[name] == "never" {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: `"never"`, Want: "the time of a transfer that took place", Hint: hintGateway})
		return 0
	}
	n := f.integer(name, 0)
	if n > math.MaxInt64/perUnit {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: strconv.FormatInt(n, 10), Want: "a time that can be", Hint: hintGateway})
		return 0
	}
	return taler.Timestamp(n * perUnit)
}

// text is a string that can be shown: of bounded length, without control characters.
func (f *fields) text(name string) string {
	v, found := f.member(name)
	if !found {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		f.wrongType(name, v, "a text")
		return ""
	}
	if len(s) > maxText {
		f.fail(Violation{Rule: RuleSize, Field: name, Have: strconv.Itoa(len(s)) + " bytes long",
			Want: "at most " + strconv.Itoa(maxText), Hint: hintGateway})
		return ""
	}
	if !showable(s) {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(s), Want: "printable text in UTF-8", Hint: hintGateway})
	}
	return s
}

func showable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) })
}

// account is a payto URI; one that is not required may be missing.
func (f *fields) account(name string, required bool) string {
	if _, found := f.values[name]; !found && !required {
		return ""
	}
	s := f.text(name)
	if _, err := taler.ParsePayto(s); err != nil {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(s), Want: "a payto URI", Err: err, Hint: hintGateway})
	}
	return s
}

func (f *fields) amount(name string) taler.Amount {
	s := f.text(name)
	a, err := taler.ParseAmount(s)
	switch {
	case err != nil:
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(s), Want: "an amount like EUR:1.50", Err: err, Hint: hintGateway})
	case !a.Currency.Equal(f.answer.currency):
		f.fail(Violation{Rule: RuleCurrency, Field: name, Have: quote(s), Want: "an amount in " + string(f.answer.currency),
			Hint: "check that the account is one of this exchange"})
	}
	a.Currency = f.answer.currency
	return a
}

// binary fills b from its base 32 form.
func (f *fields) binary(name string, b []byte) {
	s := f.text(name)
	decoded, err := taler.DecodeBase32(s, len(b))
	if err != nil {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(s), Err: err,
			Want: strconv.Itoa(len(b)) + " bytes in base 32", Hint: hintGateway})
	}
	copy(b, decoded)
}
