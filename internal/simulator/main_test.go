package simulator

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// skipShort keeps tests from the race detector, under which exchanges are slow to play: it sees no more in them than
// in TestRandomWalk, TestResume and TestSameSeedSameBytes.
func skipShort(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long to play; the race detector sees the same code in other tests")
	}
}

const schema = "public"

// A tester is a test, or one case of a property.
type tester interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// emptyDatabase returns a connection to an initialised exchange database without rows.
func emptyDatabase(t testing.TB) *pgx.Conn {
	t.Helper()
	return pgtest.Connect(t, migratetest.NewDatabase(t, migrate.Exchange(schema)))
}

func newExchange(t tester, s Scenario) *Exchange {
	t.Helper()
	x, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// written returns an exchange and a connection to its database.
func written(t *testing.T, s Scenario) (*Exchange, *pgx.Conn) {
	t.Helper()
	x, conn := newExchange(t, s), emptyDatabase(t)
	write(t, x, conn)
	return x, conn
}

func write(t tester, x *Exchange, conn *pgx.Conn) {
	t.Helper()
	if err := x.Write(t.Context(), conn, schema); err != nil {
		t.Fatal(err)
	}
}

func advance(t tester, x *Exchange, days int) {
	t.Helper()
	if err := x.Advance(days); err != nil {
		t.Fatal(err)
	}
}

// number returns the only value of a query.
func number(t tester, conn *pgx.Conn, query string, args ...any) (n int64) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// rows collects the rows of a query.
func rows[T any](t tester, conn *pgx.Conn, query string, args ...any) []T {
	t.Helper()
	r, _ := conn.Query(t.Context(), query, args...)
	list, err := pgx.CollectRows(r, pgx.RowToStructByName[T])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if len(list) == 0 {
		t.Fatalf("%s: no rows", query)
	}
	return list
}
