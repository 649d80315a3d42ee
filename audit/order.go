package audit

import (
	"context"
	"maps"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// An exchange draws the serial of a row and reads its clock in the same moment, so
// dates and serials ascend together, but for what its clocks differ. A row that does
// not fit in was dated to suit somebody: into the life of a denomination, before it was
// revoked, or before a transfer was due. Credits are left out: their dates are the
// bank's.
//
// Of each quarter of an hour the first and the last row that is dated in it are kept, by
// their serials. That tells what contradicts what, whenever a row came to light.

// quarterHour is the length of a quarter in microseconds.
const quarterHour = 15 * 60 * 1_000_000

// dated is a row with its date, as stored.
type dated struct{ serial, at int64 }

// quarter is the first and the last row dated in a quarter of an hour.
type quarter struct{ first, last dated }

// chronology gathers the dates of rows of one table.
type chronology struct {
	*run
	check, table string
	quarters     map[int64]quarter
}

func (r *run) chronology(check, table string) *chronology {
	return &chronology{run: r, check: check, table: table, quarters: make(map[int64]quarter)}
}

// note takes the date of a row.
func (c *chronology) note(serial int64, date taler.Timestamp) {
	d := dated{serial, stored(date)}
	key := d.at / quarterHour
	q, ok := c.quarters[key]
	if !ok || d.serial < q.first.serial {
		q.first = d
	}
	if !ok || d.serial > q.last.serial {
		q.last = d
	}
	c.quarters[key] = q
}

// audit finds rows that are dated against the order of their serials. Of a quarter it
// names the row that sticks out furthest.
func (c *chronology) audit(ctx context.Context) error {
	area := ruleOf(c.check).area
	if err := c.keep(ctx, area); err != nil {
		return err
	}
	tolerance := c.policy.ExecutionTolerance.Microseconds()
	apart := 1 + (tolerance+quarterHour-1)/quarterHour
	limit := stored(c.now.Add(c.policy.FutureTolerance))
	return each(ctx, c.store, sql.Text("audit/order.sql"), []any{c.store.exchange, area, c.table, apart, limit / quarterHour},
		func(row pgx.CollectableRow) (misdated, error) {
			var m misdated
			var at, neighbourAt int64
			err := row.Scan(&m.serial, &at, &m.neighbour, &neighbourAt)
			m.at, m.neighbourAt = fromStored(at), fromStored(neighbourAt)
			return m, err
		},
		func(m misdated) error {
			return c.find(ctx, finding(c.check, row(c.table, m.serial), none,
				[]report.Evidence{with("dated", m.at), number("neighbour", m.neighbour), with("neighbour dated", m.neighbourAt)},
				"row %d of %s is dated %v, although row %d is dated %v", m.serial, c.table, m.at, m.neighbour, m.neighbourAt))
		})
}

// misdated is a row that is dated against the order of serials, with one that it
// contradicts.
type misdated struct {
	serial, neighbour int64
	at, neighbourAt   taler.Timestamp
}

// keep folds the dates of this run into those of earlier runs.
func (c *chronology) keep(ctx context.Context, area string) error {
	if len(c.quarters) == 0 {
		return nil
	}
	var columns [5][]int64
	for _, key := range slices.Sorted(maps.Keys(c.quarters)) {
		q := c.quarters[key]
		for i, v := range []int64{key, q.first.serial, q.first.at, q.last.serial, q.last.at} {
			columns[i] = append(columns[i], v)
		}
	}
	return c.store.exec(ctx, sql.Text("audit/order_merge.sql"), c.store.exchange, area, c.table,
		columns[0], columns[1], columns[2], columns[3], columns[4])
}
