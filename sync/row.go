package sync

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// A Row is one well-formed row as it travelled from the source. It is valid until
// the function that it was given to returns; the bytes belong to the parser.
type Row struct {
	Serial int64
	Image  []byte // the tuple of the binary COPY format: number of fields, then length and bytes of each

	shape  *shape
	values []span
}

// span is where a value lies in an image; NULL is the negative start.
type span struct{ start, end int }

// Columns returns the columns of the row in the order of the image: the serial
// first, then the others in the order of the registry.
func (r *Row) Columns() []exchange.Column { return r.shape.columns }

// Value returns the binary form of column i, nil for NULL.
func (r *Row) Value(i int) []byte {
	if r.values[i].start < 0 {
		return nil
	}
	return r.Image[r.values[i].start:r.values[i].end:r.values[i].end]
}

// clone returns a copy that stays valid.
func (r *Row) clone() *Row {
	c := *r
	c.Image = append([]byte(nil), r.Image...)
	c.values = append([]span(nil), r.values...)
	return &c
}

// describe prints the values of the named columns, escaped.
func (r *Row) describe(columns []string) string {
	var parts []string
	for _, name := range columns {
		for i, c := range r.shape.columns {
			if c.Name == name {
				parts = append(parts, name+" = "+printable(c, r.Value(i)))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// printable prints one binary value of a column.
func printable(c exchange.Column, value []byte) string {
	switch {
	case value == nil:
		return "NULL"
	case c.Type == exchange.BigInt && len(value) == 8:
		return strconv.FormatInt(int64(binary.BigEndian.Uint64(value)), 10)
	case c.Type == exchange.Integer && len(value) == 4:
		return strconv.FormatInt(int64(int32(binary.BigEndian.Uint32(value))), 10)
	case c.Type == exchange.Boolean && len(value) == 1:
		return fmt.Sprint(value[0])
	case c.Type == exchange.Text || c.Type == exchange.Varchar:
		return "'" + escape(string(value), shownValue) + "'"
	case len(value) > shownValue/2:
		return `\x` + hex.EncodeToString(value[:shownValue/2]) + "…"
	default:
		return `\x` + hex.EncodeToString(value)
	}
}

// A shape is a table as it travels: the serial is the first column, so that even
// a row that breaks off in the middle can be named.
type shape struct {
	table    *exchange.Table
	columns  []exchange.Column
	names    string // the quoted names of columns, for both sides of the copy
	serial   string // the quoted name of the first
	maxValue int    // bytes
	stable   int    // how many of the columns never change
}

func newShape(t *exchange.Table, maxValue int) *shape {
	s := &shape{table: t, maxValue: maxValue}
	s.columns = append(s.columns, *t.Column(t.Serial))
	for _, c := range t.Columns {
		if c.Name != t.Serial {
			s.columns = append(s.columns, c)
		}
	}
	quoted := make([]string, len(s.columns))
	for i, c := range s.columns {
		if !c.Mutable {
			s.stable++
		}
		quoted[i] = pgx.Identifier{c.Name}.Sanitize()
	}
	s.names, s.serial = strings.Join(quoted, ", "), quoted[0]
	return s
}

// violation starts the report of a rule that the row with the given serial broke
// in column c.
func (s *shape) violation(serial, after int64, c exchange.Column, rule Rule, constraint, have, want string) *Violation {
	return &Violation{
		Table: s.table.Name, Serial: serial, After: after, Column: c.Name,
		Constraint: constraint, Rule: rule, Have: have, Want: want, Hint: rule.hint(),
	}
}

// relation returns the quoted, schema-qualified name of the table.
func (s *shape) relation(schema string) string {
	return pgx.Identifier{schema, s.table.Name}.Sanitize()
}
