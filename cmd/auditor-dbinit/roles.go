package main

import (
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/dbinit"
	"auditor/internal/office"
)

const rolesDescription = `Prints the SQL that gives each program the rights that it needs in the databases of the
configuration, and no others; with --apply it is executed. Run it with the configuration of the
source, too. Repeat it after each upgrade: new tables have no rights.

In the trusted copy auditor-sync may read and add rows, and auditor may read. In the auditor's
database auditor keeps its books. The owner of all tables is a third role, which only auditor-dbinit
uses. People of the three offices may look at the views of their office, and at nothing else. In a
source, or an exchange's own database, both may read, and nothing is taken from anybody.

The roles are created without a password; give them one with \password in psql, or let them in as
users of the operating system with peer authentication.`

func rolesCommand() *cli.Command {
	return &cli.Command{
		Name:        "roles",
		Usage:       "print or grant the least rights that the programs need",
		Description: rolesDescription,
		UsageText: "auditor-dbinit roles [FLAGS] [exchange|auditor]\n" +
			"auditor-dbinit -c auditor.toml roles | psql\n" +
			"auditor-dbinit -c source.toml roles --source --apply exchange",
		ArgsUsage: "[exchange|auditor]",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "apply", Usage: "execute the statements"},
			&cli.BoolFlag{Name: "dry-run", Usage: "print the statements, which is the default"},
			&cli.BoolFlag{Name: "source", Usage: "[exchangedb] is the source of auditor-sync, also if auditor-dbinit created its tables"},
			&cli.StringFlag{Name: "owner", Value: "auditor_dbinit", Usage: "`ROLE` that owns the tables"},
			&cli.StringFlag{Name: "writer", Value: "auditor_sync", Usage: "`ROLE` with which auditor-sync writes the trusted copy"},
			&cli.StringFlag{Name: "reader", Value: "auditor_sync_source", Usage: "`ROLE` with which auditor-sync reads the source"},
			&cli.StringFlag{Name: "auditor", Value: "auditor", Usage: "`ROLE` of auditor"},
			&cli.StringFlag{Name: "office-auditor", Value: "office_auditor", Usage: "`ROLE` of the auditor's office, which sees the use of money"},
			&cli.StringFlag{Name: "office-treasurer", Value: "office_treasurer", Usage: "`ROLE` of the treasurer, who sees the creation and deletion of money"},
			&cli.StringFlag{Name: "office-performance", Value: "office_performance", Usage: "`ROLE` of those who see how the system performs"},
		},
		Action: func(c *cli.Context) error {
			r := dbinit.Roles{
				Owner: c.String("owner"), Writer: c.String("writer"), Reader: c.String("reader"), Auditor: c.String("auditor"),
				Source: c.Bool("source"), Apply: c.Bool("apply"), Offices: map[office.Role]string{},
			}
			for _, role := range office.Roles() {
				r.Offices[role] = c.String("office-" + string(role))
			}
			if c.Bool("apply") && c.Bool("dry-run") {
				return command.Usagef(c, "--apply and --dry-run exclude each other: choose one")
			}
			if err := r.Check(); err != nil {
				return command.Usagef(c, "%v", err)
			}
			program, err := prepare(c)
			if err != nil {
				return err
			}
			return command.Unavailable(program.Roles(c.Context, r))
		},
	}
}
