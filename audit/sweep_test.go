package audit

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	gosync "sync"
	"testing"

	"auditor/internal/exchange"
)

// The sweep shows how far the audit sees. In every column of every table that the
// audit reads it changes the value of a random row, in every way that suits the
// type, before the first audit and between two, and records who notices:
// replication, an external audit of the copy, or an internal audit of the original.
// What nobody notices must be listed with the reason why nobody could.

var (
	sweepSeed   = flag.Uint64("sweep.seed", 1, "everything random about the sweep follows from this")
	sweepColumn = flag.String("sweep.column", "", "sweep only this column, such as reserves_in.credit_val, or all of a table")
	sweepRows   = flag.Int("sweep.rows", 0, "change that many rows per column and kind of change, ask everybody, and print the table; 0: a quick sweep")
)

// lanes is how many changes are tried at the same time.
const lanes = 2

func TestSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("goes over every column; the race detector sees the same code in other tests")
	}
	s := &sweep{
		seed: *sweepSeed, column: *sweepColumn, rows: max(*sweepRows, 1), thorough: *sweepRows > 0,
		cells: map[cellName]*cell{},
	}
	s.run(t, "simulated", func(t testing.TB) *site { return simulatedSite(t, s.seed) })
	s.run(t, "mixed", func(t testing.TB) *site { return realSite(t, "mixed", s.thorough) })
	s.run(t, "revoked", func(t testing.TB) *site { return realSite(t, "revoked", true) })
	if t.Failed() {
		return
	}
	if s.thorough || s.column != "" {
		t.Log("\n" + s.table())
	}
	s.judge(t)
}

// sweep is what was found out so far.
type sweep struct {
	seed     uint64
	column   string // the only one, or the only table, unless empty
	rows     int    // per cell
	thorough bool   // every change by itself, and everybody is asked

	mu     gosync.Mutex
	tables []string // that the audit reads
	cells  map[cellName]*cell
}

// cellName is a cell of the table of coverage.
type cellName struct {
	column string // table.column
	kind   kind
	moment moment
}

// cell is what became of the changes of one cell.
type cell struct {
	tries  int
	by     map[string]int // who noticed
	silent []string       // which changes nobody noticed
}

// run sweeps one exchange.
func (s *sweep) run(t *testing.T, name string, open func(testing.TB) *site) {
	var mu gosync.Mutex
	var todo [][]step
	planned := false
	next := func(site *site) []step {
		mu.Lock()
		defer mu.Unlock()
		if !planned {
			todo, planned = s.plan(site), true
		}
		if len(todo) == 0 {
			return nil
		}
		steps := todo[0]
		todo = todo[1:]
		return steps
	}
	t.Run(name, func(t *testing.T) {
		for lane := range lanes {
			t.Run(fmt.Sprint(lane), func(t *testing.T) {
				t.Parallel()
				site := open(t)
				for steps := next(site); steps != nil; steps = next(site) {
					s.try(site, steps)
				}
			})
		}
	})
}

// plan lists the changes to make in an exchange, in groups to try at once. A quick
// sweep leaves out columns that an earlier exchange had rows for, and changes that
// some rows show and others do not; it changes what was judged already in one way only,
// and tries all those changes at once that should go unnoticed.
func (s *sweep) plan(site *site) [][]step {
	s.mu.Lock()
	defer s.mu.Unlock()
	quick := !s.thorough && s.column == ""
	known := map[string]bool{}
	for name := range s.cells {
		known[name.column] = true
	}
	var groups [][]step
	together := map[moment][]step{}
	for _, tableName := range site.audited() {
		if !slices.Contains(s.tables, tableName) {
			s.tables = append(s.tables, tableName)
		}
		table := exchange.Layout2021().Table(tableName)
		if table == nil {
			site.Fatalf("the audit reads the table %s, which the layout does not have", tableName)
		}
		for _, column := range append(table.ColumnNames(), wholeRow) {
			full := tableName + "." + column
			if s.column != "" && full != s.column && tableName != s.column || !s.thorough && known[full] {
				continue
			}
			changedLater := false
			for _, kind := range kindsFor(table, column) {
				for _, when := range moments {
					why := reasonFor(cellName{full, kind, when})
					switch {
					case !quick:
					case why != nil && why.some, why == nil && when == again && changedLater:
						continue
					case why == nil && when == again:
						changedLater = true
					}
					for try := range s.rows {
						st := step{s.seed, site.name, tableName, column, kind, when, try}
						if quick && why != nil {
							together[when] = append(together[when], st)
						} else {
							groups = append(groups, []step{st})
						}
					}
				}
			}
		}
	}
	for _, when := range moments {
		if len(together[when]) > 0 {
			groups = append([][]step{together[when]}, groups...)
		}
	}
	return groups
}

// try makes changes of one moment and asks who notices. If somebody notices one of
// several, each is tried by itself.
func (s *sweep) try(site *site, steps []step) {
	what := make([]string, len(steps))
	made := false
	for i, st := range steps {
		var err error
		what[i], err = site.change(st)
		if err != nil && !errors.Is(err, errNoRow) {
			site.Fatalf("%v: %v", st, err)
		}
		made = made || err == nil
	}
	var by []string
	if made {
		by = site.internally(steps[0].moment)
		if len(by) == 0 || s.thorough || s.column != "" {
			by = append(by, site.externally(steps[0].moment)...)
		}
	}
	for _, st := range steps {
		site.untouched.restore(first, st.table)
	}
	if len(by) > 0 && len(steps) > 1 {
		for _, st := range steps {
			s.try(site, []step{st})
		}
		return
	}
	for i, st := range steps {
		if what[i] != "" {
			s.note(st, what[i], by)
		}
	}
}

// note records who noticed a change.
func (s *sweep) note(st step, what string, by []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := st.cell()
	c := s.cells[name]
	if c == nil {
		c = &cell{by: map[string]int{}}
		s.cells[name] = c
	}
	c.tries++
	for _, id := range by {
		c.by[id]++
	}
	if len(by) == 0 {
		c.silent = append(c.silent, fmt.Sprintf("%v: %s", st, what))
	}
}

// judge compares what nobody noticed with the list of reasons.
func (s *sweep) judge(t *testing.T) {
	used := map[string]bool{}
	for _, name := range s.names() {
		c, why := s.cells[name], reasonFor(name)
		replay := fmt.Sprintf("go test ./audit -run TestSweep -v -sweep.seed %d -sweep.column '%s'", s.seed, name.column)
		switch {
		case why == nil && len(c.silent) > 0:
			t.Errorf("nobody notices that %s\nif nobody could, say why in sweep_reasons_test.go; replay with: %s", strings.Join(c.silent, "; "), replay)
		case why != nil && !why.some && len(c.by) > 0:
			t.Errorf("%v should go unnoticed because %s, but %s noticed; replay with: %s", name, why.why, noticers(c), replay)
		}
		if why != nil && len(c.silent) > 0 {
			used[why.String()] = true
		}
	}
	for _, why := range silences() {
		switch {
		case !s.thorough || s.column != "" || used[why.String()]:
		case why.some:
			t.Logf("%v may go unnoticed, but was always noticed or never tried", why)
		default:
			t.Errorf("%v is said to go unnoticed, but was never tried", why)
		}
	}
}
