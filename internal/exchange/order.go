package exchange

import (
	"fmt"
	"slices"
)

// Replicated returns the tables that are copied, parents before children, so that
// copying them in this order never breaks a foreign key. Among tables that are
// ready at the same time the order of the registry decides.
//
// It panics if replicated tables refer to each other in a circle or to a table
// that is not replicated: such a layout cannot be copied, which is a mistake in
// the registry.
func (l *Layout) Replicated() []*Table {
	var waiting, ordered []*Table
	for _, t := range l.Tables {
		if t.Replicated {
			waiting = append(waiting, t)
		}
	}
	done := make(map[string]bool, len(waiting))
	ready := func(t *Table) bool {
		for _, parent := range t.Parents() {
			if parent != t.Name && !done[parent] {
				return false
			}
		}
		return true
	}
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, ready)
		if i < 0 {
			panic(fmt.Sprintf("layout %s: %s cannot be ordered by its foreign keys", l.Name, waiting[0].Name))
		}
		ordered = append(ordered, waiting[i])
		done[waiting[i].Name] = true
		waiting = slices.Delete(waiting, i, i+1)
	}
	return ordered
}
