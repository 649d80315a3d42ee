package exchange

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// catalog is what PostgreSQL says of those relations of a schema that have the
// name of a table of the layout.
type catalog struct {
	relations map[string]*relation
}

type relation struct {
	kind        string // pg_class.relkind
	rowSecurity bool
	inherited   bool
	columns     map[string]*column
	order       []string // of the columns
	constraints []constraint
	indexes     []string // lists of columns
}

type column struct {
	typeOID      uint32
	typeModifier int32
	typeName     string
	notNull      bool
	generated    bool
	defaultText  string
}

// String describes a column that the layout does not have.
func (c *column) String() string {
	s := c.typeName
	if c.notNull {
		s += " not null"
	}
	if d := c.defaultOf(); d != "" {
		s += " default " + d
	}
	return s
}

// defaultOf returns the default as the registry writes it: drawing from a sequence
// is the same whatever the sequence is called.
func (c *column) defaultOf() string {
	if c.defaultText == "identity" || strings.HasPrefix(c.defaultText, "nextval(") {
		return "sequence"
	}
	return c.defaultText
}

// A constraint is reduced to what it enforces, so that two can be compared with ==
// whatever their names.
type constraint struct {
	kind string // pg_constraint.contype
	text string
}

func primaryKey(columns []string) constraint { return constraint{"p", list(columns)} }
func unique(columns []string) constraint     { return constraint{"u", list(columns)} }

func lengthCheck(c Column) constraint {
	return constraint{"c", fmt.Sprintf("(length(%s) = %d)", c.Name, c.Length)}
}

func foreignKey(fk ForeignKey) constraint {
	text := fmt.Sprintf("(%s) references %s (%s) on delete cascade", fk.Column, fk.Table, fk.References)
	if fk.Deferrable {
		text += " deferrable"
	}
	return constraint{"f", text}
}

func readCatalog(ctx context.Context, conn *pgx.Conn, schema string, l *Layout) (*catalog, error) {
	names := make([]string, len(l.Tables))
	for i, t := range l.Tables {
		names[i] = t.Name
	}
	c := &catalog{relations: map[string]*relation{}}
	for _, part := range []struct {
		script string
		read   func(rows pgx.Rows) error
	}{
		{"catalog/relations.sql", c.readRelation},
		{"catalog/columns.sql", c.readColumn},
		{"catalog/constraints.sql", c.readConstraint},
		{"catalog/indexes.sql", c.readIndex},
	} {
		rows, err := conn.Query(ctx, sql.Text(part.script), schema, names)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			if err := part.read(rows); err != nil {
				rows.Close()
				return nil, err
			}
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *catalog) readRelation(rows pgx.Rows) error {
	r := &relation{columns: map[string]*column{}}
	var name string
	if err := rows.Scan(&name, &r.kind, &r.rowSecurity, &r.inherited); err != nil {
		return err
	}
	c.relations[name] = r
	return nil
}

func (c *catalog) readColumn(rows pgx.Rows) error {
	var table, name string
	col := new(column)
	err := rows.Scan(&table, &name, &col.typeOID, &col.typeModifier, &col.typeName, &col.notNull, &col.generated, &col.defaultText)
	if err != nil {
		return err
	}
	r, err := c.relation(table)
	if err != nil {
		return err
	}
	r.columns[name] = col
	r.order = append(r.order, name)
	return nil
}

func (c *catalog) readConstraint(rows pgx.Rows) error {
	var table, kind, target, check, onDelete string
	var columns, targetColumns []string
	var deferrable, validated bool
	err := rows.Scan(&table, &kind, &columns, &target, &targetColumns, &check, &onDelete, &deferrable, &validated)
	if err != nil {
		return err
	}
	r, err := c.relation(table)
	if err != nil {
		return err
	}
	text := list(columns)
	switch kind {
	case "c":
		text = check
	case "f":
		text += " references " + target + " " + list(targetColumns)
		if onDelete == "c" {
			text += " on delete cascade"
		}
	}
	if deferrable {
		text += " deferrable"
	}
	if !validated {
		text += " not valid"
	}
	r.constraints = append(r.constraints, constraint{kind, text})
	return nil
}

func (c *catalog) readIndex(rows pgx.Rows) error {
	var table string
	var columns []string
	if err := rows.Scan(&table, &columns); err != nil {
		return err
	}
	r, err := c.relation(table)
	if err != nil {
		return err
	}
	r.indexes = append(r.indexes, list(columns))
	return nil
}

// relation finds a relation that the first query listed. Outside of a snapshot a
// table can appear between two queries.
func (c *catalog) relation(name string) (*relation, error) {
	if r := c.relations[name]; r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("table %q appeared while its catalog was read: try again", name)
}

// kindName names a kind of relation for people.
func kindName(kind string) string {
	switch kind {
	case "r":
		return "ordinary table"
	case "v":
		return "view"
	case "m":
		return "materialized view"
	case "f":
		return "foreign table"
	case "p":
		return "partitioned table"
	}
	return fmt.Sprintf("relation of kind %q", kind)
}
