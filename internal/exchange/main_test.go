package exchange_test

import (
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// newExchange returns a connection to a new database with empty tables of an
// exchange in schema public.
func newExchange(t *testing.T) *pgx.Conn {
	t.Helper()
	return pgtest.Connect(t, migratetest.NewDatabase(t, migrate.Exchange("public")))
}

func mustExec(t *testing.T, conn *pgx.Conn, script string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}
