// Auditor-sync copies an exchange's tables from a database that the exchange
// operator can write into the auditor's trusted copy.
package main

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/pg"
	"auditor/sync"
)

// version is set by the linker.
var version string

const description = `Rows are only added to the destination, in transactions of about half a second, and only if they
satisfy its constraints. What the source holds is never changed. Without -t the program goes on
until it is stopped, outlives lost connections, and looks for news every second, or as soon as
somebody says "notify auditor_sync" in the source.

Serials below the highest copied one that are missing may belong to transactions that have not
committed yet. They are looked for on each pass, until they are given up after --gap-horizon as
those of aborted transactions. A row that turns up later is back-dated and not copied.

Rows that were copied before are compared with the source again, against hashes that were made when
they were copied: with --verify recent the newest ones on each pass and older ones in a random
order; with --verify full all of them, once, and then the program ends. Rows that the exchange may
collect as garbage may be gone. What else differs is read again before it becomes an alert.

With --shard K/N as many processes, on any machines, share the work by whole tables, balanced by
rows. All N must run, with the same N: the one with 1/N takes a snapshot of the source, which all
others read, too, and a table waits until those it refers to are copied, so that the outcome is that
of a single process. If one halts, all do.

Alerts are written into the log and into the table auditor_sync.alerts of the destination, where
auditor finds them, with both versions of the row in auditor_sync.evidence. An alert is closed by
itself once the source was corrected; until then each start ends with status 3 before it copies,
unless the alert only says that the source lacks a constraint.

Exit status: 0 done; 1 wrong usage or configuration; 2 a database could not be used (with -t, or
at the start), or the destination was tampered with; 3 the source violated an invariant: all rows
before the violating one are in the destination, and a start after the correction goes on from
there; 4 internal error.`

const usageText = `auditor-sync [FLAGS]
auditor-sync -s ingress.toml -d trusted.toml
auditor-sync -s ingress.toml -d trusted.toml -t
auditor-sync -s ingress.toml -d trusted.toml --verify full`

func main() {
	app := command.New("auditor-sync", "copy an exchange's database into the auditor's trusted one", command.Version(version), os.Stdout, os.Stderr)
	app.Description, app.UsageText = description, usageText
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "source-configuration", Aliases: []string{"s"}, Required: true, Usage: "copy from [exchangedb] of the configuration `FILE`"},
		&cli.StringFlag{Name: "destination-configuration", Aliases: []string{"d"}, Required: true, Usage: "copy into [exchangedb] of the configuration `FILE`"},
		&cli.IntFlag{Name: "batch", Aliases: []string{"b"}, Usage: "copy at most `ROWS` per transaction (default: what half a second allows)"},
		&cli.StringFlag{Name: "verify", Value: string(sync.VerifyRecent), Usage: "compare what was copied before: `MODE` is off, recent or full"},
		&cli.Float64Flag{Name: "verify-share", Value: 10, Usage: "with --verify recent, compare old rows for `PERCENT` of the time"},
		&cli.StringFlag{Name: "gap-horizon", Value: "24 hours", Usage: "look for missing serials for that long (`DURATION`, such as \"2 days\")"},
		&cli.StringFlag{Name: "shard", Usage: "copy the K-th of N parts, one process each (`K/N`)"},
		&cli.BoolFlag{Name: "terminate-when-synchronized", Aliases: []string{"t"}, Usage: "end as soon as nothing is left to copy"},
	}
	app.Action = replicate
	os.Exit(command.Run(context.Background(), app, os.Args))
}

func replicate(c *cli.Context) error {
	if c.IsSet("batch") && c.Int("batch") < 1 {
		return command.Usagef(c, "a transaction of %d rows is impossible, choose -b 1 or more", c.Int("batch"))
	}
	o := sync.Options{
		BatchRows:                 c.Int("batch"),
		TerminateWhenSynchronized: c.Bool("terminate-when-synchronized"),
		Logger:                    command.Log(c),
	}
	if err := verification(c, &o); err != nil {
		return err
	}
	if err := shard(c, &o); err != nil {
		return err
	}
	source, err := settings(c.String("source-configuration"))
	if err != nil {
		return err
	}
	destination, err := settings(c.String("destination-configuration"))
	if err != nil {
		return err
	}
	o.Source, o.SourceSchema = connect(source, pg.MaxMessage(sync.MaxMessage), pg.MaxAnswer(sync.MaxAnswer)), source.Schema
	o.Destination, o.DestinationSchema = connect(destination), destination.Schema
	o.IdleReserveExpiration, o.LegalReserveExpiration = destination.IdleReserveExpiration, destination.LegalReserveExpiration
	show := status{progress: command.ProgressOf(c)}
	defer show.end()
	o.Progress = show.update

	summary, err := sync.Run(c.Context, o)
	command.Log(c).Info("stopped", "passes", summary.Passes, "rows", summary.Rows)
	if !o.TerminateWhenSynchronized && errors.Is(err, context.Canceled) {
		return nil // the only way in which it is meant to end
	}
	return err
}

// verification takes over what the flags say about gaps and comparison.
func verification(c *cli.Context, o *sync.Options) (err error) {
	if o.Verify, err = sync.ParseVerify(c.String("verify")); err != nil {
		return command.Usagef(c, "--verify: %v", err)
	}
	share := c.Float64("verify-share")
	if !(0 < share && share <= 100) {
		return command.Usagef(c, "--verify-share %v is no share of the time, say more than 0 and at most 100, or --verify off", share)
	}
	o.VerifyShare = share / 100
	if o.GapHorizon, err = config.ParseDuration(c.String("gap-horizon")); err != nil {
		return command.Usagef(c, "--gap-horizon: %v", err)
	}
	if o.GapHorizon == 0 {
		return command.Usagef(c, "--gap-horizon must be longer than nothing")
	}
	return nil
}

// shard takes over which part of the work is to be done.
func shard(c *cli.Context, o *sync.Options) error {
	if !c.IsSet("shard") {
		return nil
	}
	k, n, _ := strings.Cut(c.String("shard"), "/")
	var errs [2]error
	o.Shard, errs[0] = strconv.Atoi(k)
	o.Shards, errs[1] = strconv.Atoi(n)
	if errors.Join(errs[:]...) != nil || o.Shard < 1 || o.Shard > o.Shards {
		return command.Usagef(c, "--shard %q is no part of the work, write it like 1/2 and 2/2", c.String("shard"))
	}
	if o.Shards > 1 && o.Verify == sync.VerifyFull {
		return command.Usagef(c, "--verify full is the work of one process, leave out --shard")
	}
	return nil
}

// settings returns [exchangedb] of a configuration.
func settings(file string) (config.Database, error) {
	c, err := config.Load(file, config.NeedExchangeDB)
	if err != nil {
		return config.Database{}, err
	}
	return c.ExchangeDB, nil
}

// connect returns what connects to a database.
func connect(db config.Database, options ...pg.Option) sync.Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		// Read for each connection, so that a password can be changed meanwhile.
		password, err := db.Password(os.Getenv)
		if err != nil {
			return nil, err
		}
		return pg.Connect(ctx, pg.Target{ConnString: db.Config, Password: password, AppName: "auditor-sync"}, options...)
	}
}

// status shows the table that is being copied.
type status struct {
	progress *command.Progress
	table    string
	activity *command.Activity
}

func (s *status) update(p sync.Progress) {
	if s.table != p.Table {
		s.end()
		s.table, s.activity = p.Table, s.progress.Start("copying "+p.Table, p.Until-p.Serial+int64(p.Rows))
	}
	s.activity.Add(int64(p.Rows))
	if p.Serial == p.Until {
		s.end()
	}
}

func (s *status) end() {
	if s.activity != nil {
		s.activity.Done()
	}
	s.table, s.activity = "", nil
}
