package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/pgtest"
)

// A runner runs the tests of this package beside a PostgreSQL cluster.
type runner struct{ m *testing.M }

func (r runner) Run() int { return pgtest.Main(r.m) }

func TestMain(m *testing.M) {
	testscript.Main(runner{m}, map[string]func(){"auditor-dbinit": main})
}

// Each script has two empty databases of its own and configurations for them.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, script := range scripts {
		first, second := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
		testscript.Run(t, testscript.Params{
			Files:               []string{script},
			RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("FIRST", first)
				env.Setenv("SECOND", second)
				for name, content := range map[string]string{
					"both.toml":     section("exchangedb", first) + section("auditordb", second),
					"shared.toml":   section("exchangedb", first) + section("auditordb", first),
					"exchange.toml": section("exchangedb", first),
					"missing.toml":  section("exchangedb", first) + section("auditordb", "dbname=no-such-database host="+host(t, first)),
				} {
					if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(content), 0o600); err != nil {
						return err
					}
				}
				return nil
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){"sql": runSQL},
		})
	}
}

func section(name, database string) string {
	return fmt.Sprintf("[%s]\nconfig = %q\n", name, database)
}

func host(t *testing.T, url string) string {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return c.Host + " user=" + c.User
}

// runSQL executes "sql URL STATEMENT" and prints the first column of its rows.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql URL STATEMENT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, args[0])
	ts.Check(err)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, args[1], pgx.QueryExecModeSimpleProtocol)
	ts.Check(err)
	for rows.Next() {
		values, err := rows.Values()
		ts.Check(err)
		fmt.Fprintln(ts.Stdout(), values[0])
	}
	ts.Check(rows.Err())
}
