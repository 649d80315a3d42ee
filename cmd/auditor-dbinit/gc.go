package main

import (
	"time"

	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/dbinit"
)

const gcDescription = `Removes from the trusted copy, [exchangedb], what an exchange itself may collect: denominations
whose legal expiration has passed, reserves that are empty and past their collection date, wire fees
that ended more than ten years ago, and all rows that refer to them.

Nothing is removed if an audit has not judged all of it, which [auditordb] tells. What was removed
stays on record, as ranges of serials with digests, in the table auditor_sync.removed.

Run it after the exchange has collected its own garbage: a row that refers to a removed one can no
longer be copied.`

func gcCommand() *cli.Command {
	return &cli.Command{
		Name:        "gc",
		Usage:       "remove from the trusted copy what an exchange may forget",
		Description: gcDescription,
		UsageText:   "auditor-dbinit gc [FLAGS] [exchange]\nauditor-dbinit gc --dry-run",
		ArgsUsage:   "[exchange]",
		Flags: []cli.Flag{
			nowFlag("collect what may be collected at `TIME`"),
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be removed"},
		},
		Action: func(c *cli.Context) error {
			g := dbinit.Garbage{DryRun: c.Bool("dry-run")}
			var err error
			if g.Now, err = parseNow(c); err != nil {
				return err
			}
			return collectGarbage(c, g)
		},
	}
}

func collectGarbage(c *cli.Context, g dbinit.Garbage) error {
	if c.NArg() > 1 || c.NArg() == 1 && c.Args().First() != string(dbinit.Exchange) {
		return command.Usagef(c, "garbage is collected in the trusted copy only: say exchange, or nothing")
	}
	if g.Now.IsZero() {
		g.Now = time.Now()
	}
	program, err := load(c, dbinit.Exchange, config.NeedExchangeDB, config.NeedAuditorDB)
	if err != nil {
		return err
	}
	return command.Unavailable(program.CollectGarbage(c.Context, g))
}

func nowFlag(usage string) cli.Flag {
	return &cli.StringFlag{Name: "now", Usage: usage + " (ISO 8601, as in 2021-02-04T12:00:00Z)"}
}

// parseNow returns the time that was given, or the zero time.
func parseNow(c *cli.Context) (time.Time, error) {
	text := c.String("now")
	if text == "" {
		return time.Time{}, nil
	}
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return now, command.Usagef(c, "--now %q is no time, write it like 2021-02-04T12:00:00Z", text)
	}
	return now, nil
}
