// Package officeview makes reports to the offices of what their views show. It reads nothing
// but the views, so that a report holds no more than its office may see, whoever makes it.
package officeview

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/office"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// A Request says what report is wanted.
type Request struct {
	Office   office.Role
	Name     string         // base URL of the exchange
	Currency taler.Currency // of the exchange
	Made     time.Time
	From, To *time.Time // the period; nil: without that limit
	Limit    int        // rows of each table at most, of days the last ones; 0: all
}

// Exchange makes a report on an exchange, of the views in its trusted copy.
func Exchange(ctx context.Context, conn *pgx.Conn, q Request) (*report.OfficeReport, error) {
	r := &report.OfficeReport{Format: report.OfficeFormat, Office: q.Office, Source: report.OfExchange, Name: q.Name,
		Made: q.Made.UTC(), From: q.From, To: q.To}
	err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		for _, s := range ofExchange[q.Office] {
			part, err := read(ctx, tx, s, string(q.Office)+"_"+s.id, q)
			if err != nil {
				return explain(err, q.Office, conn.Config())
			}
			if slices.ContainsFunc(part.Columns, func(c report.OfficeColumn) bool { return c.Kind == report.KindAmount }) {
				r.Currency = q.Currency
			}
			r.Sections = append(r.Sections, *part)
		}
		return nil
	})
	return r, err
}

// texts are SQL expressions of the texts of values, by kind; %s stands for the value.
var texts = map[report.OfficeKind]string{
	report.KindDay:    "case when isfinite(%[1]s) then to_char(%[1]s, 'YYYY-MM-DD') else 'never' end",
	report.KindTime:   `case when isfinite(%[1]s) then to_char(%[1]s, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else 'never' end`,
	report.KindAmount: "trim_scale(%s)::text",
}

// read runs the query of a section. Times come as UTC because the session's time zone is that.
func read(ctx context.Context, tx pgx.Tx, s section, query string, q Request) (*report.OfficeSection, error) {
	part := &report.OfficeSection{ID: s.id, Title: s.title, Note: s.note, Columns: s.parse()}
	var names, values []string
	for _, c := range part.Columns {
		name := pgx.Identifier{c.Name}.Sanitize()
		form := texts[c.Kind]
		if form == "" {
			form = "%s::text"
		}
		names, values = append(names, name), append(values, fmt.Sprintf(form, "q."+name))
	}
	text := fmt.Sprintf(`with period (since, until) as (select coalesce($1::timestamptz, '-infinity'), coalesce($2::timestamptz, 'infinity'))
		select array[%s] from (%s) as q (%s)`, strings.Join(values, ", "), sql.Text("offices/"+query+".sql"), strings.Join(names, ", "))
	rows, err := tx.Query(ctx, text, q.From, q.To)
	if err != nil {
		return nil, err
	}
	newest := part.Columns[0].Kind == report.KindDay
	var row []*string
	_, err = pgx.ForEachRow(rows, []any{&row}, func() error {
		if q.Limit > 0 && len(part.Rows) == q.Limit {
			part.Omitted++
			if !newest {
				return nil
			}
			part.Rows = slices.Delete(part.Rows, 0, 1)
		}
		cells := make([]any, len(row))
		for i, text := range row {
			if cells[i], err = cell(part.Columns[i].Kind, text); err != nil {
				return fmt.Errorf("%s: %w", part.Columns[i].Name, err)
			}
		}
		part.Rows = append(part.Rows, cells)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the table %s: %w", s.id, err)
	}
	return part, nil
}

func cell(kind report.OfficeKind, text *string) (any, error) {
	if text == nil {
		return nil, nil
	}
	switch kind {
	case report.KindCount, report.KindHour:
		return strconv.ParseInt(*text, 10, 64)
	case report.KindSeconds, report.KindNanoseconds, report.KindRate:
		return strconv.ParseFloat(*text, 64)
	}
	return *text, nil
}

// PostgreSQL's codes of what a role may not read, and of what is not there.
const (
	insufficientPrivilege = "42501"
	undefinedTable        = "42P01"
)

// explain says what to do where views are missing or closed.
func explain(err error, o office.Role, config *pgx.ConnConfig) error {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && refused.Code == undefinedTable:
		return &NoViewsError{Database: config.Database, Office: o}
	case ok && refused.Code == insufficientPrivilege:
		return &ClosedError{Database: config.Database, Office: o, Role: config.User}
	}
	return err
}

// NoViewsError says that a database has no views for the offices.
type NoViewsError struct {
	Database string
	Office   office.Role
}

func (e *NoViewsError) Error() string {
	return fmt.Sprintf("database %q has no views for the office %s: it must be a trusted copy, made by auditor-dbinit init; if it is, run auditor-dbinit upgrade", e.Database, e.Office)
}

// ExitStatus is that of a database that cannot be used.
func (*NoViewsError) ExitStatus() int { return 2 }

// ClosedError says that the role of a connection may not see the views of an office.
type ClosedError struct {
	Database string
	Office   office.Role
	Role     string
}

func (e *ClosedError) Error() string {
	return fmt.Sprintf("the role %q may not see the views of the office %s in database %q: connect as the role of that office, which auditor-dbinit roles lets in", e.Role, e.Office, e.Database)
}

// ExitStatus is that of a database that cannot be used.
func (*ClosedError) ExitStatus() int { return 2 }
