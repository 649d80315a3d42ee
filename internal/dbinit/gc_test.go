package dbinit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

// collectAtExchange is what the exchange's own tool does, on its own database.
func collectAtExchange(t *testing.T, url string, now time.Time) {
	t.Helper()
	at := now.UnixMicro()
	exec(t, url, fmt.Sprintf(`
		delete from public.reserves where gc_date < %d and current_balance_val = 0 and current_balance_frac = 0;
		delete from public.wire_fee where end_date < %d;
		delete from public.denominations where expire_legal < %d`, at, at-exchange.KeepWireFees.Microseconds(), at))
}

// auditedBench adds an auditor's database in which the whole exchange was judged.
func auditedBench(t *testing.T, url, folder string) *bench {
	t.Helper()
	b, _ := realBench(t, url, folder)
	b.Config.AuditorDB.Config = pgtest.NewDatabase(t)
	b.Config.Exchange.MasterPublicKey = taler.EddsaPublicKey{7}
	auditor := b.Config.AuditorDB.Config
	if _, err := migrate.Upgrade(t.Context(), pgtest.Connect(t, auditor), migrate.Auditor()); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, auditor)
	for i, key := range []taler.EddsaPublicKey{{8}, {7}} {
		_, err := conn.Exec(t.Context(), `insert into auditor.exchanges (master_pub, base_url, currency) values ($1, '', '')`, key[:])
		if err != nil {
			t.Fatal(err)
		}
		judge(t, conn, url, i+1)
	}
	// Another exchange of the same auditor was judged up to the end of time.
	exec(t, auditor, `update auditor.progress set next_serial = 1000000000 where exchange_id = 1`)
	return b
}

// judge pretends that every row was audited.
func judge(t *testing.T, conn *pgx.Conn, url string, number int) {
	t.Helper()
	copied := pgtest.Connect(t, url)
	for _, table := range exchange.Layout2021().Replicated() {
		rows, _ := copied.Query(t.Context(), fmt.Sprintf("select %s from public.%s order by 1", table.Serial, table.Name))
		serials, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatal(err)
		}
		switch table.Name {
		case "reserves", "refresh_transfer_keys":
		case "denominations", "wire_fee", "denomination_revocations", "auditor_denom_sigs":
			_, err = conn.Exec(t.Context(), `insert into auditor.key_rows (exchange_id, table_name, serial, digest, first_as_of, until)
				select $1, $2, s, sha256(''), now(), 0 from unnest($3::bigint[]) as s`, number, table.Name, serials)
		default:
			next := int64(1)
			if len(serials) > 0 {
				next = serials[len(serials)-1] + 1
			}
			_, err = conn.Exec(t.Context(), `insert into auditor.progress (exchange_id, area, table_name, next_serial, rows_judged) values ($1, 'all', $2, $3, 0)`, number, table.Name, next)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// garbageTimes are times at which, one after the other, more of a real exchange
// becomes garbage.
func garbageTimes(t *testing.T, url string) []time.Time {
	t.Helper()
	conn := pgtest.Connect(t, url)
	rows, _ := conn.Query(t.Context(), `
		with dates as (
			select expire_legal as at from public.denominations
			union all select gc_date from public.reserves
			union all select end_date + $1 from public.wire_fee
		)
		select percentile_disc(array[0, 0.1, 0.5, 0.9, 1]) within group (order by at) from dates`, exchange.KeepWireFees.Microseconds())
	list, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]int64])
	if err != nil {
		t.Fatal(err)
	}
	var times []time.Time
	for _, at := range list {
		times = append(times, time.UnixMicro(at).Add(time.Second).UTC().Truncate(time.Second))
	}
	return times
}

// A copy whose mutable columns are all wrong is collected as the exchange's own
// database is, and can be restored to it afterwards, column by column.
func TestGarbageIsThatOfTheExchange(t *testing.T) {
	for _, folder := range []string{"small-wired", "revoked-wired", "mixed"} {
		t.Run(folder, func(t *testing.T) {
			original, url := pgtest.LoadExchange(t, folder), pgtest.LoadExchange(t, folder)
			trustedCopy(t, url)
			b := auditedBench(t, url, folder)
			rows := len(strings.Join(mapValues(dumpAll(t, url, "public")), ""))
			for _, now := range garbageTimes(t, original) {
				g := dbinit.Garbage{Now: now}
				if err := b.CollectGarbage(t.Context(), g); err != nil {
					t.Fatal(err)
				}
				collectAtExchange(t, original, now)
				into := pgtest.NewDatabase(t)
				err := b.Restore(t.Context(), dbinit.Restoration{Into: into, Now: now})
				if err != nil {
					t.Fatal(err)
				}
				want := dumpAll(t, original, "public")
				wantSame(t, want, dumpAll(t, into, "public"))
				left := len(strings.Join(mapValues(want), ""))
				t.Logf("at %s %d of %d bytes are left", now, left, rows)
				if t.Failed() {
					return
				}
			}
			if n := count(t, url, "select count(*) from public.reserves_out"); n != 0 {
				t.Errorf("%d withdrawals are left at the end of all times", n)
			}
		})
	}
}

func mapValues(m map[string]string) []string {
	var list []string
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

// Everything that the layout replicates is touched by garbage collection, or not,
// as the foreign keys of the database say.
func TestQueryNamesWhatTheDatabaseRemoves(t *testing.T) {
	url := pgtest.LoadExchange(t, "mixed")
	trustedCopy(t, url)
	conn := pgtest.Connect(t, url)
	c := exchange.Collection{Layout: exchange.Layout2021(), Schema: "public",
		IdleReserveExpiration: 45 * time.Second, LegalReserveExpiration: 7 * 365 * 24 * time.Hour}
	original := pgtest.LoadExchange(t, "mixed")
	now := garbageTimes(t, original)[1]
	want := map[string]int{}
	for _, table := range c.Layout.Replicated() {
		want[table.Name] = count(t, original, "select count(*) from public."+table.Name)
	}
	collectAtExchange(t, original, now)
	removed := 0
	for _, table := range c.Layout.Replicated() {
		want[table.Name] -= count(t, original, "select count(*) from public."+table.Name)
		removed += want[table.Name]
		rows, _ := conn.Query(t.Context(), c.Query(table.Name), now.UnixMicro())
		serials, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatalf("%s: %v", table.Name, err)
		}
		if len(serials) != want[table.Name] {
			t.Errorf("%s: %d rows may be gone, %d are", table.Name, len(serials), want[table.Name])
		}
		if want[table.Name] > 0 && !c.Touches(table.Name) {
			t.Errorf("%s is touched", table.Name)
		}
	}
	if removed == 0 {
		t.Error("nothing was collected, so nothing was compared")
	}
}

// The end of all times: all that can be garbage is.
var late = time.Date(2200, time.January, 1, 0, 0, 0, 0, time.UTC)

func TestGarbageThatWasNotAudited(t *testing.T) {
	url := pgtest.LoadExchange(t, "revoked-wired")
	trustedCopy(t, url)
	g := dbinit.Garbage{Now: late}
	before := dumpAll(t, url, "public")
	for _, test := range []struct{ name, harm, table, message string }{
		{"behind", `update auditor.progress set next_serial = 3 where table_name = 'reserves_out' and exchange_id = 2`, "reserves_out", "while the audit has come to serial 3"},
		{"hole", `update auditor.progress set holes = '{[1,2)}' where table_name = 'reserves_in' and exchange_id = 2`, "reserves_in", "which came late"},
		{"one of two areas", `insert into auditor.progress (exchange_id, area, table_name, next_serial, rows_judged) values (2, 'other', 'recoup', 1, 0)`, "recoup", "while the audit has come to serial 1"},
		{"unknown key", `delete from auditor.key_rows where table_name = 'denominations' and serial = 5 and exchange_id = 2`, "denominations", "the first with serial 5, which no audit has seen"},
		{"table left out", `delete from auditor.progress where table_name = 'aggregation_tracking' and exchange_id = 2`, "aggregation_tracking", "in a table that was not audited"},
		{"no audit", `delete from auditor.exchanges where exchange_id = 2`, "denominations", "in a table that was not audited"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := auditedBench(t, url, "revoked-wired")
			exec(t, b.Config.AuditorDB.Config, test.harm)
			err := b.CollectGarbage(t.Context(), g)
			e, ok := errors.AsType[*dbinit.NotAuditedError](err)
			if !ok || e.ExitStatus() != 2 {
				t.Fatalf("got %v", err)
			}
			found := false
			for _, u := range e.Tables {
				found = found || u.Table == test.table
			}
			if !found || !strings.Contains(e.Error(), test.message) {
				t.Errorf("got %v", e)
			}
			wantSame(t, before, dumpAll(t, url, "public"))
		})
	}
}

func TestGarbageDryRunAndEvidence(t *testing.T) {
	url := pgtest.LoadExchange(t, "small-wired")
	exec(t, url, `delete from public.reserves_out where reserve_out_serial_id = 4`)
	trustedCopy(t, url)
	b := auditedBench(t, url, "small-wired")
	g := dbinit.Garbage{Now: late, DryRun: true}
	before := dumpAll(t, url, "public")
	if err := b.CollectGarbage(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"denominations           424  past their legal expiration",
		"reserves_out            25   along with ",
		"nothing was removed",
	} {
		if got := b.out.String(); !strings.Contains(got, want) {
			t.Errorf("wrote\n%s\nwithout %q", got, want)
		}
	}
	wantSame(t, before, dumpAll(t, url, "public"))

	var digests string
	conn := pgtest.Connect(t, url)
	err := conn.QueryRow(t.Context(), `
		select encode(sha256(string_agg(sha256(
			'\x0009'::bytea || '\x00000008' || int8send(reserve_out_serial_id) || int4send(length(h_blind_ev)) || h_blind_ev
			|| int4send(length(denom_sig)) || denom_sig || int4send(length(reserve_sig)) || reserve_sig
			|| int4send(8) || int8send(execution_date) || int4send(8) || int8send(amount_with_fee_val)
			|| int4send(4) || int4send(amount_with_fee_frac) || int4send(8) || int8send(reserve_uuid)
			|| int4send(8) || int8send(denominations_serial)
		), ''::bytea order by reserve_out_serial_id)), 'hex') from public.reserves_out where reserve_out_serial_id > 4`).Scan(&digests)
	if err != nil {
		t.Fatal(err)
	}
	g.DryRun = false
	if err := b.CollectGarbage(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	rows, _ := conn.Query(t.Context(), `select format('%s-%s %s %s', from_serial, to_serial, rows, extract(year from as_of)) from auditor_sync.removed where table_name = 'reserves_out' order by from_serial`)
	ranges, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(ranges, ", "), "1-3 3 2200, 5-26 22 2200"; got != want {
		t.Errorf("evidence of the ranges %s, want %s", got, want)
	}
	if n := count(t, url, `select count(*) from auditor_sync.removed where from_serial = 5 and table_name = 'reserves_out' and sha256 = '\x`+digests+`'`); n != 1 {
		t.Error("the digest of the second range is another")
	}
	if n := count(t, url, `select (select sum(rows) from auditor_sync.removed) - `+fmt.Sprint(rowsOf(before)-rowsOf(dumpAll(t, url, "public")))); n != 0 {
		t.Errorf("evidence of %d rows more than were removed", n)
	}
	b.written()
	if err := b.CollectGarbage(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if got := b.written(); !strings.HasSuffix(got, "\n  none\n") {
		t.Errorf("a second time it wrote %s", got)
	}
}

func rowsOf(dump map[string]string) (n int) {
	for _, rows := range dump {
		n += strings.Count(rows, "\n")
	}
	return n
}

// Without a key in the configuration the only exchange of the auditor is meant.
func TestGarbageOfWhichExchange(t *testing.T) {
	url := pgtest.LoadExchange(t, "small-wired")
	trustedCopy(t, url)
	b := auditedBench(t, url, "small-wired")
	b.Config.Exchange.MasterPublicKey = taler.EddsaPublicKey{}
	g := dbinit.Garbage{Now: late, DryRun: true}
	if e, ok := errors.AsType[*dbinit.ManyExchangesError](b.CollectGarbage(t.Context(), g)); !ok || e.Exchanges != 2 || e.ExitStatus() != 1 {
		t.Errorf("got %v", e)
	}
	exec(t, b.Config.AuditorDB.Config, "delete from auditor.exchanges where exchange_id = 1")
	if err := b.CollectGarbage(t.Context(), g); err != nil {
		t.Error(err)
	}
	exec(t, b.Config.AuditorDB.Config, "delete from auditor.exchanges")
	if e, ok := errors.AsType[*dbinit.NotAuditedError](b.CollectGarbage(t.Context(), g)); !ok {
		t.Errorf("got %v", e)
	}
}

// A foreign key that is not the exchange's must not take rows along unnoticed.
func TestGarbageThatWouldTakeMoreAlong(t *testing.T) {
	url := pgtest.LoadExchange(t, "small-wired")
	trustedCopy(t, url)
	exec(t, url, `alter table public.wire_out add column denomination bigint references public.denominations (denominations_serial) on delete cascade;
		alter table public.wire_out disable trigger only_grows; update public.wire_out set denomination = 3; alter table public.wire_out enable always trigger only_grows`)
	b := auditedBench(t, url, "small-wired")
	before := dumpAll(t, url, "public")
	err := b.CollectGarbage(t.Context(), dbinit.Garbage{Now: late})
	if e, ok := errors.AsType[*dbinit.CascadeError](err); !ok || e.Table != "wire_out" || e.Removed != 1 || e.Expected != 0 {
		t.Errorf("got %v", err)
	}
	wantSame(t, before, dumpAll(t, url, "public"))
	if n := count(t, url, "select count(*) from auditor_sync.removed"); n != 0 {
		t.Error("evidence of rows that are still there")
	}
}

// While auditor-sync copies a pass, nothing is collected.
func TestGarbageWaitsForThePass(t *testing.T) {
	url := pgtest.LoadExchange(t, "small")
	trustedCopy(t, url)
	b := auditedBench(t, url, "small")
	if _, err := pgtest.Connect(t, url).Exec(t.Context(), "select pg_advisory_lock($1)", exchange.PassLock); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := b.CollectGarbage(ctx, dbinit.Garbage{Now: late})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// S2: a trusted copy only grows, whoever tries, from the first pass on.
func TestTrustedCopyOnlyGrows(t *testing.T) {
	url := pgtest.NewDatabase(t)
	if err := newBench(url, "").Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, url)
	try := func(statement string) error {
		_, err := conn.Exec(t.Context(), statement)
		return err
	}
	attempts := func(table *exchange.Table) []string {
		return []string{
			fmt.Sprintf("update public.%s set %s = 1", table.Name, table.Serial),
			"delete from public." + table.Name,
			fmt.Sprintf("truncate public.%s cascade", table.Name),
		}
	}
	for _, table := range exchange.Layout2021().Replicated() {
		for _, statement := range attempts(table) {
			if err := try(statement); err != nil {
				t.Errorf("before the first pass: %v", err)
			}
		}
	}
	exec(t, url, `insert into auditor_sync.passes (started) values (now())`)
	for _, setting := range []string{"", "set auditor_sync.gc = 'on'", "set session_replication_role = replica"} {
		if err := try("reset all"); err != nil {
			t.Fatal(err)
		}
		if setting != "" {
			if err := try(setting); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range exchange.Layout2021().Replicated() {
			for _, statement := range attempts(table) {
				if err := try(statement); err == nil || !strings.Contains(err.Error(), "rows of a trusted copy are never changed or removed") {
					t.Errorf("%s, %s: %v", setting, statement, err)
				}
			}
		}
	}
	// Even the transaction of garbage collection changes nothing, and removes with delete only.
	for _, statement := range []string{"update public.deposits set tiny = true", "truncate public.refunds"} {
		err := try("begin")
		if err == nil {
			err = try("select set_config('auditor_sync.gc', pg_current_xact_id()::text, true)")
		}
		if err == nil {
			err = try("delete from public.deposits")
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := try(statement); err == nil {
			t.Errorf("%s: not refused", statement)
		}
		if err := try("rollback"); err != nil {
			t.Fatal(err)
		}
	}
}
