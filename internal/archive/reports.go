package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/report"
	"auditor/sql"
)

// Kept is a report as the auditor's database lists it.
type Kept struct {
	Run      int64
	AsOf     time.Time
	Started  time.Time
	Finished time.Time
	Digest   string // SHA-256, hexadecimal
	Noted    bool
}

// Reports lists the reports of an exchange, the first one first.
func (e *Exchange) Reports(ctx context.Context, conn *pgx.Conn) ([]Kept, error) {
	rows, err := conn.Query(ctx, `select run, as_of, started, finished, encode(digest, 'hex'), note is not null
		from auditor.runs where exchange_id = $1 order by run`, e.ID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Kept])
}

// NoReportError says that there is no report of a number.
type NoReportError struct{ Run int64 }

func (e *NoReportError) Error() string {
	if e.Run == 0 {
		return "there is no report on this exchange yet; audit it first"
	}
	return fmt.Sprintf("there is no report %d on this exchange; auditor report list shows which there are", e.Run)
}

// ExitStatus is that of a usage error.
func (e *NoReportError) ExitStatus() int { return 1 }

// Link returns a report as it was kept; run 0 means the last one. The error is a
// [*NoReportError] if there is none.
func (e *Exchange) Link(ctx context.Context, conn *pgx.Conn, run int64) (*Link, error) {
	if run == 0 {
		var err error
		if run, err = e.lastRun(ctx, conn); err != nil {
			return nil, err
		}
	}
	l := Link{Name: fmt.Sprintf("report %d", run)}
	var signed *string
	err := conn.QueryRow(ctx, "select report, note from auditor.runs where exchange_id = $1 and run = $2", e.ID, run).Scan(&l.Report, &signed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &NoReportError{run}
	}
	if signed != nil {
		l.Note = *signed
	}
	return &l, err
}

// Report returns a report; run 0 means the last one.
func (e *Exchange) Report(ctx context.Context, conn *pgx.Conn, run int64) (*report.Report, error) {
	l, err := e.Link(ctx, conn, run)
	if err != nil {
		return nil, err
	}
	return report.ReadJSON(bytes.NewReader(l.Report))
}

// VerifyReports adds every report of the exchange to a chain, one at a time.
func (e *Exchange) VerifyReports(ctx context.Context, conn *pgx.Conn, c *Chain) error {
	list, err := e.Reports(ctx, conn)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &NoReportError{}
	}
	for i, k := range list {
		l, err := e.Link(ctx, conn, k.Run)
		if err != nil {
			return err
		}
		read := len(c.Reports)
		c.Add(*l)
		if i == 0 && k.Run != 1 {
			c.problem(k.Run, "%s missing before report %d", missing(1, k.Run-1), k.Run)
		}
		if len(c.Reports) == read {
			continue
		}
		switch r := c.Reports[read].Report; {
		case !same(r.Started, k.Started) || !same(r.Finished, k.Finished):
			c.problem(k.Run, "the auditor's database says that report %d was made at another time than the report says", k.Run)
		case r.Run != k.Run || !r.AsOf.Equal(k.AsOf):
			c.problem(k.Run, "the auditor's database keeps, as report %d as of %s, the report %d as of %s", k.Run, k.AsOf.UTC().Format(time.RFC3339), r.Run, r.AsOf.UTC().Format(time.RFC3339))
		case r.Exchange.MasterPublicKey != e.MasterPub:
			c.problem(k.Run, "report %d is on another exchange than the auditor's database says", k.Run)
		}
	}
	return nil
}

// pastReports is how many reports a history goes back, at most.
const pastReports = 100

// History returns the figures of the reports up to a run, for charts: at most the
// last hundred.
func (e *Exchange) History(ctx context.Context, conn *pgx.Conn, run int64) (report.History, error) {
	rows, err := conn.Query(ctx, sql.Text("archive/history.sql"), e.ID, run, pastReports)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p report.Past, err error) {
		err = row.Scan(&p.Run, &p.AsOf, &p.Figures, &p.Checks)
		return p, err
	})
}

// same compares times as PostgreSQL keeps them, to the microsecond.
func same(a, b time.Time) bool {
	return a.Truncate(time.Microsecond).Equal(b.Truncate(time.Microsecond))
}
