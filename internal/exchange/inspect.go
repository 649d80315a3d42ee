package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Aspect is what a difference is about.
type Aspect string

// The aspects, as they are printed.
const (
	AspectTable       Aspect = "table"
	AspectKind        Aspect = "kind of relation"
	AspectRowSecurity Aspect = "row-level security"
	AspectInheritance Aspect = "inheriting tables"
	AspectColumn      Aspect = "column"
	AspectExtraColumn Aspect = "additional column"
	AspectType        Aspect = "type"
	AspectNotNull     Aspect = "not null"
	AspectGenerated   Aspect = "computed column"
	AspectDefault     Aspect = "default"
	AspectPrimaryKey  Aspect = "primary key"
	AspectUnique      Aspect = "unique constraint"
	AspectCheck       Aspect = "check constraint"
	AspectForeignKey  Aspect = "foreign key"
	AspectIndex       Aspect = "index"
)

// A Difference is one way in which a database departs from a layout.
type Difference struct {
	Table    string // always set
	Column   string // "" if the difference concerns the whole table
	Aspect   Aspect
	Expected string
	Found    string

	// Harmless says that the rows of the table can be read and mean the same in
	// spite of the difference.
	Harmless bool
}

// String puts a difference into one line: what it is about, what the layout
// expects, what the database has. Names and types come from the database and are
// quoted where they could confuse a terminal.
func (d Difference) String() string {
	name := d.Table
	if d.Column != "" {
		name += "." + d.Column
	}
	return fmt.Sprintf("%s: %s: expected %s, found %s", printable(name), d.Aspect, printable(d.Expected), printable(d.Found))
}

// Harmful returns the differences that stand against reading the database, in the
// order in which they came.
func Harmful(differences []Difference) []Difference {
	var harmful []Difference
	for _, d := range differences {
		if !d.Harmless {
			harmful = append(harmful, d)
		}
	}
	return harmful
}

// Inspect compares a schema of a database with a layout, by the catalog alone, and
// returns every difference, table by table in the order of the registry.
//
// These are harmful, because rows would be missing, would not be what the exchange
// wrote, or would arrive as bytes of another type: a missing table; a relation that
// is not an ordinary table; row-level security; tables that inherit from it; a
// missing column; another type or type modifier; a column that accepts NULL where
// the layout does not; a computed column.
//
// These are harmless: an additional column, NOT NULL beyond the layout, another
// default, and a missing key, constraint or index (who copies rows checks them
// against the constraints of the destination, for which a missing one is not
// harmless at all: tell them by their aspect). So is whatever happens to a table
// that is not replicated. Additional tables, constraints and indexes are not even
// mentioned.
//
// The cost is four queries.
func Inspect(ctx context.Context, conn *pgx.Conn, schema string, l *Layout) ([]Difference, error) {
	c, err := readCatalog(ctx, conn, schema, l)
	if err != nil {
		return nil, fmt.Errorf("reading the catalog of schema %q: %w", schema, err)
	}
	var all []Difference
	for _, t := range l.Tables {
		differences := inspectTable(t, c.relations[t.Name])
		for i := range differences {
			differences[i].Table = t.Name
			differences[i].Harmless = differences[i].Harmless || !t.Replicated
		}
		all = append(all, differences...)
	}
	return all, nil
}

func inspectTable(t *Table, r *relation) []Difference {
	if r == nil {
		return []Difference{{Aspect: AspectTable, Expected: "present", Found: "missing"}}
	}
	var ds []Difference
	if r.kind != "r" {
		ds = append(ds, Difference{Aspect: AspectKind, Expected: kindName("r"), Found: kindName(r.kind)})
	}
	if r.rowSecurity {
		ds = append(ds, Difference{Aspect: AspectRowSecurity, Expected: "off", Found: "on"})
	}
	if r.inherited {
		ds = append(ds, Difference{Aspect: AspectInheritance, Expected: "none", Found: "some"})
	}
	for _, c := range t.Columns {
		for _, d := range inspectColumn(c, r.columns[c.Name]) {
			d.Column = c.Name
			ds = append(ds, d)
		}
	}
	for _, name := range r.order {
		if t.Column(name) == nil {
			ds = append(ds, Difference{Column: name, Aspect: AspectExtraColumn, Expected: "none", Found: r.columns[name].String(), Harmless: true})
		}
	}
	return append(ds, inspectConstraints(t, r)...)
}

func inspectColumn(want Column, have *column) []Difference {
	if have == nil {
		return []Difference{{Aspect: AspectColumn, Expected: want.Type.String(), Found: "missing"}}
	}
	var ds []Difference
	if have.typeOID != want.Type.OID() || have.typeModifier != -1 {
		found := have.typeName
		if found == want.Type.String() {
			found = fmt.Sprintf("%s (type number %d)", found, have.typeOID)
		}
		ds = append(ds, Difference{Aspect: AspectType, Expected: want.Type.String(), Found: found})
	}
	if have.notNull == want.Nullable {
		ds = append(ds, Difference{Aspect: AspectNotNull, Expected: nullness(!want.Nullable), Found: nullness(have.notNull), Harmless: have.notNull})
	}
	if have.generated {
		return append(ds, Difference{Aspect: AspectGenerated, Expected: "stored as written", Found: have.defaultText})
	}
	if found := have.defaultOf(); found != want.Default {
		ds = append(ds, Difference{Aspect: AspectDefault, Expected: orNone(want.Default), Found: orNone(found), Harmless: true})
	}
	return ds
}

// inspectConstraints looks for the constraints and indexes of a layout among those
// of a table, whatever their names.
func inspectConstraints(t *Table, r *relation) []Difference {
	var ds []Difference
	missing := func(aspect Aspect, column, expected string) {
		ds = append(ds, Difference{Column: column, Aspect: aspect, Expected: expected, Found: "missing", Harmless: true})
	}
	if t.PrimaryKey != nil && !slices.Contains(r.constraints, primaryKey(t.PrimaryKey)) {
		missing(AspectPrimaryKey, "", list(t.PrimaryKey))
	}
	for _, columns := range t.Unique {
		if !slices.Contains(r.constraints, unique(columns)) {
			missing(AspectUnique, "", list(columns))
		}
	}
	for _, c := range t.Columns {
		if c.Checked && !slices.Contains(r.constraints, lengthCheck(c)) {
			missing(AspectCheck, c.Name, lengthCheck(c).text)
		}
	}
	for _, fk := range t.ForeignKeys {
		if !slices.Contains(r.constraints, foreignKey(fk)) {
			missing(AspectForeignKey, fk.Column, foreignKey(fk).text)
		}
	}
	for _, columns := range t.Indexes {
		if !slices.Contains(r.indexes, list(columns)) {
			missing(AspectIndex, "", list(columns))
		}
	}
	return ds
}

func list(columns []string) string { return "(" + strings.Join(columns, ", ") + ")" }

func nullness(notNull bool) string {
	if notNull {
		return "not null"
	}
	return "null allowed"
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// printable quotes a text that holds anything but printable characters.
func printable(s string) string {
	quoted := fmt.Sprintf("%q", s)
	if plain := quoted[1 : len(quoted)-1]; strings.ReplaceAll(plain, `\"`, `"`) == s {
		return s
	}
	return quoted
}
