package dbinit

import (
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// A reset drops every table that the patches create: nobody adds one without listing it.
func TestEveryTableIsDropped(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	for _, m := range []member{
		{migrate.Exchange("exchange"), "exchange"},
		{migrate.Replica("exchange"), "auditor_sync"},
		{migrate.Auditor(), "auditor"},
	} {
		if _, err := migrate.Upgrade(t.Context(), conn, m.Component); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), `select tablename from pg_tables where schemaname = $1 order by tablename collate "C"`, m.home)
		if err != nil {
			t.Fatal(err)
		}
		present, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		listed := tablesOf(m)
		slices.Sort(listed)
		if !slices.Equal(listed, present) {
			t.Errorf("%s: a reset drops\n%q, there are\n%q", m.Name, listed, present)
		}
	}
}
