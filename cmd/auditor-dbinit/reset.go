package main

import (
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/dbinit"
)

const resetDescription = `Drops every table that auditor-dbinit created in one of the two databases, with all rows, and forgets
its patches; afterwards init creates them empty. It is one transaction. For exchange, that is the
trusted copy and the bookkeeping of auditor-sync; for auditor, everything that is known about all
exchanges, their reports included, which regulators may ask for. To begin an audit anew use restart.

Nothing that is not ours is dropped: tables of others in the same database stay, and so do their
patches in _v.patches. If something of others depends on our tables, reset refuses and names it.
Tables that an exchange's own tools created are theirs to drop.

On a terminal it asks for the name of the database; in a script say --yes NAME.`

func resetCommand() *cli.Command {
	return &cli.Command{
		Name:        "reset",
		Usage:       "drop all tables of one database",
		Description: resetDescription,
		UsageText: "auditor-dbinit reset [FLAGS] [exchange|auditor]\nauditor-dbinit -c auditor.toml reset --dry-run auditor\n" +
			"auditor-dbinit -c auditor.toml reset --yes taler-auditor auditor",
		ArgsUsage: "[exchange|auditor]",
		Flags: []cli.Flag{
			command.YesFlag("NAME", "is the name of the database"),
			&cli.BoolFlag{Name: "dry-run", Usage: "only tell what would be dropped"},
		},
		Action: resetDatabase,
	}
}

func resetDatabase(c *cli.Context) error {
	program, err := prepare(c)
	if err != nil {
		return err
	}
	return command.Unavailable(program.Reset(c.Context, dbinit.Reset{
		DryRun:  c.Bool("dry-run"),
		Confirm: func(database string) error { return command.Confirm(c, "the database", database) },
	}))
}
