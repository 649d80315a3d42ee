package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/migrate"
	"auditor/internal/simulator"
)

const simulateDescription = `Plays an exchange with its customers, merchants and banks and fills a database with
what such an exchange would have written: for load tests, and to learn how reports
look. All keys and signatures are genuine, and nothing is wrong with it.

The database is the one of -c or --database. It must be empty; its tables are
created if it has none. The folder of -o gets what else an audit needs: the banks'
histories, the merchants' deposit confirmations, a configuration, and the figures
that the audit must arrive at (ledger.json).

The same seed and flags give the same exchange, byte for byte. To play more days,
name the same database and folder with --continue.

  auditor simulate --database postgres:///play -o play
  auditor-dbinit -c play/auditor.toml init auditor
  auditor -c play/auditor.toml --now 2021-02-05T08:00:00Z
  auditor simulate --database postgres:///play -o play --continue 10

Never use the keys of a simulation for anything else: whoever knows the seed knows
them.`

// Files in the folder of a simulation, besides those of the banks.
const (
	scenarioFile      = "scenario.json"
	ledgerFile        = "ledger.json"
	confirmationsFile = "deposit-confirmations.json"
	settingsFile      = "auditor.toml"
)

func simulateCommand() *cli.Command {
	return &cli.Command{
		Name:        "simulate",
		Usage:       "fill a database with a simulated exchange",
		Description: simulateDescription,
		UsageText: "auditor simulate --database postgres:///play -o play\n" +
			"auditor simulate -c auditor.toml --seed 7 --reserves 4000 --withdrawals 10 --key-pool keys -o big\n" +
			"auditor simulate --database postgres:///play -o play --continue 10",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "take the database from the section exchangedb of `FILE`"},
			&cli.StringFlag{Name: "database", Usage: "fill this database: a `CONNECTION` string or URL"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Required: true, Usage: "leave histories, confirmations, configuration and figures in `FOLDER`"},
			&cli.IntFlag{Name: "continue", Usage: "go on with the simulation of the folder for so many `DAYS`"},
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "play the exchange of this `NUMBER`; even ones revoke a denomination"},
			&cli.IntFlag{Name: "days", Value: 60, Usage: "play so many `DAYS`"},
			&cli.IntFlag{Name: "reserves", Value: 40, Usage: "`NUMBER` of reserves that customers open"},
			&cli.IntFlag{Name: "withdrawals", Value: 6, Usage: "`NUMBER` of coins that a reserve pays for, on average"},
			&cli.IntFlag{Name: "rsa-bits", Value: 1024, Usage: "size of the denominations' keys in `BITS`"},
			&cli.StringFlag{Name: "key-pool", Usage: "keep the denominations' keys in `FOLDER`, to have them sooner next time"},
		},
		Action: func(c *cli.Context) error {
			s, err := newSimulation(c)
			if err != nil {
				return err
			}
			return command.Unavailable(s.run(c.Context))
		},
	}
}

// simulation is one run of the command.
type simulation struct {
	c        *cli.Context
	folder   string
	settings *config.Config // where the databases are
	play     *simulator.Exchange
}

// newSimulation reads the command line, the configuration, and the record of a
// simulation that is to be continued.
func newSimulation(c *cli.Context) (*simulation, error) {
	s := &simulation{c: c, folder: c.String("output")}
	if c.IsSet("config") == c.IsSet("database") {
		return nil, command.Usagef(c, "name the database to fill, either with -c or with --database")
	}
	if c.IsSet("continue") {
		if c.Int("continue") < 1 {
			return nil, command.Usagef(c, "--continue %d: play at least one day", c.Int("continue"))
		}
		for _, name := range []string{"seed", "days", "reserves", "withdrawals", "rsa-bits"} {
			if c.IsSet(name) {
				return nil, command.Usagef(c, "--%s was decided when the simulation began, leave it out with --continue", name)
			}
		}
	} else if _, err := os.Stat(filepath.Join(s.folder, scenarioFile)); !errors.Is(err, fs.ErrNotExist) {
		return nil, command.Usagef(c, "%s holds a simulation, play on with --continue or name another folder", s.folder)
	}
	if c.IsSet("database") {
		s.settings = &config.Config{}
		s.settings.ExchangeDB = config.Database{Config: c.String("database"), Schema: "public", PasswordEnv: config.ExchangeDBPasswordEnv}
		return s, nil
	}
	var err error
	s.settings, err = config.Load(c.String("config"), config.NeedExchangeDB)
	return s, err
}

func (s *simulation) run(ctx context.Context) error {
	connect, err := connector(s.settings.ExchangeDB)
	if err != nil {
		return err
	}
	conn, err := connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if s.c.IsSet("continue") {
		err = s.proceed(ctx, conn)
	} else {
		err = s.begin(ctx, conn)
	}
	if err != nil {
		return err
	}
	if err := s.play.Write(ctx, conn, s.settings.ExchangeDB.Schema); err != nil {
		return err
	}
	if err := s.leave(); err != nil {
		return err
	}
	s.summarise()
	return nil
}

// begin plays a new exchange for a database that is empty.
func (s *simulation) begin(ctx context.Context, conn *pgx.Conn) error {
	scenario := simulator.DefaultScenario(s.c.Uint64("seed"))
	scenario.Days = s.c.Int("days")
	scenario.Reserves = s.c.Int("reserves")
	scenario.WithdrawalsPerReserve = s.c.Int("withdrawals")
	scenario.Merchants = max(scenario.Merchants, scenario.Reserves/25)
	scenario.RSABits = s.c.Int("rsa-bits")
	scenario.Keys = s.keys()
	var err error
	if s.play, err = simulator.New(scenario); err != nil {
		return command.Exit{Status: command.StatusUsage, Err: err}
	}
	tables := migrate.Exchange(s.settings.ExchangeDB.Schema)
	state, err := migrate.Status(ctx, conn, tables)
	if err != nil {
		return err
	}
	if !state.Initialised() {
		_, err = migrate.Upgrade(ctx, conn, tables)
	}
	return err
}

// proceed plays what the folder records again, and some days more.
func (s *simulation) proceed(ctx context.Context, conn *pgx.Conn) error {
	record, err := simulator.LoadRecord(filepath.Join(s.folder, scenarioFile))
	if err != nil {
		return fmt.Errorf("there is no simulation to continue: %w", err)
	}
	record.Scenario.Keys = s.keys()
	if s.play, err = record.Replay(); err != nil {
		return err
	}
	if err := s.play.Resume(ctx, conn, s.settings.ExchangeDB.Schema); err != nil {
		return err
	}
	return s.play.Advance(s.c.Int("continue"))
}

func (s *simulation) keys() *simulator.KeyPool { return simulator.NewKeyPool(s.c.String("key-pool")) }

// leave writes the files of the folder. The record comes last: without it, there
// is no simulation.
func (s *simulation) leave() error {
	if err := os.MkdirAll(s.folder, 0o777); err != nil {
		return err
	}
	if err := s.play.WriteBank(s.folder); err != nil {
		return err
	}
	if err := s.play.WriteConfirmations(filepath.Join(s.folder, confirmationsFile)); err != nil {
		return err
	}
	ledger, err := json.MarshalIndent(s.play.Ledger(), "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.folder, ledgerFile), append(ledger, '\n'), 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.folder, settingsFile), []byte(s.configuration()), 0o666); err != nil {
		return err
	}
	return s.play.Record().Save(filepath.Join(s.folder, scenarioFile))
}

// summarise tells what there is now and how to audit it.
func (s *simulation) summarise() {
	tables := s.play.Ledger().Tables
	file := filepath.Join(s.folder, settingsFile)
	fmt.Fprintf(s.c.App.Writer, `An exchange did business until %s: %d reserves, %d withdrawals, %d deposits,
%d refunds, %d melts, %d recoups, %d transfers to merchants. Audit it with

  auditor-dbinit -c %s init auditor
  auditor -c %s --now %s
`,
		s.play.Clock().Format(time.DateOnly), tables["reserves"].Rows, tables["reserves_out"].Rows, tables["deposits"].Rows,
		tables["refunds"].Rows, tables["refresh_commitments"].Rows, tables["recoup"].Rows+tables["recoup_refresh"].Rows,
		tables["wire_out"].Rows, file, file, s.play.Clock().Format(time.RFC3339))
}
