package catalogue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

// fields are values of columns. An amount stands for its two columns, under their
// common name.
type fields map[string]any

// columns spells the fields out, in a fixed order.
func (f fields) columns() (names []string, values []any) {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		switch v := f[name].(type) {
		case taler.Amount:
			names = append(names, name+"_val", name+"_frac")
			values = append(values, int64(v.Value), int32(v.Fraction))
			continue
		case taler.Timestamp:
			values = append(values, v.DB())
		case taler.EddsaPublicKey:
			values = append(values, v[:])
		case taler.EddsaSignature:
			values = append(values, v[:])
		case taler.Hash:
			values = append(values, v[:])
		case taler.WTID:
			values = append(values, v[:])
		case taler.BlindingSecret:
			values = append(values, v[:])
		case taler.TransferPublicKey:
			values = append(values, v[:])
		default:
			values = append(values, v)
		}
		names = append(names, name)
	}
	return names, values
}

func (d *deed) table(name string) string { return pgx.Identifier{d.Schema, name}.Sanitize() }

// serialOf returns the name of a table's serial column, "" if it has none.
func serialOf(table string) string { return exchange.Layout2021().Table(table).Serial }

// insert adds a row and returns its serial.
func (d *deed) insert(table string, f fields) int64 {
	names, values := f.columns()
	marks := make([]string, len(names))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return d.returning(table, fmt.Sprintf("insert into %s (%s) values (%s)",
		d.table(table), strings.Join(names, ", "), strings.Join(marks, ", ")), values)
}

// copy adds a row that equals another one but for the serial and the fields, and
// returns its serial.
func (d *deed) copy(table string, serial int64, f fields) int64 {
	names, values := f.columns()
	marks := make([]string, len(names))
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	for _, c := range exchange.Layout2021().Table(table).Columns {
		if c.Name != serialOf(table) && !slices.Contains(names, c.Name) {
			names, marks = append(names, c.Name), append(marks, c.Name)
		}
	}
	return d.returning(table, fmt.Sprintf("insert into %s (%s) select %s from %s where %s = $%d", d.table(table),
		strings.Join(names, ", "), strings.Join(marks, ", "), d.table(table), serialOf(table), len(values)+1), append(values, serial))
}

func (d *deed) returning(table, statement string, values []any) int64 {
	column := serialOf(table)
	if column == "" {
		d.exec(statement, values...)
		return 0
	}
	var serial int64
	d.read(statement+" returning "+column, values, &serial)
	return serial
}

// update changes the row with a serial.
func (d *deed) update(table string, serial int64, f fields) {
	names, values := f.columns()
	for i := range names {
		names[i] = fmt.Sprintf("%s = $%d", names[i], i+1)
	}
	d.exec(fmt.Sprintf("update %s set %s where %s = $%d", d.table(table), strings.Join(names, ", "), serialOf(table), len(values)+1),
		append(values, serial)...)
}

// remove deletes the row with a serial.
func (d *deed) remove(table string, serial int64) {
	d.exec(fmt.Sprintf("delete from %s where %s = $1", d.table(table), serialOf(table)), serial)
}

// exec runs a statement that must touch a row.
func (d *deed) exec(statement string, values ...any) {
	if d.err != nil {
		return
	}
	tag, err := d.tx.Exec(d.ctx, sql.InSchema(statement, d.Schema), values...)
	if err != nil {
		d.fail(fmt.Errorf("%s: %w", statement, err))
	} else if tag.RowsAffected() == 0 {
		d.fail(fmt.Errorf("%w: %s", ErrNoVictim, statement))
	}
}

// drop drops a constraint, whose definition it can restore.
func (d *deed) drop(table, constraint string) {
	if d.err != nil {
		return
	}
	var definition string
	d.read("select pg_get_constraintdef(oid) from pg_constraint where conrelid = $1::regclass and conname = $2", []any{d.table(table), constraint}, &definition)
	statement := fmt.Sprintf("alter table %s drop constraint %s", d.table(table), pgx.Identifier{constraint}.Sanitize())
	if _, err := d.tx.Exec(d.ctx, statement); err != nil {
		d.fail(fmt.Errorf("%s: %w", statement, err))
	}
	d.Undo += fmt.Sprintf("alter table %s add constraint %s %s;", d.table(table), pgx.Identifier{constraint}.Sanitize(), definition)
}

// read runs a query whose first row is what the deed needs; without one there is
// no victim.
func (d *deed) read(query string, values []any, into ...any) {
	if d.err != nil {
		return
	}
	err := d.tx.QueryRow(d.ctx, sql.InSchema(query, d.Schema), values...).Scan(into...)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		d.fail(fmt.Errorf("%w: %s", ErrNoVictim, query))
	case err != nil:
		d.fail(fmt.Errorf("%s: %w", query, err))
	}
}

// nextSerial takes the next number of a table's sequence.
func (d *deed) nextSerial(table string) int64 {
	var serial int64
	d.read("select nextval(pg_get_serial_sequence($1, $2))", []any{d.table(table), serialOf(table)}, &serial)
	return serial
}
