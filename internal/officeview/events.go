package officeview

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/events"
	"auditor/internal/office"
	"auditor/report"
)

// EventLog makes a report on the event log of a token network, of the views in the
// auditor's database. Errors: [*OtherNodeError], [*NoEventsError], [*NoViewsError],
// [*ClosedError], or one of the database.
func EventLog(ctx context.Context, conn *pgx.Conn, q Request) (*report.OfficeReport, error) {
	return q.tell(ctx, conn, report.OfEventLog, func(tx pgx.Tx, add func(section, query) error) error {
		if err := q.checkNode(ctx, tx); err != nil {
			return err
		}
		before, values := q.ofEvents()
		for _, s := range ofEvents[q.Office] {
			if s == ofUser && q.User == nil {
				continue
			}
			if err := add(s, query{name: "events_" + s.id, before: before, values: values}); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkNode refuses an event log that was gathered for another office.
func (q Request) checkNode(ctx context.Context, tx pgx.Tx) error {
	database := tx.Conn().Config().Database
	var holds office.Role
	err := tx.QueryRow(ctx, "select office from "+q.view("event_node")).Scan(&holds)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return &NoEventsError{Database: database}
	case err != nil:
		return err
	case holds != q.Office:
		return &OtherNodeError{Database: database, Holds: holds, Asked: q.Office}
	}
	return nil
}

func (q Request) view(name string) string { return pgx.Identifier{q.Office.Schema(), name}.Sanitize() }

// ofEvents gives scripts the tables events, with the events that are asked for and the
// names of their commands, details, and node, with the services that are administrative.
func (q Request) ofEvents() (before string, values []any) {
	var numbers []int32
	var names []string
	for s, name := range events.Services() {
		numbers, names = append(numbers, int32(s)), append(names, name)
	}
	values = []any{q.From, q.To, numbers, names}
	conditions := []string{"e.at >= coalesce($1::timestamptz, '-infinity')", "e.at < coalesce($2::timestamptz, 'infinity')"}
	add := func(condition string, value any) {
		values = append(values, value)
		conditions = append(conditions, fmt.Sprintf(condition, len(values)))
	}
	if q.Service != nil {
		add("e.service = $%d", int32(*q.Service))
	}
	if q.User != nil {
		add("e.user_id = $%d", [16]byte(*q.User))
	}
	before = fmt.Sprintf(`with names (service, name) as (select * from unnest($3::integer[], $4::text[])),
		node (services) as (select administrative_services from %s),
		events as (
			select e.*, coalesce(n.name, e.service::text) as command
			from %s as e left join names as n on n.service = e.service
			where %s
		)`, q.view("event_node"), q.view("events"), strings.Join(conditions, " and "))
	if q.Office.SeesPeople() {
		before += fmt.Sprintf(", details as (select event_id, string_agg(detail, '; ' order by detail) as detail from %s group by event_id)", q.view("event_details"))
	}
	return before, values
}

// OtherNodeError says that an event log was gathered for another office.
type OtherNodeError struct {
	Database     string
	Holds, Asked office.Role
}

func (e *OtherNodeError) Error() string {
	return fmt.Sprintf("database %q holds the event log for the office %s: it makes no reports to the office %s", e.Database, e.Holds, e.Asked)
}

// ExitStatus is that of a database that cannot be used.
func (*OtherNodeError) ExitStatus() int { return 2 }

// NoEventsError says that nothing was imported yet.
type NoEventsError struct{ Database string }

func (e *NoEventsError) Error() string {
	return fmt.Sprintf("database %q holds no event log yet: import one with auditor events import", e.Database)
}

// ExitStatus is that of a database that cannot be used.
func (*NoEventsError) ExitStatus() int { return 2 }
