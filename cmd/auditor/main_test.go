package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/sync"
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

// Each script has a simulated exchange, auditor's databases that are ready, an empty
// database, and configurations for them. The clock is that of the exchange.
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts (%v)", err)
	}
	step := 1
	if testing.Short() {
		step = 3 // under the race detector each takes long
	}
	for i := 0; i < len(scripts); i += step {
		scenario := simulator.DefaultScenario(1)
		scenario.PromptCustomers = true
		play, err := simulator.New(scenario)
		if err != nil {
			t.Fatal(err)
		}
		exchange := migratetest.NewDatabase(t, migrate.Exchange("public"))
		if err := play.Write(t.Context(), pgtest.Connect(t, exchange), "public"); err != nil {
			t.Fatal(err)
		}
		trusted := migratetest.NewDatabase(t, migrate.Exchange("public"), migrate.Replica("public"))
		auditor, fresh, absurd := migratetest.NewDatabase(t, migrate.Auditor()), migratetest.NewDatabase(t, migrate.Auditor()), migratetest.NewDatabase(t, migrate.Auditor())
		empty := pgtest.NewDatabase(t)
		databases := map[string]string{"exchange": exchange, "trusted": trusted, "auditor": auditor}
		key, url := play.Auditor()
		bank := &fakeBank{play: play}
		testscript.Run(t, testscript.Params{
			Files:               scripts[i : i+1],
			RequireExplicitExec: true,
			Setup: func(env *testscript.Env) error {
				env.Setenv("NOW", play.Clock().Format(time.RFC3339))
				env.Setenv("MASTER", play.MasterPublicKey().String())
				env.Setenv("AUDITOR", key.String())
				write := func(name, exchange, auditor string) error {
					text := fmt.Sprintf(configuration, play.MasterPublicKey(), exchange, auditor, key, url)
					return os.WriteFile(filepath.Join(env.WorkDir, name), []byte(text), 0o600)
				}
				return errors.Join(
					write("auditor.toml", exchange, auditor),
					writeReports(env.WorkDir, play),
					write("fresh.toml", exchange, fresh),
					write("absurd.toml", exchange, absurd),
					write("trusted.toml", trusted, auditor),
					write("uninitialised.toml", exchange, empty),
					write("no-exchange.toml", empty, auditor),
					write("no-server.toml", "host=/nowhere dbname=exchange", auditor),
				)
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"status":    runStatus,
				"fraud":     func(ts *testscript.TestScript, _ bool, args []string) { commit(ts, play, exchange, args[0]) },
				"advance":   func(ts *testscript.TestScript, _ bool, args []string) { advance(ts, play, exchange, args[0]) },
				"replicate": func(ts *testscript.TestScript, _ bool, _ []string) { replicate(ts, exchange, trusted) },
				"sql":       func(ts *testscript.TestScript, _ bool, args []string) { execute(ts, databases[args[0]], args[1]) },
				"collect":   func(ts *testscript.TestScript, _ bool, args []string) { collect(ts, args[0], args[1]) },
				"bank":      bank.open, "statements": bank.statements, "spoil": bank.spoil, "steal": bank.steal,
				"proxy": bank.behindProxy, "tunnelled": bank.tunnelled,
				"node": node, "tokens": tokens,
				"changed": changed, "spoilfiles": spoilFiles,
				"spoilrows": func(ts *testscript.TestScript, _ bool, _ []string) { spoilRows(ts, trusted) },
				"flip":      func(ts *testscript.TestScript, _ bool, args []string) { flip(ts, args[0], args[1]) },
			},
		})
	}
}

// writeReports writes what merchants report: all of it as a table, and the last one
// as the merchant sends it, with the master key's word for the sign key.
func writeReports(folder string, play *simulator.Exchange) error {
	var last simulator.Confirmation
	_, all := play.Confirmations()
	for c := range all {
		last = c
	}
	clock := play.Clock().Truncate(time.Second)
	start, end := clock.Add(-1000*time.Hour), clock.Add(1000*time.Hour)
	vouched := play.SignAsMaster(taler.SignKeyValidity{Start: taler.TimestampOf(start), ExpireSign: taler.TimestampOf(end),
		ExpireLegal: taler.TimestampOf(end), ExchangePub: last.ExchangePub})
	body := fmt.Sprintf(`{"h_contract_terms": %q, "h_wire": %q, "timestamp": {"t_ms": %d}, "refund_deadline": {"t_s": %d},
		"amount_without_fee": %q, "coin_pub": %q, "merchant_pub": %q, "exchange_sig": %q, "exchange_pub": %q,
		"ep_start": {"t_ms": %d}, "ep_expire": {"t_ms": %d}, "ep_end": {"t_ms": %[11]d}, "master_sig": %[12]q}`,
		last.ContractTermsHash, last.WireHash, last.ExchangeTimestamp/1000, last.RefundDeadline/1_000_000,
		last.AmountWithoutFee, last.CoinPub, last.MerchantPub, last.Signature, last.ExchangePub,
		start.UnixMilli(), end.UnixMilli(), vouched)
	return errors.Join(
		play.WriteConfirmations(filepath.Join(folder, "deposit-confirmations.json")),
		os.WriteFile(filepath.Join(folder, "body.json"), []byte(body), 0o600),
	)
}

// runStatus is the command "status N PROGRAM ARGS…" of scripts, which wants the exit
// status N.
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

// commit is the command "fraud NAME" of scripts. Business goes on until the fraud finds
// a victim.
func commit(ts *testscript.TestScript, play *simulator.Exchange, url, name string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	for _, f := range simulator.Frauds() {
		if f.Name == name {
			effect, err := f.Apply(ctx, conn, "public", play)
			for day := 0; errors.Is(err, simulator.ErrNoVictim) && day < 30; day++ {
				advance(ts, play, url, "1")
				effect, err = f.Apply(ctx, conn, "public", play)
			}
			ts.Check(err)
			play.Adopt(effect)
			return
		}
	}
	ts.Fatalf("there is no fraud %q", name)
}

// advance is the command "advance DAYS": business goes on, and so does the clock.
func advance(ts *testscript.TestScript, play *simulator.Exchange, url, days string) {
	ctx := context.Background()
	n, err := strconv.Atoi(days)
	ts.Check(err)
	ts.Check(play.Advance(n))
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	ts.Check(play.Write(ctx, conn, "public"))
	ts.Setenv("NOW", play.Clock().Format(time.RFC3339))
}

// replicate is the command of that name: auditor-sync until nothing is left.
func replicate(ts *testscript.TestScript, from, to string) {
	connect := func(url string) sync.Connect {
		return func(ctx context.Context) (*pgx.Conn, error) {
			return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor-sync"}, pg.MaxMessage(sync.MaxMessage))
		}
	}
	_, err := sync.Run(context.Background(), sync.Options{
		Source: connect(from), Destination: connect(to), TerminateWhenSynchronized: true, Logger: slog.New(slog.DiscardHandler),
	})
	ts.Check(err)
}

// collect is the command "collect CONFIGURATION TIME": auditor-dbinit gc.
func collect(ts *testscript.TestScript, file, now string) {
	settings, err := config.Load(ts.MkAbs(file), config.NeedExchangeDB, config.NeedAuditorDB)
	ts.Check(err)
	at, err := time.Parse(time.RFC3339, now)
	ts.Check(err)
	program := dbinit.Program{Config: settings, Part: dbinit.Exchange, Getenv: os.Getenv, Out: io.Discard}
	ts.Check(program.CollectGarbage(context.Background(), dbinit.Garbage{Now: at}))
}

// execute is the command "sql DATABASE STATEMENTS", as somebody who may do anything.
func execute(ts *testscript.TestScript, url, statements string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	ts.Check(err)
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, "set session_replication_role = replica; "+statements).ReadAll()
	ts.Check(err)
}

// flip is the command "flip FILE TEXT": changes one bit of the file, in the first
// character of the text.
func flip(ts *testscript.TestScript, file, text string) {
	path := ts.MkAbs(file)
	content, err := os.ReadFile(path)
	ts.Check(err)
	i := bytes.Index(content, []byte(text))
	if i < 0 {
		ts.Fatalf("%s holds no %q", file, text)
	}
	content[i] ^= 1
	ts.Check(os.WriteFile(path, content, 0o666))
}
