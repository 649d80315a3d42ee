package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(pgtest.Runner{M: m}, map[string]func(){"auditor-sync": main})
}

// Each script has a real exchange as source, an empty trusted copy, an empty
// database, and configurations for them.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, script := range scripts {
		source, empty := pgtest.LoadExchange(t, "small"), pgtest.NewDatabase(t)
		destination := migratetest.NewDatabase(t, migrate.Exchange("public"), migrate.Replica("public"))
		testscript.Run(t, testscript.Params{
			Files:               []string{script},
			RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("SOURCE", source)
				env.Setenv("DESTINATION", destination)
				for name, url := range map[string]string{
					"source.toml": source, "destination.toml": destination, "empty.toml": empty,
					"again.toml":   source + "&application_name=another-name",
					"missing.toml": source + "&dbname=no_such_database",
					"nobody.toml":  "postgres:///nowhere?host=/nonexistent",
				} {
					text := fmt.Sprintf("[exchangedb]\nconfig = %q\n", url)
					if err := os.WriteFile(filepath.Join(env.WorkDir, name), []byte(text), 0o600); err != nil {
						return err
					}
				}
				return nil
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){"sql": runSQL, "status": runStatus},
		})
	}
}

// runStatus executes "status N PROGRAM ARGS…" and wants the exit status N.
func runStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		ts.Fatalf("the program ended with %v, want status %s", err, args[0])
	}
	if got := strconv.Itoa(exit.ExitCode()); got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
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
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (any, error) {
		values, err := row.Values()
		if err != nil || len(values) == 0 {
			return nil, err
		}
		return values[0], nil
	})
	ts.Check(err)
	for _, v := range values {
		fmt.Fprintln(ts.Stdout(), v)
	}
}
