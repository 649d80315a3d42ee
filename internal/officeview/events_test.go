package officeview

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/eventlog"
	"auditor/internal/events"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/office"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator/tokennet"
	"auditor/report"
)

var simulatedDay = time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)

// eventNode is the database of an office with an event log.
func eventNode(t testing.TB, role office.Role, list []events.Event, details []events.Detail) (string, *pgx.Conn) {
	t.Helper()
	url := migratetest.NewDatabase(t, migrate.Auditor())
	conn, err := pg.Connect(t.Context(), pg.Target{ConnString: url, AppName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	records, err := tokennet.Records(list)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := tokennet.Records(details)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range [][]byte{records, texts} {
		sum, err := eventlog.Import(t.Context(), conn, eventlog.Node{Office: role, Administrative: []uint16{130, 140}},
			eventlog.Source{Name: "test", Data: bytes.NewReader(file), Latest: simulatedDay.AddDate(1, 0, 0)})
		if err != nil || sum.Refused+sum.Contradicting > 0 {
			t.Fatalf("%+v, %v", sum, err)
		}
	}
	return url, conn
}

func ofDay(t testing.TB, conn *pgx.Conn, q Request) *report.OfficeReport {
	t.Helper()
	q.Name, q.Made = "tokens", simulatedDay.Add(30*time.Hour)
	r, err := EventLog(t.Context(), conn, q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each report says what one counts in the events themselves.
func TestReportsOnAnEventLog(t *testing.T) {
	list, details := tokennet.Day(1, simulatedDay, 5000)
	var pown, created, deleted, failures, slow int64
	user, ofUser := list[17].User, int64(0)
	for _, e := range list {
		switch e.Service {
		case 20:
			pown++
		case 130:
			created += int64(e.Amount)
		case 140:
			deleted += int64(e.Amount)
		}
		if e.Status == 251 {
			failures++
		}
		if e.Nanoseconds == events.Slowest {
			slow++
		}
		if e.User == user {
			ofUser++
		}
	}
	reports := make(map[office.Role]*report.OfficeReport)
	var ofOneUser, ofOneService, ofMorning *report.OfficeReport
	noon := simulatedDay.Add(12 * time.Hour)
	for _, o := range office.Roles() {
		_, conn := eventNode(t, o, list, details)
		reports[o] = ofDay(t, conn, Request{Office: o})
		for _, s := range reports[o].Sections {
			if len(s.Rows) == 0 {
				t.Errorf("%s: %s is empty", o, s.ID)
			}
		}
		if o == office.Auditor {
			ofOneUser, ofOneService = ofDay(t, conn, Request{Office: o, User: &user}), ofDay(t, conn, Request{Office: o, Service: new(events.Service(20))})
			ofMorning = ofDay(t, conn, Request{Office: o, To: &noon})
			_, err := EventLog(t.Context(), conn, Request{Office: office.Performance})
			if e, ok := errors.AsType[*OtherNodeError](err); !ok || e.Holds != office.Auditor {
				t.Errorf("a report to another office: %v", err)
			}
		}
	}
	for _, c := range []struct {
		name              string
		r                 *report.OfficeReport
		id, column, first string
		want              int64
	}{
		{"auditor", reports[office.Auditor], "days", "events", "", 5000},
		{"auditor", reports[office.Auditor], "services", "events", "pown", pown},
		{"auditor", reports[office.Auditor], "services", "processed", "create coins", created},
		{"auditor", reports[office.Auditor], "daily_totals", "events", "", 5000},
		{"auditor", reports[office.Auditor], "users", "events", user.String(), ofUser},
		{"auditor", reports[office.Auditor], "statuses", "events", "251", failures},
		{"auditor", reports[office.Auditor], "technical", "capped", "", slow},
		{"treasurer", reports[office.Treasurer], "creation", "created", "", created},
		{"treasurer", reports[office.Treasurer], "creation", "deleted", "", deleted},
		{"treasurer", reports[office.Treasurer], "administrators", "actions", "", int64(len(details))},
		{"performance", reports[office.Performance], "load", "events", "", 5000 - int64(len(details))},
		{"performance", reports[office.Performance], "rates", "events", "pown", pown},
		{"performance", reports[office.Performance], "sources", "events", "", 5000 - int64(len(details))},
		{"one user", ofOneUser, "days", "events", "", ofUser},
		{"one service", ofOneService, "hours", "events", "", pown},
	} {
		if got := total(t, sectionOf(t, c.r, c.id), c.column, c.first); got != c.want || got == 0 {
			t.Errorf("%s: %s.%s is %d in all, want %d", c.name, c.id, c.column, got, c.want)
		}
	}
	if got := sectionOf(t, reports[office.Treasurer], "administration"); len(got.Rows) != len(details) || !strings.HasPrefix(fmt.Sprint(got.Rows[0][7]), "order ") {
		t.Errorf("%d administrative actions of %d, the newest is %v", len(got.Rows), len(details), got.Rows[0])
	}
	if got := sectionOf(t, ofOneUser, "user"); int64(len(got.Rows)) != ofUser {
		t.Errorf("%d events of the user, want %d", len(got.Rows), ofUser)
	}
	if got := sectionOf(t, ofMorning, "hours"); len(got.Rows) != 12 {
		t.Errorf("a morning has %d hours", len(got.Rows))
	}
}

func TestNoEventLog(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	_, err := EventLog(t.Context(), conn, Request{Office: office.Auditor})
	if e, ok := errors.AsType[*NoViewsError](err); !ok || !strings.Contains(e.Error(), "an auditor's database") {
		t.Errorf("without views: %v", err)
	}
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Auditor()); err != nil {
		t.Fatal(err)
	}
	if _, err = EventLog(t.Context(), conn, Request{Office: office.Auditor}); !errors.As(err, new(*NoEventsError)) {
		t.Errorf("without events: %v", err)
	}
}

// telling are an event of a customer and one of an administrator with what gives away each
// metric, in whatever form, and which offices may see it.
var (
	someone, somebody = events.UserID([]byte("\x5e\xc2\xe7\xa1\x11\x22\x43\x44\x95\x66nobody")), events.UserID([]byte("\xad\x31\x57\xa7\x11\x22\x43\x44\x95\x66anyone"))
	telling           = []events.Event{
		{ID: 31337, Time: time.Date(2026, 3, 31, 3, 4, 5, 0, time.UTC), IP: netip.MustParseAddr("198.51.100.7"), User: someone,
			Service: 4711, Amount: 9876543, Nanoseconds: 54321, Status: 777},
		{ID: 31338, Time: time.Date(2026, 3, 31, 4, 5, 6, 0, time.UTC), IP: netip.MustParseAddr("198.51.100.99"), User: somebody,
			Service: 130, Amount: 8765432, Nanoseconds: 43210, Status: 778},
	}
	aside  = []events.Detail{{Event: 31337, Text: "who is Rumpelstiltskin"}}
	matrix = []struct {
		metric                          string
		signs                           []string // one of which shows it
		auditor, treasurer, performance bool
	}{
		{"date and time", []string{"03:04:05"}, true, true, true},
		{"IP address", []string{"198.51.100.7"}, true, true, true},
		{"service command", []string{"4711"}, true, true, true},
		{"execution time", []string{"54321", "54,321"}, true, true, true},
		{"response status", []string{"777"}, true, true, true},
		{"user id", []string{someone.String()}, true, true, false},
		{"token creation", []string{"198.51.100.99", "create coins", "04:05:06", "778", "43210", "43,210", somebody.String()}, true, true, false},
		{"amount processed", []string{"9876543", "9,876,543"}, true, true, false},
		{"event details", []string{"Rumpelstiltskin"}, true, true, false},
	}
)

func (c *cellMatrix) sees(i int, o office.Role) bool {
	return map[office.Role]bool{office.Auditor: matrix[i].auditor, office.Treasurer: matrix[i].treasurer, office.Performance: matrix[i].performance}[o]
}

// cellMatrix goes through the matrix of who may see what.
type cellMatrix struct{ *testing.T }

// check compares what a text shows with what the office may see. Where partial, it need
// not show all of that.
func (c *cellMatrix) check(o office.Role, place, text string, partial bool) {
	c.Helper()
	for i, m := range matrix {
		shown := false
		for _, sign := range m.signs {
			shown = shown || strings.Contains(text, sign)
		}
		if want := c.sees(i, o); shown != want && (shown || !partial) {
			c.Errorf("%s, %s: %s is shown: %v, want %v", o, place, m.metric, shown, want)
		}
	}
}

// The matrix of who may see what, cell by cell: in the tables and the files of the node's
// database, in what the office's role can read there, and in each form of its report.
func TestWhoMaySeeWhat(t *testing.T) {
	if testing.Short() {
		t.Skip("it needs many databases")
	}
	c := &cellMatrix{t}
	for _, o := range []office.Role{office.Performance, office.Treasurer, office.Auditor} {
		url, owner := eventNode(t, o, telling, aside)
		c.check(o, "the tables", everything(t, owner, "event_log"), false)

		if _, err := owner.Exec(t.Context(), "checkpoint"); err != nil {
			t.Fatal(err)
		}
		for sign, name := range map[string]string{string(someone[:]): "user id", string(somebody[:]): "administrator", "\x02\x20\xc6\x33\x64\x63": "administrator's address", "Rumpelstiltskin": "detail"} {
			if found := lies(t, owner, sign); found != (o != office.Performance) {
				t.Errorf("%s: the %s lies in a file of the server: %v", o, name, found)
			}
		}

		prefix := "officeview " + string(o)
		r := dbinit.Roles{Owner: prefix + " owner", Writer: prefix + " writer", Reader: prefix + " reader", Auditor: prefix + " auditor", Apply: true, Offices: map[office.Role]string{}}
		for _, other := range office.Roles() {
			r.Offices[other] = prefix + " office " + string(other)
		}
		p := dbinit.Program{Config: &config.Config{AuditorDB: config.Database{Config: url, Schema: config.AuditorSchema}}, Part: dbinit.Auditor, Out: io.Discard, Getenv: func(string) string { return "" }}
		if err := p.Roles(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		for _, other := range office.Roles() {
			conn := asRole(t, url, r.Offices[other])
			text := everything(t, conn, other.Schema())
			switch {
			case other == o:
				c.check(o, "its views", text, false)
			case o == office.Performance:
				c.check(o, "the views of "+string(other), text, true)
			default:
				c.check(other, "its views at the office "+string(o), text, false)
			}
			for _, schema := range []string{"auditor", "event_log", office.Roles()[0].Schema(), office.Roles()[1].Schema(), office.Roles()[2].Schema()} {
				if got := readableIn(t, conn, schema); (got > 0) != (schema == other.Schema()) {
					t.Errorf("%s reads %d tables of %s", other, got, schema)
				}
			}
		}

		// The program of the node adds events with its own role, and cannot remove any.
		program := asRole(t, url, r.Auditor)
		list, _ := tokennet.Day(2, simulatedDay.AddDate(0, -2, 0), 50)
		for i := range list {
			list[i].ID += 1_000_000
		}
		file, err := tokennet.Records(list)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := eventlog.Import(t.Context(), program, eventlog.Node{Office: o, Administrative: []uint16{130, 140}},
			eventlog.Source{Name: "more", Data: bytes.NewReader(file), Latest: simulatedDay})
		if err != nil || sum.New == 0 {
			t.Errorf("%s: the role of the program imports %+v, %v", o, sum, err)
		}
		for _, statement := range []string{"delete from event_log.events", "truncate event_log.events_2026_03", "drop table event_log.events_2026_01", "update event_log.events set status = 1", "create table event_log.mine ()"} {
			if _, err := program.Exec(t.Context(), statement); err == nil {
				t.Errorf("%s: the role of the program may %s", o, statement)
			}
		}

		conn := asRole(t, url, r.Offices[o])
		q := Request{Office: o, To: new(simulatedDay.AddDate(0, 0, 1)), From: &simulatedDay}
		if o.SeesPeople() {
			q.User = &someone
		}
		all := ofDay(t, conn, Request{Office: o, From: &simulatedDay})
		one := ofDay(t, conn, q)
		for form, write := range forms {
			var b bytes.Buffer
			for _, r := range []*report.OfficeReport{all, one} {
				if err := write(&b, r); err != nil {
					t.Fatal(err)
				}
			}
			c.check(o, form, b.String(), form == "openmetrics")
		}
	}
}

func asRole(t *testing.T, url, role string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.User, config.RuntimeParams["timezone"] = role, "UTC"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// everything returns all that a connection can read in a schema, as text.
func everything(t *testing.T, conn *pgx.Conn, schema string) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `select format('%I.%I', n.nspname, c.relname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
		where n.nspname = $1 and c.relkind in ('r', 'p', 'v') and has_table_privilege(c.oid, 'select')`, schema)
	if err != nil {
		t.Fatal(err)
	}
	relations, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(relations) == 0 {
		t.Fatalf("%s: %q, %v", schema, relations, err)
	}
	var text strings.Builder
	for _, relation := range relations {
		rows, err := conn.Query(t.Context(), "select to_jsonb(r)::text from "+relation+" as r")
		if err != nil {
			t.Fatal(err)
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range lines {
			if strings.HasSuffix(relation, "event_node") || strings.HasSuffix(relation, ".node") {
				continue // which names services
			}
			fmt.Fprintln(&text, line)
		}
	}
	return strings.ReplaceAll(text.String(), `"service": 130,`, `"service": "create coins",`)
}

func readableIn(t *testing.T, conn *pgx.Conn, schema string) (n int) {
	t.Helper()
	err := conn.QueryRow(t.Context(), `select count(*) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
		where n.nspname = $1 and c.relkind in ('r', 'p', 'v') and has_table_privilege(c.oid, 'select') and has_schema_privilege(n.oid, 'usage')`, schema).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lies looks for bytes in all files of the server, its logs of changes included.
func lies(t *testing.T, conn *pgx.Conn, sign string) (found bool) {
	t.Helper()
	var folder string
	if err := conn.QueryRow(t.Context(), "show data_directory").Scan(&folder); err != nil {
		t.Fatal(err)
	}
	files := 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !entry.Type().IsRegular() || found {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		files++
		found = bytes.Contains(data, []byte(sign))
		return err
	})
	if err != nil || files < 10 {
		t.Fatalf("%d files in %s, %v", files, folder, err)
	}
	return found
}
