package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// accuse reports the one row of a refused batch: which constraint of the
// destination it broke, with which values.
func (s *session) accuse(ctx context.Context, sh *shape, after int64, r *refused) error {
	v := &Violation{
		Table: sh.table.Name, Serial: r.first.Serial, After: after,
		Column: escape(r.err.ColumnName, shownValue), Constraint: escape(r.err.ConstraintName, shownValue),
		Rule: ruleOf(r.err.Code), Want: "a value that the destination accepts",
		image: r.first.Image,
	}
	v.Hint = v.Rule.hint()
	columns := []string{r.err.ColumnName}
	if r.err.ConstraintName != "" {
		named, definition, err := s.constraint(ctx, sh, r.err.ConstraintName)
		if err != nil {
			return errors.Join(v, err)
		}
		if len(named) > 0 {
			columns, v.Column = named, escape(strings.Join(named, ", "), shownValue)
		}
		if definition != "" {
			v.Want = escape(definition, shownMessage)
		}
	} else {
		v.Constraint = escape(r.err.Message, shownMessage)
	}
	if v.Have = r.first.describe(columns); v.Have == "" {
		v.Have = escape(r.err.Message, shownMessage)
	}
	return v
}

// constraint looks up the columns and the definition of a constraint; both are
// empty for what is none, such as a unique index.
func (s *session) constraint(ctx context.Context, sh *shape, name string) (columns []string, definition string, err error) {
	err = s.destination.QueryRow(ctx, sql.Text("sync/constraint.sql"), s.DestinationSchema, sh.table.Name, name).Scan(&columns, &definition)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, "", nil
	}
	return columns, definition, databaseError(Destination, s.destination, "look up constraint "+name, err)
}

func ruleOf(code string) Rule {
	switch code {
	case "23502":
		return RuleNotNull
	case "23503":
		return RuleForeignKey
	case "23505":
		return RuleUnique
	}
	return RuleConstraint
}

// accuseTooLong names the row whose message ended the connection to the source:
// it is the first one after the last that arrived. A new connection asks for the
// sizes of its values only.
func (s *session) accuseTooLong(ctx context.Context, sh *shape, after int64) error {
	conn, err := s.openSource(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	columns := []string{}
	sizes := []string{}
	for _, c := range sh.columns {
		if slices.Contains([]exchange.Type{exchange.Bytea, exchange.Text, exchange.Varchar}, c.Type) {
			columns = append(columns, c.Name)
			sizes = append(sizes, "octet_length("+pgx.Identifier{c.Name}.Sanitize()+")")
		}
	}
	var serial int64
	var found []*int64
	err = conn.QueryRow(ctx, fmt.Sprintf("select %s, array[%s]::bigint[] from only %s where %[1]s > $1 order by %[1]s limit 1",
		sh.serial, strings.Join(sizes, ", "), sh.relation(s.SourceSchema)), after).Scan(&serial, &found)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return databaseError(Source, conn, "look for the row that is too long", err)
	}
	for i, n := range found {
		if n != nil && i < len(columns) {
			if b := checkLength(*sh.table.Column(columns[i]), int(*n), sh.maxValue); b != nil {
				return sh.violation(serial, after, *sh.table.Column(columns[i]), b.rule, b.constraint, b.have, b.want)
			}
		}
	}
	return sh.violation(0, after, exchange.Column{}, RuleStream, "no message is longer than its row",
		"a message longer than the connection accepts", "a row of values that are not too long")
}
