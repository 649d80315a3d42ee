// Package migratetest gives tests databases that have tables already.
package migratetest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// NewDatabase creates a database for a test with the tables of the components, without rows, and returns its
// connection URL. The tables are made once per test binary, and copied.
func NewDatabase(t testing.TB, components ...migrate.Component) string {
	t.Helper()
	name := "tables"
	for _, c := range components {
		name += "_" + c.Name + "_" + c.Schema
	}
	return pgtest.NewDatabaseFrom(t, name, func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		for _, c := range components {
			if _, err := migrate.Upgrade(ctx, conn, c); err != nil {
				return err
			}
		}
		return nil
	})
}
