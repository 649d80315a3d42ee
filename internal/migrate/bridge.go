package migrate

import "fmt"

// Where other tools applied a patch of the same name the tables may be others than
// ours, and the next patch may not fit them. A bridge makes them fit.

// CheckBridge returns a [*ForeignTablesError] if a pending patch can be applied only
// after the tables of other tools were changed.
func (s *State) CheckBridge() error {
	for _, name := range s.Pending {
		if s.Bridged(name) {
			return s.foreign(name)
		}
	}
	return nil
}

// Bridged reports whether a patch needs its bridge in this database.
func (s *State) Bridged(name string) bool {
	known := s.Component.Patches
	for i := 1; i < len(known); i++ {
		if known[i].Name == name && known[i].Bridge != (Script{}) {
			return s.checksum(known[i-1].Name) == Unrecorded
		}
	}
	return false
}

func (s *State) checksum(name string) Checksum {
	for _, a := range s.Applied {
		if a.Name == name {
			return a.Checksum
		}
	}
	return ""
}

// foreign refuses a patch that needs a bridge.
func (s *State) foreign(name string) error {
	return &ForeignTablesError{Component: s.Component.Name, Database: s.Database, Patch: name, Schema: s.Component.Schema}
}

// ForeignTablesError says that a patch does not fit the tables that other tools
// created, and that nobody permitted to change these.
type ForeignTablesError struct{ Component, Database, Patch, Schema string }

func (e *ForeignTablesError) Error() string {
	return fmt.Sprintf("database %q lacks %s, which does not fit the tables that the exchange's own tools created in schema %q before it: "+
		"stop the exchange, make a backup, and run auditor-dbinit upgrade --convert exchange, which moves the data", e.Database, e.Patch, e.Schema)
}

// ExitStatus is the exit status of a program that cannot use a database.
func (e *ForeignTablesError) ExitStatus() int { return statusUnusable }
