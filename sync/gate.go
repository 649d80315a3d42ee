package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
)

// The schema gate stands before the first row of each pass. Binary COPY carries
// no types: it takes a float8 for an int8 without complaint, and a view can answer
// anything. So the kind of each relation, its columns, their types and NULL-ness
// are compared with the registry first, while the tables are locked against being
// changed until the pass ends.

// A SchemaError lists every difference between a database and the layout that
// stands against copying.
type SchemaError struct {
	Side        Side
	Layout      string
	Differences []exchange.Difference
}

// Error prints one line per difference, in columns.
func (e *SchemaError) Error() string {
	var b strings.Builder
	if e.Side == Source {
		fmt.Fprintf(&b, "the source's tables are not those of layout %s, no row was read; ask the exchange operator what changed:\n", e.Layout)
	} else {
		fmt.Fprintf(&b, "the destination's tables are not those of layout %s, no row was read; create it with auditor-dbinit:\n", e.Layout)
	}
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "  what\texpected\tfound")
	for _, d := range e.Differences {
		what := d.Table
		if d.Column != "" {
			what += "." + d.Column
		}
		fmt.Fprintf(w, "  %s: %s\t%s\t%s\n", escape(what, shownValue), d.Aspect, escape(d.Expected, shownValue), escape(d.Found, shownValue))
	}
	w.Flush()
	return strings.TrimRight(b.String(), "\n")
}

// ExitStatus tells a source that violates an invariant from a destination that
// cannot be used.
func (e *SchemaError) ExitStatus() int {
	if e.Side == Source {
		return 3
	}
	return 2
}

// gateSource compares the source with the layout, inside the transaction of a
// pass. It returns what is different and does not stand against copying.
func gateSource(ctx context.Context, conn *pgx.Conn, schema string, l *exchange.Layout, shapes []*shape) ([]exchange.Difference, error) {
	lockErr := lockTables(ctx, conn, schema, shapes)
	differences, err := exchange.Inspect(ctx, conn, schema, l)
	if err != nil {
		return nil, databaseError(Source, conn, "inspect the tables", err)
	}
	if harmful := exchange.Harmful(differences); len(harmful) > 0 {
		return nil, &SchemaError{Source, l.Name, harmful}
	}
	if lockErr != nil {
		return nil, databaseError(Source, conn, "lock the tables against changes", lockErr)
	}
	var announced []exchange.Difference
	for _, s := range shapes {
		ds, err := statementTypes(ctx, conn, schema, s)
		if err != nil {
			return nil, databaseError(Source, conn, "describe "+s.table.Name, err)
		}
		announced = append(announced, ds...)
	}
	if len(announced) > 0 {
		return nil, &SchemaError{Source, l.Name, announced}
	}
	return differences, nil
}

// lockTables keeps the tables from being altered or truncated until the
// transaction ends. It fails where a table is missing or is none, which the
// inspection tells better; the savepoint keeps the transaction usable for it.
func lockTables(ctx context.Context, conn *pgx.Conn, schema string, shapes []*shape) error {
	names := make([]string, len(shapes))
	for i, s := range shapes {
		names[i] = s.relation(schema)
	}
	if _, err := conn.Exec(ctx, "savepoint lock_tables"); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "lock table only "+strings.Join(names, ", only ")+" in access share mode")
	if err != nil {
		_, _ = conn.Exec(ctx, "rollback to savepoint lock_tables") // the first error tells more
	}
	return err
}

// statementTypes compares the types that the server announces for the columns that
// will be copied: what it plans to send, not what its catalog says.
func statementTypes(ctx context.Context, conn *pgx.Conn, schema string, s *shape) ([]exchange.Difference, error) {
	description, err := conn.PgConn().Prepare(ctx, "", "select "+s.names+" from only "+s.relation(schema), nil)
	if err != nil {
		return nil, err
	}
	if len(description.Fields) != len(s.columns) {
		return []exchange.Difference{{
			Table: s.table.Name, Aspect: exchange.AspectColumn,
			Expected: fmt.Sprintf("%d columns", len(s.columns)), Found: fmt.Sprintf("%d in the server's answer", len(description.Fields)),
		}}, nil
	}
	var ds []exchange.Difference
	for i, c := range s.columns {
		if oid := description.Fields[i].DataTypeOID; oid != c.Type.OID() {
			ds = append(ds, exchange.Difference{
				Table: s.table.Name, Column: c.Name, Aspect: exchange.AspectType,
				Expected: c.Type.String(), Found: fmt.Sprintf("type number %d in the server's answer", oid),
			})
		}
	}
	return ds, nil
}

// inspectDestination compares the destination with the layout, once per
// connection. Here a missing constraint is not harmless: it is the last wall.
func (s *session) inspectDestination(ctx context.Context) error {
	conn, schema := s.destination, s.DestinationSchema
	if err := migrate.CheckCurrent(ctx, conn, migrate.Replica(schema)); err != nil {
		return databaseError(Destination, conn, "look for the record of passes", err)
	}
	if s.layout = s.Layout; s.layout == nil {
		var err error
		if s.layout, err = recognize(ctx, conn, schema); err != nil {
			return err
		}
	}
	differences, err := exchange.Inspect(ctx, conn, schema, s.layout)
	if err != nil {
		return databaseError(Destination, conn, "inspect the tables", err)
	}
	var harmful []exchange.Difference
	for _, d := range differences {
		if constrains(d) {
			d.Harmless = !s.layout.Table(d.Table).Replicated
		}
		if !d.Harmless {
			harmful = append(harmful, d)
		}
	}
	if len(harmful) > 0 {
		return &SchemaError{Destination, s.layout.Name, harmful}
	}
	return nil
}

// constrains says whether a difference is about a key or another constraint.
func constrains(d exchange.Difference) bool {
	switch d.Aspect {
	case exchange.AspectPrimaryKey, exchange.AspectUnique, exchange.AspectCheck, exchange.AspectForeignKey:
		return true
	}
	return false
}

// recognize finds the layout of the destination; the source is to have the same.
func recognize(ctx context.Context, conn *pgx.Conn, schema string) (*exchange.Layout, error) {
	layout, err := exchange.Recognize(ctx, conn, schema)
	if e, ok := errors.AsType[*exchange.UnrecognizedError](err); ok && !e.Empty() {
		closest := slices.MinFunc(e.Candidates, func(a, b exchange.Candidate) int { return len(a.Differences) - len(b.Differences) })
		return nil, &SchemaError{Destination, closest.Layout.Name, closest.Differences}
	}
	return layout, databaseError(Destination, conn, "recognize the layout", err)
}
