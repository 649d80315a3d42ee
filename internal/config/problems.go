package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	File    string
	Line    int    // from 1; 0 where the problem has no place, for instance a missing section
	Column  int    // in characters, from 1; 0 if unknown
	Key     string // with its section, "exchange.currency"; a section; or empty: the file as a whole
	Message string // a sentence that ends with what to do
	Nearest string // for something unknown: the known name that was probably meant; may be empty
	Err     error  // what the operating system said, if the file cannot be read
}

// Error gives FILE:LINE:COLUMN: KEY: MESSAGE, as far as they are known.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Column > 0 {
		fmt.Fprintf(&b, ":%d", p.Column)
	}
	b.WriteString(": ")
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(p.Message)
	return b.String()
}

// Unwrap returns what the operating system said, if anything.
func (p Problem) Unwrap() error { return p.Err }

// Problems is all that is wrong with one configuration, in the order of its lines. What has no place in the
// file comes last.
type Problems struct {
	List []Problem // not empty
}

// Error gives one line per problem.
func (p *Problems) Error() string {
	lines := make([]string, len(p.List))
	for i, problem := range p.List {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems.
func (p *Problems) Unwrap() []error {
	errs := make([]error, len(p.List))
	for i, problem := range p.List {
		errs[i] = problem
	}
	return errs
}

// ExitStatus is the exit status of a program that ends because of its configuration.
func (p *Problems) ExitStatus() int { return 1 }

func (p *Problems) sort() {
	slices.SortStableFunc(p.List, func(a, b Problem) int {
		if (a.Line == 0) != (b.Line == 0) {
			return b.Line - a.Line
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}
