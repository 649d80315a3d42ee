package audit

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestEveryCheckIsDocumented compares docs/findings.md with the list of checks.
func TestEveryCheckIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/findings.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented, existing []string
	for _, match := range regexp.MustCompile(`(?m)^\| ([A-Z]-[0-9]+) \|`).FindAllSubmatch(text, -1) {
		documented = append(documented, string(match[1]))
	}
	for _, rule := range rules() {
		existing = append(existing, rule.id)
	}
	if !slices.Equal(documented, existing) {
		t.Errorf("docs/findings.md describes\n%q, the checks are\n%q", documented, existing)
	}
}

// TestEveryCheckIsTripped makes sure that for every check there is a fault that
// trips it.
func TestEveryCheckIsTripped(t *testing.T) {
	tripped := map[string]bool{}
	for _, f := range faults() {
		for _, line := range f.want {
			tripped[line[:4]] = true
		}
	}
	for _, rule := range rules() {
		if !tripped[rule.id] {
			t.Errorf("no fault trips %s", rule.id)
		}
	}
}
