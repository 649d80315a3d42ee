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

	"auditor/internal/events"
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

	// Of an event log alone; nil: without that limit.
	Service *events.Service
	User    *events.UserID
}

// Exchange makes a report on an exchange, of the views in its trusted copy.
func Exchange(ctx context.Context, conn *pgx.Conn, q Request) (*report.OfficeReport, error) {
	r, err := q.tell(ctx, conn, report.OfExchange, func(tx pgx.Tx, add func(section, query) error) error {
		for _, s := range ofExchange[q.Office] {
			if err := add(s, query{name: string(q.Office) + "_" + s.id, before: ofPeriod, values: []any{q.From, q.To}}); err != nil {
				return err
			}
		}
		return nil
	})
	if slices.ContainsFunc(r.Sections, hasAmounts) {
		r.Currency = q.Currency
	}
	return r, err
}

func hasAmounts(s report.OfficeSection) bool {
	return slices.ContainsFunc(s.Columns, func(c report.OfficeColumn) bool { return c.Kind == report.KindAmount })
}

// tell makes a report of the sections that are added.
func (q Request) tell(ctx context.Context, conn *pgx.Conn, source report.OfficeSource, sections func(pgx.Tx, func(section, query) error) error) (*report.OfficeReport, error) {
	r := &report.OfficeReport{Format: report.OfficeFormat, Office: q.Office, Source: source, Name: q.Name, Made: q.Made.UTC(), From: q.From, To: q.To}
	if q.Service != nil {
		r.Service = q.Service.String()
	}
	if q.User != nil {
		r.User = q.User.String()
	}
	err := pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local work_mem = '64MB'"); err != nil {
			return err
		}
		return sections(tx, func(s section, of query) error {
			part, err := read(ctx, tx, s, of, q.Limit)
			if err != nil {
				return err
			}
			r.Sections = append(r.Sections, *part)
			return nil
		})
	})
	return r, explain(err, source, q.Office, conn.Config())
}

// query is what fills a section.
type query struct {
	name   string // of the script in sql/offices
	before string // what it is preceded by: with …
	values []any  // of the parameters
}

// ofPeriod gives scripts the table period.
const ofPeriod = "with period (since, until) as (select coalesce($1::timestamptz, '-infinity'), coalesce($2::timestamptz, 'infinity'))"

// texts are SQL expressions of the texts of values, by kind; %s stands for the value.
var texts = map[report.OfficeKind]string{
	report.KindDay:    "case when isfinite(%[1]s) then to_char(%[1]s, 'YYYY-MM-DD') else 'never' end",
	report.KindTime:   `case when isfinite(%[1]s) then to_char(%[1]s, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') else 'never' end`,
	report.KindAmount: "trim_scale(%s)::text",
}

// read runs the query of a section. Times come as UTC because the session's time zone is that.
func read(ctx context.Context, tx pgx.Tx, s section, of query, limit int) (*report.OfficeSection, error) {
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
	text := fmt.Sprintf("%s select array[%s] from (%s) as q (%s)", of.before, strings.Join(values, ", "), sql.Text("offices/"+of.name+".sql"), strings.Join(names, ", "))
	rows, err := tx.Query(ctx, text, of.values...)
	if err != nil {
		return nil, err
	}
	newest := part.Columns[0].Kind == report.KindDay
	var row []*string
	_, err = pgx.ForEachRow(rows, []any{&row}, func() error {
		if limit > 0 && len(part.Rows) == limit {
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
func explain(err error, source report.OfficeSource, o office.Role, config *pgx.ConnConfig) error {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && refused.Code == undefinedTable:
		return &NoViewsError{Database: config.Database, Office: o, Source: source}
	case ok && refused.Code == insufficientPrivilege:
		return &ClosedError{Database: config.Database, Office: o, Role: config.User}
	}
	return err
}

// NoViewsError says that a database has no views for an office on what is asked for.
type NoViewsError struct {
	Database string
	Office   office.Role
	Source   report.OfficeSource
}

func (e *NoViewsError) Error() string {
	place := map[report.OfficeSource]string{report.OfExchange: "a trusted copy", report.OfEventLog: "an auditor's database"}[e.Source]
	return fmt.Sprintf("database %q has no views of the %s for the office %s: it must be %s, made by auditor-dbinit init; if it is, run auditor-dbinit upgrade",
		e.Database, e.Source, e.Office, place)
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
