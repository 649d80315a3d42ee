package dbinit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// A bench is a program with what it wrote.
type bench struct {
	dbinit.Program
	out bytes.Buffer
}

func newBench(exchangeURL, auditorURL string) *bench {
	b := new(bench)
	b.Config = &config.Config{
		File:       "auditor.toml",
		ExchangeDB: config.Database{Config: exchangeURL, Schema: "public"},
		AuditorDB:  config.Database{Config: auditorURL, Schema: config.AuditorSchema},
	}
	b.Getenv = func(string) string { return "" }
	b.Out = &b.out
	return b
}

// written returns what was written since the last call, without what differs from
// run to run.
func (b *bench) written() string {
	s := b.out.String()
	b.out.Reset()
	for pattern, replacement := range map[string]string{
		`database "[^"]*"`:                `database "X"`,
		`PostgreSQL "[^"]*"`:              `PostgreSQL "N"`,
		`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`: `TIME`,
		`by "[^"]*"`:                      `by "U"`,
	} {
		s = regexp.MustCompile(pattern).ReplaceAllString(s, replacement)
	}
	return s
}

func (b *bench) expect(t *testing.T, err error, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if got := b.written(); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

func exec(t *testing.T, url, script string) {
	t.Helper()
	if _, err := pgtest.Connect(t, url).PgConn().Exec(t.Context(), script).ReadAll(); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

func count(t *testing.T, url, query string) (n int) {
	t.Helper()
	if err := pgtest.Connect(t, url).QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const patches = `select count(*) from _v.patches`

func TestInitOfTwoDatabases(t *testing.T) {
	exchangeURL, auditorURL := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	b := newBench(exchangeURL, auditorURL)
	b.expect(t, b.Init(t.Context()), `exchange: database "X": applied exchange-0001, exchange-0002
replica: database "X": applied `+allPatches(migrate.Replica("public"))+`
auditor: database "X": applied `+allPatches(migrate.Auditor())+"\n")
	if got := count(t, auditorURL, `select count(*) from pg_tables where schemaname = 'public'`); got != 0 {
		t.Errorf("the auditor's database has %d tables of an exchange", got)
	}
	if got := count(t, exchangeURL, `select count(*) from pg_namespace where nspname = 'auditor'`); got != 0 {
		t.Error("the exchange's database has the auditor's tables")
	}
	if _, err := exchange.Recognize(t.Context(), pgtest.Connect(t, exchangeURL), "public"); err != nil {
		t.Error(err)
	}
	const current = `exchange: database "X": is current
replica: database "X": is current
auditor: database "X": is current
`
	b.expect(t, b.Init(t.Context()), current)
	b.expect(t, b.Upgrade(t.Context()), current)
}

func allPatches(c migrate.Component) string {
	var names []string
	for _, p := range c.Patches {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

func TestInitOfOneDatabaseForBoth(t *testing.T) {
	url := pgtest.NewDatabase(t)
	b := newBench(url, url)
	if err := b.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []migrate.Component{migrate.Exchange("public"), migrate.Replica("public"), migrate.Auditor()} {
		if err := migrate.CheckCurrent(t.Context(), pgtest.Connect(t, url), c); err != nil {
			t.Error(err)
		}
	}
}

func TestPartsAndSchema(t *testing.T) {
	url := pgtest.NewDatabase(t)
	b := newBench(url, url)
	b.Config.ExchangeDB.Schema = "taler exchange"
	b.Part = dbinit.Auditor
	b.expect(t, b.Init(t.Context()), `auditor: database "X": applied `+allPatches(migrate.Auditor())+"\n")
	b.Part = dbinit.Exchange
	b.expect(t, b.Init(t.Context()), `exchange: database "X": applied exchange-0001, exchange-0002
replica: database "X": applied `+allPatches(migrate.Replica("public"))+"\n")
	if _, err := exchange.Recognize(t.Context(), pgtest.Connect(t, url), "taler exchange"); err != nil {
		t.Error(err)
	}
}

func TestOnlyWhatTheConfigurationNames(t *testing.T) {
	b := newBench(pgtest.NewDatabase(t), "")
	if err := b.Init(t.Context()); err != nil || strings.Contains(b.written(), "auditor:") {
		t.Errorf("without [auditordb]: %v", err)
	}
	b = newBench("", "")
	if e, ok := errors.AsType[*dbinit.NoDatabaseError](b.Init(t.Context())); !ok || e.ExitStatus() != 1 {
		t.Errorf("without databases: %v", e)
	}
}

func TestUpgradeRefusesWhatWasNotInitialised(t *testing.T) {
	exchangeURL, auditorURL := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	b := newBench(exchangeURL, auditorURL)
	b.Part = dbinit.Exchange
	if err := b.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, exchangeURL, `delete from _v.patches where patch_name ~ '^replica-'; drop schema auditor_sync, office_auditor, office_treasurer, office_performance cascade`)
	b.Part = ""
	before := count(t, exchangeURL, patches)
	err := b.Upgrade(t.Context())
	if e, ok := errors.AsType[*migrate.OutdatedError](err); !ok || e.Component != "auditor" || !strings.HasSuffix(e.Error(), "run auditor-dbinit init") {
		t.Errorf("got %v", err)
	}
	if got := count(t, exchangeURL, patches); got != before {
		t.Error("one database was upgraded although the other cannot be")
	}
	if err := b.Init(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestDatabaseDoesNotExist(t *testing.T) {
	exchangeURL, auditorURL := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	name := pgtest.Connect(t, auditorURL).Config().Database
	exec(t, exchangeURL, `drop database `+pgx.Identifier{name}.Sanitize()+` with (force)`)
	b := newBench(exchangeURL, auditorURL)
	err := b.Init(t.Context())
	if _, ok := errors.AsType[*pg.ConnectError](err); !ok || !strings.Contains(err.Error(), "createdb "+name) || !strings.Contains(err.Error(), "[auditordb]") {
		t.Errorf("got %v", err)
	}
	if got := count(t, exchangeURL, `select count(*) from pg_namespace where nspname = '_v'`); got != 0 || b.written() != "" {
		t.Error("one database was initialised although the other is missing")
	}
	err = b.Status(t.Context())
	if _, ok := errors.AsType[*pg.ConnectError](err); !ok || !strings.HasPrefix(b.written(), "exchange: ") {
		t.Errorf("status: %v", err)
	}
}

func TestPasswordComesFromTheConfiguration(t *testing.T) {
	b := newBench(pgtest.NewDatabase(t), "")
	b.Config.ExchangeDB.PasswordFile = "missing"
	if _, ok := errors.AsType[*config.PasswordError](b.Init(t.Context())); !ok {
		t.Error("the password file was not looked at")
	}
}

// A dump of an exchange does not include the record of patches.
func TestRestoredDump(t *testing.T) {
	url := pgtest.LoadExchange(t, "small")
	b := newBench(url, "")
	for _, build := range []func() error{func() error { return b.Init(t.Context()) }, func() error { return b.Upgrade(t.Context()) }} {
		err := build()
		if e, ok := errors.AsType[*dbinit.TablesExistError](err); !ok || e.Layout != "2021" {
			t.Errorf("got %v", err)
		}
	}
	if got := count(t, url, `select count(*) from pg_namespace where nspname in ('_v', 'auditor_sync')`); got != 0 {
		t.Error("something was created")
	}
	b.expect(t, b.Status(t.Context()), `exchange: database "X", PostgreSQL "N"
  exchange-0001  not applied
  exchange-0002  not applied
  layout 2021, 23 tables in schema "public"
  complete, though no patch is registered: it can be audited as it is
replica: database "X", PostgreSQL "N"
`+notApplied(migrate.Replica("public"))+`  0 tables in schema "auditor_sync"
  not initialised: run auditor-dbinit init
`)
}

func notApplied(c migrate.Component) string {
	return "  " + strings.ReplaceAll(allPatches(c), ", ", "  not applied\n  ") + "  not applied\n"
}

func TestTablesThatNobodyKnows(t *testing.T) {
	url := pgtest.NewDatabase(t)
	exec(t, url, `create table public.deposits (x int)`)
	err := newBench(url, "").Init(t.Context())
	if e, ok := errors.AsType[*dbinit.TablesExistError](err); !ok || e.Layout != "" {
		t.Errorf("got %v", err)
	}
}

const originalRecord = `create schema _v; create table _v.patches (patch_name text primary key,
	applied_tsz timestamptz not null default now(), applied_by text not null, requires text[], conflicts text[]);
	insert into _v.patches (patch_name, applied_by) values ('exchange-0001', 'exchange'), ('exchange-0002', 'exchange')`

// The database of an exchange in production is left as it is.
func TestDatabaseInProduction(t *testing.T) {
	url := pgtest.LoadExchange(t, "small")
	exec(t, url, originalRecord)
	b := newBench(url, "")
	b.expect(t, b.Init(t.Context()), `exchange: database "X": is current
replica: database "X": left out, because the exchange's own tools created the tables
`)
	if got := count(t, url, `select count(*) from pg_attribute where attrelid = '_v.patches'::regclass and attname = 'sha256'`); got != 0 {
		t.Error("the record of patches was changed")
	}
	if got := count(t, url, `select count(*) from pg_namespace where nspname = 'auditor_sync'`); got != 0 {
		t.Error("the bookkeeping of auditor-sync was created")
	}
	b.expect(t, b.Status(t.Context()), `exchange: database "X", PostgreSQL "N"
  exchange-0001  applied TIME  by "U"  checksum not recorded
  exchange-0002  applied TIME  by "U"  checksum not recorded
  layout 2021, 23 tables in schema "public"
  current
replica: database "X", PostgreSQL "N"
`+notApplied(migrate.Replica("public"))+`  0 tables in schema "auditor_sync"
  left out, because the exchange's own tools created the tables
`)
}

func TestPatchesWithoutTables(t *testing.T) {
	url := pgtest.NewDatabase(t)
	exec(t, url, originalRecord)
	b := newBench(url, "")
	if e, ok := errors.AsType[*exchange.UnrecognizedError](b.Init(t.Context())); !ok || !e.Empty() {
		t.Errorf("got %v", e)
	}
	b.expect(t, b.Status(t.Context()), `exchange: database "X", PostgreSQL "N"
  exchange-0001  applied TIME  by "U"  checksum not recorded
  exchange-0002  applied TIME  by "U"  checksum not recorded
  no layout: schema "public" of database "X" holds no exchange: check config and schema of section [exchangedb]
  not usable: the tables do not go with the patches
replica: database "X", PostgreSQL "N"
`+notApplied(migrate.Replica("public"))+`  0 tables in schema "auditor_sync"
  left out, because the exchange's own tools created the tables
`)
}

func TestStatus(t *testing.T) {
	url := pgtest.NewDatabase(t)
	b := newBench(url, "")
	b.expect(t, b.Status(t.Context()), `exchange: database "X", PostgreSQL "N"
  exchange-0001  not applied
  exchange-0002  not applied
  no layout: schema "public" of database "X" holds no exchange: check config and schema of section [exchangedb]
  not initialised: run auditor-dbinit init
replica: database "X", PostgreSQL "N"
`+notApplied(migrate.Replica("public"))+`  0 tables in schema "auditor_sync"
  not initialised: run auditor-dbinit init
`)
	if got := count(t, url, `select count(*) from pg_namespace where nspname = '_v'`); got != 0 {
		t.Error("status created something")
	}

	b.Config.AuditorDB.Config = url
	if err := b.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, url, `drop table public.prewire; drop index public.reserves_gc_index;
		update _v.patches set sha256 = decode(repeat('ab', 32), 'hex') where patch_name = 'replica-0001';
		insert into _v.patches (patch_name, applied_by) values ('audit-0077', 'somebody')`)
	b.written()
	if err := b.Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := b.written()
	for _, want := range []string{
		`  exchange-0002  applied TIME  by "U"  checksum matches
  layout 2021, 22 tables in schema "public"
  note: reserves: index: expected (gc_date), found missing
  note: prewire: table: expected present, found missing
  current
`,
		`  replica-0001  applied TIME  by "U"  checksum differs` + "\n",
		`patch replica-0001 was applied from a script with SHA-256 ` + strings.Repeat("ab", 32),
		`  audit-0077  applied TIME  by "U"  checksum patch not known` + "\n",
		fmt.Sprintf(`is at audit-0077, newer than %s,`, lastPatch(migrate.Auditor())),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("wrote\n%s\nwhich does not contain\n%s", got, want)
		}
	}
	before := count(t, url, patches)
	if e, ok := errors.AsType[*migrate.ChecksumError](b.Upgrade(t.Context())); !ok || e.Patch != "replica-0001" {
		t.Errorf("upgrade: %v", e)
	}
	if got := count(t, url, patches); got != before {
		t.Error("a refused upgrade changed something")
	}
}

func lastPatch(c migrate.Component) string { return c.Patches[len(c.Patches)-1].Name }

func TestParsePart(t *testing.T) {
	for name, valid := range map[string]bool{"exchange": true, "auditor": true, "": false, "Exchange": false, "replica": false} {
		if p, err := dbinit.ParsePart(name); (err == nil) != valid || valid && string(p) != name {
			t.Errorf("%q: got %q, %v", name, p, err)
		}
	}
}
