package main

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/office"
	"auditor/internal/officeview"
	"auditor/internal/pg"
	"auditor/report"
)

// formatsOfOffices are the forms of a report to an office.
var formatsOfOffices = map[string]func(io.Writer, *report.OfficeReport, report.TextOptions) error{
	"text": report.WriteOfficeText,
	"json": func(w io.Writer, r *report.OfficeReport, _ report.TextOptions) error {
		return report.WriteOfficeJSON(w, r)
	},
	"html": func(w io.Writer, r *report.OfficeReport, _ report.TextOptions) error {
		return report.WriteOfficeHTML(w, r)
	},
	"openmetrics": func(w io.Writer, r *report.OfficeReport, _ report.TextOptions) error {
		return report.WriteOfficeMetrics(w, r)
	},
}

// officeFlags choose a report to an office.
func officeFlags() []cli.Flag {
	return []cli.Flag{
		configFlag(),
		&cli.StringFlag{Name: "role", Usage: "make a report to the `OFFICE`: auditor, treasurer or performance"},
		&cli.StringFlag{Name: "from", Usage: "tell what happened at `TIME` or later, such as 2026-01-31 or 2026-01-31T12:00:00Z"},
		&cli.StringFlag{Name: "to", Usage: "tell what happened before `TIME`"},
		&cli.IntFlag{Name: "limit", Value: 100, Usage: "list at most `NUMBER` rows of each table, 0 for all; json and openmetrics list all unless told otherwise"},
		&cli.StringFlag{Name: "format", Value: "text", Usage: "write `FORMAT`: text, json, html (one page, with charts) or openmetrics (for dashboards)"},
		&cli.IntFlag{Name: "width", Value: 80, Usage: "make the text so many `COLUMNS` wide"},
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"},
	}
}

// officeRequest reads the flags.
func officeRequest(c *cli.Context) (q officeview.Request, err error) {
	if q.From, err = timeFlag(c, "from"); err != nil {
		return q, err
	}
	if q.To, err = timeFlag(c, "to"); err != nil {
		return q, err
	}
	if q.From != nil && q.To != nil && !q.From.Before(*q.To) {
		return q, command.Usagef(c, "the period ends before it begins: --from must be before --to")
	}
	if q.Limit = c.Int("limit"); q.Limit < 0 {
		return q, command.Usagef(c, "--limit %d: list at least one row, or 0 for all", q.Limit)
	}
	format := given(c, "format")
	if formatsOfOffices[format] == nil {
		return q, command.Usagef(c, "unknown format %q, choose text, json, html or openmetrics", format)
	}
	if !c.IsSet("limit") && slices.Contains([]string{"json", "openmetrics"}, format) {
		q.Limit = 0
	}
	if text := c.String("role"); text != "" {
		if q.Office, err = office.Parse(text); err != nil {
			return q, command.Usagef(c, "--role: %v", err)
		}
	}
	q.Made = time.Now().UTC().Truncate(time.Second)
	return q, nil
}

// timeFlag reads a day, which begins at midnight UTC, or a time.
func timeFlag(c *cli.Context, name string) (*time.Time, error) {
	text := c.String(name)
	if text == "" {
		return nil, nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return new(t.UTC()), nil
		}
	}
	return nil, command.Usagef(c, "--%s %q is neither a day like 2026-01-31 nor a time like 2026-01-31T12:00:00Z", name, text)
}

// reportToOffice is auditor report --role.
func reportToOffice(c *cli.Context) error {
	if c.String("role") == "" {
		return command.Usagef(c, "name a command, or an office with --role")
	}
	q, err := officeRequest(c)
	if err != nil {
		return err
	}
	path, err := config.Find(given(c, "config"), os.Getenv)
	if err != nil {
		return err
	}
	settings, err := config.Load(path, config.NeedExchangeExceptKey, config.NeedExchangeDB)
	if err != nil {
		return err
	}
	q.Name, q.Currency = strings.TrimSpace(settings.Exchange.BaseURL), settings.Exchange.Currency
	return tellOffice(c, settings.ExchangeDB, func(conn *pgx.Conn) (*report.OfficeReport, error) {
		return officeview.Exchange(c.Context, conn, q)
	})
}

// tellOffice makes a report of what is in a database, and writes it in the form of --format.
func tellOffice(c *cli.Context, db config.Database, tell func(*pgx.Conn) (*report.OfficeReport, error)) error {
	connect, err := connector(db, pg.ReadOnly())
	if err != nil {
		return err
	}
	conn, err := connect(c.Context)
	if err != nil {
		return command.Unavailable(err)
	}
	defer conn.Close(context.WithoutCancel(c.Context))
	r, err := tell(conn)
	if err != nil {
		return command.Unavailable(err)
	}
	return write(c, func(w io.Writer) error {
		return formatsOfOffices[given(c, "format")](w, r, report.TextOptions{Width: c.Int("width"), Color: colourful(w)})
	})
}
