package sync

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// clone adds a row to a table, like its last one but for the columns that must be
// unique, so that nothing refers to it. A table whose key is a reference stays.
func clone(table *exchange.Table) string {
	var values []string
	for _, c := range table.Columns {
		key := slices.Contains(table.PrimaryKey, c.Name) || slices.ContainsFunc(table.Unique, func(u []string) bool { return slices.Contains(u, c.Name) })
		switch {
		case c.Name == table.Serial:
			values = append(values, c.Name+" + 1")
		case key && c.Type == exchange.Bytea:
			values = append(values, fmt.Sprintf("substr(sha512(%s), 1, length(%[1]s))", c.Name))
		case key && c.Type == exchange.Varchar:
			values = append(values, c.Name+" || 'x'")
		case key && c.Name != "start_date":
			return ""
		default:
			values = append(values, c.Name)
		}
	}
	return fmt.Sprintf("insert into public.%s (%s) select %s from public.%[1]s order by %[4]s desc limit 1;\n",
		table.Name, strings.Join(table.ColumnNames(), ", "), strings.Join(values, ", "), table.Serial)
}

// busy returns an exchange with at least three rows in every table, to the second
// last of which no other row refers, and without constraints.
func busy(t testing.TB) string {
	original := pgtest.LoadExchange(t, "mixed")
	return pgtest.NewDatabaseFrom(t, "busy", func(ctx context.Context, url string) error {
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		var script strings.Builder
		for _, table := range exchange.Layout2021().Replicated() {
			script.WriteString(strings.Repeat(clone(table), 3))
		}
		script.WriteString(`
			insert into public.signkey_revocations (esk_serial, master_sig) select esk_serial, master_sig from public.exchange_sign_keys;
			insert into public.denomination_revocations (denom_revocations_serial_id, denominations_serial, master_sig)
				select 100 + row_number() over (), denominations_serial, master_sig from public.denominations where denominations_serial not in (select denominations_serial from public.denomination_revocations);
			` + unguard)
		if err := transplant(ctx, original, conn); err != nil {
			return err
		}
		_, err = conn.PgConn().Exec(ctx, script.String()).ReadAll()
		return err
	})
}

// transplant gives an empty database the tables and rows of an exchange.
func transplant(ctx context.Context, from string, to *pgx.Conn) error {
	if err := createTables(ctx, to, migrate.Exchange("public")); err != nil {
		return err
	}
	source, err := pgx.Connect(ctx, from)
	if err != nil {
		return err
	}
	defer source.Close(ctx)
	for _, table := range exchange.Layout2021().Replicated() {
		names := strings.Join(table.ColumnNames(), ", ")
		reader, writer := io.Pipe()
		go func() {
			_, err := source.PgConn().CopyTo(ctx, writer, fmt.Sprintf("copy (select %s from public.%s) to stdout", names, table.Name))
			writer.CloseWithError(err)
		}()
		if _, err := to.PgConn().CopyFrom(ctx, reader, fmt.Sprintf("copy public.%s (%s) from stdin", table.Name, names)); err != nil {
			return err
		}
	}
	return nil
}

// then returns a clock that stands still an hour after the last credit of an
// exchange, when nothing is garbage yet, or some time later.
func then(t testing.TB, url string, later time.Duration) func() time.Time {
	now := time.UnixMicro(number(t, url, "select max(execution_date) from public.reserves_in")).Add(time.Hour + later)
	return func() time.Time { return now }
}

// openAlerts returns the identities of the open alerts, but for those about
// constraints, which sources of tests often lack.
func openAlerts(t testing.TB, url string) []string {
	t.Helper()
	return texts(t, url, "select identity from auditor_sync.alerts where resolved is null and kind <> 'unguarded' order by identity")
}

// texts returns what a query of one column says.
func texts(t testing.TB, url, query string, args ...any) []string {
	t.Helper()
	conn := pgtest.Connect(t, url)
	rows, err := conn.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return list
}

// contents returns everything that the replicated tables hold.
func contents(t testing.TB, url string) string {
	t.Helper()
	conn := pgtest.Connect(t, url)
	var all strings.Builder
	for _, table := range exchange.Layout2021().Replicated() {
		fmt.Fprintln(&all, table.Name)
		all.Write(dump(t, conn, table, "true"))
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return all.String()
}
