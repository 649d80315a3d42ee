package main

import (
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/dbinit"
)

const restoreDescription = `Writes a complete database of an exchange from the trusted copy, [exchangedb], into another
database, which must have no rows; its tables are created if it has none. It is one transaction.

What is not copied is computed: balances and dates of reserves from what came in and went out; which
deposits are paid, from the transfers; which are tiny, from the wire fee and the rounding unit, with
deposit_grace as the time in which the exchange looks at a deposit that is due.

prewire and wire_accounts are in no copy and stay empty.`

func restoreCommand() *cli.Command {
	return &cli.Command{
		Name:        "restore",
		Usage:       "write an exchange's database from the trusted copy",
		Description: restoreDescription,
		UsageText:   "auditor-dbinit restore --into CONNECTION [FLAGS]\nauditor-dbinit restore --into postgres:///restored-exchange",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "into", Required: true, Usage: "write the database `CONNECTION`, a connection string or URL"},
			&cli.StringFlag{Name: "into-schema", Usage: "put the tables into `SCHEMA` (default: that of the copy)"},
			nowFlag("restore as of `TIME`, instead of that of the copy"),
			&cli.BoolFlag{Name: "dry-run", Usage: "only look whether it can be done"},
		},
		Action: func(c *cli.Context) error {
			o := dbinit.Restoration{Into: c.String("into"), Schema: c.String("into-schema"), DryRun: c.Bool("dry-run")}
			var err error
			if o.Now, err = parseNow(c); err != nil {
				return err
			}
			program, err := load(c, dbinit.Exchange, config.NeedExchange, config.NeedExchangeDB)
			if err != nil {
				return err
			}
			return command.Unavailable(program.Restore(c.Context, o))
		},
	}
}
