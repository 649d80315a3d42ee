package audit

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

// keeper keeps what a database holds at several moments and puts it back, which is
// quicker than a copy of the whole database for each change that a test makes.
type keeper struct {
	testing.TB
	url    string
	conn   *pgx.Conn
	tables []keptTable
}

type keptTable struct {
	schema, name string
	columns      string // quoted, without those that are computed from others
}

func (t keptTable) relation() string { return pgx.Identifier{t.schema, t.name}.Sanitize() }

// kept is the copy of the table at a moment.
func (t keptTable) kept(when moment) string {
	return pgx.Identifier{"kept_" + string(when), t.schema + "_" + t.name}.Sanitize()
}

// newKeeper is the keeper of all tables of the schemas. Their triggers are turned
// off for good, on the keeper's connection foreign keys as well.
func newKeeper(t testing.TB, url string, schemas ...string) *keeper {
	t.Helper()
	k := &keeper{TB: t, url: url, conn: pgtest.Connect(t, url)}
	rows, err := k.conn.Query(context.Background(), `
		select n.nspname, c.relname, string_agg(quote_ident(a.attname), ', ' order by a.attnum)
		from pg_class as c
		join pg_namespace as n on n.oid = c.relnamespace
		join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
		where c.relkind = 'r' and n.nspname = any ($1)
		group by 1, 2 order by 1, 2`, schemas)
	if err == nil {
		k.tables, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (keptTable, error) {
			var table keptTable
			return table, row.Scan(&table.schema, &table.name, &table.columns)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	k.exec("set session_replication_role = replica")
	for _, table := range k.tables {
		k.exec("alter table " + table.relation() + " disable trigger user")
	}
	return k
}

func (k *keeper) exec(statements ...string) {
	k.Helper()
	if _, err := k.conn.PgConn().Exec(context.Background(), strings.Join(statements, ";")).ReadAll(); err != nil {
		k.Fatalf("%s: %v", statements, err)
	}
}

// keep remembers all rows of the moment.
func (k *keeper) keep(when moment) {
	k.Helper()
	statements := []string{"create schema kept_" + string(when)}
	for _, table := range k.tables {
		statements = append(statements, fmt.Sprintf("create table %s as select %s from %s", table.kept(when), table.columns, table.relation()))
	}
	k.exec(statements...)
}

// restore gives a table, or all of them if it is "", the rows of the moment, in the
// same order.
func (k *keeper) restore(when moment, only string) {
	k.Helper()
	var names, inserts []string
	for _, table := range k.tables {
		if only != "" && only != table.name {
			continue
		}
		names = append(names, table.relation())
		inserts = append(inserts, fmt.Sprintf("insert into %s (%s) overriding system value table %s", table.relation(), table.columns, table.kept(when)))
	}
	k.exec(append([]string{"truncate " + strings.Join(names, ", ")}, inserts...)...)
}
