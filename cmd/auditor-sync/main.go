// Auditor-sync copies an exchange's tables from a database that the exchange
// operator can write into the auditor's trusted copy.
package main

import (
	"context"
	"errors"
	"os"

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
until it is stopped, outlives lost connections, and looks for news every second.

Exit status: 0 done; 1 wrong usage or configuration; 2 a database could not be used (with -t, or
at the start); 3 the source violated an invariant: all rows before the violating one are in the
destination, and the next start goes on from there; 4 internal error.`

func main() {
	app := command.New("auditor-sync", "copy an exchange's database into the auditor's trusted one", command.Version(version), os.Stdout, os.Stderr)
	app.Description = description
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "source-configuration", Aliases: []string{"s"}, Required: true, Usage: "copy from [exchangedb] of the configuration `FILE`"},
		&cli.StringFlag{Name: "destination-configuration", Aliases: []string{"d"}, Required: true, Usage: "copy into [exchangedb] of the configuration `FILE`"},
		&cli.IntFlag{Name: "batch", Aliases: []string{"b"}, Usage: "copy at most `ROWS` per transaction (default: what half a second allows)"},
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
	var err error
	if o.Source, o.SourceSchema, err = database(c.String("source-configuration"), pg.MaxMessage(sync.MaxMessage)); err != nil {
		return err
	}
	if o.Destination, o.DestinationSchema, err = database(c.String("destination-configuration")); err != nil {
		return err
	}
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

// database returns what connects to [exchangedb] of a configuration, and the schema
// of its tables.
func database(file string, options ...pg.Option) (sync.Connect, string, error) {
	settings, err := config.Load(file, config.NeedExchangeDB)
	if err != nil {
		return nil, "", err
	}
	db := settings.ExchangeDB
	connect := func(ctx context.Context) (*pgx.Conn, error) {
		// Read for each connection, so that a password can be changed meanwhile.
		password, err := db.Password(os.Getenv)
		if err != nil {
			return nil, err
		}
		return pg.Connect(ctx, pg.Target{ConnString: db.Config, Password: password, AppName: "auditor-sync"}, options...)
	}
	return connect, db.Schema, nil
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
