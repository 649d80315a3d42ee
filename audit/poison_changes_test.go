package audit

import (
	"fmt"

	"auditor/internal/exchange"
)

// Ways to make a value impossible, most of which the exchange's own constraints forbid.
const (
	negative   kind = "negative"
	huge       kind = "huge"    // more than an amount, a fraction, a time or a position can be
	emptied    kind = "empty"   // no bytes at all
	shortened  kind = "short"   // without the last byte
	lengthened kind = "long"    // with a byte more
	garbled    kind = "garbled" // JSON that does not end
	dangling   kind = "nowhere" // a reference to nothing
)

// poisonsOf lists the ways to make a value of a column impossible. NULL is none of
// them: a database that allows it where the layout does not is not audited at all.
func poisonsOf(c *exchange.Column) []kind {
	var kinds []kind
	switch c.Type {
	case exchange.BigInt, exchange.Integer:
		if c.Role == exchange.Reference {
			kinds = append(kinds, dangling)
		}
		kinds = append(kinds, negative, huge)
	case exchange.Bytea:
		kinds = append(kinds, emptied, shortened, lengthened)
	case exchange.Text, exchange.Varchar:
		kinds = append(kinds, emptied, garbled)
	}
	if c.Role == exchange.Serial {
		return []kind{negative, huge}
	}
	return kinds
}

// poison is the SQL expression of an impossible value, or "" if the kind makes none.
func poison(c *exchange.Column, name string, k kind) string {
	switch k {
	case negative:
		return fmt.Sprintf("-2 - abs(%s %% 1000000)", name)
	case huge:
		switch {
		case c.Type == exchange.Integer:
			return "2147483647"
		case c.Role == exchange.Serial, c.Role == exchange.Time:
			return "9223372036854775806" // one more is a time, and a serial that stands for never
		}
		return "9223372036854775807"
	case dangling:
		return fmt.Sprintf("1000000000 + %s", name)
	case emptied:
		return "''"
	case shortened:
		return fmt.Sprintf("substr(%[1]s, 1, greatest(length(%[1]s) - 1, 0))", name)
	case lengthened:
		return fmt.Sprintf(`%s || '\x00'::bytea`, name)
	case garbled:
		return fmt.Sprintf(`'{"' || %s`, name)
	}
	return ""
}
