package audit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditor/internal/catalogue"
)

// numbered lists ids such as.
func numbered(format string, from, to int) []string {
	var ids []string
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprintf(format, n))
	}
	return ids
}

// fieldIDs are the checks, holes, bugs and imprecisions that the field knows, and
// the faults that the earlier auditor's tests inject.
func fieldIDs() []string {
	return slices.Concat(
		numbered("R-%02d", 1, 19), numbered("C-%02d", 1, 32), numbered("A-%02d", 1, 27), numbered("D-%02d", 1, 3), numbered("W-%02d", 1, 19),
		numbered("H-%02d", 1, 22), numbered("B-%02d", 1, 23), numbered("I-%02d", 1, 16),
		numbered("test %d", 1, 32), numbered("revocation test %d", 2, 4),
	)
}

// TestCatalogue checks what the entries say of themselves: names, stories, and
// references to what exists. Everything that the field knows is covered, or it is
// said why not. That every check of the suite finds an entry is shown by TestMatrix.
func TestCatalogue(t *testing.T) {
	existing := slices.Concat(fieldIDs(), numbered("S%d", 1, 11))
	for _, r := range rules() {
		existing = append(existing, r.id)
	}
	named, covered := map[string]bool{}, map[string]bool{}
	for _, e := range catalogue.Entries() {
		if !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(e.Name) || named[e.Name] {
			t.Errorf("%q is no name, or that of another entry as well", e.Name)
		}
		named[e.Name] = true
		if e.Story == "" || !strings.HasSuffix(e.Story, ".") || !slices.Contains(catalogue.Areas(), e.Area) || e.Culprit == "" || len(e.Refs) == 0 {
			t.Errorf("%s lacks a story, an area, a culprit or references", e.Name)
		}
		for _, ref := range e.Refs {
			covered[ref] = true
			if !slices.Contains(existing, ref) {
				t.Errorf("%s refers to %s, which does not exist", e.Name, ref)
			}
		}
	}
	unexpressed := catalogue.Unexpressed()
	for _, id := range fieldIDs() {
		if covered[id] == (unexpressed[id] != "") {
			t.Errorf("%s: covered by an entry: %v, reason why not: %q", id, covered[id], unexpressed[id])
		}
	}
}
