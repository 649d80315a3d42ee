package docstest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"auditor/internal/command"
	"auditor/report"
)

// TestExitStatusesAreDocumented: one page describes every status that the programs
// have and every severity, the help texts speak of no other, and scripts of the tests
// bring each about that can be.
func TestExitStatusesAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/exit-status.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	var severities []report.Severity
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) == 4 && regexp.MustCompile(`^[0-9, ]+$`).MatchString(cells[0]) {
			documented = append(documented, strings.Split(cells[0], ", ")...)
		}
		if len(cells) == 2 && !strings.Contains(line, "---") && cells[0] != "severity" {
			severities = append(severities, report.Severity(cells[0]))
		}
	}
	var want []string
	for _, status := range []int{command.StatusOK, command.StatusUsage, command.StatusUnavailable, command.StatusFindings,
		command.StatusInternal, command.StatusArithmetic, 128 + 2, 128 + 15} {
		want = append(want, strconv.Itoa(status))
	}
	if !slices.Equal(documented, want) {
		t.Errorf("docs/exit-status.md describes %q, the programs have %q", documented, want)
	}
	if !slices.Equal(severities, report.Severities()) {
		t.Errorf("docs/exit-status.md describes the severities %q, there are %q", severities, report.Severities())
	}

	script, err := os.ReadFile(filepath.Join(root, "cmd/auditor/testdata/script/status.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range want[:6] {
		if tried := strings.Contains(string(script), "\nstatus "+status+" "); !tried && status != "4" { // a defect cannot be brought about
			t.Errorf("no test brings about status %s", status)
		}
	}

	help := helpOf(build(t))
	for _, program := range programs {
		text, err := help([]string{program})
		if err != nil {
			t.Fatal(err)
		}
		_, statuses, found := strings.Cut(text, "\nExit status: ")
		statuses, _, _ = strings.Cut(statuses, "\n\n")
		for _, part := range strings.Split(strings.ReplaceAll(statuses, "\n", " "), "; ") {
			if status, _, _ := strings.Cut(part, " "); !slices.Contains(want, status) {
				t.Errorf("%s --help speaks of status %q", program, status)
			}
		}
		if !found {
			t.Errorf("%s --help does not speak of exit statuses", program)
		}
	}
}
