package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/note"

	"auditor/report"
)

// A Link is a report as it was kept, with its note.
type Link struct {
	Name   string // where it was found, for people
	Report []byte // the JSON form, byte for byte
	Note   string // "" if there is none
}

// A Problem is something that should not be.
type Problem struct {
	Report  int64  // number of the report that it is about; 0 if that cannot be told
	Table   string // of the trusted copy; "" if it is not about one
	Serial  *int64
	Message string
}

func (p Problem) String() string { return p.Message }

// A Chain proves that each report extends the one before. It needs nothing but the
// reports and their notes: add them in the order of their numbers.
type Chain struct {
	Known note.Verifiers // keys whose signatures count; nil if none is known

	Problems []Problem
	Reports  []Proved
	log      Log
	whole    bool // from the first report on
	previous *report.Report
	digest   string // of the previous report
	noted    bool   // the previous report had a note
}

// Proved is what is known of one report.
type Proved struct {
	Report *report.Report // without findings, population and the like; see Run, AsOf, Checkpoint
	Digest string         // SHA-256, hexadecimal
	Noted  bool
	Signed []string // names of the known keys that signed its note
	Others []string // names on signatures that cannot be verified
}

func (c *Chain) problem(run int64, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{Report: run, Message: fmt.Sprintf(format, args...)})
}

// Add takes the next report. A report that cannot be read breaks the chain: what
// follows is compared among itself.
func (c *Chain) Add(l Link) {
	sum := sha256.Sum256(l.Report)
	digest := hex.EncodeToString(sum[:])
	rep, err := report.ReadJSON(bytes.NewReader(l.Report))
	if err != nil {
		c.problem(0, "%s: %v", l.Name, err)
		c.previous, c.whole = nil, false
		return
	}
	if c.previous == nil && len(c.Reports) == 0 && len(c.Problems) == 0 {
		c.whole = rep.Run == 1
	}
	c.extends(rep)
	c.log.Add(sum)
	proved := Proved{Digest: digest, Report: &report.Report{
		Run: rep.Run, AsOf: rep.AsOf, Started: rep.Started, Finished: rep.Finished, Exchange: rep.Exchange, Checkpoint: rep.Checkpoint,
	}}
	c.notes(&proved, rep, sum, l)
	c.Reports = append(c.Reports, proved)
	c.previous, c.digest, c.noted = rep, digest, l.Note != ""
}

// extends compares a report with the one before.
func (c *Chain) extends(rep *report.Report) {
	last := c.previous
	if last == nil {
		return
	}
	if rep.Exchange.MasterPublicKey != last.Exchange.MasterPublicKey {
		c.problem(rep.Run, "report %d is on another exchange than report %d: verify the reports of one exchange at a time", rep.Run, last.Run)
		return
	}
	switch {
	case rep.Run == last.Run:
		c.problem(rep.Run, "there are two reports %d", rep.Run)
		c.whole = false
		return
	case rep.Run != last.Run+1:
		c.problem(rep.Run, "%s missing between report %d and report %d", missing(last.Run+1, rep.Run-1), last.Run, rep.Run)
		c.whole = false
		return
	case rep.Previous == nil || rep.Previous.Run != last.Run || !rep.Previous.AsOf.Equal(last.AsOf):
		c.problem(rep.Run, "report %d does not continue report %d as of %s", rep.Run, last.Run, last.AsOf.UTC().Format("2006-01-02T15:04:05Z"))
	case rep.Previous.Digest == "" && c.noted:
		c.problem(rep.Run, "report %d does not name the digest of report %d", rep.Run, last.Run)
	case rep.Previous.Digest != "" && rep.Previous.Digest != c.digest:
		c.problem(last.Run, "report %d was changed after report %d was made: its SHA-256 is %s, report %d names %s", last.Run, rep.Run, c.digest, rep.Run, rep.Previous.Digest)
	}
	c.figures(last, rep)
	c.findings(last, rep)
	c.tables(last, rep)
}

func missing(from, to int64) string {
	if from == to {
		return fmt.Sprintf("report %d is", from)
	}
	return fmt.Sprintf("reports %d to %d are", from, to)
}

// figures: what a report says of the past is what the past report said.
func (c *Chain) figures(last, rep *report.Report) {
	for _, f := range rep.Figures {
		i := slices.IndexFunc(last.Figures, func(g report.Figure) bool { return g.Area == f.Area && g.Name == f.Name })
		if i >= 0 && (f.Previous == nil || *f.Previous != last.Figures[i].Amount) {
			c.problem(rep.Run, "report %d says that %s of %s was another amount in report %d than report %d does", rep.Run, f.Name, f.Area, last.Run, last.Run)
		}
	}
}

// findings: what was open is still told of, as persisting or as resolved, unless a
// report says that it does not list all.
func (c *Chain) findings(last, rep *report.Report) {
	told := map[string]bool{}
	resolved := map[string]int{}
	for i := range rep.Findings {
		f := &rep.Findings[i]
		told[f.Identity] = true
		if f.Status == report.Resolved {
			resolved[f.Check]++
		}
	}
	complete := map[string]bool{}
	for _, check := range rep.Checks {
		complete[check.ID] = int64(check.Listed) == check.Open.Count && check.Listed+resolved[check.ID] < listedPerCheck
	}
	for i := range last.Findings {
		f := &last.Findings[i]
		if f.Status != report.Resolved && !told[f.Identity] && complete[f.Check] {
			c.problem(rep.Run, "report %d does not tell what became of the finding %.12s (%s) of report %d", rep.Run, f.Identity, f.Check, last.Run)
		}
	}
}

// listedPerCheck is a number of findings up to which reports have always listed all.
const listedPerCheck = 1000

// tables: a copy only grows, and where it did not its root stays.
func (c *Chain) tables(last, rep *report.Report) {
	if last.Checkpoint == nil || rep.Checkpoint == nil {
		return
	}
	for _, before := range last.Checkpoint.Tables {
		i := slices.IndexFunc(rep.Checkpoint.Tables, func(t report.CopiedTable) bool { return t.Table == before.Table })
		switch {
		case i < 0:
			c.table(rep.Run, before.Table, "report %d rests on no row of %s, report %d on %d", rep.Run, before.Table, last.Run, before.Rows)
		case rep.Checkpoint.Tables[i].Rows < before.Rows:
			c.table(rep.Run, before.Table, "report %d rests on %d rows of %s, report %d on %d", rep.Run, rep.Checkpoint.Tables[i].Rows, before.Table, last.Run, before.Rows)
		case rep.Checkpoint.Tables[i].Rows == before.Rows && rep.Checkpoint.Tables[i].Root != before.Root:
			c.table(rep.Run, before.Table, "reports %d and %d rest on as many rows of %s, but not on the same ones", last.Run, rep.Run, before.Table)
		}
	}
}

func (c *Chain) table(run int64, name, format string, args ...any) {
	c.Problems = append(c.Problems, Problem{Report: run, Table: name, Message: fmt.Sprintf(format, args...)})
}

// notes compares a report with its note.
func (c *Chain) notes(proved *Proved, rep *report.Report, sum [32]byte, l Link) {
	if l.Note == "" {
		if c.noted {
			c.problem(rep.Run, "report %d has no note, report %d has one", rep.Run, c.previous.Run)
		}
		return
	}
	n, err := OpenNote(l.Note, c.Known)
	if err != nil {
		c.problem(rep.Run, "report %d: %v", rep.Run, err)
		return
	}
	proved.Noted, proved.Signed, proved.Others = true, n.By, n.Unknown
	want := c.log.Note(rep.Exchange.MasterPublicKey, sum, rep.Checkpoint)
	switch {
	case n.MasterPub != want.MasterPub:
		c.problem(rep.Run, "the note of report %d is on another exchange", rep.Run)
	case n.Size != rep.Run:
		c.problem(rep.Run, "the note of report %d is the one of report %d", rep.Run, n.Size)
	case n.Report != want.Report:
		c.problem(rep.Run, "report %d is not the one that its note is about: its SHA-256 is %x, the note says %x", rep.Run, want.Report, n.Report)
	case !slices.Equal(n.Tables, want.Tables):
		c.problem(rep.Run, "the note of report %d names other roots of tables than the report", rep.Run)
	case c.whole && n.Root != want.Root && len(c.Problems) == 0:
		c.problem(rep.Run, "reports 1 to %d are not those that the note of report %d is about", rep.Run, rep.Run)
	}
}

// Whole tells whether the reports begin with the first one, so that the roots of the
// notes were compared, too.
func (c *Chain) Whole() bool { return c.whole }
