package sync

import (
	"context"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
)

// Comparison. Old rows of the source are streamed again and their hashes gathered
// into the roots of chunks. Nothing of the copy is read unless a root differs; then
// the leaves tell which rows do, and these are read again in a fresh snapshot
// before there is an alert.

// A unit is what is compared at once: the rows of one chunk, and the serials below
// it on which there should be none.
type unit struct {
	number int64
	rows   int
	root   tlog.Hash
	after  int64 // the highest serial of the unit below, exclusive
	until  int64
}

// surplus is how many rows beyond those of the evidence a comparison takes in.
const surplus = 1000

// A gathering is what the source sent of one unit.
type gathering struct {
	unit
	harvest
}

// compare streams the rows of consecutive units of a table and returns the alerts
// about them, and how many units it came through; fewer than all if there are too
// many rows that should not be there.
func (s *session) compare(ctx context.Context, sh *shape, units []unit) (through int, alerts []Alert, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	sel := selection{after: units[0].after, until: units[len(units)-1].until, limit: surplus}
	for _, u := range units {
		sel.limit += u.rows
	}
	var different []gathering
	var now harvest
	finish := func() {
		if u := units[through]; now.root() != u.root {
			different = append(different, gathering{u, harvest{serials: slices.Clone(now.serials), leaves: slices.Clone(now.leaves)}})
		}
		now.serials, now.leaves = now.serials[:0], now.leaves[:0]
		through++
	}
	p := newParser(sh, sel.after, sel.until, sel.limit, func(r Row) {
		for r.Serial > units[through].until {
			finish()
		}
		now.take(r)
	})
	p.lenient = true
	err = s.stream(ctx, p, sel.copyOut(sh, s.SourceSchema))
	flawed := int64(0)
	switch {
	case tooLong(err):
		return through, nil, s.accuseLength(ctx, sh, p.last)
	case err != nil:
		return through, nil, databaseError(Source, s.source, "compare "+sh.table.Name, err)
	case p.violation != nil && p.violation.Serial == 0:
		return through, nil, p.violation
	case p.violation != nil:
		flawed = p.violation.Serial
	}
	if flawed != 0 || p.rows == sel.limit { // the rest was not seen
		u := units[through]
		u.until = p.last
		different = append(different, gathering{u, now})
	} else {
		for through < len(units) {
			finish()
		}
	}
	suspects, err := s.narrow(ctx, sh, different)
	if err != nil {
		return through, nil, err
	}
	if flawed != 0 && !slices.Contains(suspects, flawed) {
		suspects = append(suspects, flawed)
	}
	alerts, err = s.confirm(ctx, sh, suspects)
	return through, alerts, err
}

func (h *harvest) root() tlog.Hash {
	var t evidence.Tree
	for _, leaf := range h.leaves {
		t.Append(leaf)
	}
	return t.Root()
}

// accuseLength reports the row after a serial, whose length ended the connection.
func (s *session) accuseLength(ctx context.Context, sh *shape, after int64) error {
	err := s.accuseTooLong(ctx, sh, after)
	v, ok := broken(err).(*Violation)
	if !ok || v.Serial == 0 {
		return err
	}
	leaf, copied, err := s.leaf(ctx, sh, v.Serial)
	if err != nil {
		return err
	}
	a, err := s.accuseRow(ctx, sh, v.Serial, leaf, copied, reading{flaw: v.Have, at: v.Column})
	if err != nil {
		return err
	}
	return &DivergenceError{[]Alert{*a}}
}

// narrow returns the serials on which the units that differ do so: altered, missing
// or surplus rows. Rows in holes that are still looked for will be copied; missing
// rows that the exchange may have collected are noted and from then on expected to
// be missing.
func (s *session) narrow(ctx context.Context, sh *shape, different []gathering) ([]int64, error) {
	var suspects []int64
	for _, g := range different {
		c, gone, err := s.chunkOf(ctx, sh, g.number)
		if err != nil {
			return nil, err
		}
		theirs := map[int64]tlog.Hash{}
		var surplus, missing []int64
		known := len(suspects)
		for i, n := range g.serials {
			theirs[n] = g.leaves[i]
			switch {
			case !c.Holds(n):
				surplus = append(surplus, n)
			case c.Leaf(n) != g.leaves[i]:
				suspects = append(suspects, n)
			}
		}
		expected := false
		for _, n := range c.Serials() {
			if _, ok := theirs[n]; ok || n > g.until {
				continue
			}
			if gone.holds(n) {
				expected = true
				continue
			}
			missing = append(missing, n)
		}
		awaited, err := s.awaited(ctx, sh, surplus)
		if err != nil {
			return nil, err
		}
		explained, err := s.explain(ctx, s.source, sh, missing)
		if err != nil {
			return nil, err
		}
		if err := s.markGone(ctx, sh, g.number, gone, explained); err != nil {
			return nil, err
		}
		for _, n := range surplus {
			if !awaited[n] {
				suspects = append(suspects, n)
			}
		}
		for _, n := range missing {
			if !explained[n] {
				suspects = append(suspects, n)
			}
		}
		whole := g.until == evidence.Last(g.number) || g.until >= c.Highest()
		if len(suspects) == known && !expected && len(awaited)+len(explained) == 0 && whole && g.unit.root != c.Root() {
			return nil, &EvidenceError{Table: sh.table.Name}
		}
	}
	return suspects, nil
}

// A bitmap has a bit per serial of a chunk.
type bitmap []byte

func (b bitmap) holds(serial int64) bool {
	o := serial & (evidence.Span - 1)
	return len(b) > 0 && b[o/8]&(1<<(o%8)) != 0
}

// chunkOf returns a chunk, and which of its rows are known to have been collected.
func (s *session) chunkOf(ctx context.Context, sh *shape, number int64) (*evidence.Chunk, bitmap, error) {
	var present, leaves, gone []byte
	err := s.destination.QueryRow(ctx, "select present, leaves, gone from auditor_sync.chunks where table_name = $1 and number = $2", sh.table.Name, number).
		Scan(&present, &leaves, &gone)
	if err != nil {
		return nil, nil, databaseError(Destination, s.destination, "read the evidence of "+sh.table.Name, err)
	}
	c, err := evidence.Decode(number, present, leaves)
	return c, gone, err
}

func (s *session) markGone(ctx context.Context, sh *shape, number int64, gone bitmap, explained map[int64]bool) error {
	if len(explained) == 0 {
		return nil
	}
	marked := make(bitmap, evidence.Span/8)
	copy(marked, gone)
	for n := range explained {
		o := n & (evidence.Span - 1)
		marked[o/8] |= 1 << (o % 8)
	}
	_, err := s.destination.Exec(ctx, "update auditor_sync.chunks set gone = $3 where table_name = $1 and number = $2", sh.table.Name, number, []byte(marked))
	return databaseError(Destination, s.destination, "note what was collected from "+sh.table.Name, err)
}

// awaited returns which of the serials are in holes that are looked for.
func (s *session) awaited(ctx context.Context, sh *shape, serials []int64) (map[int64]bool, error) {
	found := map[int64]bool{}
	for _, n := range serials {
		var open bool
		err := s.destination.QueryRow(ctx, "select exists (select from auditor_sync.holes where table_name = $1 and given_up is null and from_serial <= $2 and to_serial >= $2)",
			sh.table.Name, n).Scan(&open)
		if err != nil {
			return nil, databaseError(Destination, s.destination, "look for a hole in "+sh.table.Name, err)
		}
		if open {
			found[n] = true
		}
	}
	return found, nil
}

// confirm reads suspects again, in the snapshot of the pass to keep what was seen
// first, then in a fresh one, and returns the alerts.
func (s *session) confirm(ctx context.Context, sh *shape, suspects []int64) ([]Alert, error) {
	if len(suspects) == 0 {
		return nil, nil
	}
	if len(suspects) > alertsAtOnce {
		s.Logger.WarnContext(ctx, "too many rows differ, only the first are examined", "table", sh.table.Name, "rows", len(suspects), "examined", alertsAtOnce)
		suspects = suspects[:alertsAtOnce]
	}
	conn, err := s.openSource(ctx)
	if err != nil {
		return nil, err
	}
	defer hangUp(conn)
	if _, err := conn.Exec(ctx, "begin isolation level repeatable read read only"); err != nil {
		return nil, databaseError(Source, conn, "begin a fresh snapshot", err)
	}
	var alerts []Alert
	for _, serial := range suspects {
		first, err := s.judge(ctx, s.source, sh, serial)
		if err != nil {
			return alerts, err
		}
		second, err := s.judge(ctx, conn, sh, serial)
		if err != nil {
			return alerts, err
		}
		if second.collected {
			continue
		}
		a := second.alert
		if a == nil {
			a = flapping(sh, serial, first.alert)
		}
		if err := s.report(ctx, a); err != nil {
			return alerts, err
		}
		alerts = append(alerts, *a)
	}
	return alerts, nil
}

// flapping makes the alert about a row that was not in order when it was read
// first, which is described by an alert if it was still so, and is in order now.
func flapping(sh *shape, serial int64, first *Alert) *Alert {
	a := &Alert{Table: sh.table.Name, Ours: "the copied row", Theirs: "another one, then the copied row"}
	how := "it differed"
	if first != nil {
		a = first
		switch first.Kind {
		case AlteredRow:
			how = "altered in column " + joined(first.Columns)
		case DeletedRow:
			how = "missing"
		case BackDatedRow:
			how = "a row where there was none"
		}
	}
	a.Kind, a.Serial = FlappingRow, &serial
	a.Summary = sh.table.Name + ", serial " + strconv.FormatInt(serial, 10) + ": the row flaps: when it was read first it was not as copied (" + how + "), and it was when it was read again"
	return a
}
