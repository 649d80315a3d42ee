package eventlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/eventlog"
	"auditor/internal/events"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/office"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator/tokennet"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var day = time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)

// node is the database of an office.
type node struct {
	eventlog.Node
	url  string
	conn *pgx.Conn

	refused, contradictions []string
}

func newNode(t testing.TB, role office.Role) *node {
	t.Helper()
	n := &node{Node: eventlog.Node{Office: role, Administrative: []uint16{130, 140}}, url: migratetest.NewDatabase(t, migrate.Auditor())}
	var err error
	if n.conn, err = pg.Connect(t.Context(), pg.Target{ConnString: n.url, AppName: "test"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.conn.Close(context.WithoutCancel(t.Context())) })
	return n
}

func (n *node) try(t testing.TB, file io.Reader) (eventlog.Summary, error) {
	n.refused, n.contradictions = nil, nil
	return eventlog.Import(t.Context(), n.conn, n.Node, eventlog.Source{
		Name: "file", Data: file, Latest: day.AddDate(1, 0, 0),
		Refused: func(e *events.RecordError) { n.refused = append(n.refused, e.Error()) },
		Contradicted: func(c eventlog.Contradiction) {
			n.contradictions = append(n.contradictions, fmt.Sprintf("%d: %s, not %s", c.Event, c.Read, c.Kept))
		},
	})
}

func (n *node) take(t testing.TB, file []byte) eventlog.Summary {
	t.Helper()
	sum, err := n.try(t, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func (n *node) texts(t testing.TB, query string, args ...any) []string {
	t.Helper()
	rows, err := n.conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (n *node) stored(t testing.TB) []string {
	return n.texts(t, "select to_jsonb(e)::text from event_log.events as e order by event_id, at")
}

func binary[T any, R tokennet.Record[T]](t testing.TB, list []T) []byte {
	t.Helper()
	file, err := tokennet.Records[T, R](list)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func written(t testing.TB, write func(io.Writer, []events.Event) error, list []events.Event) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, list); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Every form of a file says the same, and saying it again changes nothing.
func TestEveryFormSaysTheSame(t *testing.T) {
	list, details := tokennet.Day(1, day, 3000)
	forms := map[events.Form][]byte{
		events.Events: binary(t, list),
		events.Answer: written(t, func(w io.Writer, l []events.Event) error { return events.WriteAnswer(w, [16]byte{1}, l) }, list),
		events.Text:   written(t, events.WriteText, list),
		events.CSV:    written(t, events.WriteCSV, list),
	}
	first := newNode(t, office.Auditor)
	if sum := first.take(t, forms[events.Events]); sum.New != 3000 || sum.Events != 3000 || sum.Form != events.Events {
		t.Fatalf("%+v", sum)
	}
	want := first.stored(t)
	if len(want) != 3000 {
		t.Fatalf("%d events are stored", len(want))
	}
	for form, file := range forms {
		n := newNode(t, office.Auditor)
		if sum := n.take(t, file); sum.New != 3000 || sum.Form != form || sum.Refused+sum.Contradicting+sum.Dropped != 0 {
			t.Errorf("%s: %+v", form, sum)
		}
		if !slices.Equal(n.stored(t), want) {
			t.Errorf("%s: other events are stored", form)
		}
		if sum := first.take(t, file); sum.New != 0 || sum.Events != 3000 || sum.Contradicting != 0 {
			t.Errorf("%s once more: %+v", form, sum)
		}
	}
	if !slices.Equal(first.stored(t), want) {
		t.Error("events changed when they were imported again")
	}
	for range 2 {
		sum := first.take(t, binary(t, details))
		if sum.Form != events.Details || sum.Details != int64(len(details)) || sum.NewDetails != int64(len(details)) && sum.NewDetails != 0 {
			t.Errorf("details: %+v", sum)
		}
	}
	if got := first.texts(t, "select count(*)::text from event_log.event_details"); got[0] != fmt.Sprint(len(details)) {
		t.Errorf("%s details are stored, want %d", got[0], len(details))
	}
	if got := first.texts(t, "select form from event_log.imports order by import"); len(got) != 7 {
		t.Errorf("the imports on record are %q", got)
	}
}

// Partitions are made for the months of the events; none are in the way of each other.
func TestMonths(t *testing.T) {
	n := newNode(t, office.Auditor)
	list, _ := tokennet.Day(1, day.Add(12*time.Hour), 200) // until noon of the first of April
	n.take(t, binary(t, list))
	if got := n.texts(t, "select c.relname::text from pg_inherits as i join pg_class as c on c.oid = i.inhrelid where i.inhparent = 'event_log.events'::regclass order by 1"); !slices.Equal(got, []string{"events_2026_03", "events_2026_04"}) {
		t.Errorf("the partitions are %q", got)
	}
	if got := n.texts(t, "select count(*)::text from event_log.events_2026_04 where at < '2026-04-01T00:00:00Z'"); got[0] != "0" {
		t.Errorf("%s events of March lie in April", got[0])
	}
}

// What is broken is told with its place, and everything else goes in.
func TestBrokenRecords(t *testing.T) {
	list, _ := tokennet.Day(1, day, 50)
	file := binary(t, list)
	copy(file[64*7+4:], []byte{0, 0, 0, 1}) // in 1970
	n := newNode(t, office.Auditor)
	sum := n.take(t, file[:len(file)-10])
	if sum.New != 48 || sum.Refused != 2 || len(n.refused) != 2 || !strings.Contains(n.refused[0], "byte 448:") || !strings.Contains(n.refused[1], "byte 3136:") {
		t.Errorf("%+v, %q", sum, n.refused)
	}
	if _, err := n.try(t, strings.NewReader("what is this?")); !errors.As(err, new(*events.UnknownFormError)) {
		t.Errorf("a file of no form: %v", err)
	}
}

// The event that was first stays, and who says something else is told; so within a file.
func TestContradictions(t *testing.T) {
	list, _ := tokennet.Day(1, day, 20)
	n := newNode(t, office.Auditor)
	n.take(t, binary(t, list))
	before := n.stored(t)
	changes := map[string]func(*events.Event){
		"time":    func(e *events.Event) { e.Time = e.Time.AddDate(0, 2, 0) },
		"address": func(e *events.Event) { e.IP = e.IP.Next() },
		"user":    func(e *events.Event) { e.User[15]++ },
		"service": func(e *events.Event) { e.Service++ },
		"amount":  func(e *events.Event) { e.Amount++ },
		"took":    func(e *events.Event) { e.Nanoseconds++ },
		"status":  func(e *events.Event) { e.Status++ },
	}
	for what, change := range changes {
		lie := list[3]
		change(&lie)
		sum := n.take(t, binary(t, []events.Event{list[2], lie}))
		if sum.Contradicting != 1 || sum.New != 0 || len(n.contradictions) != 1 || !strings.HasPrefix(n.contradictions[0], "4: ") {
			t.Errorf("%s: %+v, %q", what, sum, n.contradictions)
		}
	}
	if !slices.Equal(n.stored(t), before) {
		t.Error("an event was replaced")
	}
	fresh := newNode(t, office.Auditor)
	lie := list[5]
	lie.Amount += 7
	sum := fresh.take(t, binary(t, []events.Event{list[5], lie, list[5]}))
	if sum.Contradicting != 1 || sum.New != 1 || len(fresh.texts(t, "select 'x' from event_log.events where amount = $1", int64(list[5].Amount))) != 1 {
		t.Errorf("within a file: %+v, %q", sum, fresh.contradictions)
	}
}

// A database works for one office, and a service does not become administrative when it is too late.
func TestOneOffice(t *testing.T) {
	list, _ := tokennet.Day(1, day, 500)
	n := newNode(t, office.Performance)
	n.take(t, binary(t, list))
	n.Office = office.Auditor
	_, err := n.try(t, bytes.NewReader(binary(t, list)))
	if e, ok := errors.AsType[*eventlog.OtherOfficeError](err); !ok || e.Holds != office.Performance {
		t.Errorf("another office: %v", err)
	}
	n.Office, n.Administrative = office.Performance, []uint16{130, 140, 200, 1234}
	_, err = n.try(t, bytes.NewReader(binary(t, list)))
	if e, ok := errors.AsType[*eventlog.AdministrationError](err); !ok || !slices.Equal(e.Services, []int32{200}) {
		t.Errorf("too late: %v", err)
	}
	n.Administrative = []uint16{130, 140, 1234}
	if _, err = n.try(t, bytes.NewReader(binary(t, list))); err != nil {
		t.Errorf("in time: %v", err)
	}
	if got := n.texts(t, "select administrative_services::text from event_log.node"); got[0] != "{130,140,1234}" {
		t.Errorf("administrative are %s", got[0])
	}
}

// Nothing is changed or removed, not even by the owner.
func TestEventLogOnlyGrows(t *testing.T) {
	n := newNode(t, office.Auditor)
	list, details := tokennet.Day(1, day, 500)
	n.take(t, binary(t, list))
	n.take(t, binary(t, details))
	for _, table := range []string{"events", "event_details", "imports", "events_2026_03"} {
		column := map[string]string{"event_details": "detail", "imports": "file"}[table]
		if column == "" {
			column = "status"
		}
		for _, statement := range []string{"update event_log.%s set " + column + " = default", "delete from event_log.%s", "truncate event_log.%s"} {
			statement = fmt.Sprintf(statement, table)
			_, err := n.conn.Exec(t.Context(), statement)
			if e, ok := errors.AsType[*pgconn.PgError](err); !ok || !strings.Contains(e.Message, "is never changed or removed") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
}

// A killed or failing import leaves nothing.
func TestFailedImport(t *testing.T) {
	n := newNode(t, office.Auditor)
	list, _ := tokennet.Day(1, day, 2000)
	broken := errors.New("the disk is broken")
	_, err := n.try(t, io.MultiReader(bytes.NewReader(binary(t, list)), failing{broken}))
	if !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	if got := n.stored(t); len(got) != 0 {
		t.Errorf("%d events are stored", len(got))
	}
	if got := n.texts(t, "select office from event_log.node"); len(got) != 0 {
		t.Errorf("the database works for %q", got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
