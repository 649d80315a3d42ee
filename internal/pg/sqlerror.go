package pg

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
)

// An SQLError is an error of PostgreSQL together with the line of the script that it is about.
type SQLError struct {
	Line   int    // from 1
	Column int    // in characters, from 1
	Source string // the line
	Err    error  // the error of PostgreSQL, wrapped in whatever it came in
}

// Error gives the error, then the line, then a mark below the place. What the server said of details and hints
// follows.
func (e *SQLError) Error() string {
	var b strings.Builder
	prefix := fmt.Sprintf("line %d: ", e.Line)
	fmt.Fprintf(&b, "%s\n%s%s\n%s^", printable(e.Err.Error()), prefix, e.Source, e.indent(len(prefix)))
	if answer, ok := errors.AsType[*pgconn.PgError](e.Err); ok {
		if answer.Detail != "" {
			b.WriteString("\ndetail: " + printable(answer.Detail))
		}
		if answer.Hint != "" {
			b.WriteString("\nhint: " + printable(answer.Hint))
		}
	}
	return b.String()
}

// indent is blank and as wide as what precedes the place in its line; tabs stay tabs.
func (e *SQLError) indent(prefix int) string {
	blank := func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}
	before := []rune(e.Source)[:e.Column-1]
	return strings.Repeat(" ", prefix) + strings.Map(blank, string(before))
}

func (e *SQLError) Unwrap() error { return e.Err }

// ExplainSQLError points an error to the line of the script that was being executed, which was sent as one
// string. It returns an *SQLError, or err itself if PostgreSQL did not say where in the script the error is.
func ExplainSQLError(err error, script string) error {
	answer, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || answer.Position < 1 {
		return err
	}
	before, ok := firstRunes(script, int(answer.Position)-1)
	if !ok {
		return err
	}
	start := strings.LastIndexByte(before, '\n') + 1
	source, _, _ := strings.Cut(script[start:], "\n")
	return &SQLError{
		Line:   1 + strings.Count(before, "\n"),
		Column: 1 + utf8.RuneCountInString(before[start:]),
		Source: strings.TrimRight(source, "\r"),
		Err:    err,
	}
}

// firstRunes returns the first n characters of s, if s has as many.
func firstRunes(s string, n int) (string, bool) {
	count := 0
	for i := range s {
		if count == n {
			return s[:i], true
		}
		count++
	}
	return s, count == n
}
