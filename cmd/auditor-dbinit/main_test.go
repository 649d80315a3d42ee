package main

import (
	"context"
	"encoding/hex"
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

	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

func TestMain(m *testing.M) {
	testscript.Main(pgtest.Runner{M: m}, map[string]func(){"auditor-dbinit": main})
}

// exchangeSection is about an exchange without rows.
const (
	masterKey       = "HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0"
	exchangeSection = `[exchange]
master_public_key = "` + masterKey + `"
base_url = "https://exchange.example/"
currency = "EUR"
currency_round_unit = "EUR:0.01"
`
)

// Each script has three empty databases of its own and configurations for two of them.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, script := range scripts {
		master, err := taler.ParseEddsaPublicKey(masterKey)
		if err != nil {
			t.Fatal(err)
		}
		first, second, third := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t)
		testscript.Run(t, testscript.Params{
			Files:               []string{script},
			RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("FIRST", first)
				env.Setenv("FIRSTNAME", databaseName(t, first))
				env.Setenv("SECOND", second)
				env.Setenv("THIRD", third)
				env.Setenv("MASTER", hex.EncodeToString(master[:]))
				for name, content := range map[string]string{
					"both.toml":     section("exchangedb", first) + section("auditordb", second),
					"auditor.toml":  exchangeSection + section("exchangedb", first) + section("auditordb", second),
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
			Cmds: map[string]func(*testscript.TestScript, bool, []string){"sql": runSQL, "status": runStatus, "unchanged": runUnchanged},
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

func databaseName(t *testing.T, url string) string {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return c.Database
}

// runStatus executes "status N PROGRAM ARGS…" and wants the exit status N.
func runStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	}
	if want := args[0]; strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d, want %s", got, want)
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
	for rows.Next() {
		values, err := rows.Values()
		ts.Check(err)
		fmt.Fprintln(ts.Stdout(), values[0])
	}
	ts.Check(rows.Err())
}
