package exchange

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Recognize finds the layout of the exchange's tables in a schema: the one from
// which the catalog departs in nothing but harmless ways, as [Inspect] defines
// them. It looks at no patch names, because the same names were given to several
// layouts. If no layout fits, the error is an [*UnrecognizedError].
func Recognize(ctx context.Context, conn *pgx.Conn, schema string) (*Layout, error) {
	return recognize(ctx, conn, schema, Layouts())
}

func recognize(ctx context.Context, conn *pgx.Conn, schema string, layouts []*Layout) (*Layout, error) {
	unrecognized := &UnrecognizedError{Database: conn.Config().Database, Schema: schema}
	for _, l := range layouts {
		differences, err := Inspect(ctx, conn, schema, l)
		if err != nil {
			return nil, err
		}
		harmful := Harmful(differences)
		if len(harmful) == 0 {
			return l, nil
		}
		unrecognized.Candidates = append(unrecognized.Candidates, Candidate{Layout: l, Differences: harmful})
	}
	return nil, unrecognized
}

// A Candidate is a layout that does not fit, and why.
type Candidate struct {
	Layout      *Layout
	Differences []Difference // the harmful ones
}

// absent reports whether a schema has none of the layout's replicated tables.
func (c Candidate) absent() bool {
	missing := 0
	for _, d := range c.Differences {
		if d.Aspect == AspectTable {
			missing++
		}
	}
	return missing == len(c.Layout.Replicated())
}

// UnrecognizedError says that a schema holds the tables of no known layout.
type UnrecognizedError struct {
	Database, Schema string
	Candidates       []Candidate
}

// Empty reports whether the schema has no table of any layout at all, rather than
// some that do not fit.
func (e *UnrecognizedError) Empty() bool {
	for _, c := range e.Candidates {
		if !c.absent() {
			return false
		}
	}
	return true
}

// Error is one line if the schema is empty, else one for each difference.
func (e *UnrecognizedError) Error() string {
	if e.Empty() {
		return fmt.Sprintf("schema %q of database %q holds no exchange: check config and schema of section [exchangedb]", e.Schema, e.Database)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "schema %q of database %q holds no exchange that this program can read:", e.Schema, e.Database)
	for _, c := range e.Candidates {
		if c.absent() {
			continue
		}
		for _, d := range c.Differences {
			fmt.Fprintf(&b, "\n  layout %s: %s", c.Layout.Name, d)
		}
	}
	return b.String()
}

// ExitStatus is the exit status of a program that needs an exchange's database.
func (e *UnrecognizedError) ExitStatus() int { return 2 }
