package docstest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// A Unit holds the settings of a unit file of systemd: section, key, values in the
// order of their lines.
type Unit map[string]map[string][]string

// Has says whether a setting has that value as its only one.
func (u Unit) Has(section, key, value string) bool {
	values := u[section][key]
	return len(values) == 1 && values[0] == value
}

func readUnit(t testing.TB, file string) Unit {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	u, err := parseUnit(string(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return u
}

// parseUnit reads a unit file. It refuses what systemd would pass over with a
// warning: lines that are no setting, and settings outside of a section.
func parseUnit(text string) (Unit, error) {
	u, section := Unit{}, ""
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "", line[0] == '#', line[0] == ';':
		case line[0] == '[' && line[len(line)-1] == ']':
			section = line[1 : len(line)-1]
			if u[section] != nil {
				return nil, fmt.Errorf("line %d: the section [%s] is there twice", i+1, section)
			}
			u[section] = map[string][]string{}
		default:
			key, value, ok := strings.Cut(line, "=")
			if !ok || key == "" || strings.ContainsAny(key, " \t") || section == "" {
				return nil, fmt.Errorf("line %d: %q is no setting of a section", i+1, line)
			}
			u[section][key] = append(u[section][key], value)
		}
	}
	return u, nil
}
