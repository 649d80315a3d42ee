package sync

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/evidence"
	"auditor/sql"
)

// Verify says how much of what was copied before is compared with the source again.
type Verify string

// How much is compared: nothing; the newest rows on each pass and older ones, in an
// order that nobody can foretell, within a share of the time; or everything once.
const (
	VerifyOff    Verify = "off"
	VerifyRecent Verify = "recent"
	VerifyFull   Verify = "full"
)

// ParseVerify returns the mode of that name.
func ParseVerify(name string) (Verify, error) {
	switch v := Verify(name); v {
	case VerifyOff, VerifyRecent, VerifyFull:
		return v, nil
	}
	return "", fmt.Errorf("there is no mode of verification %q: say off, recent or full", name)
}

const (
	// longestRecent bounds the comparison of older rows after one pass.
	longestRecent = time.Second
	// longestFull is how long one snapshot is held for a full comparison.
	longestFull = 10 * time.Second
	// unitsAtOnce is how many chunks travel in one stream of a full comparison.
	unitsAtOnce = 64
)

// A verification is where the comparison stands. It outlives connections.
type verification struct {
	// recent
	order   permutation // of all chunks when the round began
	place   int64       // next
	sizes   []int64     // chunks of each table when the round began
	checked []int64     // of them, compared in this round
	ended   time.Time   // of the comparison of the pass before

	// full
	table     int   // being compared
	above     int64 // number of the last chunk compared, -1 at the beginning
	done      bool
	alerts    []Alert
	violation error // that ended copying
}

// halted tells whether nothing is copied any more while the comparison goes on.
func (v *verification) halted() bool { return len(v.alerts) > 0 || v.violation != nil }

// verify compares as much as the mode allows, in the snapshot of the pass. It
// returns the alerts, those of a full comparison only at its end.
func (s *session) verify(ctx context.Context, accounts []account) ([]Alert, error) {
	v := &s.verification
	if len(v.checked) != len(s.shapes) {
		v.checked = make([]int64, len(s.shapes))
	}
	switch s.Verify {
	case VerifyRecent:
		return s.verifyRecent(ctx, accounts)
	case VerifyFull:
		return s.verifyFull(ctx, accounts)
	}
	return nil, nil
}

func (s *session) verifyRecent(ctx context.Context, accounts []account) ([]Alert, error) {
	v := &s.verification
	began := s.Clock()
	budget := time.Duration(0)
	if !v.ended.IsZero() {
		budget = min(time.Duration(float64(began.Sub(v.ended))*s.VerifyShare), longestRecent)
	}
	defer func() { v.ended = s.Clock() }()
	newest, err := s.newest(ctx)
	if err != nil {
		return nil, err
	}
	var alerts []Alert
	older := int64(0)
	for i, sh := range s.shapes {
		if accounts[i].chunks == 0 || !s.owns(sh.table.Name) {
			continue
		}
		older += accounts[i].chunks - 1
		u := newest[i]
		u.until = min(u.until, accounts[i].highest)
		_, found, err := s.compare(ctx, sh, []unit{u})
		if alerts = append(alerts, found...); err != nil {
			return alerts, err
		}
		if accounts[i].chunks == 1 {
			v.checked[i] = 1
		}
	}
	for first := true; older > 0 && len(alerts) == 0 && (first || s.Clock().Sub(began) < budget); first = false {
		i, ordinal, err := s.next(accounts)
		if err != nil {
			return nil, err
		}
		u, err := s.unit(ctx, s.shapes[i], ordinal)
		if err != nil {
			return nil, err
		}
		u.until = min(u.until, accounts[i].highest)
		_, found, err := s.compare(ctx, s.shapes[i], []unit{u})
		if alerts = append(alerts, found...); err != nil {
			return alerts, err
		}
		v.checked[i]++
	}
	return alerts, nil
}

// next draws the next chunk of the round, and begins a round where none is under
// way.
func (s *session) next(accounts []account) (table int, ordinal int64, err error) {
	v := &s.verification
	if v.place >= v.order.size {
		v.order, v.place = permutation{}, 0
		v.sizes, v.checked = make([]int64, len(accounts)), make([]int64, len(accounts))
		for i, a := range accounts {
			if s.owns(s.shapes[i].table.Name) {
				v.sizes[i] = a.chunks
				v.order.size += a.chunks
			}
		}
		if _, err := io.ReadFull(s.Entropy, v.order.key[:]); err != nil {
			return 0, 0, fmt.Errorf("no randomness for the order of comparison: %w", err)
		}
	}
	ordinal = v.order.at(v.place)
	v.place++
	for ordinal >= v.sizes[table] {
		ordinal -= v.sizes[table]
		table++
	}
	return table, ordinal, nil
}

// verifyFull goes through all chunks of all tables in the order of replication.
func (s *session) verifyFull(ctx context.Context, accounts []account) ([]Alert, error) {
	v := &s.verification
	began := s.Clock()
	for v.table < len(s.shapes) {
		if s.Clock().Sub(began) > longestFull {
			return nil, nil
		}
		units, err := s.following(ctx, s.shapes[v.table], v.above, accounts[v.table].highest)
		if err != nil {
			return nil, err
		}
		if len(units) == 0 {
			v.table, v.above = v.table+1, -1
			continue
		}
		through, found, err := s.compare(ctx, s.shapes[v.table], units)
		for _, a := range found {
			if !slices.ContainsFunc(v.alerts, func(b Alert) bool { return a.Identity() == b.Identity() }) {
				v.alerts = append(v.alerts, a)
			}
		}
		if err != nil {
			return v.alerts, err
		}
		through = min(through+1, len(units)) // what was not seen of a unit is behind an alert
		v.checked[v.table] += int64(through)
		v.above = units[through-1].number
		if len(v.alerts) > alertsAtOnce {
			s.Logger.WarnContext(ctx, "too many alerts, the comparison ends early", "alerts", len(v.alerts), "table", s.shapes[v.table].table.Name)
			break
		}
	}
	v.done = true
	return v.alerts, nil
}

// newUnit describes the comparison of a chunk with the given one below it, -1 if
// there is none.
func newUnit(number, below int64, rows int, root []byte) unit {
	u := unit{number: number, rows: rows, after: math.MinInt64, until: evidence.Last(number)}
	if below >= 0 {
		u.after = evidence.Last(below)
	}
	copy(u.root[:], root)
	return u
}

// unit returns the chunk of a table that was begun as the given one.
func (s *session) unit(ctx context.Context, sh *shape, ordinal int64) (unit, error) {
	var number, below int64
	var rows int
	var root []byte
	err := s.destination.QueryRow(ctx, sql.Text("sync/chunk_by_ordinal.sql"), sh.table.Name, ordinal).Scan(&number, &rows, &root, &below)
	return newUnit(number, below, rows, root), databaseError(Destination, s.destination, "read the evidence of "+sh.table.Name, err)
}

// newest returns the chunk with the highest serials of each table.
func (s *session) newest(ctx context.Context) ([]unit, error) {
	units := make([]unit, len(s.shapes))
	rows, err := s.destination.Query(ctx, sql.Text("sync/newest_chunks.sql"), s.names())
	if err == nil {
		var table int
		var number int64
		var n int
		var root []byte
		_, err = pgx.ForEachRow(rows, []any{&table, &number, &n, &root}, func() error {
			below := int64(-1)
			if units[table].rows > 0 {
				below = units[table].number
			}
			units[table] = newUnit(number, below, n, root)
			return nil
		})
	}
	return units, databaseError(Destination, s.destination, "read the newest evidence", err)
}

// following returns the next chunks of a table above a number.
func (s *session) following(ctx context.Context, sh *shape, above, highest int64) ([]unit, error) {
	var units []unit
	rows, err := s.destination.Query(ctx, sql.Text("sync/next_chunks.sql"), sh.table.Name, above, unitsAtOnce)
	if err == nil {
		var number int64
		var n int
		var root []byte
		_, err = pgx.ForEachRow(rows, []any{&number, &n, &root}, func() error {
			u := newUnit(number, above, n, root)
			u.until = min(u.until, highest)
			units, above = append(units, u), number
			return nil
		})
	}
	return units, databaseError(Destination, s.destination, "read the evidence of "+sh.table.Name, err)
}
