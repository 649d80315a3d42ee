package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"auditor/internal/archive"
	"auditor/internal/command"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/report"
)

const verifyDescription = `Proves that each report extends the one before. With files it needs nothing else:
give reports (as json) and their notes. Without files it reads all reports from the
auditor's database and, where [exchangedb] is a trusted copy, compares every row that
was audited with what the audits saw of it.

A report proves what was before it. What proves the last one is its note, and what
proves that one is the signature: give the public half of the key with --key, which
counts for all notes. Without --key the key of the configuration counts, if there is
one. With a key, the last report must be signed.

Exit status: 0 proved; 1 wrong usage or configuration; 2 a database or file could not
be used; 3 something was changed, and the output says what.`

func reportVerify() *cli.Command {
	return &cli.Command{
		Name:        "verify",
		Usage:       "prove that reports, and what was audited, were not changed",
		ArgsUsage:   "[FILE…]",
		Description: verifyDescription,
		UsageText: "auditor report verify [FLAGS] [FILE…]\n" +
			"auditor report verify\n" +
			"auditor report verify --key auditor.example+6f2a0c1d+AbCd report-1.json report-1.note report-2.json report-2.note",
		Flags: memoryFlags(
			&cli.StringSliceFlag{Name: "key", Usage: "trust signatures by this public `KEY`; may be repeated"},
			&cli.BoolFlag{Name: "reports-only", Usage: "do not compare the rows of the trusted copy"},
		),
		Action: func(c *cli.Context) error {
			known, err := archive.Verifiers(c.StringSlice("key")...)
			if err != nil {
				return command.Usagef(c, "%v", err)
			}
			v := &verification{chain: archive.Chain{Known: known}, trusts: len(c.StringSlice("key")) > 0, out: c.App.Writer}
			if c.NArg() > 0 {
				err = v.files(c.Args().Slice())
			} else {
				err = v.databases(c)
			}
			if err != nil {
				return command.Unavailable(err)
			}
			return v.conclude()
		},
	}
}

// verification is one run of the command.
type verification struct {
	chain  archive.Chain
	trusts bool // some key is known
	copy   *archive.Copy
	why    string // why the copy was not compared
	out    io.Writer
}

// maxReportFile bounds a file, in bytes.
const maxReportFile = 1 << 30

// files proves the chain of the reports in files, whatever their order.
func (v *verification) files(paths []string) error {
	v.why = "files were given"
	type found struct {
		archive.Link
		run int64
	}
	var reports []found
	notes := map[int64][2]string{}
	for _, path := range paths {
		text, err := readFile(path)
		if err != nil {
			return err
		}
		if bytes.HasPrefix(bytes.TrimLeft(text, " \n\t"), []byte("{")) {
			reports = append(reports, found{archive.Link{Name: path, Report: text}, report.RunOf(text)})
			continue
		}
		n, err := archive.OpenNote(string(text), v.chain.Known)
		switch {
		case err != nil:
			v.problem("%s: %v", path, err)
		case notes[n.Size] != [2]string{}:
			v.problem("%s and %s are both notes of report %d", notes[n.Size][0], path, n.Size)
		default:
			notes[n.Size] = [2]string{path, string(text)}
		}
	}
	slices.SortStableFunc(reports, func(a, b found) int { return cmp.Compare(a.run, b.run) })
	for _, r := range reports {
		r.Note = notes[r.run][1]
		delete(notes, r.run)
		v.chain.Add(r.Link)
	}
	for _, run := range slices.Sorted(maps.Keys(notes)) {
		v.problem("%s is the note of report %d, which is not among the files", notes[run][0], run)
	}
	return nil
}

func (v *verification) problem(format string, args ...any) {
	v.chain.Problems = append(v.chain.Problems, archive.Problem{Message: fmt.Sprintf(format, args...)})
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxReportFile+1))
	if err == nil && len(text) > maxReportFile {
		err = fmt.Errorf("%s is larger than any report", path)
	}
	return text, err
}

// databases proves the chain in the auditor's database, and compares the trusted copy.
func (v *verification) databases(c *cli.Context) error {
	m, err := remember(c)
	if err != nil {
		return err
	}
	defer m.close(c.Context)
	if file := m.settings.Auditor.ReportKeyFile; file != "" && !v.trusts {
		key, err := archive.LoadKey(file)
		if err != nil {
			return err
		}
		if v.chain.Known, err = archive.Verifiers(key.Verifier()); err != nil {
			return err
		}
		v.trusts = true
	}
	// One snapshot of the auditor's database: an audit may go on.
	if _, err := m.conn.Exec(c.Context, "begin transaction isolation level repeatable read, read only"); err != nil {
		return err
	}
	if err := m.VerifyReports(c.Context, m.conn, &v.chain); err != nil {
		return err
	}
	switch {
	case c.Bool("reports-only"):
		v.why = "it was not asked for"
	case m.settings.ExchangeDB.Config == "":
		v.why = "the configuration names none"
	case !slices.ContainsFunc(v.chain.Reports, func(r archive.Proved) bool { return r.Report.Checkpoint != nil }):
		v.why = "no report rests on one"
	default:
		return v.rows(c, m)
	}
	return nil
}

// rows compares the rows of the trusted copy.
func (v *verification) rows(c *cli.Context, m *memory) error {
	connect, err := connector(m.settings.ExchangeDB, pg.ReadOnly())
	if err != nil {
		return err
	}
	snapshot, err := pg.OpenSnapshot(c.Context, connect)
	if err != nil {
		return err
	}
	defer snapshot.Close(context.WithoutCancel(c.Context))
	is, err := archive.IsCopy(c.Context, snapshot.Leader())
	if err != nil {
		return err
	}
	if !is {
		v.why = "[exchangedb] is not one, though reports rest on one"
		return nil
	}
	layout, err := exchange.Recognize(c.Context, snapshot.Leader(), m.settings.ExchangeDB.Schema)
	if err != nil {
		return err
	}
	activity := command.ProgressOf(c).Start("comparing rows", 0)
	defer activity.Done()
	v.copy = &archive.Copy{
		Auditor: m.conn, Copy: snapshot.Leader(), Layout: layout, Schema: m.settings.ExchangeDB.Schema,
		Progress: func(_ string, rows int64) { activity.Add(rows) },
	}
	return v.copy.Verify(c.Context, m.Exchange, v.chain.Reports)
}

// conclude tells the outcome.
func (v *verification) conclude() error {
	proof := report.Proof{Whole: v.chain.Whole(), Trusts: v.trusts, Copy: v.copy != nil, Why: v.why}
	problems := v.chain.Problems
	if v.copy != nil {
		proof.Tables, proof.Rows, proof.Removed = v.copy.Tables, v.copy.Rows, v.copy.Removed
		problems = append(problems, v.copy.Problems...)
	}
	for _, r := range v.chain.Reports {
		proof.Exchange = r.Report.Exchange.BaseURL
		proof.Reports = append(proof.Reports, report.ProvedReport{Run: r.Report.Run, AsOf: r.Report.AsOf, Digest: r.Digest, Noted: r.Noted, Signed: r.Signed, Others: r.Others})
	}
	if n := len(v.chain.Reports); v.trusts && n > 0 && len(v.chain.Reports[n-1].Signed) == 0 {
		problems = append(problems, archive.Problem{Message: fmt.Sprintf("report %d, the last one, is not signed with a key that is trusted", v.chain.Reports[n-1].Report.Run)})
	}
	if len(v.chain.Reports) == 0 && len(problems) == 0 {
		problems = append(problems, archive.Problem{Message: "there is no report among the files"})
	}
	for _, p := range problems {
		proof.Problems = append(proof.Problems, p.Message)
	}
	if err := report.WriteProofText(v.out, &proof, report.TextOptions{Color: colourful(v.out)}); err != nil {
		return err
	}
	if len(problems) > 0 {
		return command.Exit{Status: command.StatusFindings}
	}
	return nil
}
