package exchange_test

import (
	"context"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// newExchange returns a connection to a new database with empty tables of an
// exchange in schema public.
func newExchange(t *testing.T) *pgx.Conn {
	t.Helper()
	return pgtest.Connect(t, pgtest.NewDatabaseFrom(t, "exchange", func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = migrate.Upgrade(ctx, conn, migrate.Exchange("public"))
		return err
	}))
}

func mustExec(t *testing.T, conn *pgx.Conn, script string) {
	t.Helper()
	if _, err := conn.PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}
