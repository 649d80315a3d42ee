// Auditor-dbinit creates and upgrades the tables of the auditor's two databases,
// says in which state they are, grants the programs their rights, collects garbage,
// and restores an exchange's database from the trusted copy.
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

-g is short for the command gc.

Exit status: 0 done; 1 wrong usage or configuration; 2 a database could not be used, or is not in a
state in which it may be done; 4 internal error.`

func main() {
	app := command.New("auditor-dbinit", "create and upgrade the auditor's databases", command.Version(version), os.Stdout, os.Stderr)
	app.Description = description
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Usage: "read the configuration from `FILE`"},
		&cli.BoolFlag{Name: "gc", Aliases: []string{"g"}, Usage: "collect garbage, as the command gc does"},
	}
	app.Commands = []*cli.Command{
		subcommand("init", "create the tables that are missing, upgrade those that are there", (*dbinit.Program).Init),
		subcommand("upgrade", "upgrade databases that were initialised before", (*dbinit.Program).Upgrade),
		subcommand("status", "show patches, layout and tables, and whether they are current", (*dbinit.Program).Status),
		rolesCommand(),
		gcCommand(),
		restoreCommand(),
	}
	app.Action = func(c *cli.Context) error {
		if !c.Bool("gc") {
			return command.Usagef(c, "auditor-dbinit needs a command, one of init, upgrade, status, roles, gc, restore")
		}
		return collectGarbage(c, dbinit.Garbage{})
	}
	os.Exit(command.Run(context.Background(), app, os.Args))
}

func subcommand(name, usage string, do func(*dbinit.Program, context.Context) error) *cli.Command {
	return &cli.Command{
		Name:      name,
		Usage:     usage,
		ArgsUsage: "[exchange|auditor]",
		Action: func(c *cli.Context) error {
			program, err := prepare(c)
			if err != nil {
				return err
			}
			return command.Unavailable(do(program, c.Context))
		},
	}
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
