package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/audit"
	"auditor/internal/bank"
	"auditor/internal/command"
	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/pgcluster"
	"auditor/internal/simulator"
	"auditor/report"
	"auditor/sync"
)

const demoDescription = `Plays a small exchange in a throw-away PostgreSQL, replicates it, audits it, lets
its operator commit two frauds and a theft that only the bank can tell of, and shows
how the next audit finds exactly these three. Nothing has to be configured and no
server has to run. The reports stay in a folder, which the demo names; one of them is
a page for a browser.`

func demoCommand() *cli.Command {
	return &cli.Command{
		Name:        "demo",
		Usage:       "show the suite at work on a simulated exchange",
		Description: demoDescription,
		UsageText:   "auditor demo\nauditor demo --seed 7 -o reports",
		Flags: []cli.Flag{
			&cli.Uint64Flag{Name: "seed", Value: 1, Usage: "play the exchange of this `NUMBER`"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "leave the reports in `FOLDER` (default: a new one for temporary files)"},
		},
		Action: func(c *cli.Context) error {
			return command.Unavailable(runDemo(c))
		},
	}
}

// demo is the scene of a demonstration: three databases, as they would lie on
// three computers, and the play that goes on in the first.
type demo struct {
	c        *cli.Context
	out      io.Writer
	folder   string
	play     *simulator.Exchange
	exchange audit.Connect // the operator's database
	trusted  audit.Connect // the auditor's copy of it
	auditor  audit.Connect // the auditor's own
	stolen   []bank.Record // what only the bank knows
}

func runDemo(c *cli.Context) (err error) {
	d := &demo{c: c, out: c.App.Writer, folder: c.String("output")}
	if d.folder == "" {
		d.folder, err = os.MkdirTemp("", "auditor-demo-")
	} else {
		err = os.MkdirAll(d.folder, 0o777)
	}
	if err != nil {
		return err
	}
	cluster, err := pgcluster.Start(c.Context, pgcluster.Options{Logger: command.Log(c)})
	if err != nil {
		return err
	}
	defer cluster.Stop()
	for _, step := range []func(*pgcluster.Cluster) error{d.open, d.honest, d.dishonest} {
		if err := step(cluster); err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) say(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }

// open creates the databases and the exchange.
func (d *demo) open(cluster *pgcluster.Cluster) error {
	for _, db := range []struct {
		name       string
		connect    *audit.Connect
		components []migrate.Component
	}{
		{"exchange", &d.exchange, []migrate.Component{migrate.Exchange("public")}},
		{"trusted", &d.trusted, []migrate.Component{migrate.Exchange("public"), migrate.Replica("public")}},
		{"auditor", &d.auditor, []migrate.Component{migrate.Auditor()}},
	} {
		if err := cluster.CreateDatabase(d.c.Context, db.name); err != nil {
			return err
		}
		target := pg.Target{ConnString: cluster.URL(db.name), AppName: "auditor demo"}
		*db.connect = func(ctx context.Context) (*pgx.Conn, error) { return pg.Connect(ctx, target) }
		err := d.with(*db.connect, func(conn *pgx.Conn) error {
			for _, component := range db.components {
				if _, err := migrate.Upgrade(d.c.Context, conn, component); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	var err error
	scenario := simulator.DefaultScenario(d.c.Uint64("seed"))
	scenario.PromptCustomers = true // so that nothing is found before there are frauds, not even open melts
	d.play, err = simulator.New(scenario)
	return err
}

// with runs work on a connection of its own.
func (d *demo) with(connect audit.Connect, work func(*pgx.Conn) error) error {
	conn, err := connect(d.c.Context)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(d.c.Context))
	return work(conn)
}

// honest shows an audit that finds nothing.
func (d *demo) honest(*pgcluster.Cluster) error {
	err := d.with(d.exchange, func(conn *pgx.Conn) error { return d.play.Write(d.c.Context, conn, "public") })
	if err != nil {
		return err
	}
	d.say("1. An exchange opens and does business until %s.", d.play.Clock().Format(time.DateOnly))
	if err := d.replicate("2."); err != nil {
		return err
	}
	rep, err := d.audit("first")
	if err != nil {
		return err
	}
	d.say("3. The audit judges it: %d findings.", len(rep.Findings))
	if len(rep.Findings) != 0 {
		return defect("an honest exchange gave %d findings; see %s", len(rep.Findings), d.folder)
	}
	return nil
}

// dishonest shows an audit that finds the frauds and the theft, and nothing else.
func (d *demo) dishonest(*pgcluster.Cluster) error {
	frauds := simulator.Frauds()
	effects := make([]string, len(frauds))
	days := 0
	err := d.with(d.exchange, func(conn *pgx.Conn) error {
		for i, f := range frauds {
			effect, passed, err := d.commit(conn, f)
			if err != nil {
				return err
			}
			days += passed
			effects[i] = fmt.Sprintf("   - %s (row %d of %s, %v)", f.Description, effect.Serial, effect.Table, effect.Amount)
		}
		return nil
	})
	if err != nil {
		return err
	}
	effects = append(effects, d.stealFrom())
	d.say("4. Business goes on for %d days, in which the operator commits %d frauds:", days, len(effects))
	for _, effect := range effects {
		d.say("%s", effect)
	}
	if err := d.replicate("5."); err != nil {
		return err
	}
	rep, err := d.audit("second")
	if err != nil {
		return err
	}
	d.say("6. The audit judges what is new, and reports:\n")
	if err := report.WriteText(d.out, rep, report.TextOptions{Color: colourful(os.Stdout)}); err != nil {
		return err
	}
	if len(rep.Findings) != len(effects) {
		return defect("%d frauds gave %d findings; see %s", len(effects), len(rep.Findings), d.folder)
	}
	d.say("\nBoth reports, as text, as JSON and in the form of the earlier auditor, are in\n%s\nOpen second.html there in a browser.", d.folder)
	return nil
}

// opportunity is how many days the operator waits for one, at most.
const opportunity = 30

// commit lets the exchange do business until the fraud finds a victim.
func (d *demo) commit(conn *pgx.Conn, f simulator.Fraud) (effect simulator.Effect, days int, err error) {
	for days = 1; days <= opportunity; days++ {
		if err := d.play.Advance(1); err != nil {
			return effect, days, err
		}
		if err := d.play.Write(d.c.Context, conn, "public"); err != nil {
			return effect, days, err
		}
		effect, err = f.Apply(d.c.Context, conn, "public", d.play)
		if err == nil {
			d.play.Adopt(effect)
		}
		if !errors.Is(err, simulator.ErrNoVictim) {
			return effect, days, err
		}
	}
	return effect, days, err
}

func defect(format string, args ...any) error {
	return command.Exit{Status: command.StatusInternal, Err: fmt.Errorf(format, args...)}
}

// replicate copies what is new into the trusted database.
func (d *demo) replicate(number string) error {
	summary, err := sync.Run(d.c.Context, sync.Options{
		Source: sync.Connect(d.exchange), Destination: sync.Connect(d.trusted),
		TerminateWhenSynchronized: true, Logger: command.Log(d.c),
	})
	if err != nil {
		return err
	}
	d.say("%s auditor-sync copies %d rows into the trusted database.", number, summary.Rows)
	return nil
}

// audit audits the trusted database as of the clock of the play and leaves the
// report, in all of its forms, in the folder.
func (d *demo) audit(name string) (*report.Report, error) {
	auditor, url := d.play.Auditor()
	banks, stop, err := d.openBank()
	if err != nil {
		return nil, err
	}
	defer stop()
	opt := audit.Options{
		Exchange: d.trusted,
		Auditor:  d.auditor,
		Schema:   "public",
		Policy: audit.Policy{
			MasterPub:              d.play.MasterPublicKey(),
			BaseURL:                d.play.BaseURL(),
			Currency:               d.play.Currency(),
			AuditorPub:             &auditor,
			AuditorURL:             url,
			IdleReserveExpiration:  d.play.Scenario().IdleReserveExpiration,
			LegalReserveExpiration: d.play.Scenario().LegalReserveExpiration,
			ClosingGrace:           24 * time.Hour,
			DenominationGrace:      24 * time.Hour,
			DepositGrace:           time.Hour,
			LongestWireDelay:       365 * 24 * time.Hour,
			RoundUnit:              d.play.RoundUnit(),
			TinyAmount:             d.play.TinyAmount(),
			FutureTolerance:        time.Hour,
			ExecutionTolerance:     15 * time.Minute,
		},
		Banks:    banks,
		AsOf:     d.play.Clock(),
		Clock:    time.Now,
		Logger:   command.Log(d.c),
		Progress: showProgress(command.ProgressOf(d.c)),
		Program:  report.Program{Name: "auditor", Version: d.c.App.Version},
	}
	rep, err := audit.Run(d.c.Context, opt)
	if err != nil {
		return nil, err
	}
	past, err := history(d.c.Context, opt, rep)
	if err != nil {
		return nil, err
	}
	for _, o := range []output{
		{format: "text", path: name + ".txt"},
		{format: "json", path: name + ".json"},
		{format: "html", path: name + ".html", history: past},
		{format: "taler", path: name + "-taler"},
	} {
		o.path = filepath.Join(d.folder, o.path)
		if err := o.open(); err != nil {
			return nil, err
		}
		if err := o.write(rep); err != nil {
			return nil, err
		}
	}
	return rep, nil
}
