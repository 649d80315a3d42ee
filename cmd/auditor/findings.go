package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"auditor/audit"
	"auditor/internal/archive"
	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/report"
)

const findingsDescription = `Lists what audits found, shows one finding with its evidence and its history, and
records that somebody knows of it.

An acknowledgement needs a name and a reason and is kept for ever. It hides nothing:
the finding stays in every list and report, with the acknowledgement beside it, and in
every total. It only keeps the finding from giving an audit the exit status 3, unless
the audit is told --count-acknowledged. It lapses by itself when the finding becomes
graver or dearer, or is resolved and comes back.`

func findingsCommand() *cli.Command {
	return &cli.Command{
		Name:        "findings",
		Usage:       "list, show and acknowledge what audits found",
		Description: findingsDescription,
		UsageText: "auditor findings list --severity loss\n" +
			"auditor findings show 20618efb\n" +
			"auditor findings ack --by ada --reason receipt-17 20618efb",
		Subcommands: []*cli.Command{findingsList(), findingsShow(), findingsAck()},
	}
}

func findingsList() *cli.Command {
	return &cli.Command{
		Name:  "list",
		Usage: "list findings",
		Description: `Lists the findings on an exchange, the gravest and newest first. Without a flag these are
the open ones, acknowledged or not. New and persisting are relative to the last report.`,
		UsageText: "auditor findings list [FLAGS]\n" +
			"auditor findings list --area reserves --status all\n" +
			"auditor findings list --check R-04 --format csv -o withdrawals.csv",
		Flags: memoryFlags(
			&cli.StringFlag{Name: "area", Usage: "only of this `AREA`: " + strings.Join(audit.Areas(), ", ")},
			&cli.StringFlag{Name: "check", Usage: "only of the check with this `ID`, such as R-04"},
			&cli.StringFlag{Name: "severity", Usage: "only of this `SEVERITY` or graver: " + severities()},
			&cli.StringFlag{Name: "status", Value: archive.StatusOpen, Usage: "only of this `STATUS`: " + strings.Join(archive.Statuses(), ", ")},
			&cli.IntFlag{Name: "limit", Value: 100, Usage: "list at most `NUMBER` findings, 0 for all; csv and json list all unless told otherwise"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "write `FORMAT`: text, json or csv (with evidence)"},
			&cli.IntFlag{Name: "width", Value: 80, Usage: "make the text so many `COLUMNS` wide"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"},
		),
		Action: func(c *cli.Context) error {
			f := archive.Filter{Area: c.String("area"), Check: strings.ToUpper(c.String("check")), Severity: report.Severity(c.String("severity")),
				Status: c.String("status"), Limit: c.Int("limit")}
			switch {
			case f.Area != "" && !slices.Contains(audit.Areas(), f.Area):
				return command.Usagef(c, "there is no area %q; choose from %s", f.Area, strings.Join(audit.Areas(), ", "))
			case f.Severity != "" && !slices.Contains(report.Severities(), f.Severity):
				return command.Usagef(c, "unknown severity %q, choose from %s", f.Severity, severities())
			case !slices.Contains(archive.Statuses(), f.Status):
				return command.Usagef(c, "unknown status %q, choose from %s", f.Status, strings.Join(archive.Statuses(), ", "))
			case f.Limit < 0:
				return command.Usagef(c, "--limit %d: list at least one finding, or 0 for all", f.Limit)
			case !slices.Contains([]string{"text", "json", "csv"}, given(c, "format")):
				return command.Usagef(c, "unknown format %q, choose text, json or csv", given(c, "format"))
			}
			if given(c, "format") != "text" && !c.IsSet("limit") {
				f.Limit = 0
			}
			return remembering(func(c *cli.Context, m *memory) error { return m.list(c, f) })(c)
		},
	}
}

func (m *memory) list(c *cli.Context, f archive.Filter) error {
	findings, total, err := m.Findings(c.Context, m.conn, f)
	if err != nil {
		return err
	}
	list := &report.List{
		Exchange: report.Exchange{MasterPublicKey: m.MasterPub, BaseURL: m.BaseURL, Currency: m.Currency},
		Findings: findings, Total: total,
	}
	return write(c, func(w io.Writer) error {
		switch given(c, "format") {
		case "json":
			return report.WriteJSONOf(w, list)
		case "csv":
			return report.WriteListCSV(w, list)
		}
		return report.WriteListText(w, list, report.TextOptions{Width: c.Int("width"), Color: colourful(w)})
	})
}

func findingsShow() *cli.Command {
	return &cli.Command{
		Name:        "show",
		Usage:       "show a finding with its evidence and history",
		ArgsUsage:   "IDENTITY",
		Description: `Shows everything about one finding. The first characters of its identity are enough, as reports show them in brackets.`,
		UsageText: "auditor findings show [FLAGS] IDENTITY\n" +
			"auditor findings show 20618efb\n" +
			"auditor findings show --row 20618efb\n" +
			"auditor findings show --format json 20618efb",
		Flags: memoryFlags(
			&cli.BoolFlag{Name: "row", Usage: "show the row as it is now in [exchangedb], too"},
			&cli.StringFlag{Name: "format", Value: "text", Usage: "write `FORMAT`: text or json"},
			&cli.IntFlag{Name: "width", Value: 80, Usage: "make the text so many `COLUMNS` wide"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() != 1 {
				return command.Usagef(c, "name one finding, by the first characters of its identity")
			}
			id, err := archive.ParseIdentity(c.Args().First())
			if err != nil {
				return command.Usagef(c, "%v", err)
			}
			if format := given(c, "format"); format != "text" && format != "json" {
				return command.Usagef(c, "unknown format %q, choose text or json", format)
			}
			var needs []config.Need
			if c.Bool("row") {
				needs = append(needs, config.NeedExchangeDB)
			}
			return remembering(func(c *cli.Context, m *memory) error {
				story, err := m.Story(c.Context, m.conn, id)
				if err != nil {
					return err
				}
				if c.Bool("row") {
					if story.Row, err = m.rowOf(c, &story.Finding); err != nil {
						return err
					}
				}
				return write(c, func(w io.Writer) error {
					if given(c, "format") == "json" {
						return report.WriteJSONOf(w, story)
					}
					return report.WriteStoryText(w, story, report.TextOptions{Width: c.Int("width"), Color: colourful(w)})
				})
			}, needs...)(c)
		},
	}
}

// rowOf reads the row that a finding is about from the exchange's database.
func (m *memory) rowOf(c *cli.Context, f *report.Finding) (*report.RowNow, error) {
	table := exchange.Layout2021().Table(f.Table)
	if table == nil || table.Serial == "" || f.Serial == nil {
		return nil, command.Exit{Status: command.StatusUsage, Err: fmt.Errorf("finding %s is about no single row of the exchange: leave --row out", f.Identity[:8])}
	}
	connect, err := connector(m.settings.ExchangeDB, pg.ReadOnly())
	if err != nil {
		return nil, err
	}
	conn, err := connect(c.Context)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(c.Context))
	layout, err := exchange.Recognize(c.Context, conn, m.settings.ExchangeDB.Schema)
	if err != nil {
		return nil, err
	}
	row, err := exchange.RowText(c.Context, conn, m.settings.ExchangeDB.Schema, layout.Table(f.Table), *f.Serial)
	if err != nil {
		return nil, err
	}
	now := &report.RowNow{Database: conn.Config().Database, Values: []report.Evidence{}}
	for _, v := range row {
		now.Values = append(now.Values, report.Evidence{Name: v.Column, Value: v.Text})
	}
	return now, nil
}

func findingsAck() *cli.Command {
	return &cli.Command{
		Name:      "ack",
		Usage:     "record that somebody knows of findings",
		ArgsUsage: "IDENTITY…",
		Description: `Records, with name and reason, that somebody knows of findings as they are now. The
record is kept for ever; --withdraw takes the acknowledgement back, which is recorded
as well. Nothing is hidden and no total changes.`,
		UsageText: "auditor findings ack [FLAGS] IDENTITY…\n" +
			"auditor findings ack --by ada --reason receipt-17 20618efb\n" +
			"auditor findings ack --withdraw --by ada --reason wrong-case 20618efb",
		Flags: memoryFlags(
			&cli.StringFlag{Name: "by", Required: true, Usage: "`NAME` of who knows of it"},
			&cli.StringFlag{Name: "reason", Required: true, Usage: "`TEXT` that says why nothing more need be done"},
			&cli.BoolFlag{Name: "withdraw", Usage: "take the acknowledgement back"},
		),
		Action: func(c *cli.Context) error {
			if c.NArg() == 0 {
				return command.Usagef(c, "name at least one finding, by the first characters of its identity")
			}
			if err := archive.CheckEntry(c.String("by"), c.String("reason")); err != nil {
				return command.Usagef(c, "%v", err)
			}
			var ids []archive.Identity
			for _, text := range c.Args().Slice() {
				id, err := archive.ParseIdentity(text)
				if err != nil {
					return command.Usagef(c, "%v", err)
				}
				ids = append(ids, id)
			}
			entry := report.Entry{At: archive.Now(time.Now), By: c.String("by"), Reason: c.String("reason"), Withdrawn: c.Bool("withdraw")}
			return remembering(func(c *cli.Context, m *memory) error {
				findings, err := m.Acknowledge(c.Context, m.conn, ids, entry)
				if err != nil {
					return err
				}
				return report.WriteEntriesText(c.App.Writer, findings, entry)
			})(c)
		},
	}
}
