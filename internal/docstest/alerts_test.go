package docstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declared returns the values of the string constants of a type and the exported
// types with a method Error, as the source of a package declares them.
func declared(t *testing.T, folder, constants string) (values, errorTypes []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no source in %s (%v)", folder, err)
	}
	seen := map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == constants && len(n.Values) == 1 {
					if literal, ok := n.Values[0].(*ast.BasicLit); ok {
						value, err := strconv.Unquote(literal.Value)
						if err != nil {
							t.Fatal(err)
						}
						values = append(values, value)
					}
				}
			case *ast.FuncDecl:
				if n.Name.Name == "Error" && n.Recv != nil {
					if pointer, ok := n.Recv.List[0].Type.(*ast.StarExpr); ok {
						if kind := pointer.X.(*ast.Ident); kind.IsExported() {
							seen[kind.Name] = true
						}
					}
				}
			}
			return true
		})
	}
	return values, slices.Sorted(maps.Keys(seen))
}

// TestEveryAlertIsDocumented compares the manual's list of alerts with what package
// sync can raise: each error has a paragraph, each rule and kind of alert a line.
func TestEveryAlertIsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/external-audit.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, alerts, _ := strings.Cut(string(text), "\n## 9. ")
	alerts, _, found := strings.Cut(alerts, "\n## 10. ")
	if !found {
		t.Fatal("the manual has no section 9")
	}
	rules, errorTypes := declared(t, filepath.Join(root, "sync"), "Rule")
	kinds, _ := declared(t, filepath.Join(root, "sync"), "Kind")
	if len(rules) < 10 || len(kinds) < 5 || len(errorTypes) < 5 {
		t.Fatalf("the source of package sync declares the rules %q, the kinds %q and the errors %q, which cannot be all", rules, kinds, errorTypes)
	}
	for _, name := range errorTypes {
		if !strings.Contains(alerts, "\n`"+name+"`") {
			t.Errorf("section 9 has no paragraph about %s", name)
		}
	}
	states, _ := declared(t, filepath.Join(root, "sync"), "State")
	for _, state := range states {
		if !strings.Contains(alerts, "`"+state+"`: ") {
			t.Errorf("section 9 does not say what the state %s means", state)
		}
	}
	var documented []string
	for line := range strings.Lines(alerts) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(rest, "`")
			documented = append(documented, name)
		}
	}
	if want := append(rules, kinds...); !slices.Equal(documented, want) {
		t.Errorf("section 9 describes the rules and kinds\n%q, the program has\n%q", documented, want)
	}
}

// TestInternalChecksAreDocumented makes sure that the manual for internal audits
// names every check that docs/findings.md reserves for them.
func TestInternalChecksAreDocumented(t *testing.T) {
	findings, err := os.ReadFile(filepath.Join(root, "docs/findings.md"))
	if err != nil {
		t.Fatal(err)
	}
	manual, err := os.ReadFile(filepath.Join(root, "docs/internal-audit.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(findings)) {
		if cells := strings.Split(line, " | "); len(cells) > 3 && strings.Contains(line, "internal audits") {
			id := strings.TrimPrefix(cells[0], "| ")
			if found++; !strings.Contains(string(manual), id) {
				t.Errorf("the manual for internal audits does not name %s", id)
			}
		}
	}
	if found < 3 {
		t.Errorf("docs/findings.md has %d checks for internal audits only, which cannot be all", found)
	}
}
