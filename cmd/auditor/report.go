package main

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/urfave/cli/v2"

	"auditor/internal/archive"
	"auditor/internal/command"
	"auditor/report"
)

const reportDescription = `Reports are kept in the auditor's database, numbered, byte for byte. Each names the
SHA-256 of the one before, and beside each lies a note, which may be signed and which
holds the roots of what was audited. So nobody can change an old report, or a row that
was audited, without being told of it.

With --role it makes a report to an office, of what the views of that office show of
the trusted copy: the auditor learns of the use of money, the treasurer of its creation
and deletion, performance of the work and its lags. Nobody learns of customers. Connect
as the role of the office, which auditor-dbinit roles lets in.`

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:        "report",
		Usage:       "list, show and verify the reports of past audits; tell an office what it may know",
		Description: reportDescription,
		Flags:       officeFlags(),
		Action:      reportToOffice,
		UsageText: "auditor report list\n" +
			"auditor report show --format html -o report.html 3\n" +
			"auditor report verify\n" +
			"auditor report --role treasurer --from 2026-01-01 --to 2026-02-01 --format html -o january.html\n" +
			"auditor report keygen --name auditor.example -o report.key",
		Subcommands: []*cli.Command{reportList(), reportShow(), reportVerify(), reportKeygen()},
	}
}

func reportList() *cli.Command {
	return &cli.Command{
		Name:        "list",
		Usage:       "list the reports on an exchange",
		Description: "Lists the reports on an exchange, the first one first, with the beginning of the SHA-256 of each.",
		UsageText:   "auditor report list [FLAGS]\nauditor report list -c auditor.toml",
		Flags:       memoryFlags(),
		Action: remembering(func(c *cli.Context, m *memory) error {
			list, err := m.Reports(c.Context, m.conn)
			if err != nil {
				return err
			}
			if len(list) == 0 {
				return &archive.NoReportError{}
			}
			past, err := m.History(c.Context, m.conn, list[len(list)-1].Run)
			if err != nil {
				return err
			}
			var rows []report.ListedReport
			for _, k := range list {
				row := report.ListedReport{Run: k.Run, AsOf: k.AsOf, Took: k.Finished.Sub(k.Started), Digest: k.Digest}
				i := slices.IndexFunc(past, func(p report.Past) bool { return p.Run == k.Run })
				if i >= 0 {
					row.Past = &past[i]
				}
				rows = append(rows, row)
			}
			return report.WriteReportsText(c.App.Writer, rows, report.TextOptions{Color: colourful(c.App.Writer)})
		}),
	}
}

// formatsOfReports explains the forms in which a kept report can be shown.
const formatsOfReports = formatsOfAudits + ", or note (the signed checkpoint)"

func reportShow() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a report in any form",
		ArgsUsage: "[NUMBER]",
		Description: `Shows a report: the one with the given number, else the last one. As json it is, byte for
byte, what the next report names the digest of; with the note it can be verified
without a database.`,
		UsageText: "auditor report show [FLAGS] [NUMBER]\n" +
			"auditor report show 3\n" +
			"auditor report show --format html -o report.html\n" +
			"auditor report show --format json -o report-3.json 3\n" +
			"auditor report show --format note -o report-3.note 3",
		Flags: memoryFlags(
			&cli.StringFlag{Name: "format", Value: "text", Usage: "write `FORMAT`: " + formatsOfReports},
			&cli.IntFlag{Name: "width", Value: 80, Usage: "make the text so many `COLUMNS` wide"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `PATH`: a file, or a folder for the format taler"},
		),
		Action: func(c *cli.Context) error {
			run, err := reportNumber(c)
			if err != nil {
				return err
			}
			if format := given(c, "format"); format == "json" || format == "note" {
				return remembering(func(c *cli.Context, m *memory) error { return m.showKept(c, run, format) })(c)
			}
			out, err := openOutput(c)
			if err != nil {
				return err
			}
			defer out.discard()
			return remembering(func(c *cli.Context, m *memory) error {
				rep, err := m.Report(c.Context, m.conn, run)
				if err != nil {
					return err
				}
				if out.history, err = m.History(c.Context, m.conn, rep.Run); err != nil {
					return err
				}
				return out.write(rep)
			})(c)
		},
	}
}

func reportNumber(c *cli.Context) (int64, error) {
	switch c.NArg() {
	case 0:
		return 0, nil
	case 1:
		run, err := strconv.ParseInt(c.Args().First(), 10, 64)
		if err != nil || run < 1 {
			return 0, command.Usagef(c, "%q is no number of a report", c.Args().First())
		}
		return run, nil
	}
	return 0, command.Usagef(c, "%d reports are named: name one, or none for the last", c.NArg())
}

// showKept writes a report or its note as they are kept.
func (m *memory) showKept(c *cli.Context, run int64, format string) error {
	l, err := m.Link(c.Context, m.conn, run)
	if err != nil {
		return err
	}
	text := l.Report
	if format == "note" {
		if l.Note == "" {
			return command.Exit{Status: command.StatusUsage, Err: fmt.Errorf("%s has no note: it was made by a version that made none", l.Name)}
		}
		text = []byte(l.Note)
	}
	return write(c, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(text))
		return err
	})
}

func reportKeygen() *cli.Command {
	return &cli.Command{
		Name:  "keygen",
		Usage: "make a key that signs reports",
		Description: `Makes an Ed25519 key in a new file that only its owner may read, and prints the public
half. Name the file as report_key_file in section [auditor] of the configuration; give
the public half to everybody who is to verify reports.`,
		UsageText: "auditor report keygen [FLAGS]\n" +
			"auditor report keygen --name auditor.example -o report.key",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "name", Required: true, Usage: "`NAME` of the key, by custom the auditor's host name"},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Required: true, Usage: "write the key to a new `FILE`"},
		},
		Action: func(c *cli.Context) error {
			key, err := archive.CreateKey(rand.Reader, c.String("name"), c.String("output"))
			if err != nil {
				return command.Exit{Status: command.StatusUsage, Err: err}
			}
			_, err = fmt.Fprintln(c.App.Writer, key.Verifier())
			return err
		},
	}
}
