package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

func TestMain(m *testing.M) {
	testscript.Main(pgtest.Runner{M: m}, map[string]func(){"auditor": main})
}

const configuration = `[exchange]
master_public_key = %q
base_url = "https://exchange.example/"
currency = "EUR"
currency_round_unit = "EUR:0.01"

[exchangedb]
config = %q

[auditordb]
config = %q

[auditor]
public_key = %q
base_url = %q
tiny_amount = "EUR:0.01"
`

// Each script has a simulated exchange, an auditor's database that is ready, an
// empty database, and configurations for them. The clock is that of the exchange.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	for _, script := range scripts {
		scenario := simulator.DefaultScenario(1)
		scenario.PromptCustomers = true
		play, err := simulator.New(scenario)
		if err != nil {
			t.Fatal(err)
		}
		exchange, auditor, empty := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t)
		prepare(t, exchange, migrate.Exchange("public"), func(ctx context.Context, conn *pgx.Conn) error {
			return play.Write(ctx, conn, "public")
		})
		prepare(t, auditor, migrate.Auditor(), nil)
		key, url := play.Auditor()
		testscript.Run(t, testscript.Params{
			Files:               []string{script},
			RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("NOW", play.Clock().Format(time.RFC3339))
				env.Setenv("MASTER", play.MasterPublicKey().String())
				write := func(name, exchange, auditor string) error {
					text := fmt.Sprintf(configuration, play.MasterPublicKey(), exchange, auditor, key, url)
					return os.WriteFile(filepath.Join(env.WorkDir, name), []byte(text), 0o600)
				}
				return errors.Join(
					write("auditor.toml", exchange, auditor),
					write("uninitialised.toml", exchange, empty),
					write("no-exchange.toml", empty, auditor),
					write("no-server.toml", "host=/nowhere dbname=exchange", auditor),
				)
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"fraud": func(ts *testscript.TestScript, _ bool, args []string) { commit(ts, play, exchange, args[0]) },
			},
		})
	}
}

// prepare creates the tables of a database, and perhaps its rows.
func prepare(t *testing.T, url string, component migrate.Component, fill func(context.Context, *pgx.Conn) error) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	if _, err := migrate.Upgrade(t.Context(), conn, component); err != nil {
		t.Fatal(err)
	}
	if fill == nil {
		return
	}
	if err := fill(t.Context(), conn); err != nil {
		t.Fatal(err)
	}
}

// commit is the command "fraud NAME" of scripts.
func commit(ts *testscript.TestScript, play *simulator.Exchange, url, name string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	for _, f := range simulator.Frauds() {
		if f.Name == name {
			effect, err := f.Apply(ctx, conn, "public", play)
			ts.Check(err)
			play.Adopt(effect)
			return
		}
	}
	ts.Fatalf("there is no fraud %q", name)
}
