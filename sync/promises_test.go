package sync

import (
	"fmt"
	"go/ast"
	goparser "go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// promises are what replication keeps against an adversary who controls the source.
// The comment of a test that attacks one begins with its name: "// S3, S5: …".
var promises = map[string]string{
	"S1":  "a row is copied only if it was committed in the source, unchanged, and is well formed",
	"S2":  "a copied row is never updated, nor deleted but by auditor-dbinit gc",
	"S3":  "every committed row is copied in the end, also a late one",
	"S4":  "stopping anything at any instant loses nothing and copies nothing twice",
	"S5":  "a copied row that differs later, or is gone, is named with both versions",
	"S6":  "a row that breaks a constraint halts replication right before it",
	"S7":  "tables other than expected halt replication before a row is read",
	"S8":  "a source that went back in time raises an alert",
	"S9":  "garbage collection raises nothing, any other deletion does",
	"S10": "after a violation was corrected replication resumes by itself",
	"S11": "memory is bounded whatever the source holds or sends",
}

// TestEachPromiseIsAttacked prints which tests attack which promise, and wants one for
// each.
func TestEachPromiseIsAttacked(t *testing.T) {
	attacks := map[string][]string{}
	mark := regexp.MustCompile(`^(S\d+(?:, S\d+)*): `)
	for _, folder := range []string{".", "../internal/dbinit"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests in %s: %v", folder, err)
		}
		for _, file := range files {
			parsed, err := goparser.ParseFile(token.NewFileSet(), file, nil, goparser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !strings.HasPrefix(f.Name.Name, "Test") {
					continue
				}
				if m := mark.FindStringSubmatch(f.Doc.Text()); m != nil {
					for name := range strings.SplitSeq(m[1], ", ") {
						attacks[name] = append(attacks[name], f.Name.Name)
					}
				}
			}
		}
	}
	var table strings.Builder
	for i := range len(promises) {
		name := fmt.Sprintf("S%d", i+1)
		if len(attacks[name]) == 0 {
			t.Errorf("no test attacks %s: %s", name, promises[name])
		}
		fmt.Fprintf(&table, "\n%-4s %s\n     %s", name, promises[name], strings.Join(attacks[name], ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(attacks)) {
		if promises[name] == "" {
			t.Errorf("%v attack %s, which is no promise", attacks[name], name)
		}
	}
	t.Log(table.String())
}
