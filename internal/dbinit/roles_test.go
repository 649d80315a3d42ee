package dbinit_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/auditordb"
	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/office"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

// testRoles names roles of a test's own: roles belong to the whole server, which ends
// with the tests.
func testRoles(t *testing.T) dbinit.Roles {
	t.Helper()
	prefix := strings.ToLower(t.Name())
	r := dbinit.Roles{
		Owner: prefix + " owner", Writer: prefix + " writer", Reader: prefix + " reader", Auditor: prefix + " auditor",
		Offices: map[office.Role]string{},
	}
	for _, o := range office.Roles() {
		r.Offices[o] = prefix + " office " + string(o)
	}
	return r
}

const denied = "42501"

// attempt executes a statement and takes it back.
func attempt(t *testing.T, conn *pgx.Conn, statement string) error {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	_, err = tx.Exec(t.Context(), statement)
	return err
}

func isDenied(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && e.Code == denied
}

func as(t *testing.T, database, role string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	config.User = role
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	return conn
}

// may lists what a role may do in a database: for each table of a schema the
// privileges among select, insert, update, delete, truncate, tried out.
func may(t *testing.T, conn *pgx.Conn, relation, column string) string {
	t.Helper()
	var can []string
	for _, try := range []struct{ privilege, statement string }{
		{"select", "select from " + relation},
		{"insert", "insert into " + relation + " (" + column + ") select null where false"},
		{"update", "update " + relation + " set " + column + " = " + column + " where false"},
		{"delete", "delete from " + relation + " where false"},
		{"truncate", "truncate " + relation + " cascade"},
		{"drop", "drop table " + relation + " cascade"},
	} {
		err := attempt(t, conn, try.statement)
		switch {
		case err == nil:
			can = append(can, try.privilege)
		case !isDenied(err):
			t.Errorf("%s: %v", try.statement, err)
		}
	}
	return strings.Join(can, " ")
}

func grant(t *testing.T, b *bench, r dbinit.Roles) {
	t.Helper()
	r.Apply = true
	for range 2 { // it can be repeated
		if err := b.Roles(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRolesOfTheTrustedCopyAndTheAuditor(t *testing.T) {
	trusted, auditor := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	b := newBench(trusted, auditor)
	if err := b.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := testRoles(t)
	exec(t, trusted, fmt.Sprintf(`create role %s; grant all on all tables in schema public, auditor_sync to %[1]s`, pgx.Identifier{r.Writer}.Sanitize()))
	grant(t, b, r)
	const everything = "select insert update delete truncate drop"

	writer, reader, owner := as(t, trusted, r.Writer), as(t, trusted, r.Auditor), as(t, trusted, r.Owner)
	for _, table := range exchange.Layout2021().Tables {
		relation := "public." + table.Name
		want := ""
		if table.Replicated {
			want = "select insert"
		}
		column := pgx.Identifier{table.Columns[0].Name}.Sanitize()
		if got := may(t, writer, relation, column); got != want {
			t.Errorf("auditor-sync may %q %s, want %q", got, relation, want)
		}
		if got := may(t, reader, relation, column); got != "select" {
			t.Errorf("auditor may %q %s", got, relation)
		}
		if got := may(t, owner, relation, column); got != everything {
			t.Errorf("the owner may only %q %s", got, relation)
		}
	}
	for relation, want := range map[string]string{
		"auditor_sync.passes":           "select insert update",
		"auditor_sync.holes":            "select insert update delete",
		"auditor_sync.collectable":      "select insert update delete",
		"auditor_sync.late_rows":        "select insert update",
		"auditor_sync.chunks":           "select insert update",
		"auditor_sync.alerts":           "select insert update",
		"auditor_sync.evidence":         "select insert update",
		"auditor_sync.removed":          "select",
		"auditor_sync.carried_reserves": "select",
		"_v.patches":                    "select",
	} {
		column := map[string]string{"auditor_sync.passes": "started", "auditor_sync.holes": "first_seen", "auditor_sync.collectable": "serial",
			"auditor_sync.late_rows": "serial", "auditor_sync.chunks": "number", "auditor_sync.alerts": "kind", "auditor_sync.evidence": "seen",
			"auditor_sync.removed": "table_name", "auditor_sync.carried_reserves": "balance", "_v.patches": "patch_name"}[relation]
		if got := may(t, writer, relation, column); got != want {
			t.Errorf("auditor-sync may %q %s, want %q", got, relation, want)
		}
		if got := may(t, reader, relation, column); got != "select" {
			t.Errorf("auditor may %q %s", got, relation)
		}
		if got := may(t, owner, relation, column); got != everything {
			t.Errorf("the owner may only %q %s", got, relation)
		}
	}
	accountant, keeper := as(t, auditor, r.Auditor), as(t, auditor, r.Owner)
	for relation, want := range map[string]string{
		"auditor.runs": "select insert", "auditor.progress": "select insert update delete", "auditor.findings": "select insert update",
		"auditor.acknowledgements": "select insert", "auditor.finding_periods": "select insert", "auditor.copied_chunks": "select insert", "_v.patches": "select",
		"auditor.restarts": "select", "auditor.exchanges": "select insert update",
	} {
		column := map[string]string{"auditor.runs": "run", "auditor.progress": "area", "auditor.findings": "area", "auditor.acknowledgements": "name",
			"auditor.finding_periods": "from_run", "auditor.copied_chunks": "run", "auditor.restarts": "forced", "auditor.exchanges": "base_url", "_v.patches": "patch_name"}[relation]
		if got := may(t, accountant, relation, column); got != want {
			t.Errorf("auditor may %q %s, want %q", got, relation, want)
		}
		if got := may(t, keeper, relation, column); got != everything {
			t.Errorf("the owner may only %q %s", got, relation)
		}
	}
	var master taler.EddsaPublicKey
	if _, err := auditordb.Add(t.Context(), accountant, master, "https://exchange.example/", "EUR"); err != nil {
		t.Fatal(err)
	}
	added, err := auditordb.Find(t.Context(), accountant, master)
	if err != nil {
		t.Fatal(err)
	}
	err = auditordb.Remove(t.Context(), accountant, added, true)
	if e, ok := errors.AsType[*auditordb.OwnerError](err); !ok || e.Role != r.Auditor {
		t.Errorf("auditor removes an exchange with its reports: %v", err)
	}
	if err := auditordb.Remove(t.Context(), keeper, added, true); err != nil {
		t.Errorf("the owner may not remove an exchange: %v", err)
	}
	for _, statement := range []string{"create temporary table x (a int)"} {
		if err := attempt(t, accountant, statement); err != nil {
			t.Errorf("auditor: %s: %v", statement, err)
		}
	}
	for _, try := range []struct {
		who  string
		conn *pgx.Conn
	}{{"auditor-sync", writer}, {"auditor on the copy", reader}, {"auditor", accountant}} {
		for _, statement := range []string{
			"create table public.x ()", "create schema x", "create role x", "copy (select) to program 'true'",
			"select set_config('session_replication_role', 'replica', true)", "select pg_read_file('postgresql.conf')",
			"alter table public.deposits disable trigger all", "set role " + pgx.Identifier{r.Owner}.Sanitize(),
		} {
			if err := attempt(t, try.conn, statement); err == nil {
				t.Errorf("%s may %s", try.who, statement)
			}
		}
	}
	// Nobody else even gets in, nor does auditor-sync into the auditor's database.
	exec(t, trusted, "create role roles_stranger login")
	for _, who := range []string{"roles_stranger", r.Writer} {
		config, err := pgx.ParseConfig(auditor)
		if err != nil {
			t.Fatal(err)
		}
		config.User = who
		if conn, err := pgx.ConnectConfig(t.Context(), config); err == nil {
			conn.Close(t.Context())
			t.Errorf("%s is let into the auditor's database", who)
		}
	}
	// The owner is who upgrades.
	ownerURL := trusted + "&user=" + url.PathEscape(r.Owner)
	if n := count(t, ownerURL, "select count(*) from pg_roles where rolname = current_user and not rolsuper"); n != 1 {
		t.Error("the connection is not the owner's")
	}
	asOwner := newBench(ownerURL, "")
	if err := asOwner.Upgrade(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRolesOfASource(t *testing.T) {
	source := pgtest.LoadExchange(t, "small")
	exec(t, source, "create table public.merchants (secret text); create role roles_exchange login; grant all on public.deposits to roles_exchange")
	b := newBench(source, "")
	r := testRoles(t)
	grant(t, b, r)
	reader, auditor := as(t, source, r.Reader), as(t, source, r.Auditor)
	for _, table := range exchange.Layout2021().Tables {
		relation := "public." + table.Name
		want := ""
		if table.Replicated {
			want = "select"
		}
		var can []string
		for _, conn := range []*pgx.Conn{reader, auditor} {
			if _, err := conn.Exec(t.Context(), "set default_transaction_read_only = off"); err != nil {
				t.Fatal(err)
			}
			can = append(can, may(t, conn, relation, pgx.Identifier{table.Columns[0].Name}.Sanitize()))
		}
		if can[0] != want {
			t.Errorf("auditor-sync may %q %s, want %q", can[0], relation, want)
		}
		if can[1] != "select" {
			t.Errorf("auditor may %q %s", can[1], relation)
		}
	}
	for _, conn := range []*pgx.Conn{reader, auditor} {
		if err := attempt(t, conn, "select from public.merchants"); !isDenied(err) {
			t.Errorf("the secrets of others can be read: %v", err)
		}
	}
	// What others may do stays.
	if err := attempt(t, as(t, source, "roles_exchange"), "update public.deposits set tiny = tiny"); err != nil {
		t.Error(err)
	}
}

func TestRolesRefusesWhatMayTooMuch(t *testing.T) {
	source := pgtest.LoadExchange(t, "small")
	exec(t, source, `create role "roles_too_much" login createrole`)
	b := newBench(source, "")
	r := testRoles(t)
	r.Reader, r.Apply = "roles_too_much", true
	err := b.Roles(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "role roles_too_much may do more than any of our programs should") {
		t.Errorf("got %v", err)
	}
	if n := count(t, source, "select count(*) from pg_roles where rolname = '"+r.Auditor+"'"); n != 0 {
		t.Error("half of it was done")
	}
}

// What is printed is what is applied: it can be fed to the server as it is.
func TestRolesPrintsWhatItWouldDo(t *testing.T) {
	database := pgtest.NewDatabase(t)
	b := newBench(database, database)
	if err := b.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.written()
	r := testRoles(t)
	if err := b.Roles(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if n := count(t, database, "select count(*) from pg_roles where rolname = '"+r.Writer+"'"); n != 0 {
		t.Error("printing created a role")
	}
	var script []string
	for line := range strings.Lines(b.out.String()) {
		if !strings.HasPrefix(line, `\connect "`) {
			script = append(script, line)
		}
	}
	exec(t, database, strings.Join(script, ""))
	if got := may(t, as(t, database, r.Writer), "public.deposits", "tiny"); got != "select insert" {
		t.Errorf("auditor-sync may %q deposits", got)
	}
	if got := may(t, as(t, database, r.Auditor), "auditor.runs", "run"); got != "select insert" {
		t.Errorf("auditor may %q runs", got)
	}
	if got := may(t, as(t, database, r.Writer), "auditor.exchanges", "base_url"); got != "" {
		t.Errorf("auditor-sync may %q the auditor's tables", got)
	}
}

func TestRolesNeedNamesOfTheirOwn(t *testing.T) {
	if err := testRoles(t).Check(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*dbinit.Roles){
		"a program's name again":     func(r *dbinit.Roles) { r.Reader = r.Writer },
		"no name":                    func(r *dbinit.Roles) { r.Auditor = "" },
		"an office with a program's": func(r *dbinit.Roles) { r.Offices[office.Treasurer] = r.Owner },
		"an office without a name":   func(r *dbinit.Roles) { delete(r.Offices, office.Performance) },
	} {
		r := testRoles(t)
		spoil(&r)
		if r.Check() == nil {
			t.Errorf("%s: %+v was accepted", name, r)
		}
	}
}
