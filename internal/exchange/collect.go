package exchange

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// Garbage collection: an exchange deletes denominations whose legal expiration has
// passed, reserves that are empty and past their collection date, and wire fees
// that ended ten years ago. Everything that refers to a deleted row goes with it,
// because every foreign key deletes in cascade.

// KeepWireFees is how long an exchange keeps a wire fee after its period ended.
const KeepWireFees = 10 * 365 * 24 * time.Hour

// A Collection tells which rows of an exchange may be gone at a given time. It is
// asked of a trusted copy with the bookkeeping of auditor-sync: balances and dates
// of reserves follow from rows that never change, so that it does not matter how
// old the mutable columns are.
type Collection struct {
	Layout                 *Layout
	Schema                 string        // of the exchange's tables
	IdleReserveExpiration  time.Duration // from the last credit or recoup to the expiration of a reserve
	LegalReserveExpiration time.Duration // from the last withdrawal or recoup to the end of the duty to keep it
}

// Roots returns the tables from which rows are deleted by a rule of their own, and
// not only along with others.
func (c Collection) Roots() []string { return []string{"reserves", "wire_fee", "denominations"} }

// Touches reports whether rows of the table may ever be gone.
func (c Collection) Touches(table string) bool {
	if slices.Contains(c.Roots(), table) {
		return true
	}
	t := c.Layout.Table(table)
	return t != nil && slices.ContainsFunc(t.Parents(), c.Touches)
}

// Query returns a query for the serials of the rows of a table that may be gone at
// the time $1, in microseconds since 1970. Serials come in no order, each once. It
// reads the whole table and those above it, but for a table that is never touched,
// where it yields nothing.
func (c Collection) Query(table string) string {
	name := func(t string) string { return pgx.Identifier{"gone_" + t}.Sanitize() }
	var with []string
	for _, t := range c.Layout.Replicated() {
		if c.Touches(t.Name) && c.above(table, t.Name) {
			with = append(with, fmt.Sprintf("%s (serial) as (%s)", name(t.Name), c.Step(t.Name, name)))
		}
	}
	if !c.Touches(table) {
		return "select null::bigint as serial where $1::bigint is null and false"
	}
	return "with " + strings.Join(with, ",\n") + "\nselect serial from " + name(table)
}

// Step is Query for a table whose parents were asked before: gone names the relation,
// with one column serial, that holds the answer for a parent. Without a rule for the
// table itself the query has no parameter.
func (c Collection) Step(table string, gone func(parent string) string) string {
	t := c.Layout.Table(table)
	conditions := c.rule(table)
	for _, fk := range t.ForeignKeys {
		if c.Touches(fk.Table) {
			conditions = append(conditions, fmt.Sprintf("t.%s in (select serial from %s)", pgx.Identifier{fk.Column}.Sanitize(), gone(fk.Table)))
		}
	}
	if conditions == nil {
		conditions = []string{"false"}
	}
	return fmt.Sprintf("select t.%s as serial from only %s as t where %s",
		pgx.Identifier{t.Serial}.Sanitize(), pgx.Identifier{c.Schema, table}.Sanitize(), strings.Join(conditions, " or "))
}

// rule returns the conditions under which rows are deleted that refer to no deleted
// one. A date below zero stands for never.
func (c Collection) rule(table string) []string {
	switch table {
	case "denominations":
		return []string{"t.expire_legal >= 0 and t.expire_legal < $1::bigint"}
	case "wire_fee":
		return []string{fmt.Sprintf("t.end_date >= 0 and t.end_date < $1::bigint - %d", KeepWireFees.Microseconds())}
	case "reserves":
		return []string{fmt.Sprintf("t.reserve_uuid in (select s.reserve_uuid from (%s) as s where s.gc_date < $1::bigint and s.balance = 0)",
			c.ReserveStates())}
	}
	return nil
}

// ReserveStates returns a query for the columns reserve_uuid, balance (numeric),
// expiration_date and gc_date of every reserve that money ever came into or went
// out of.
func (c Collection) ReserveStates() string {
	return strings.NewReplacer(
		":idle", strconv.FormatInt(c.IdleReserveExpiration.Microseconds(), 10),
		":legal", strconv.FormatInt(c.LegalReserveExpiration.Microseconds(), 10),
	).Replace(sql.InSchema(sql.Text("gc/reserve_states.sql"), c.Schema))
}

// above reports whether rows of the table go along with those of the other, or are
// of the same table.
func (c Collection) above(table, other string) bool {
	return table == other || slices.ContainsFunc(c.Layout.Table(table).Parents(), func(p string) bool { return c.above(p, other) })
}
