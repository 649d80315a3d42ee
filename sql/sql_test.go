package sql_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/sql"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func describe(t *testing.T, conn *pgx.Conn) []string {
	t.Helper()
	query, err := os.ReadFile("testdata/catalog/describe.sql")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := conn.Query(t.Context(), string(query))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// The exchange that wrote the real database can run on what we create.
func TestExchangeTablesAreThoseOfARealExchange(t *testing.T) {
	want := describe(t, pgtest.Connect(t, pgtest.LoadExchange(t, "small")))
	if len(want) < 300 {
		t.Fatalf("only %d lines describe the real database", len(want))
	}
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	got := describe(t, conn)
	for _, line := range without(want, got) {
		t.Errorf("missing: %s", line)
	}
	for _, line := range without(got, want) {
		t.Errorf("beyond it: %s", line)
	}
}

func without(lines, other []string) []string {
	count := map[string]int{}
	for _, line := range other {
		count[line]++
	}
	var rest []string
	for _, line := range lines {
		if count[line]--; count[line] < 0 {
			rest = append(rest, line)
		}
	}
	return rest
}

func TestInSchema(t *testing.T) {
	for _, test := range []struct{ name, script, schema, want string }{
		{"plain", `select from :"schema".deposits`, "public", `select from "public".deposits`},
		{"twice", `:"schema".a :"schema".b`, "x", `"x".a "x".b`},
		{"text", `format('%I', :'schema')`, "public", `format('%I', 'public')`},
		{"double quote", `:"schema".a`, `a".b; drop table c; --`, `"a"".b; drop table c; --".a`},
		{"single quote", `:'schema'`, `a'; drop table c; --`, `'a''; drop table c; --'`},
		{"a name that looks like the mark", `:"schema" :'schema'`, `:'schema'`, `":'schema'" ':''schema'''`},
		{"none", `select ':schema'`, "public", `select ':schema'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := sql.InSchema(test.script, test.schema); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Whatever the name of a schema, PostgreSQL reads it back as it was.
func TestInSchemaQuotes(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.StringMatching(`[a-zA-Z'"\\$;. é%-]{1,20}`).Draw(rt, "name")
		var text, identifier string
		query := sql.InSchema(`select :'schema', :"schema" from (select 1 as :"schema") as t`, name)
		rows, err := conn.Query(t.Context(), strings.Replace(query, ", ", ", t.", 1), pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			rt.Fatal(err)
		}
		rows.Next()
		err = rows.Scan(&text, nil)
		identifier = rows.FieldDescriptions()[1].Name
		rows.Close()
		if err != nil || text != name || identifier != name {
			rt.Fatalf("%q became the text %q and the identifier %q (%v)", name, text, identifier, err)
		}
	})
}

// A script leaves the transaction to the migrator, which would otherwise register
// a patch that is half applied.
func TestPatchesDoNotEndTheTransaction(t *testing.T) {
	ending := regexp.MustCompile(`(?im)^\s*(begin|commit|rollback|end|start transaction)\s*;`)
	quoted := regexp.MustCompile(`(?s)\$\$.*?\$\$`)
	for _, folder := range []string{"exchange", "replica", "auditor"} {
		entries, err := fs.ReadDir(sql.Files, folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			script := quoted.ReplaceAllString(sql.Text(path.Join(folder, e.Name())), "")
			if found := ending.FindString(script); found != "" {
				t.Errorf("%s/%s says %q", folder, e.Name(), strings.TrimSpace(found))
			}
		}
	}
}

func TestTextPanicsWithoutTheScript(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("there is a text of a script that does not exist")
		}
	}()
	sql.Text("exchange/missing.sql")
}
