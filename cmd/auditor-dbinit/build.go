package main

import (
	"context"

	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/dbinit"
)

const (
	initDescription = `Creates the tables that are missing in each database, and upgrades those that are there, by patches
that are registered in the table _v.patches with a checksum. It can be repeated: what is current is
left alone. Tables without a registered patch, as in a restored dump, are refused.`

	upgradeDescription = `Applies the patches that a newer release of these programs brought, each in one transaction. Rows stay
as they are. It refuses databases that were never initialised, and those of a newer release. Run
roles again afterwards: new tables have no rights.

With --convert and exchange it upgrades a database of 2021 in which the exchange's own tools applied
only exchange-0001: the references between all rows are moved from keys and hashes to serial
numbers, each to the row that it referred to before, and exchange-0002 is applied, all in one
transaction. Stop the exchange and make a backup before. Tables that are not exactly those of that
patch are refused and stay as they are.`

	statusDescription = `Shows, for each database, which patches were applied, when and by whom, whether their scripts are those
of this program, which layout the exchange's tables have, and what to do if something is missing. It
changes nothing.`
)

func initCommand() *cli.Command {
	return &cli.Command{
		Name:        "init",
		Usage:       "create the tables that are missing, upgrade those that are there",
		Description: initDescription,
		UsageText:   "auditor-dbinit init [FLAGS] [exchange|auditor]\nauditor-dbinit -c auditor.toml init\nauditor-dbinit -c auditor.toml init --dry-run auditor",
		ArgsUsage:   "[exchange|auditor]",
		Flags:       []cli.Flag{rehearsalFlag()},
		Action:      onDatabases((*dbinit.Program).Init),
	}
}

func upgradeCommand() *cli.Command {
	return &cli.Command{
		Name:        "upgrade",
		Usage:       "upgrade databases that were initialised before",
		Description: upgradeDescription,
		UsageText: "auditor-dbinit upgrade [FLAGS] [exchange|auditor]\nauditor-dbinit -c auditor.toml upgrade --dry-run\n" +
			"auditor-dbinit -c auditor.toml upgrade\nauditor-dbinit -c production.toml upgrade --convert exchange",
		ArgsUsage: "[exchange|auditor]",
		Flags: []cli.Flag{
			rehearsalFlag(),
			&cli.BoolFlag{Name: "convert", Usage: "move the data in tables of the exchange's own first patch"},
		},
		Action: func(c *cli.Context) error {
			if c.Bool("convert") && c.Args().First() != string(dbinit.Exchange) {
				return command.Usagef(c, "--convert is about an exchange's own database: say so, with auditor-dbinit upgrade --convert exchange")
			}
			return onDatabases((*dbinit.Program).Upgrade)(c)
		},
	}
}

func statusCommand() *cli.Command {
	return &cli.Command{
		Name:        "status",
		Usage:       "show patches, layout and tables, and whether they are current",
		Description: statusDescription,
		UsageText:   "auditor-dbinit status [FLAGS] [exchange|auditor]\nauditor-dbinit -c auditor.toml status",
		ArgsUsage:   "[exchange|auditor]",
		Action:      onDatabases((*dbinit.Program).Status),
	}
}

func rehearsalFlag() cli.Flag {
	return &cli.BoolFlag{Name: "dry-run", Usage: "only tell which patches would be applied"}
}

// onDatabases makes an action of what is done to each database.
func onDatabases(do func(*dbinit.Program, context.Context) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		program, err := prepare(c)
		if err != nil {
			return err
		}
		program.DryRun, program.Convert = c.Bool("dry-run"), c.Bool("convert")
		return command.Unavailable(do(program, c.Context))
	}
}
