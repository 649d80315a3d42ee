package migrate

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

// contents returns the rows of every table of a schema, as text.
func contents(t *testing.T, conn *pgx.Conn, schema string) map[string][]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select quote_ident(tablename) from pg_tables where schemaname = $1", schema)
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, name := range names {
		rows, err := conn.Query(t.Context(), fmt.Sprintf("select to_jsonb(t)::text from %s.%s as t order by 1", schema, name))
		if err != nil {
			t.Fatal(err)
		}
		if all[name], err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestUpgradeFromEachLevel: from every patch level at which a database can have been
// left, with rows in all of its tables, an upgrade leads to the same tables as from
// nothing, and every row is still there with all that it said, if perhaps in columns of
// other types (of bytes, for one, in which a text is in UTF-8).
func TestUpgradeFromEachLevel(t *testing.T) {
	replaced := map[string]bool{"latest_dates": true, "misdirected_closings": true} // by tables of another shape
	for _, c := range []struct {
		Component
		home  string
		needs []Component
	}{
		{Exchange("public"), "public", nil},
		{Replica("public"), "auditor_sync", []Component{Exchange("public")}},
		{Auditor(), "auditor", nil},
	} {
		for level := 1; level < len(c.Patches); level++ {
			t.Run(c.Patches[level-1].Name, func(t *testing.T) {
				fresh, conn := connect(t), connect(t)
				old := c.Component
				old.Patches = c.Patches[:level]
				for _, needed := range c.needs {
					upgrade(t, fresh, needed, namesOf(needed.Patches)...)
					upgrade(t, conn, needed, namesOf(needed.Patches)...)
					if err := pgtest.Fill(t.Context(), conn, needed.Schema, 2); err != nil {
						t.Fatal(err)
					}
				}
				upgrade(t, fresh, c.Component, namesOf(c.Patches)...)
				upgrade(t, conn, old, namesOf(old.Patches)...)
				if err := pgtest.Fill(t.Context(), conn, c.home, 2); err != nil {
					t.Fatal(err)
				}
				before := contents(t, conn, c.home)
				if len(before) == 0 {
					t.Fatal("there are no tables")
				}
				upgrade(t, conn, c.Component, namesOf(c.Patches[level:])...)
				if got, want := objects(t, conn), objects(t, fresh); got != want {
					t.Errorf("upgraded:\n%s\nfrom nothing:\n%s", got, want)
				}
				after := contents(t, conn, c.home)
				for _, name := range slices.Sorted(maps.Keys(before)) {
					if replaced[name] {
						continue
					}
					if len(before[name]) == 0 {
						t.Errorf("%s had no rows, so nothing is proved about it", name)
					}
					if len(after[name]) != len(before[name]) {
						t.Errorf("%d rows of %s became %d", len(before[name]), name, len(after[name]))
						continue
					}
					for _, row := range before[name] {
						var kept bool
						err := conn.QueryRow(t.Context(), `select exists (select from unnest($1::text[]) as t (later) where not exists (
							select from jsonb_each_text($2::text::jsonb) as v where coalesce(t.later::jsonb ->> v.key, '') not in
								(coalesce(v.value, ''), '\x' || encode(convert_to(v.value, 'UTF8'), 'hex'))))`, after[name], row).Scan(&kept)
						if err != nil || !kept {
							t.Errorf("no row of %s says any more what one said, %s (%v)", name, row, err)
						}
					}
				}
			})
		}
	}
}

func namesOf(patches []Patch) []string {
	var names []string
	for _, p := range patches {
		names = append(names, p.Name)
	}
	return names
}

func TestAbout(t *testing.T) {
	for _, c := range []Component{Exchange("public"), Replica("public"), Auditor()} {
		for _, p := range c.Patches {
			if len(p.About()) < 20 {
				t.Errorf("%s does not begin with a comment that says what it is about, but with %q", p.File, p.About())
			}
		}
	}
}
