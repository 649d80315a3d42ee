package docstest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditor/internal/config"
)

// TestBankManual loads the configurations that the manual for banks shows, and compares its table of rules with
// those that a source can break.
func TestBankManual(t *testing.T) {
	manual := filepath.Join(root, "docs/bank.md")
	shown := 0
	for _, b := range Read(t, manual) {
		if b.Language != "toml" {
			continue
		}
		shown++
		file := filepath.Join(t.TempDir(), "auditor.toml")
		if err := os.WriteFile(file, []byte(b.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(file, config.NeedAccounts); err != nil {
			t.Errorf("%s: %v", b.Place(), err)
		}
	}
	if shown != 3 {
		t.Errorf("%d configurations, want one for each source", shown)
	}
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "\n| rule | what it means |\n")
	var documented []string
	for line := range strings.Lines(table) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			rule, _, _ := strings.Cut(rest, "`")
			documented = append(documented, rule)
		}
	}
	if rules, _ := declared(t, filepath.Join(root, "internal/bank"), "Rule"); !slices.Equal(documented, rules) {
		t.Errorf("the manual describes the rules\n%q, the program has\n%q", documented, rules)
	}
}
