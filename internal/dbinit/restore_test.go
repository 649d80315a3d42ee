package dbinit_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// dump returns all columns of a table, in the order of serials.
func dump(t *testing.T, conn *pgx.Conn, schema string, table *exchange.Table) string {
	t.Helper()
	var columns []string
	for _, name := range table.ColumnNames() {
		columns = append(columns, pgx.Identifier{name}.Sanitize())
	}
	var b bytes.Buffer
	query := fmt.Sprintf("copy (select %s from %s order by %s) to stdout",
		strings.Join(columns, ", "), pgx.Identifier{schema, table.Name}.Sanitize(), table.Serial)
	if _, err := conn.PgConn().CopyTo(t.Context(), &b, query); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// dumpAll returns all columns of all replicated tables.
func dumpAll(t *testing.T, url, schema string) map[string]string {
	t.Helper()
	conn := pgtest.Connect(t, url)
	all := map[string]string{}
	for _, table := range exchange.Layout2021().Replicated() {
		all[table.Name] = dump(t, conn, schema, table)
	}
	return all
}

func wantSame(t *testing.T, want, got map[string]string) {
	t.Helper()
	for name, rows := range want {
		if rows == got[name] {
			continue
		}
		wantLines, gotLines := strings.Split(rows, "\n"), strings.Split(got[name], "\n")
		t.Errorf("%s differs: %d lines, want %d", name, len(gotLines), len(wantLines))
		shown := 0
		for i := 0; i < min(len(wantLines), len(gotLines)) && shown < 3; i++ {
			if wantLines[i] != gotLines[i] {
				t.Errorf("got  %s\nwant %s", gotLines[i], wantLines[i])
				shown++
			}
		}
	}
}

// trustedCopy turns a database with the rows of an exchange into a trusted copy in
// which nothing is right that the exchange changes later.
func trustedCopy(t *testing.T, url string) {
	t.Helper()
	if _, err := migrate.Upgrade(t.Context(), pgtest.Connect(t, url), migrate.Replica("public")); err != nil {
		t.Fatal(err)
	}
	exec(t, url, `
		update public.reserves set current_balance_val = 77, current_balance_frac = 7, expiration_date = 1, gc_date = 2;
		update public.deposits set tiny = not tiny, done = not done;
		insert into auditor_sync.passes (started, finished) values ('2026-11-21T22:03:45Z', '2026-11-21T22:03:46Z')`)
}

func realBench(t *testing.T, url, folder string) (*bench, time.Time) {
	t.Helper()
	info := testdata.Info(t, folder)
	b := newBench(url, "")
	b.Config.ExchangeDB.IdleReserveExpiration = info.IdleReserveExpirationTime.Duration()
	b.Config.ExchangeDB.LegalReserveExpiration = 7 * 365 * 24 * time.Hour
	b.Config.Exchange.CurrencyRoundUnit = taler.Amount{Currency: "EUR", Fraction: taler.FractionBase / 100}
	b.Config.Auditor.DepositGrace = time.Hour
	return b, info.AuditedAsOf
}

func TestRestoreOfRealExchanges(t *testing.T) {
	for _, folder := range []string{"small", "small-wired", "revoked", "revoked-wired", "mixed"} {
		t.Run(folder, func(t *testing.T) {
			url := pgtest.LoadExchange(t, folder)
			want := dumpAll(t, url, "public")
			trustedCopy(t, url)
			b, now := realBench(t, url, folder)
			into := pgtest.NewDatabase(t)
			err := b.Restore(t.Context(), dbinit.Restoration{Into: into, Now: now})
			if err != nil {
				t.Fatal(err)
			}
			wantSame(t, want, dumpAll(t, into, "public"))
			if _, err := exchange.Recognize(t.Context(), pgtest.Connect(t, into), "public"); err != nil {
				t.Error(err)
			}
		})
	}
}

func restorable(t *testing.T) *bench {
	t.Helper()
	url := pgtest.LoadExchange(t, "small")
	trustedCopy(t, url)
	b, _ := realBench(t, url, "small")
	return b
}

func TestRestoreSetsSequencesBehindAllSerials(t *testing.T) {
	b := restorable(t)
	url := b.Config.ExchangeDB.Config
	exec(t, url, `insert into auditor_sync.removed (table_name, from_serial, to_serial, sha256, as_of)
		values ('wire_out', 1, 41, sha256(''), now()), ('deposits', 1, 1, sha256(''), now())`)
	into := pgtest.NewDatabase(t)
	if err := b.Restore(t.Context(), dbinit.Restoration{Into: into}); err != nil {
		t.Fatal(err)
	}
	for table, serial := range map[string]string{"wire_out": "wireout_uuid", "deposits": "deposit_serial_id", "reserves_close": "close_uuid", "reserves": "reserve_uuid"} {
		next := count(t, into, fmt.Sprintf("select nextval(pg_get_serial_sequence('public.%s', '%s'))", table, serial))
		want := count(t, url, fmt.Sprintf("select 1 + coalesce(max(%s), 0) from public.%s", serial, table))
		if table == "wire_out" {
			want = 42
		}
		if next != want {
			t.Errorf("the next serial of %s is %d, want %d", table, next, want)
		}
	}
}

func TestRestoreIntoAnotherSchemaThatIsInitialised(t *testing.T) {
	b := restorable(t)
	into := pgtest.NewDatabase(t)
	for _, c := range []migrate.Component{migrate.Exchange("taler exchange"), migrate.Replica("taler exchange")} {
		if _, err := migrate.Upgrade(t.Context(), pgtest.Connect(t, into), c); err != nil {
			t.Fatal(err)
		}
	}
	o := dbinit.Restoration{Into: into, Schema: "taler exchange"}
	o.DryRun = true
	if err := b.Restore(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := b.written(); !strings.Contains(got, "can be restored as of TIME; nothing was written") {
		t.Errorf("dry run: wrote %s", got)
	}
	if n := count(t, into, `select count(*) from "taler exchange".reserves`); n != 0 {
		t.Error("the dry run wrote rows")
	}
	o.DryRun = false
	if err := b.Restore(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.out.String(), "restored as of 2026-11-21T22:03:45Z") {
		t.Error("not restored as of the last pass")
	}
	got := b.written()
	for _, want := range []string{"restored as of TIME", "denominations  424", "prewire and wire_accounts are not in the copy"} {
		if !strings.Contains(got, want) {
			t.Errorf("wrote\n%s\nwithout %q", got, want)
		}
	}
	if n := count(t, into, `select count(*) from "taler exchange".denominations`); n != 424 {
		t.Errorf("%d denominations", n)
	}
	// An exchange can go on there.
	exec(t, into, `update "taler exchange".reserves set current_balance_val = 0; delete from "taler exchange".wire_fee`)
}

func TestRestoreRefusals(t *testing.T) {
	b := restorable(t)
	restore := func(into string) error {
		return b.Restore(t.Context(), dbinit.Restoration{Into: into})
	}
	if e, ok := errors.AsType[*dbinit.SameDatabaseError](restore(b.Config.ExchangeDB.Config + "&application_name=other")); !ok || e.ExitStatus() != 1 {
		t.Error("a database was restored into itself")
	}

	used := pgtest.NewDatabase(t)
	if err := restore(used); err != nil {
		t.Fatal(err)
	}
	if e, ok := errors.AsType[*dbinit.NotEmptyError](restore(used)); !ok || e.Table != "exchange_sign_keys" {
		t.Errorf("into a database that is in use: %v", e)
	}

	working := pgtest.NewDatabase(t)
	if err := newBench(working, "").Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, working, `insert into public.prewire (type, buf) values ('iban', '')`)
	if e, ok := errors.AsType[*dbinit.NotEmptyError](restore(working)); !ok || e.Table != "prewire" {
		t.Errorf("into a database with prepared transfers: %v", e)
	}

	copied := pgtest.NewDatabase(t)
	if err := newBench(copied, "").Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, copied, `insert into auditor_sync.passes (started) values (now())`)
	if e, ok := errors.AsType[*dbinit.NotEmptyError](restore(copied)); !ok || e.Table != "auditor_sync.passes" {
		t.Errorf("into a trusted copy: %v", e)
	}

	foreign := pgtest.NewDatabase(t)
	exec(t, foreign, `create table public.deposits (x int)`)
	if _, ok := errors.AsType[*exchange.UnrecognizedError](restore(foreign)); !ok {
		t.Error("into tables that nobody knows")
	}

	b.Config.ExchangeDB.Config = pgtest.LoadExchange(t, "small")
	if e, ok := errors.AsType[*migrate.OutdatedError](restore(pgtest.NewDatabase(t))); !ok {
		t.Errorf("from what is no trusted copy: %v", e)
	}
	if e, ok := errors.AsType[*dbinit.NoDatabaseError]((&dbinit.Program{Config: &config.Config{}}).Restore(t.Context(), dbinit.Restoration{})); !ok {
		t.Errorf("without [exchangedb]: %v", e)
	}
}

// If the target refuses a row nothing stays there, and the next attempt succeeds.
func TestRestoreIsOneTransaction(t *testing.T) {
	b := restorable(t)
	into := pgtest.NewDatabase(t)
	if _, err := migrate.Upgrade(t.Context(), pgtest.Connect(t, into), migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	exec(t, into, `alter table public.refunds add constraint none check (refund_serial_id < 0)`)
	o := dbinit.Restoration{Into: into}
	if err := b.Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), "restoring refunds") {
		t.Fatalf("got %v", err)
	}
	if n := count(t, into, `select count(*) from public.denominations`); n != 0 {
		t.Errorf("%d denominations stayed", n)
	}
	exec(t, into, `alter table public.refunds drop constraint none;
		create function public.drop_row() returns trigger language plpgsql as 'begin return null; end';
		create trigger lost before insert on public.refunds for each row execute function public.drop_row()`)
	if err := b.Restore(t.Context(), o); err == nil || !strings.Contains(err.Error(), "1 rows of refunds were sent and 0 arrived") {
		t.Errorf("got %v", err)
	}
	exec(t, into, `drop trigger lost on public.refunds`)
	if err := b.Restore(t.Context(), o); err != nil {
		t.Error(err)
	}
}
