package exchange

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/taler"
)

// Row is what every row of a canonical relation has. A row whose values cannot
// be what their columns say is Malformed; what could be read is still there.
type Row struct {
	Serial    int64
	Malformed *Malformed
}

// Malformed is the first value of a row that cannot be what its column says.
type Malformed struct {
	Column string
	Reason string
}

// Head returns the row itself, whatever relation it belongs to.
func (r *Row) Head() *Row { return r }

func (m *Malformed) Error() string { return m.Column + ": " + m.Reason }

// decoder takes the columns of one row one after the other. The first value
// that cannot be taken makes the row malformed; decoding goes on.
type decoder struct {
	currency  taler.Currency
	fields    []pgconn.FieldDescription
	values    [][]byte
	at        int
	malformed *Malformed
}

func (d *decoder) begin(values [][]byte) {
	d.values, d.at, d.malformed = values, 0, nil
}

func (d *decoder) row() Row { return Row{Serial: d.integer(), Malformed: nil} }

func (d *decoder) refuse(column, reason string, args ...any) {
	if d.malformed == nil {
		d.malformed = &Malformed{Column: column, Reason: fmt.Sprintf(reason, args...)}
	}
}

// next returns the next column's name and value, which is nil for NULL.
func (d *decoder) next() (string, []byte) {
	name, value := d.fields[d.at].Name, d.values[d.at]
	d.at++
	return name, value
}

// fixed returns the next value, which must have the given size, or nil.
func (d *decoder) fixed(size int) []byte {
	name, value := d.next()
	if value == nil {
		d.refuse(name, "is missing")
		return nil
	}
	if len(value) != size {
		d.refuse(name, "has %d bytes instead of %d", len(value), size)
		return nil
	}
	return value
}

func (d *decoder) integer() int64 {
	if v := d.fixed(8); v != nil {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}

func (d *decoder) smallInteger() int32 {
	if v := d.fixed(4); v != nil {
		return int32(binary.BigEndian.Uint32(v))
	}
	return 0
}

func (d *decoder) boolean() bool {
	v := d.fixed(1)
	return v != nil && v[0] != 0
}

// raw copies the next value into dst, whose length it must have.
func (d *decoder) raw(dst []byte) {
	if v := d.fixed(len(dst)); v != nil {
		copy(dst, v)
	}
}

// optional is raw for a column that may be NULL; it tells whether it was not.
func (d *decoder) optional(dst []byte) bool {
	if d.values[d.at] == nil {
		d.at++
		return false
	}
	d.raw(dst)
	return true
}

// skipNull leaves out the next columns, which belong together, if the first of them
// is NULL, and tells whether it did.
func (d *decoder) skipNull(columns int) bool {
	if d.values[d.at] != nil {
		return false
	}
	d.at += columns
	return true
}

// bytes returns a copy of the next value.
func (d *decoder) bytes() []byte {
	name, value := d.next()
	if value == nil {
		d.refuse(name, "is missing")
		return nil
	}
	return append([]byte(nil), value...)
}

func (d *decoder) text() string {
	name, value := d.next()
	if value == nil {
		d.refuse(name, "is missing")
		return ""
	}
	if !utf8.Valid(value) {
		d.refuse(name, "is not valid UTF-8")
		return ""
	}
	return string(value)
}

// amount takes two columns, units and fraction.
func (d *decoder) amount() taler.Amount {
	name := d.fields[d.at].Name
	value, fraction := d.integer(), d.smallInteger()
	a, err := taler.AmountFromDB(d.currency, value, fraction)
	if err != nil {
		d.refuse(name, "is no amount: %v", err)
		return taler.Zero(d.currency)
	}
	return a
}

func (d *decoder) time() taler.Timestamp {
	name := d.fields[d.at].Name
	t, err := taler.TimestampFromDB(d.integer())
	if err != nil {
		d.refuse(name, "is no time: %v", err)
	}
	return t
}
