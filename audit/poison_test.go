package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/report"
)

// TestPoison puts an impossible value into every column of every table that the audit
// reads, in as many rows of a table at once as there are. The audit ends, judges all
// rows of all tables, and finds each of the values, unless a reason is listed why it
// means nothing.
func TestPoison(t *testing.T) {
	if testing.Short() {
		t.Skip("goes over every column; the race detector sees the same code in other tests")
	}
	t.Parallel()
	s := simulatedSite(t, 2)
	s.state.restore(first, "")
	want := judgedRows(s.audit())
	for _, name := range s.audited() {
		table := exchange.Layout2021().Table(name)
		var todo []poisoned
		for i := range table.Columns {
			for _, k := range poisonsOf(&table.Columns[i]) {
				todo = append(todo, poisoned{column: &table.Columns[i], kind: k})
			}
		}
		for round := uint64(0); len(todo) > 0; round++ {
			made, left := s.poison(table, todo, round)
			if len(made) == 0 {
				t.Logf("%s: no row for %v", name, left)
				break
			}
			todo = left
			rep := s.survives(want, name, made)
			s.untouched.restore(first, name)
			for _, p := range made {
				harmless := reasonFor(cellName{name + "." + p.column.Name, p.kind, first}) != nil
				if harmless || rep != nil && slices.ContainsFunc(rep.Findings, p.is(name)) {
					continue
				}
				s.alone(want, table, p, round)
			}
		}
	}
}

// poisoned is an impossible value in a row.
type poisoned struct {
	column *exchange.Column
	kind   kind
	row    string // as mutations describe it
}

func (p poisoned) String() string { return fmt.Sprintf("%s %s, %s", p.column.Name, p.kind, p.row) }

// is tells whether a finding is about the row.
func (p poisoned) is(table string) func(report.Finding) bool {
	_, serial, _ := strings.Cut(p.row, " ")
	return func(f report.Finding) bool {
		return f.Table == table && f.Serial != nil && fmt.Sprint(*f.Serial) == serial
	}
}

// poison makes as many of the values as there are rows, one per row.
func (s *site) poison(table *exchange.Table, todo []poisoned, round uint64) (made, left []poisoned) {
	s.Helper()
	key := table.Serial
	if key == "" {
		key = table.Columns[0].Name
	}
	var used []string
	for _, p := range todo {
		m := mutation{conn: s.untouched.conn, table: table, column: p.column,
			rng: step{round, s.name, table.Name, p.column.Name, p.kind, first, len(used)}.rng()}
		m.among = fmt.Sprintf("%s::text <> all ('{%s}')", pgx.Identifier{key}.Sanitize(), strings.Join(used, ","))
		var err error
		p.row, err = m.make(p.kind)
		if errors.Is(err, errNoRow) {
			left = append(left, p)
			continue
		}
		if err != nil {
			s.Fatalf("%s.%v: %v", table.Name, p, err)
		}
		_, number, _ := strings.Cut(p.row, " ")
		if p.column.Name == key {
			if number, err = s.keyAfter(table, key, used); err != nil {
				s.Fatal(err)
			}
			p.row = key + " " + number
		}
		used, made = append(used, fmt.Sprintf("%q", number)), append(made, p)
	}
	return made, left
}

// keyAfter is the key that a row has got, in which it differs from all untouched ones.
func (s *site) keyAfter(table *exchange.Table, key string, used []string) (number string, err error) {
	err = s.untouched.conn.QueryRow(context.Background(), fmt.Sprintf(
		"select n.%[1]s::text from public.%[2]s as n where n.%[1]s not in (select o.%[1]s from kept_first.public_%[2]s as o) and n.%[1]s::text <> all ('{%[3]s}')",
		pgx.Identifier{key}.Sanitize(), table.Name, strings.Join(used, ","))).Scan(&number)
	return number, err
}

// survives audits everything, and expects that all rows are judged. The report is nil
// if the totals are no amounts.
func (s *site) survives(want map[string]int64, table string, what []poisoned) *report.Report {
	s.Helper()
	s.state.restore(first, "")
	rep, err := Run(context.Background(), s.opt)
	if _, ok := errors.AsType[*ArithmeticError](err); ok {
		return nil
	}
	if err != nil {
		s.Fatalf("%s, %v: %v", table, what, err)
	}
	for name, rows := range judgedRows(rep) {
		if rows != want[name] {
			s.Errorf("%s, %v: %d rows of %s are judged instead of %d", table, what, rows, name, want[name])
		}
	}
	return rep
}

// alone puts one value into the database and expects a finding, whatever it is about,
// or that a reason is listed for silence.
func (s *site) alone(want map[string]int64, table *exchange.Table, p poisoned, round uint64) {
	s.Helper()
	made, _ := s.poison(table, []poisoned{p}, round)
	defer s.untouched.restore(first, table.Name)
	if len(made) == 0 {
		return
	}
	rep := s.survives(want, table.Name, made)
	found := rep == nil || slices.ContainsFunc(rep.Findings, func(f report.Finding) bool { return !slices.Contains(s.honest, foundLine(f)) })
	if !found {
		s.Errorf("nothing is found although %s.%s is %s in %s; if nothing can be, say why in sweep_reasons_test.go", table.Name, p.column.Name, p.kind, made[0].row)
	}
}

// judgedRows counts the rows that were judged, by area and table.
func judgedRows(rep *report.Report) map[string]int64 {
	rows := map[string]int64{}
	for _, p := range rep.Population {
		rows[p.Area+" "+p.Table] = p.Rows
	}
	return rows
}
