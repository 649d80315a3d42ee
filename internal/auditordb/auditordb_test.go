package auditordb

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func open(t *testing.T) *pgx.Conn {
	t.Helper()
	return pgtest.Connect(t, migratetest.NewDatabase(t, migrate.Auditor()))
}

func texts(t *testing.T, conn *pgx.Conn, query string) []string {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestEveryTableHasAFate: nobody adds a table without saying what a restart does to it.
func TestEveryTableHasAFate(t *testing.T) {
	conn := open(t)
	var listed, keptOnes []string
	for _, table := range Tables() {
		listed = append(listed, table.Name)
		if table.Fate == Kept {
			keptOnes = append(keptOnes, table.Name)
		}
	}
	slices.Sort(listed)
	present := texts(t, conn, `select tablename from pg_tables where schemaname = 'auditor' order by tablename collate "C"`)
	if !slices.Equal(listed, present) {
		t.Errorf("schema auditor has the tables\n%q; Tables lists\n%q: say there whether a restart keeps or forgets a table", present, listed)
	}
	for _, name := range texts(t, conn, `select t.tablename from pg_tables as t where t.schemaname = 'auditor' and not exists (
		select from pg_attribute as a where a.attrelid = ('auditor.' || quote_ident(t.tablename))::regclass and a.attname = 'exchange_id' and a.attnotnull)`) {
		t.Errorf("auditor.%s does not say of which exchange its rows are", name)
	}
	for _, name := range texts(t, conn, `with recursive removed (oid) as (
			select 'auditor.exchanges'::regclass::oid
			union select c.conrelid from pg_constraint as c join removed as r on r.oid = c.confrelid where c.confdeltype = 'c')
		select t.tablename from pg_tables as t where t.schemaname = 'auditor' and not exists (
			select from removed as r where r.oid = ('auditor.' || quote_ident(t.tablename))::regclass)
		and position('delete from auditor.' || t.tablename || ' ' in pg_get_functiondef('auditor.empty_books'::regproc)) = 0`) {
		t.Errorf("rows of auditor.%s stay when their exchange is removed", name)
	}
	for _, pair := range texts(t, conn, `select conrelid::regclass || ' ' || confrelid::regclass from pg_constraint
		where contype = 'f' and connamespace = 'auditor'::regnamespace`) {
		var from, to string
		if _, err := fmt.Sscan(pair, &from, &to); err != nil {
			t.Fatal(err)
		}
		from, to = from[len("auditor."):], to[len("auditor."):]
		if slices.Contains(keptOnes, from) && !slices.Contains(keptOnes, to) {
			t.Errorf("%s, which a restart keeps, refers to %s, which it forgets", from, to)
		}
	}
}

// key is the key that the exchange of number n has in a filled database.
func key(n byte) taler.EddsaPublicKey {
	return taler.EddsaPublicKey(bytes.Repeat([]byte{n}, 32))
}

func TestExchanges(t *testing.T) {
	conn := open(t)
	for _, step := range []struct {
		key      byte
		url      string
		currency taler.Currency
		want     Addition
	}{
		{1, "https://one.example/", "EUR", Added},
		{1, "https://one.example/", "EUR", Known},
		{2, "https://two.example/", "CHF", Added},
		{1, "https://uno.example/", "EUR", MovedHere},
	} {
		got, err := Add(t.Context(), conn, key(step.key), step.url, step.currency)
		if got != step.want || err != nil {
			t.Errorf("adding %s: got %q and %v, want %q", step.url, got, err, step.want)
		}
	}
	_, err := Add(t.Context(), conn, key(1), "https://one.example/", "CHF")
	if e, ok := errors.AsType[*CurrencyError](err); !ok || e.Have != "EUR" || e.Want != "CHF" {
		t.Errorf("another currency: %v", err)
	}
	list, err := List(t.Context(), conn)
	if err != nil || len(list) != 2 || list[0].BaseURL != "https://uno.example/" || list[0].MasterPub != key(1) || list[1].Currency != "CHF" || list[1].LastAsOf != nil {
		t.Errorf("listed %+v, %v", list, err)
	}
	_, err = Find(t.Context(), conn, key(3))
	if e, ok := errors.AsType[*UnknownError](err); !ok || len(e.Known) != 2 {
		t.Errorf("finding an unknown exchange: %v", err)
	}
}

// fill gives every table a row about each of two exchanges.
func fill(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	if err := pgtest.Fill(t.Context(), conn, Schema, 2); err != nil {
		t.Fatal(err)
	}
}

func rowsOf(t *testing.T, conn *pgx.Conn, n byte) map[string]int64 {
	t.Helper()
	counts := map[string]int64{}
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		e, err := Find(t.Context(), conn, key(n))
		if err != nil {
			return err
		}
		list, err := Holdings(t.Context(), tx, e)
		for _, h := range list {
			counts[h.Name] = h.Rows
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestRestartForgetsTheStateOfOneExchange(t *testing.T) {
	conn := open(t)
	fill(t, conn)
	before := rowsOf(t, conn, 2)
	if len(before) != len(Tables())-1 {
		t.Fatalf("only %v have rows", before)
	}
	e, err := Find(t.Context(), conn, key(1))
	if err != nil {
		t.Fatal(err)
	}
	err = pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error { return Restart(t.Context(), tx, e, true) })
	if err != nil {
		t.Fatal(err)
	}
	after := rowsOf(t, conn, 1)
	for _, table := range Tables()[1:] {
		want := before[table.Name]
		if table.Fate == Forgotten {
			want = 0
		}
		if table.Name == "restarts" {
			want++
		}
		if after[table.Name] != want {
			t.Errorf("%d rows of %s are left, want %d", after[table.Name], table.Name, want)
		}
	}
	for name, want := range before {
		if got := rowsOf(t, conn, 2)[name]; got != want {
			t.Errorf("%d rows of %s about the other exchange are left, want %d", got, name, want)
		}
	}
	var last int64
	var forced bool
	err = conn.QueryRow(t.Context(), "select last_run, forced from auditor.restarts order by restarted desc limit 1").Scan(&last, &forced)
	if err != nil || last != 1 || !forced {
		t.Errorf("the record says report %d, forced %v (%v)", last, forced, err)
	}
}

func TestRemove(t *testing.T) {
	conn := open(t)
	fill(t, conn)
	before := rowsOf(t, conn, 2)
	e, err := Find(t.Context(), conn, key(1))
	if err != nil {
		t.Fatal(err)
	}
	if refused, ok := errors.AsType[*ReportsError](Remove(t.Context(), conn, e, false)); !ok || refused.Reports != 1 {
		t.Errorf("with a report: %v", refused)
	}
	if got := rowsOf(t, conn, 1); len(got) != len(before) {
		t.Errorf("a refused removal left %v", got)
	}
	if err := Remove(t.Context(), conn, e, true); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*UnknownError](errOf(Find(t.Context(), conn, key(1)))); !ok {
		t.Error("the exchange is still there")
	}
	for name, want := range before {
		if got := rowsOf(t, conn, 2)[name]; got != want {
			t.Errorf("%d rows of %s about the other exchange are left, want %d", got, name, want)
		}
	}
}

func errOf(_ Exchange, err error) error { return err }

func TestAuditsAndRestartsExcludeEachOther(t *testing.T) {
	url := pgtest.NewDatabase(t)
	first, second := pgtest.Connect(t, url), pgtest.Connect(t, url)
	err := pgx.BeginFunc(t.Context(), first, func(one pgx.Tx) error {
		if err := Lock(t.Context(), one, key(1)); err != nil {
			return err
		}
		return pgx.BeginFunc(t.Context(), second, func(two pgx.Tx) error {
			if err := Lock(t.Context(), two, key(2)); err != nil {
				t.Errorf("another exchange: %v", err)
			}
			if _, ok := errors.AsType[*BusyError](Lock(t.Context(), two, key(1))); !ok {
				t.Error("the lock was given twice")
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
