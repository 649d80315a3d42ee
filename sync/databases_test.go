package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// newDestination returns the URL of an empty trusted copy.
func newDestination(t testing.TB) string {
	return migratetest.NewDatabase(t, migrate.Exchange("public"), migrate.Replica("public"))
}

// newExchange returns the URL of an exchange's database with empty tables.
func newExchange(t testing.TB) string {
	return migratetest.NewDatabase(t, migrate.Exchange("public"))
}

// newPlay returns a simulated exchange after its first days of business.
func newPlay(t *testing.T) *simulator.Exchange {
	t.Helper()
	scenario := simulator.DefaultScenario(7)
	scenario.Days, scenario.Reserves = 20, 15
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	return play
}

// write adds to a database what a simulated exchange did since.
func write(t *testing.T, play *simulator.Exchange, url string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	if err := play.Write(t.Context(), conn, "public"); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func createTables(ctx context.Context, conn *pgx.Conn, components ...migrate.Component) error {
	for _, c := range components {
		if _, err := migrate.Upgrade(ctx, conn, c); err != nil {
			return err
		}
	}
	return nil
}

// dial returns what connects to a database as the program does.
func dial(url string) Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor-sync"}, pg.MaxMessage(MaxMessage), pg.MaxAnswer(MaxAnswer))
	}
}

// options copies from one database to another until nothing is left.
func options(t testing.TB, source, destination string) Options {
	return Options{
		Source: dial(source), Destination: dial(destination), TerminateWhenSynchronized: true,
		Logger: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

type testWriter struct{ testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// execute runs statements in a database.
func execute(t testing.TB, url, statements string) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	if _, err := conn.PgConn().Exec(t.Context(), statements).ReadAll(); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// number returns what a query of one number says.
func number(t testing.TB, url, query string, args ...any) (n int64) {
	t.Helper()
	conn := pgtest.Connect(t, url)
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return n
}

// dump returns all columns of the rows that satisfy a condition, in the order of
// serials.
func dump(t testing.TB, conn *pgx.Conn, table *exchange.Table, condition string) []byte {
	t.Helper()
	var b bytes.Buffer
	query := fmt.Sprintf("copy (select %s from public.%s where %s order by %s) to stdout",
		strings.Join(table.ColumnNames(), ", "), table.Name, condition, table.Serial)
	if _, err := conn.PgConn().CopyTo(t.Context(), &b, query); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// wantEqual compares every replicated table of two databases, row by row and
// column by column, and returns how many rows there are.
func wantEqual(t testing.TB, source, destination string) (rows int64) {
	t.Helper()
	s, d := pgtest.Connect(t, source), pgtest.Connect(t, destination)
	for _, table := range exchange.Layout2021().Replicated() {
		want, got := dump(t, s, table, "true"), dump(t, d, table, "true")
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs: %d lines in the source, %d in the destination", table.Name, bytes.Count(want, []byte("\n")), bytes.Count(got, []byte("\n")))
		}
		rows += int64(bytes.Count(got, []byte("\n")))
	}
	return rows
}

// wantSameFixedColumns compares every replicated table of two databases, row by row,
// in all columns but those that the exchange may change later.
func wantSameFixedColumns(t *testing.T, source, destination string) {
	t.Helper()
	s, d := pgtest.Connect(t, source), pgtest.Connect(t, destination)
	for _, table := range exchange.Layout2021().Replicated() {
		fixed := *table
		fixed.Columns = slices.DeleteFunc(slices.Clone(table.Columns), func(c exchange.Column) bool { return c.Mutable })
		want, got := dump(t, s, &fixed, "true"), dump(t, d, &fixed, "true")
		if !bytes.Equal(want, got) {
			t.Errorf("%s differs: %d rows in production, %d in the trusted copy", table.Name, bytes.Count(want, []byte("\n")), bytes.Count(got, []byte("\n")))
		}
	}
	if err := errors.Join(s.Close(t.Context()), d.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
}

// passes returns how many passes the destination has on record, complete and not.
func passes(t testing.TB, url string) (complete, incomplete int64) {
	t.Helper()
	return number(t, url, "select count(*) from auditor_sync.passes where finished is not null"),
		number(t, url, "select count(*) from auditor_sync.passes where finished is null")
}
