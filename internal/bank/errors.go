package bank

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Rule names a rule that a bank or a file broke.
type Rule string

// The rules.
const (
	RuleSyntax    Rule = "syntax"    // it is neither JSON nor XML, or cut off
	RuleForm      Rule = "form"      // it is no answer of a wire gateway, no statement
	RuleMissing   Rule = "missing"   // a field is not there
	RuleRepeated  Rule = "repeated"  // a field, row, reference or statement is there twice
	RuleType      Rule = "type"      // a value is of another type
	RuleValue     Rule = "value"     // a value is of the right type and impossible
	RuleCurrency  Rule = "currency"  // an amount is not in the exchange's currency
	RuleAccount   Rule = "account"   // a record or statement is about another account
	RuleBorder    Rule = "border"    // a row was not asked for: it is not above the border of the page
	RuleOrder     Rule = "order"     // a row is smaller than one before it
	RuleExcess    Rule = "excess"    // a page holds more records than were asked for
	RuleSize      Rule = "size"      // something is larger than anything honest
	RuleEndless   Rule = "endless"   // the history does not come to an end
	RuleBalance   Rule = "balance"   // a statement's entries do not lead from one balance to the other
	RuleAdjoining Rule = "adjoining" // a statement does not begin where the one before it ended
)

// A Violation says that a source broke a rule. Nothing of the page or file is to be used.
type Violation struct {
	Source string // the URL of the history, or the name of the file
	Page   int    // number of the request, from 1; 0 in files
	Index  int    // number of the record or entry in its page or file, from 1; 0: it is about the whole
	Row    int64  // the bank's number of the record, as far as it was understood; else 0
	Field  string // "amount", "date.t_ms"; may be empty
	Rule   Rule
	Have   string // what the source says, quoted if it is its text; may be empty
	Want   string // what would have been right
	Hint   string // what to do
	Err    error  // what a parser said; may be nil
}

func (v *Violation) Error() string {
	var b strings.Builder
	b.WriteString(v.Source)
	if v.Page > 0 {
		fmt.Fprintf(&b, ", page %d", v.Page)
	}
	if v.Index > 0 {
		fmt.Fprintf(&b, ", record %d", v.Index)
	}
	if v.Row > 0 {
		fmt.Fprintf(&b, " (row %d)", v.Row)
	}
	b.WriteString(": ")
	if v.Field != "" {
		b.WriteString(v.Field + " ")
	}
	if v.Have != "" {
		fmt.Fprintf(&b, "is %s, ", v.Have)
	}
	b.WriteString("expected " + v.Want)
	if v.Hint != "" {
		b.WriteString("; " + v.Hint)
	}
	return b.String()
}

// Unwrap returns what a parser said, if anything.
func (v *Violation) Unwrap() error { return v.Err }

// A RefusedError is an answer of a gateway with a status that brings no history.
type RefusedError struct {
	Source     string
	Status     int // of HTTP
	Code       int // Taler's number of the error, 0 if the answer has none
	Said       string
	RetryAfter time.Duration // how long the server asked to wait; 0 if it did not say
	Attempts   int
	Hint       string
}

func (e *RefusedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the bank answers with status %d", e.Source, e.Status)
	if e.Code != 0 {
		fmt.Fprintf(&b, ", error %d", e.Code)
	}
	if e.Said != "" {
		b.WriteString(", " + quote(e.Said))
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, ", at the last of %d attempts", e.Attempts)
	}
	b.WriteString("; " + e.Hint)
	return b.String()
}

// An UnavailableError says that no answer could be had, or none to its end.
type UnavailableError struct {
	Source   string
	Reason   string
	Attempts int
	Hint     string
	Err      error
}

func (e *UnavailableError) Error() string {
	attempts := ""
	if e.Attempts > 1 {
		attempts = fmt.Sprintf(" after %d attempts", e.Attempts)
	}
	return fmt.Sprintf("%s: the bank cannot be reached%s: %s; %s", e.Source, attempts, e.Reason, e.Hint)
}

// Unwrap returns what the network said.
func (e *UnavailableError) Unwrap() error { return e.Err }

// A FileError says that a saved history cannot be read.
type FileError struct {
	File string
	Hint string // what is wrong and what to do
	Err  error  // what the operating system said, if anything
}

func (e *FileError) Error() string { return fmt.Sprintf("history %s %s", quote(e.File), e.Hint) }

// Unwrap returns what the operating system said, if anything.
func (e *FileError) Unwrap() error { return e.Err }

// maxQuoted bounds text of a bank in a message, in bytes.
const maxQuoted = 100

// quote makes text of a bank safe to show.
func quote(s string) string {
	if len(s) > maxQuoted {
		return strconv.Quote(s[:maxQuoted]) + "…"
	}
	return strconv.Quote(s)
}
