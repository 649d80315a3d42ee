package dbinit

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// A reset drops every table that the patches create: nobody adds one without listing it.
func TestEveryTableIsDropped(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	for _, m := range []struct {
		member
		schemas []string
	}{
		{member{migrate.Exchange("exchange"), "exchange"}, []string{"exchange"}},
		{member{migrate.Replica("exchange"), "auditor_sync"}, []string{"auditor_sync"}},
		{member{migrate.Auditor(), "auditor"}, []string{"auditor", "event_log"}},
	} {
		if _, err := migrate.Upgrade(t.Context(), conn, m.Component); err != nil {
			t.Fatal(err)
		}
		rows, err := conn.Query(t.Context(), `select format('%I.%I', schemaname, tablename) collate "C" from pg_tables where schemaname = any ($1) order by 1`, m.schemas)
		if err != nil {
			t.Fatal(err)
		}
		present, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, name := range tablesOf(m.member) {
			listed = append(listed, strings.ReplaceAll(name.Sanitize(), `"`, ""))
		}
		slices.Sort(listed)
		if !slices.Equal(listed, present) {
			t.Errorf("%s: a reset drops\n%q, there are\n%q", m.Name, listed, present)
		}
	}
}
