package pg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"auditor/internal/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func connect(t *testing.T, target Target, options ...Option) *pgx.Conn {
	t.Helper()
	conn, err := Connect(t.Context(), target, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestSettingsOfAConnection(t *testing.T) {
	// What the environment and the connection string say does not weaken the connection.
	t.Setenv("PGAPPNAME", "other")
	t.Setenv("PGTZ", "Asia/Tokyo")
	url := pgtest.NewDatabase(t) + "&search_path=public&options=-csearch_path%3Dpublic"
	conn := connect(t, Target{ConnString: url, AppName: "the program"}, ReadOnly(), StatementTimeout(1500*time.Millisecond))
	for name, want := range map[string]string{
		"application_name":              "the program",
		"client_encoding":               "UTF8",
		"default_transaction_read_only": "on",
		"row_security":                  "off",
		"search_path":                   "pg_catalog",
		"statement_timeout":             "1500ms",
		"timezone":                      "UTC",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "select current_setting($1)", name).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if _, err := conn.Exec(t.Context(), "create table public.t ()"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("writing: %v", err)
	}
}

func TestFunctionsOfOthersAreNotCalled(t *testing.T) {
	url := pgtest.NewDatabase(t)
	owner := pgtest.Connect(t, url)
	// The more specific argument would win over pg_catalog.abs(numeric) if public were searched.
	if _, err := owner.Exec(t.Context(), `create function public.abs(text) returns text language sql as $$ select 'robbed' $$`); err != nil {
		t.Fatal(err)
	}
	conn := connect(t, Target{ConnString: url})
	var got string
	if err := conn.QueryRow(t.Context(), "select abs('-1'::text)::text").Scan(&got); err == nil {
		t.Errorf("got %q, want that the function is not found", got)
	}
}

func TestRowSecurityHidesNothing(t *testing.T) {
	url := pgtest.NewDatabase(t)
	owner := pgtest.Connect(t, url)
	role := "reader_" + owner.Config().Database
	if _, err := owner.Exec(t.Context(), fmt.Sprintf(`
		create role %[1]s login;
		create table public.t as select 1 as n;
		grant select on public.t to %[1]s;
		create policy none on public.t using (false);
		alter table public.t enable row level security`, role)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := owner.Exec(context.Background(), fmt.Sprintf("drop owned by %[1]s; drop role %[1]s", role)); err != nil {
			t.Error(err)
		}
	})
	conn := connect(t, Target{ConnString: strings.Replace(url, "postgres@", role+"@", 1)})
	var n int
	err := conn.QueryRow(t.Context(), "select count(*) from public.t").Scan(&n)
	if err == nil || !strings.Contains(err.Error(), "row-level security") {
		t.Errorf("got %d rows, %v; want an error", n, err)
	}
}

func TestMessagesAreBounded(t *testing.T) {
	url := pgtest.NewDatabase(t)
	for _, test := range []struct {
		name    string
		options []Option
		bytes   int
		fails   bool
	}{
		{"default", nil, 10 << 20, false},
		{"more than the default", nil, DefaultMaxMessage + 1, true},
		{"within the option", []Option{MaxMessage(1 << 20)}, 1 << 19, false},
		{"more than the option", []Option{MaxMessage(1 << 20)}, 1 << 21, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, Target{ConnString: url}, test.options...)
			var got []byte
			err := conn.QueryRow(t.Context(), "select convert_to(repeat('x', $1), 'UTF8')", test.bytes).Scan(&got)
			_, tooLong := errors.AsType[*pgproto3.ExceededMaxBodyLenErr](err)
			if tooLong != test.fails || !test.fails && len(got) != test.bytes {
				t.Errorf("got %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestNotifications(t *testing.T) {
	url := pgtest.NewDatabase(t)
	for _, test := range []struct {
		name    string
		options []Option
		want    bool
	}{
		{"dropped", nil, false},
		{"kept", []Option{Listen()}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := connect(t, Target{ConnString: url}, test.options...)
			if _, err := conn.Exec(t.Context(), "listen news; notify news, 'read all about it'"); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			news, err := conn.WaitForNotification(ctx)
			if got := err == nil && news.Payload == "read all about it"; got != test.want {
				t.Errorf("got %+v, %v", news, err)
			}
		})
	}
}

func TestPassword(t *testing.T) {
	passwords := make(chan string, 1)
	server := fakeServer(t, func(backend *pgproto3.Backend) {
		backend.Send(&pgproto3.AuthenticationCleartextPassword{})
		_ = backend.Flush()
		_ = backend.SetAuthType(pgproto3.AuthTypeCleartextPassword)
		message, err := backend.Receive()
		if err != nil {
			return
		}
		if password, ok := message.(*pgproto3.PasswordMessage); ok {
			passwords <- password.Password
		}
		welcome(backend)
	})
	t.Setenv("PGPASSWORD", "from the environment")
	for _, test := range []struct{ name, password, want string }{
		{"given", "open sesame ", "open sesame "},
		{"not given", "", "from the environment"},
	} {
		t.Run(test.name, func(t *testing.T) {
			connect(t, Target{ConnString: server, Password: test.password})
			if got := <-passwords; got != test.want {
				t.Errorf("the server got %q, want %q", got, test.want)
			}
		})
	}
}

func TestMalformedConnectionString(t *testing.T) {
	_, err := Connect(t.Context(), Target{ConnString: "postgres://alice:sesame@host:notaport/books"})
	if _, ok := errors.AsType[*TargetError](err); !ok {
		t.Fatalf("got %v, want a TargetError", err)
	}
	if strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestConnectGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	sentinel := errors.New("the operator pressed ^C")
	server := fakeServer(t, func(backend *pgproto3.Backend) {
		cancel(sentinel)
		_, _ = backend.Receive()
	})
	_, err := Connect(ctx, Target{ConnString: server})
	if !errors.Is(err, sentinel) {
		t.Errorf("got %v, want the cause", err)
	}
	if _, ok := errors.AsType[*ConnectError](err); ok {
		t.Error("blames the database")
	}
}

func TestNoServerAnswersInTime(t *testing.T) {
	server := fakeServer(t, func(backend *pgproto3.Backend) { _, _ = backend.Receive() })
	_, err := Connect(t.Context(), Target{ConnString: server + " connect_timeout=1"})
	if _, ok := errors.AsType[*ConnectError](err); !ok || !strings.Contains(err.Error(), "no answer within 1s") || !pgconn.Timeout(err) {
		t.Errorf("got %v", err)
	}
	config, err := parse(Target{ConnString: server})
	if err != nil || config.ConnectTimeout != connectTimeout {
		t.Errorf("by default the timeout is %v, %v", config.ConnectTimeout, err)
	}
}
