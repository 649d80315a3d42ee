package archive

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
	"auditor/internal/exchange"
	"auditor/report"
	"auditor/sql"
)

// A Copy proves that a trusted copy still holds what the audits saw. It compares
// three things that different programs wrote at different times: the roots in the
// reports, what each audit kept of the evidence of auditor-sync, and the copy itself,
// evidence and rows.
type Copy struct {
	Auditor  *pgx.Conn // to the auditor's database
	Copy     *pgx.Conn // to the trusted copy, in one snapshot
	Layout   *exchange.Layout
	Schema   string
	Progress func(table string, rows int64) // may be nil

	Problems []Problem
	Tables   int   // compared
	Rows     int64 // compared
	Removed  int64 // rows that were collected as garbage, of which the evidence was compared

	exchange *Exchange
	listed   map[string]int // problems of each table
}

// IsCopy tells whether a database is a trusted copy.
func IsCopy(ctx context.Context, conn *pgx.Conn) (is bool, err error) {
	err = conn.QueryRow(ctx, "select pg_catalog.to_regclass('auditor_sync.chunks') is not null").Scan(&is)
	return is, err
}

// Verify compares. It reads every row of the copy that was audited, in the order of
// serials and in bounded memory, besides 100 bytes for each 1024 rows.
func (c *Copy) Verify(ctx context.Context, e *Exchange, reports []Proved) error {
	c.exchange, c.listed = e, map[string]int{}
	names, err := c.roots(ctx, reports)
	if err != nil {
		return err
	}
	for _, name := range names {
		t := c.Layout.Table(name)
		if t == nil || t.Serial == "" {
			c.find(Problem{Table: name, Message: fmt.Sprintf("the auditor's database has evidence of a table %q, which exchanges do not have", name)})
			continue
		}
		if err := c.compare(ctx, t); err != nil {
			return fmt.Errorf("compare %s: %w", name, err)
		}
		c.Tables++
	}
	return nil
}

// problemsPerTable is how many problems of one table are told.
const problemsPerTable = 100

func (c *Copy) find(p Problem) {
	switch c.listed[p.Table]++; {
	case c.listed[p.Table] <= problemsPerTable:
		c.Problems = append(c.Problems, p)
	case c.listed[p.Table] == problemsPerTable+1:
		c.Problems = append(c.Problems, Problem{Table: p.Table, Message: fmt.Sprintf("more is wrong with %s, which is not listed", p.Table)})
	}
}

// copiedTable is the tree of one table as it grew from audit to audit.
type copiedTable struct {
	numbers []int64 // of the chunks, ascending
	rows    map[int64]int64
	total   int64
	tree    evidence.Changing
}

func (t *copiedTable) set(number, rows int64, root tlog.Hash) {
	record := evidence.Record(number, root)
	i, found := slices.BinarySearch(t.numbers, number)
	switch {
	case found || i == len(t.numbers):
		t.tree.Set(i, record)
	default:
		t.tree.Insert(i, record)
	}
	if !found {
		t.numbers = slices.Insert(t.numbers, i, number)
	}
	t.total += rows - t.rows[number]
	t.rows[number] = rows
}

// roots computes the root of each table as of each report from what the audits kept,
// compares it with the report, and returns the names of the tables.
func (c *Copy) roots(ctx context.Context, reports []Proved) ([]string, error) {
	rows, err := c.Auditor.Query(ctx, sql.Text("archive/copied_roots.sql"), c.exchange.ID)
	if err != nil {
		return nil, err
	}
	var names []string
	var table *copiedTable
	next := 0 // of the reports
	until := func(run int64) {
		for ; table != nil && next < len(reports) && reports[next].Report.Run < run; next++ {
			c.root(names[len(names)-1], table, reports[next].Report)
		}
	}
	var name string
	var run, number, n int64
	var root []byte
	_, err = pgx.ForEachRow(rows, []any{&name, &run, &number, &n, &root}, func() error {
		if len(names) == 0 || names[len(names)-1] != name {
			until(1 << 62)
			names, table, next = append(names, name), &copiedTable{rows: map[int64]int64{}}, 0
		}
		until(run)
		table.set(number, n, tlog.Hash(root))
		return nil
	})
	until(1 << 62)
	if err != nil {
		return nil, err
	}
	for _, r := range reports {
		if r.Report.Checkpoint == nil {
			continue
		}
		for _, t := range r.Report.Checkpoint.Tables {
			if !slices.Contains(names, t.Table) {
				names = append(names, t.Table)
				c.find(Problem{Report: r.Report.Run, Table: t.Table, Message: fmt.Sprintf("report %d rests on rows of %s, of which the auditor's database has no evidence", r.Report.Run, t.Table)})
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (c *Copy) root(name string, t *copiedTable, r *report.Report) {
	if r.Checkpoint == nil || c.listed[name] > 0 {
		return
	}
	i := slices.IndexFunc(r.Checkpoint.Tables, func(t report.CopiedTable) bool { return t.Table == name })
	switch {
	case i < 0 && len(t.numbers) > 0:
		c.find(Problem{Report: r.Run, Table: name, Message: fmt.Sprintf("the auditor's database has evidence of %s at the time of report %d, which rests on none", name, r.Run)})
	case i >= 0 && (len(t.numbers) == 0 || t.total != r.Checkpoint.Tables[i].Rows || encoded(t.tree.Root()) != r.Checkpoint.Tables[i].Root):
		c.find(Problem{Report: r.Run, Table: name, Message: fmt.Sprintf("what the auditor's database kept of %s at the time of report %d (auditor.copied_chunks) is not what the report rests on", name, r.Run)})
	}
}

func encoded(h tlog.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }
