package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/auditordb"
	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/taler"
)

const exchangeDescription = `One auditor's database can hold the audits of several exchanges, each with state, findings and reports
of its own. There is one configuration file per exchange, in which [auditordb] is the same and
[exchange] and [exchangedb] are not; an audit with a configuration is about the exchange that its
master public key names.`

const (
	exchangeAddDescription = `Makes an exchange known, before its first audit, so that a mistake in the key shows before anything was
audited. The first audit of an exchange that is not known adds it, too. Without flags the exchange is
that of the configuration. Adding a known one again with another base URL corrects the URL; its
currency cannot be changed, because all its figures are in it.`

	exchangeListDescription = `Lists the exchanges in the order in which they were added, each with its key, base URL and currency, how
many reports there are, as of when the last audit was, how many of its findings were open then, and
when the audit was restarted, if ever.`

	exchangeRemoveDescription = `Removes an exchange and everything that the auditor's database holds about it: the state of its audit
and its findings. If there are reports it refuses, because regulators may ask for them, unless
--with-reports says that they are to go, too. On a terminal it asks for the base URL; a script says
--yes. The exchange's own database and the trusted copy are not touched.`
)

func exchangeCommand() *cli.Command {
	return &cli.Command{
		Name:        "exchange",
		Usage:       "list, add and remove the exchanges that are audited",
		Description: exchangeDescription,
		UsageText:   "auditor exchange COMMAND\nauditor exchange list -c auditor.toml",
		Subcommands: []*cli.Command{
			{
				Name:        "add",
				Usage:       "make an exchange known",
				Description: exchangeAddDescription,
				UsageText: "auditor exchange add [FLAGS]\nauditor exchange add -c auditor.toml\n" +
					"auditor exchange add -c auditor.toml --exchange-key HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0 --base-url https://exchange.example/ --currency EUR",
				Flags: []cli.Flag{
					configFlag(),
					&cli.StringFlag{Name: "exchange-key", Aliases: []string{"m"}, Usage: "its master public `KEY` (default: that of the configuration)"},
					&cli.StringFlag{Name: "base-url", Usage: "its base `URL` (default: that of the configuration)"},
					&cli.StringFlag{Name: "currency", Usage: "its `CURRENCY` (default: that of the configuration)"},
				},
				Action: addExchange,
			},
			{
				Name:        "list",
				Usage:       "list the exchanges",
				Description: exchangeListDescription,
				UsageText:   "auditor exchange list [FLAGS]\nauditor exchange list -c auditor.toml",
				Flags:       []cli.Flag{configFlag()},
				Action:      listExchanges,
			},
			{
				Name:        "remove",
				Usage:       "remove an exchange and what is known about it",
				Description: exchangeRemoveDescription,
				UsageText: "auditor exchange remove [FLAGS] KEY\n" +
					"auditor exchange remove -c auditor.toml --dry-run HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0\n" +
					"auditor exchange remove -c auditor.toml --yes HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0",
				ArgsUsage: "KEY",
				Flags: []cli.Flag{
					configFlag(),
					&cli.BoolFlag{Name: "with-reports", Usage: "remove its reports, too"},
					&cli.BoolFlag{Name: "yes", Usage: "do not ask"},
					&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be removed"},
				},
				Action: removeExchange,
			},
		},
	}
}

func configFlag() cli.Flag {
	return &cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"}
}

// onAuditorDB does something with the auditor's database of the configuration.
func onAuditorDB(c *cli.Context, work func(*config.Config, *pgx.Conn) error, need ...config.Need) error {
	path, err := config.Find(c.String("config"), os.Getenv)
	if err != nil {
		return err
	}
	settings, err := config.Load(path, append(need, config.NeedAuditorDB)...)
	if err != nil {
		return err
	}
	connect, err := connector(settings.AuditorDB)
	if err != nil {
		return err
	}
	conn, err := current(connect)(c.Context)
	if err != nil {
		return command.Unavailable(err)
	}
	defer conn.Close(context.WithoutCancel(c.Context))
	return command.Unavailable(work(settings, conn))
}

func listExchanges(c *cli.Context) error {
	return onAuditorDB(c, func(_ *config.Config, conn *pgx.Conn) error {
		list, err := auditordb.List(c.Context, conn)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(c.App.Writer, "no exchange is audited: add one with auditor exchange add, or audit it")
			return nil
		}
		for _, e := range list {
			fmt.Fprintf(c.App.Writer, "%s\n", e.MasterPub)
			w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', 0)
			fmt.Fprintf(w, "  base URL\t%q\n  currency\t%s\n  added\t%s\n", e.BaseURL, e.Currency, e.Added.UTC().Format(time.RFC3339))
			switch {
			case e.LastAsOf != nil:
				fmt.Fprintf(w, "  reports\t%d, the last as of %s\n  open findings\t%d\n", e.Reports, e.LastAsOf.UTC().Format(time.RFC3339), e.Open)
			default:
				fmt.Fprintln(w, "  reports\tnone yet")
			}
			if e.Restarted != nil {
				fmt.Fprintf(w, "  restarted\t%s\n", e.Restarted.UTC().Format(time.RFC3339))
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
}

func removeExchange(c *cli.Context) error {
	if c.NArg() != 1 {
		return command.Usagef(c, "name one exchange by its master public key; auditor exchange list shows the keys")
	}
	master, err := taler.ParseEddsaPublicKey(c.Args().First())
	if err != nil {
		return command.Usagef(c, "%v", err)
	}
	return onAuditorDB(c, func(_ *config.Config, conn *pgx.Conn) error {
		e, err := auditordb.Find(c.Context, conn, master)
		if err != nil {
			return err
		}
		if err := tellRemoval(c, conn, e); err != nil || c.Bool("dry-run") {
			return err
		}
		if e.Reports > 0 && !c.Bool("with-reports") {
			return &auditordb.ReportsError{Exchange: e, Reports: e.Reports}
		}
		if !c.Bool("yes") {
			if err := command.Ask(c, "the exchange's base URL", e.BaseURL, "--yes"); err != nil {
				return err
			}
		}
		if err := auditordb.Remove(c.Context, conn, e, c.Bool("with-reports")); err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, "exchange %s was removed\n", e.MasterPub)
		return nil
	})
}

// tellRemoval writes what goes along with an exchange.
func tellRemoval(c *cli.Context, conn *pgx.Conn, e auditordb.Exchange) error {
	return pgx.BeginFunc(c.Context, conn, func(tx pgx.Tx) error {
		holdings, err := auditordb.Holdings(c.Context, tx, e)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, "exchange %s, %q, with\n", e.MasterPub, e.BaseURL)
		w := tabwriter.NewWriter(c.App.Writer, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, h := range holdings {
			fmt.Fprintf(w, "  %s\t%d\t rows\n", h.Name, h.Rows)
		}
		if err := w.Flush(); err != nil {
			return err
		}
		if c.Bool("dry-run") {
			fmt.Fprintln(c.App.Writer, "nothing was removed, because this is a dry run")
		}
		return nil
	})
}
