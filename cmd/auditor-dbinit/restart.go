package main

import (
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/dbinit"
)

const restartDescription = `Makes the next audit of the exchange judge every row anew, as if there had been no audit before:
progress, balances and findings are forgotten, in one transaction. It is for after a mistake in the
configuration, such as a wrong currency or auditor's key, and after a defect of auditor.

Kept are the reports, whose numbers go on, what was acknowledged, the exchange itself, and what
merchants and others reported of it: nobody could make them again. The next report lists every
finding as new, and compares its figures with none. That the audit began anew stays on record, in
the table auditor.restarts.

An audit from the beginning needs every row that was ever judged. Where the exchange's database,
[exchangedb], has lost some to a collection of garbage, restart refuses, because such an audit
would accuse the exchange wrongly; --force does it all the same, and does not look. Counting the
rows takes minutes in a large database.

If the configuration names no exchange the database must know a single one.`

func restartCommand() *cli.Command {
	return &cli.Command{
		Name:        "restart",
		Usage:       "make the next audit judge everything anew",
		Description: restartDescription,
		UsageText:   "auditor-dbinit restart [FLAGS] [auditor]\nauditor-dbinit -c auditor.toml restart --dry-run\nauditor-dbinit -c auditor.toml restart",
		ArgsUsage:   "[auditor]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "force", Usage: "do not look whether rows were collected as garbage"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be forgotten"},
		},
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 || c.NArg() == 1 && c.Args().First() != string(dbinit.Auditor) {
				return command.Usagef(c, "only audits can be restarted: say auditor, or nothing; auditor-sync goes on where its copy ends")
			}
			need := []config.Need{config.NeedAuditorDB}
			if !c.Bool("force") {
				need = append(need, config.NeedExchangeDB)
			}
			program, err := load(c, dbinit.Auditor, need...)
			if err != nil {
				return err
			}
			return command.Unavailable(program.Restart(c.Context, dbinit.Restart{Force: c.Bool("force"), DryRun: c.Bool("dry-run")}))
		},
	}
}
