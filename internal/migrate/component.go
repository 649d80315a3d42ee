// Package migrate builds and upgrades our databases by numbered patches, and tells
// other programs whether a database is at the level that they need.
//
// A patch is applied in one transaction and registered in _v.patches, the record
// that the exchange's own tools keep as well, together with the SHA-256 of its
// script. What is registered is never applied again; what is registered under
// another checksum, or under a number that this program does not know, is refused
// rather than guessed at.
//
// [Status] and [CheckCurrent] only read. [Upgrade] writes if and only if there is
// something to apply.
package migrate

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// A Component is a set of tables with patches of its own. Several components may
// share a database.
type Component struct {
	Name    string // for people: exchange, replica, auditor
	Prefix  string // of the names of its patches
	Schema  string // of the exchange's tables, put in place of :"schema" in the scripts
	Patches []Patch

	// Convert permits to change tables that other tools created where a patch needs
	// it (see [Patch.Bridge]). It is called after that patch, in its transaction, and
	// judges the outcome: an error undoes all of it. Nil permits nothing.
	Convert func(context.Context, *pgx.Conn) error
}

// Exchange returns the tables of an exchange in layout 2021, in the given schema.
func Exchange(schema string) Component {
	c := component("exchange", "exchange", "exchange", schema)
	const bridge = "bridges/exchange-0002.sql"
	c.Patches[1].Bridge = Script{File: bridge, Text: sql.Text(bridge)}
	return c
}

// Replica returns what auditor-sync keeps beside the tables of an exchange, which
// are in the given schema.
func Replica(schema string) Component { return component("replica", "replica", "replica", schema) }

// Auditor returns the state of the auditor.
func Auditor() Component { return component("auditor", "auditor", "audit", "auditor") }

// component panics if the scripts that were compiled in are not well numbered.
func component(name, folder, prefix, schema string) Component {
	patches, err := Load(sql.Files, folder, prefix)
	if err != nil {
		panic(err)
	}
	return Component{Name: name, Prefix: prefix, Schema: schema, Patches: patches}
}

// A Patch is one script.
type Patch struct {
	Name string // PREFIX-NNNN
	File string // path of the script
	Text string // of the script, with :"schema" as it stands

	// Bridge is run before the script where other tools applied the patch before this
	// one, from a script that made other tables of it than ours.
	Bridge Script
}

// A Script is a text of SQL with its path, for messages.
type Script struct{ File, Text string }

// About says what the patch does: the comment at the beginning of its script.
func (p Patch) About() string {
	var words []string
	for line := range strings.Lines(p.Text) {
		comment, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if !ok || strings.TrimSpace(comment) == "" {
			break
		}
		words = append(words, strings.Fields(comment)...)
	}
	return strings.Join(words, " ")
}

// Sum returns the checksum under which the patch is registered: the SHA-256 of the
// script as it lies in the source tree.
func (p Patch) Sum() [sha256.Size]byte { return sha256.Sum256([]byte(p.Text)) }

// Load reads the patches PREFIX-0001.sql, PREFIX-0002.sql and so on from a folder.
// Anything else in it, a hole in the numbers and an empty folder are errors.
func Load(files fs.FS, folder, prefix string) ([]Patch, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	var patches []Patch
	for _, e := range entries { // in the order of names
		want := patchName(prefix, len(patches)+1)
		file := path.Join(folder, e.Name())
		if e.Name() != want+".sql" {
			return nil, fmt.Errorf("%s should be %s.sql: patches are numbered from 0001 without a hole", file, want)
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return nil, err
		}
		patches = append(patches, Patch{Name: want, File: file, Text: string(text)})
	}
	if len(patches) == 0 {
		return nil, fmt.Errorf("%s holds no patch %s-0001.sql", folder, prefix)
	}
	return patches, nil
}

func patchName(prefix string, number int) string { return fmt.Sprintf("%s-%04d", prefix, number) }

// owns reports whether a registered name is one of the component's, whether this
// program knows it or not. Tools of other years register names such as
// auditor-triggers-0001, which belong to nobody here.
func (c Component) owns(name string) bool {
	digits, found := strings.CutPrefix(name, c.Prefix+"-")
	return found && len(digits) == 4 && strings.Trim(digits, "0123456789") == ""
}
