// Auditor-dbinit creates, upgrades and drops the tables of the auditor's two databases,
// says in which state they are, grants the programs their rights, makes an audit begin
// anew, collects garbage, and restores an exchange's database from the trusted copy.
package main

import (
	"context"
	"os"

	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/dbinit"
)

// version is set by the linker.
var version string

const description = `Without an argument init, upgrade, status and roles work on each database that the configuration
names: on [exchangedb], which gets the tables of an exchange to copy rows into, and on [auditordb],
which gets the auditor's own. The databases themselves must exist; createdb makes them.

A database whose tables an exchange's own tools created is left as it is.

With --dry-run each command tells what it would do, and changes nothing.

-r is short for the command reset, -g for the command gc. The 2021 auditor's own tool had another
-r: what it did is the command restart.

Exit status: 0 done; 1 wrong usage or configuration; 2 a database could not be used, or is not in a
state in which it may be done; 4 internal error.`

const usageText = `auditor-dbinit [FLAGS] COMMAND
auditor-dbinit -c auditor.toml init
auditor-dbinit -c auditor.toml status
auditor-dbinit -c auditor.toml upgrade --dry-run`

func main() {
	app := command.New("auditor-dbinit", "create and upgrade the auditor's databases", command.Version(version), os.Stdout, os.Stderr)
	app.Description = description
	app.UsageText = usageText
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"},
		&cli.BoolFlag{Name: "reset", Aliases: []string{"r"}, Usage: "drop all tables of the only database, as the command reset does"},
		&cli.BoolFlag{Name: "gc", Aliases: []string{"g"}, Usage: "collect garbage, as the command gc does"},
		command.YesFlag("NAME", "is the name of the database that -r is to reset"),
		&cli.BoolFlag{Name: "dry-run", Usage: "with -r or -g, only tell what would be done"},
	}
	app.Before = shortFormsStandAlone
	app.Commands = []*cli.Command{
		initCommand(),
		upgradeCommand(),
		statusCommand(),
		restartCommand(),
		resetCommand(),
		rolesCommand(),
		gcCommand(),
		restoreCommand(),
	}
	app.Action = func(c *cli.Context) error {
		switch reset, gc := c.Bool("reset"), c.Bool("gc"); {
		case reset && gc:
			return command.Usagef(c, "-r and -g exclude each other: after a reset there is no garbage")
		case reset:
			return resetDatabase(c)
		case gc:
			return collectGarbage(c, dbinit.Garbage{DryRun: c.Bool("dry-run")})
		}
		return command.Usagef(c, "auditor-dbinit needs a command, one of init, upgrade, status, restart, reset, roles, gc, restore")
	}
	os.Exit(command.Run(context.Background(), app, os.Args))
}

// prepare reads the command line and the configuration.
func prepare(c *cli.Context) (*dbinit.Program, error) {
	var part dbinit.Part
	switch c.NArg() {
	case 0:
	case 1:
		var err error
		if part, err = dbinit.ParsePart(c.Args().First()); err != nil {
			return nil, command.Usagef(c, "%v", err)
		}
	default:
		return nil, command.Usagef(c, "%d databases are named: name one, or none for both", c.NArg())
	}
	return load(c, part, part.Need()...)
}

// load reads the configuration.
func load(c *cli.Context, part dbinit.Part, need ...config.Need) (*dbinit.Program, error) {
	path, err := config.Find(c.String("config"), os.Getenv)
	if err != nil {
		return nil, err
	}
	settings, err := config.Load(path, need...)
	if err != nil {
		return nil, err
	}
	return &dbinit.Program{Config: settings, Part: part, Getenv: os.Getenv, Out: c.App.Writer}, nil
}

// shortFormsStandAlone refuses flags of -r and -g in front of a command, which would
// not notice them.
func shortFormsStandAlone(c *cli.Context) error {
	name := c.Args().First()
	if c.App.Command(name) == nil {
		return nil
	}
	for _, flag := range []string{"reset", "gc", "yes", "dry-run"} {
		if c.IsSet(flag) {
			return command.Usagef(c, "--%s in front of the command %s would not be noticed: write it behind, if %s has it", flag, name, name)
		}
	}
	return nil
}
