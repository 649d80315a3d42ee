// Package office names the three offices that the suite serves. Each has a view of its own, with no more
// than its job needs; a node that is configured for one office does not even store what the others see.
package office

import (
	"fmt"
	"slices"
	"strings"

	"auditor/internal/nearest"
)

// Role is an office.
type Role string

// The offices.
const (
	Auditor     Role = "auditor"     // looks at the use of money
	Treasurer   Role = "treasurer"   // looks at the creation, management and deletion of money
	Performance Role = "performance" // looks at how the system performs, and at nobody
)

// Roles returns all offices.
func Roles() []Role { return []Role{Auditor, Treasurer, Performance} }

// Schema is the schema of the office's views, in the trusted copy and in the auditor's database.
func (r Role) Schema() string { return "office_" + string(r) }

// SeesPeople reports whether the office may know which user did something.
func (r Role) SeesPeople() bool { return r != Performance }

// SeesAmounts reports whether the office may know how much money something was about.
func (r Role) SeesAmounts() bool { return r != Performance }

// SeesAdministration reports whether the office may know of administrative actions.
func (r Role) SeesAdministration() bool { return r != Performance }

// Parse returns the office that a text names.
func Parse(text string) (Role, error) {
	names := make([]string, len(Roles()))
	for i, r := range Roles() {
		names[i] = string(r)
	}
	if slices.Contains(names, text) {
		return Role(text), nil
	}
	if guess := nearest.Of(text, names); guess != "" {
		return "", fmt.Errorf("there is no office %q, did you mean %q?", text, guess)
	}
	return "", fmt.Errorf("there is no office %q, choose one of %s", text, strings.Join(names, ", "))
}
