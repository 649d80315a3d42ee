package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// kind is a way to change one value, or one row.
type kind string

const (
	bitFlipped    kind = "flip"
	swapped       kind = "swap" // with another row's value
	oneMore       kind = "+1"
	oneLess       kind = "-1"
	secondLater   kind = "+1s"
	secondEarlier kind = "-1s"
	monthLater    kind = "+30d"
	monthEarlier  kind = "-30d"
	renumbered    kind = "fresh" // a serial that is not used yet
	removed       kind = "null"
	rowDeleted    kind = "delete"
	rowDuplicated kind = "copy" // with a fresh serial
)

// wholeRow stands for the name of a column where whole rows are changed.
const wholeRow = "(row)"

// kindsOf lists the ways to change a value of a column.
func kindsOf(c *exchange.Column) []kind {
	kinds := []kind{bitFlipped, swapped}
	switch {
	case c.Type == exchange.Boolean:
		kinds = []kind{bitFlipped}
	case c.Role == exchange.Time:
		kinds = append(kinds, secondLater, secondEarlier, monthLater, monthEarlier)
	case c.Role == exchange.Serial:
		kinds = []kind{swapped, renumbered} // a number that another row has is a copied row's business
	case c.Role == exchange.Reference:
	case c.Type == exchange.BigInt, c.Type == exchange.Integer:
		kinds = append(kinds, oneMore, oneLess)
	}
	if c.Nullable {
		kinds = append(kinds, removed)
	}
	return kinds
}

// kindsFor is kindsOf for a column by name, or for whole rows.
func kindsFor(table *exchange.Table, column string) []kind {
	if column == wholeRow {
		return []kind{rowDeleted, rowDuplicated}
	}
	return kindsOf(table.Column(column))
}

// errNoRow says that no row lends itself to a change.
var errNoRow = errors.New("no row lends itself")

// mutation is one change of one random row.
type mutation struct {
	conn   *pgx.Conn
	rng    *rand.Rand
	table  *exchange.Table
	column *exchange.Column // nil for a change of a row
	among  string           // a condition on the rows that may be changed; "" for any
}

// name is the quoted name of the column.
func (m *mutation) name() string { return pgx.Identifier{m.column.Name}.Sanitize() }

// row picks a random row that satisfies a condition, and returns its ctid.
func (m *mutation) row(condition string, args ...any) (string, error) {
	order := m.table.Serial
	if order == "" {
		order = m.table.Columns[0].Name
	}
	from := fmt.Sprintf("from public.%s where (%s) and (%s)", m.table.Name, condition, cmp.Or(m.among, "true"))
	var count int
	if err := m.conn.QueryRow(context.Background(), "select count(*) "+from, args...).Scan(&count); err != nil {
		return "", err
	}
	if count == 0 {
		return "", errNoRow
	}
	var ctid string
	err := m.conn.QueryRow(context.Background(), fmt.Sprintf("select ctid::text %s order by %s offset %d limit 1", from, order, m.rng.IntN(count)), args...).Scan(&ctid)
	return ctid, err
}

// make changes a row and describes what it did to which.
func (m *mutation) make(k kind) (string, error) {
	condition := "true"
	switch {
	case k == oneLess:
		condition = m.name() + " > 0"
	case k == removed:
		condition = m.name() + " is not null"
	case k == garbled, k == emptied, k == shortened, k == lengthened, k == negative, k == huge, k == dangling:
		condition = m.name() + " is not null"
	case k == bitFlipped && (m.column.Type == exchange.Bytea || m.column.Type == exchange.Text || m.column.Type == exchange.Varchar):
		condition = fmt.Sprintf("length(%s) > 0", m.name())
	}
	ctid, err := m.row(condition)
	if err != nil {
		return "", err
	}
	what, err := m.describe(ctid)
	if err != nil {
		return "", err
	}
	switch k {
	case rowDeleted:
		err = m.run(fmt.Sprintf("delete from public.%s where ctid = $1::tid", m.table.Name), ctid)
	case rowDuplicated:
		err = m.duplicate(ctid)
	case swapped:
		err = m.swap(ctid)
	default:
		var value string
		if value, err = m.value(ctid, k); err == nil {
			err = m.run(fmt.Sprintf("update public.%s set %s = %s where ctid = $1::tid", m.table.Name, m.name(), value), ctid)
		}
	}
	if err != nil {
		return "", err
	}
	return what, nil
}

// value is the SQL expression of the new value.
func (m *mutation) value(ctid string, k kind) (string, error) {
	c := m.name()
	if value := poison(m.column, c, k); value != "" {
		return value, nil
	}
	switch k {
	case removed:
		return "null", nil
	case oneMore:
		return c + " + 1", nil
	case oneLess:
		return c + " - 1", nil
	case secondLater:
		return c + " + 1000000", nil
	case secondEarlier:
		return c + " - 1000000", nil
	case monthLater:
		return c + " + 2592000000000", nil
	case monthEarlier:
		return c + " - 2592000000000", nil
	case renumbered:
		return fmt.Sprintf("(select max(%s) from public.%s) + %d", c, m.table.Name, 1+m.rng.IntN(3)), nil
	}
	var length int
	switch m.column.Type {
	case exchange.Boolean:
		return "not " + c, nil
	case exchange.BigInt:
		return fmt.Sprintf("%s # (1::bigint << %d)", c, m.rng.IntN(m.bits())), nil
	case exchange.Integer:
		return fmt.Sprintf("%s # (1 << %d)", c, m.rng.IntN(m.bits())), nil
	}
	err := m.conn.QueryRow(context.Background(), fmt.Sprintf("select length(%s) from public.%s where ctid = $1::tid", c, m.table.Name), ctid).Scan(&length)
	if err != nil {
		return "", err
	}
	if m.column.Type == exchange.Bytea {
		bit := m.rng.IntN(8 * length)
		return fmt.Sprintf("set_bit(%[1]s, %[2]d, 1 - get_bit(%[1]s, %[2]d))", c, bit), nil
	}
	at := 1 + m.rng.IntN(length)
	return fmt.Sprintf("overlay(%[1]s placing chr(ascii(substr(%[1]s, %[2]d, 1)) # 1) from %[2]d for 1)", c, at), nil
}

// bits is how many low bits of a number may be flipped so that it stays one that
// could be right.
func (m *mutation) bits() int {
	switch m.column.Role {
	case exchange.AmountValue, exchange.Time:
		return 50
	case exchange.AmountFraction:
		return 26
	default:
		return 20
	}
}

// swap exchanges the row's value with that of another row, which differs.
func (m *mutation) swap(ctid string) error {
	c, table := m.name(), m.table.Name
	other, err := m.row(fmt.Sprintf("%s is distinct from (select o.%[1]s from public.%[2]s as o where o.ctid = $1::tid)", c, table), ctid)
	if err != nil {
		return err
	}
	return m.run(fmt.Sprintf("update public.%[1]s as r set %[2]s = o.%[2]s from public.%[1]s as o where (r.ctid = $1::tid and o.ctid = $2::tid) or (r.ctid = $2::tid and o.ctid = $1::tid)",
		table, c), ctid, other)
}

// duplicate inserts the row once more, with a fresh serial if it has one.
func (m *mutation) duplicate(ctid string) error {
	list, values := "", ""
	for _, c := range m.table.Columns {
		name := pgx.Identifier{c.Name}.Sanitize()
		value := name
		if c.Name == m.table.Serial {
			value = fmt.Sprintf("(select max(%s) + 1 from public.%s)", name, m.table.Name)
		}
		list += ", " + name
		values += ", " + value
	}
	return m.run(fmt.Sprintf("insert into public.%s (%s) select %s from public.%[1]s where ctid = $1::tid", m.table.Name, list[2:], values[2:]), ctid)
}

// describe names a row.
func (m *mutation) describe(ctid string) (string, error) {
	key := m.table.Serial
	if key == "" {
		key = m.table.Columns[0].Name
	}
	var value string
	err := m.conn.QueryRow(context.Background(), fmt.Sprintf("select coalesce(%s::text, '') from public.%s where ctid = $1::tid", key, m.table.Name), ctid).Scan(&value)
	return fmt.Sprintf("%s %s", key, value), err
}

func (m *mutation) run(statement string, args ...any) error {
	tag, err := m.conn.Exec(context.Background(), statement, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return fmt.Errorf("%s: changed nothing", statement)
	}
	return err
}
