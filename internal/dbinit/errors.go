package dbinit

import "fmt"

// NoDatabaseError says that a configuration names no database at all.
type NoDatabaseError struct{ File string }

func (e *NoDatabaseError) Error() string {
	return fmt.Sprintf("%s names no database: add a section [exchangedb] or [auditordb] with a line like config = \"postgres:///taler-auditor\"", e.File)
}

// ExitStatus is the exit status of a program whose configuration names no database.
func (e *NoDatabaseError) ExitStatus() int { return 1 }

// TablesExistError says that a schema holds tables of an exchange that no patch
// registered, so that it is not known what they lack.
type TablesExistError struct {
	Database, Schema string
	Layout           string // "" if they follow no known layout
}

func (e *TablesExistError) Error() string {
	what := "tables of an exchange"
	if e.Layout != "" {
		what = "the tables of an exchange in layout " + e.Layout
	}
	return fmt.Sprintf("schema %q of database %q already holds %s that no patch registered: "+
		"it can be audited as it is; to create tables, name an empty database or schema", e.Schema, e.Database, what)
}
