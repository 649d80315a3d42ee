package audit

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"auditor/internal/exchange"
)

// names lists the cells in the order of the layout.
func (s *sweep) names() []cellName {
	place := map[string]int{}
	for _, table := range exchange.Layout2021().Tables {
		for _, column := range append(table.ColumnNames(), wholeRow) {
			place[table.Name+"."+column] = len(place)
		}
	}
	return slices.SortedFunc(maps.Keys(s.cells), func(a, b cellName) int {
		return cmp.Or(cmp.Compare(place[a.column], place[b.column]), cmp.Compare(b.moment, a.moment), cmp.Compare(a.kind, b.kind))
	})
}

// table prints who noticed what, a line per column and kind of change, and the
// tables that no audit reads yet.
func (s *sweep) table() string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "column\tchange\tmoment\trows\tnoticed by")
	for _, name := range s.names() {
		c := s.cells[name]
		by := noticers(c)
		if len(c.silent) > 0 {
			by = strings.TrimSpace(fmt.Sprintf("SILENT (%d) %s", len(c.silent), by))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", name.column, name.kind, name.moment, c.tries, by)
	}
	for _, table := range exchange.Layout2021().Tables {
		if !slices.Contains(s.tables, table.Name) {
			fmt.Fprintf(w, "%s\t\t\t\tnot audited yet\n", table.Name)
		}
	}
	w.Flush()
	return out.String()
}

// noticers lists who noticed changes of a cell, with how many if not all.
func noticers(c *cell) string {
	var parts []string
	for _, id := range slices.Sorted(maps.Keys(c.by)) {
		if n := c.by[id]; n < c.tries {
			id += fmt.Sprintf(" (%d)", n)
		}
		parts = append(parts, id)
	}
	return strings.Join(parts, ", ")
}
