package sync

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// breach is a rule that one value broke, before it is known whose value it is.
type breach struct {
	rule                   Rule
	constraint, have, want string
}

// checkLength judges the length that a field announces, before any of its bytes
// are taken in; -1 announces NULL.
func checkLength(c exchange.Column, length, maxValue int) *breach {
	if length == -1 {
		if c.Nullable {
			return nil
		}
		return &breach{RuleNotNull, c.Name + " is not null", "NULL", "a value"}
	}
	exact := c.Length
	switch c.Type {
	case exchange.BigInt:
		exact = 8
	case exchange.Integer:
		exact = 4
	case exchange.Boolean:
		exact = 1
	}
	if exact > 0 && length != exact {
		return &breach{RuleLength, fmt.Sprintf("length(%s) = %d", c.Name, exact), fmt.Sprintf("%d bytes", length), fmt.Sprintf("%d bytes", exact)}
	}
	if length > maxValue {
		return &breach{RuleSize, fmt.Sprintf("octet_length(%s) <= %d", c.Name, maxValue), fmt.Sprintf("%d bytes", length), fmt.Sprintf("at most %d bytes", maxValue)}
	}
	return nil
}

// checkValue judges a value that has the right length. The trusted copy's constraints
// say the same; found here, a culprit is known without writing a batch twice.
func checkValue(c exchange.Column, value []byte) *breach {
	switch c.Type {
	case exchange.BigInt:
		return checkNumber(c, int64(binary.BigEndian.Uint64(value)))
	case exchange.Integer:
		return checkNumber(c, int64(int32(binary.BigEndian.Uint32(value))))
	case exchange.Boolean:
		if value[0] > 1 {
			return &breach{RuleFlag, c.Name + " is boolean", fmt.Sprint(value[0]), "0 or 1"}
		}
	case exchange.Text, exchange.Varchar:
		if !utf8.Valid(value) || bytes.IndexByte(value, 0) >= 0 {
			return &breach{RuleText, c.Name + " is text", printable(c, value), "valid UTF-8 without the zero byte"}
		}
	}
	return nil
}

func checkNumber(c exchange.Column, n int64) *breach {
	bad := func(rule Rule, condition, want string) *breach {
		return &breach{rule, c.Name + " " + condition, fmt.Sprint(n), want}
	}
	switch c.Role {
	case exchange.Serial, exchange.Reference:
		if n < 1 {
			return bad(RuleNumber, ">= 1", "at least 1")
		}
	case exchange.Index:
		if n < 0 {
			return bad(RuleNumber, ">= 0", "not negative")
		}
	case exchange.AmountValue:
		if n < 0 || n > taler.MaxAmountValue {
			return bad(RuleAmount, "between 0 and 2^52", "0 to 2^52 units")
		}
	case exchange.AmountFraction:
		if n < 0 || n >= taler.FractionBase {
			return bad(RuleAmount, "between 0 and 99999999", "0 to 99999999 parts of 10^-8")
		}
	case exchange.Time:
		if _, err := taler.TimestampFromDB(n); err != nil {
			return bad(RuleTime, ">= 0", "microseconds since 1970, or -1 for never")
		}
	}
	return nil
}
