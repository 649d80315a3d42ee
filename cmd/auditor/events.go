package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/eventlog"
	"auditor/internal/events"
	"auditor/internal/officeview"
	"auditor/report"
)

const eventsDescription = `Nodes of a token network record what they do for whom. This keeps saved answers of
nodes in the auditor's database and makes reports of them to the office that the
database works for: section [office] of the configuration. What that office may not see
is dropped while a file is read, so that it is nowhere in the database.`

const eventsImportDescription = `Takes in files of a node: saved answers, sequences of events (64 bytes each) or of
details (256 bytes each), lines of text, or CSV. Each file goes in as a whole or not at
all; one that is there already changes nothing, so a file can be imported again.

A broken record is told with its place, and the others go in. So is an event that says
something else than one with the same number that was there before, which stays.

Exit status: 0 everything is there now; 1 wrong usage, or a file that cannot be read; 2
the auditor's database could not be used; 3 a record was broken, or two contradict each
other.`

const eventsReportDescription = `Tells the office that the database works for what happened in a period: chronology, use
of services, where requests came from, what users did, administrative actions, execution
times and rates, as far as the office may know. It reads the views of the office alone.`

// shownPerFile is how many flaws of a file are told one by one.
const shownPerFile = 20

// clockLeeway is by how much the clocks of nodes may be ahead.
const clockLeeway = time.Hour

func eventsCommand() *cli.Command {
	return &cli.Command{
		Name:        "events",
		Usage:       "keep the event log of a token network, and report on it",
		Description: eventsDescription,
		UsageText: "auditor events COMMAND\n" +
			"auditor events import -c auditor.toml answer.bin\n" +
			"auditor events report -c auditor.toml --from 2026-01-01 --to 2026-02-01",
		Subcommands: []*cli.Command{
			{
				Name:        "import",
				Usage:       "import saved answers of nodes, records, text or CSV",
				ArgsUsage:   "FILE…",
				Description: eventsImportDescription,
				UsageText:   "auditor events import [FLAGS] FILE…\nauditor events import -c auditor.toml answer.bin details.bin",
				Flags:       []cli.Flag{configFlag()},
				Action:      importEvents,
			},
			{
				Name:        "report",
				Usage:       "tell the office what happened",
				Description: eventsReportDescription,
				UsageText: "auditor events report [FLAGS]\n" +
					"auditor events report -c performance.toml --format openmetrics -o events.prom\n" +
					"auditor events report -c auditor.toml --service 20 --user e004af90-7a34-454d-af17-6aec64584fe7",
				Flags: append(officeFlags(),
					&cli.StringFlag{Name: "service", Usage: "tell of the service with this `NUMBER` alone"},
					&cli.StringFlag{Name: "user", Usage: "tell of the user with this `UUID` alone, and of each of their events"},
				),
				Action: reportEvents,
			},
		},
	}
}

// importEvents imports one file after the other.
func importEvents(c *cli.Context) error {
	if c.NArg() == 0 {
		return command.Usagef(c, "name the files to import")
	}
	return onAuditorDB(c, func(settings *config.Config, conn *pgx.Conn) error {
		node := eventlog.Node{Office: settings.Office.Role, Administrative: settings.Office.AdministrativeServices}
		good := true
		for _, name := range c.Args().Slice() {
			sum, err := importEventFile(c, conn, node, name)
			if err != nil {
				return err
			}
			good = good && sum.Refused == 0 && sum.Contradicting == 0
			fmt.Fprintf(c.App.Writer, "%s: %s: %d events, %d of them new; %d details, %d of them new; %d dropped, because the office %s may not see them; %d contradict others; %d broken\n",
				name, sum.Form, sum.Events, sum.New, sum.Details, sum.NewDetails, sum.Dropped, node.Office, sum.Contradicting, sum.Refused)
		}
		if !good {
			return command.Exit{Status: command.StatusFindings}
		}
		return nil
	}, config.NeedOffice)
}

// importEventFile imports a file and tells what is wrong with it.
func importEventFile(c *cli.Context, conn *pgx.Conn, node eventlog.Node, name string) (eventlog.Summary, error) {
	file, err := os.Open(name)
	if err != nil {
		return eventlog.Summary{}, command.Exit{Status: command.StatusUsage, Err: err}
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return eventlog.Summary{}, command.Exit{Status: command.StatusUsage, Err: err}
	}
	activity := command.ProgressOf(c).Start(name, about.Size())
	defer activity.Done()
	told, log := 0, command.Log(c)
	warn := func(message string, about ...any) {
		if told++; told <= shownPerFile {
			log.Warn(message, append([]any{"file", name}, about...)...)
		}
	}
	sum, err := eventlog.Import(c.Context, conn, node, eventlog.Source{
		Name: filepath.Base(name), Data: &counted{file, activity}, Latest: time.Now().Add(clockLeeway),
		Refused: func(bad *events.RecordError) { warn("a record is broken", "reason", bad) },
		Contradicted: func(x eventlog.Contradiction) {
			warn("an event contradicts the one with its number that was kept", "event", x.Event, "read", x.Read, "kept", x.Kept)
		},
	})
	if told > shownPerFile {
		log.Warn("there is more that is not told", "file", name, "number", told-shownPerFile)
	}
	unknown, ok := errors.AsType[*events.UnknownFormError](err)
	switch path := (*os.PathError)(nil); {
	case ok:
		return sum, command.Exit{Status: command.StatusUsage, Err: fmt.Errorf("%s: %w", name, unknown)}
	case errors.As(err, &path):
		return sum, command.Exit{Status: command.StatusUsage, Err: err}
	case err != nil:
		return sum, fmt.Errorf("%s: %w", name, err)
	}
	return sum, nil
}

// counted shows how much of a file was read.
type counted struct {
	file     io.Reader
	activity *command.Activity
}

func (r *counted) Read(b []byte) (int, error) {
	n, err := r.file.Read(b)
	r.activity.Add(int64(n))
	return n, err
}

// reportEvents makes a report to the office of the node.
func reportEvents(c *cli.Context) error {
	if c.NArg() > 0 {
		return command.Usagef(c, "unexpected argument %q: the configuration names the database", c.Args().First())
	}
	q, err := officeRequest(c)
	if err != nil {
		return err
	}
	if text := c.String("service"); text != "" {
		number, err := strconv.ParseUint(text, 10, 16)
		if err != nil {
			return command.Usagef(c, "--service %q is no number from 0 to %d", text, math.MaxUint16)
		}
		q.Service = new(events.Service(number))
	}
	if text := c.String("user"); text != "" {
		user, err := events.ParseUserID(text)
		if err != nil {
			return command.Usagef(c, "--user: %v", err)
		}
		q.User = &user
	}
	path, err := config.Find(c.String("config"), os.Getenv)
	if err != nil {
		return err
	}
	settings, err := config.Load(path, config.NeedOffice, config.NeedAuditorDB)
	if err != nil {
		return err
	}
	if q.Office == "" {
		q.Office = settings.Office.Role
	}
	if q.User != nil && !q.Office.SeesPeople() {
		return command.Usagef(c, "--user: the office %s does not see users", q.Office)
	}
	return tellOffice(c, settings.AuditorDB, func(conn *pgx.Conn) (*report.OfficeReport, error) {
		q.Name = conn.Config().Database
		return officeview.EventLog(c.Context, conn, q)
	})
}
