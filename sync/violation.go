package sync

import (
	"fmt"
	"strings"
)

// A Rule is the kind of invariant that a row broke.
type Rule string

// The rules of well-formedness, which the row parser applies, and the kinds of
// constraints, which the destination applies.
const (
	RuleNotNull    Rule = "not null"
	RuleLength     Rule = "length"      // a key, hash or signature has exactly its length, a number the size of its type
	RuleSize       Rule = "size"        // no value is longer than Options.MaxValue
	RuleAmount     Rule = "amount"      // units from 0 to 2^52, fraction below 10^8
	RuleTime       Rule = "time"        // microseconds since 1970, or one of the two marks for never
	RuleNumber     Rule = "number"      // serials and references are at least 1, indexes not negative
	RuleText       Rule = "text"        // valid UTF-8 without the zero byte
	RuleFlag       Rule = "flag"        // 0 or 1
	RuleOrder      Rule = "order"       // serials ascend, and each row is in the range that was asked for
	RuleStream     Rule = "stream"      // the bytes are a binary COPY of the columns that were asked for
	RuleForeignKey Rule = "foreign key" // the parent is there
	RuleUnique     Rule = "unique"
	RuleConstraint Rule = "constraint" // any other constraint of the destination
)

// A Violation says which row of the source broke which invariant. Every row
// before it in the order of replication is in the destination; the row itself is
// not, and nothing after it is.
//
// All texts are safe to print: what came from the source is escaped.
type Violation struct {
	Table      string
	Serial     int64  // 0 if the row could not be read that far; then it follows After
	After      int64  // serial of the row before it in this table, math.MinInt64 if there is none
	Column     string // several are separated by commas; "" if the rule is about the whole row
	Constraint string // name in the destination, or the rule as an SQL expression
	Rule       Rule
	Have, Want string
	Hint       string // what the operator can do

	image []byte // of the row, nil if it could not be read
}

func (v *Violation) Error() string {
	var b strings.Builder
	switch {
	case v.Serial != 0:
		fmt.Fprintf(&b, "%s, serial %d", v.Table, v.Serial)
	case v.After > 0:
		fmt.Fprintf(&b, "%s, the row after serial %d", v.Table, v.After)
	default:
		fmt.Fprintf(&b, "%s, the first row", v.Table)
	}
	if v.Column != "" {
		fmt.Fprintf(&b, ", column %s", v.Column)
	}
	fmt.Fprintf(&b, " violates %s: have %s, want %s; %s", v.Constraint, v.Have, v.Want, v.Hint)
	return b.String()
}

// ExitStatus is that of a program whose source violated an invariant.
func (v *Violation) ExitStatus() int { return 3 }

// hint says what whoever reads the alert can do about it. The destination never
// needs a manual step.
func (r Rule) hint() string {
	const resume = "replication resumes by itself once the source is corrected"
	switch r {
	case RuleForeignKey:
		return "ask the exchange operator for the missing parent row or the removal of this one; " + resume
	case RuleUnique:
		return "the trusted copy already holds another row with this key, ask the exchange operator which one is genuine; " + resume
	case RuleStream, RuleOrder:
		return "the source's server does not answer like PostgreSQL, check who runs it before you start again"
	case RuleSize:
		return "ask the exchange operator why a value is this long; " + resume
	default:
		return "ask the exchange operator to correct the row; " + resume
	}
}
