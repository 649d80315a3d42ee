// Package exchange describes the database of an exchange: which tables it has,
// what each column holds, and which layout a given database follows.
//
// The description is data. The order of replication, the schema gate, the row
// parser, the digests, restoring and collecting garbage all follow from it, so
// that a fact about a table is written down once. A [Layout] is one arrangement
// of tables that a release of the exchange used; [Recognize] finds the layout of
// a database from its catalog, and [Inspect] lists how a database departs from
// the layout that it should have.
package exchange

import "slices"

// A Layout is one arrangement of the exchange's tables.
type Layout struct {
	Name   string // the year of the release, such as "2021"
	Tables []*Table
}

// Layouts returns every layout that this program knows, newest first.
func Layouts() []*Layout { return []*Layout{Layout2021()} }

// Table returns the named table, or nil if the layout has none of that name.
func (l *Layout) Table(name string) *Table {
	if place := l.Place(name); place >= 0 {
		return l.Tables[place]
	}
	return nil
}

// Place returns the position of the named table among the tables of the layout, or -1.
func (l *Layout) Place(name string) int {
	return slices.IndexFunc(l.Tables, func(t *Table) bool { return t.Name == name })
}

// A Table describes one table. Columns are named, never counted: their order in
// a database differs from one to the next.
type Table struct {
	Name        string
	Serial      string // the column that a sequence fills and that orders the rows; "" if there is none
	Columns     []Column
	PrimaryKey  []string // nil where the table has none
	Unique      [][]string
	ForeignKeys []ForeignKey
	Indexes     [][]string // besides those of keys; a column may be followed by " desc"
	Replicated  bool       // copied into the trusted database of an external auditor
	Mutable     bool       // rows are changed or deleted at will, not only their mutable columns
}

// Column returns the named column, or nil if the table has none of that name.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// ColumnNames returns the names of all columns, in the order of the registry.
func (t *Table) ColumnNames() []string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return names
}

// Parents returns the names of the tables that t refers to, without repetition.
func (t *Table) Parents() []string {
	var parents []string
	for _, fk := range t.ForeignKeys {
		if !slices.Contains(parents, fk.Table) {
			parents = append(parents, fk.Table)
		}
	}
	return parents
}

// A Column describes one column.
type Column struct {
	Name     string
	Type     Type
	Role     Role
	Length   int    // exact length of a well-formed value in bytes; 0 = any
	Default  string // as the catalog prints it, or "sequence"; "" = none
	Nullable bool
	Mutable  bool // changed by the exchange after the row was written
	Checked  bool // the database itself enforces Length
}

// A ForeignKey says that Column holds a value of column References of Table.
// Every foreign key of an exchange deletes in cascade.
type ForeignKey struct {
	Column, Table, References string
	Deferrable                bool
}
