package sync

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/exchange"
)

// A forgery is what an adversary does to a row of a table that was copied.
type forgery struct {
	kind    Kind
	serial  int64
	columns []string
	change  string // statement
	undo    string
}

// backup keeps a copy of a row aside.
func backup(table *exchange.Table, serial int64) string {
	return fmt.Sprintf("create table public.backup_%s as select * from public.%[1]s where %s = %d;", table.Name, table.Serial, serial)
}

func putBack(table *exchange.Table, serial int64) string {
	return fmt.Sprintf("delete from public.%s where %s = %d; insert into public.%[1]s select * from public.backup_%[1]s; drop table public.backup_%[1]s;", table.Name, table.Serial, serial)
}

// alter changes one column of a row.
func alter(table *exchange.Table, c exchange.Column, serial int64) forgery {
	value := map[exchange.Type]string{
		exchange.BigInt:  c.Name + " + 1",
		exchange.Integer: c.Name + " # 1",
		exchange.Bytea:   fmt.Sprintf("set_byte(%s, 0, get_byte(%[1]s, 0) # 1)", c.Name),
		exchange.Text:    c.Name + " || E'\\x1b[2J'",
		exchange.Varchar: c.Name + " || 'x'",
		exchange.Boolean: "not " + c.Name,
	}[c.Type]
	return forgery{
		kind: AlteredRow, serial: serial, columns: []string{c.Name},
		change: backup(table, serial) + fmt.Sprintf("update public.%s set %s = %s where %s = %d;", table.Name, c.Name, value, table.Serial, serial),
		undo:   putBack(table, serial),
	}
}

func remove(table *exchange.Table, serial int64) forgery {
	return forgery{
		kind: DeletedRow, serial: serial,
		change: backup(table, serial) + fmt.Sprintf("delete from public.%s where %s = %d;", table.Name, table.Serial, serial),
		undo:   putBack(table, serial),
	}
}

// add puts a row like another one on a serial.
func add(table *exchange.Table, like, serial int64) forgery {
	return forgery{
		kind: BackDatedRow, serial: serial,
		change: fmt.Sprintf("create table public.backup_%s as select * from public.%[1]s where %[2]s = %[3]d; update public.backup_%[1]s set %[2]s = %[4]d; insert into public.%[1]s select * from public.backup_%[1]s; drop table public.backup_%[1]s;",
			table.Name, table.Serial, like, serial),
		undo: fmt.Sprintf("delete from public.%s where %s = %d;", table.Name, table.Serial, serial),
	}
}

// wantDivergence runs replication over forged tables and wants exactly one alert for
// each of them, which names all there is to name, and a copy that is unharmed. Then
// the forgeries are undone, and replication goes on.
func wantDivergence(t *testing.T, source, destination string, o Options, forgeries map[string]forgery, again bool) {
	t.Helper()
	before := contents(t, destination)
	var change, undo strings.Builder
	var want []string
	for table, f := range forgeries {
		change.WriteString(f.change)
		undo.WriteString(f.undo)
		want = append(want, fmt.Sprintf("%s/%s/%d", f.kind, table, f.serial))
	}
	slices.Sort(want)
	execute(t, source, change.String())
	_, err := Run(t.Context(), o)
	e, ok := errors.AsType[*DivergenceError](err)
	if !ok || e.ExitStatus() != 3 {
		t.Fatalf("got %v, want a divergence", err)
	}
	states := texts(t, destination, "select table_name || ' ' || state || ': ' || reason from auditor_sync.table_states")
	var got []string
	for _, a := range e.Alerts {
		got = append(got, a.Identity())
		f := forgeries[a.Table]
		if !slices.Equal(a.Columns, f.columns) {
			t.Errorf("%s: columns %v, want %v", a.Identity(), a.Columns, f.columns)
		}
		if a.Ours == a.Theirs || !strings.Contains(a.Summary, a.Table) || !strings.Contains(a.Summary, fmt.Sprint(*a.Serial)) || strings.Contains(a.Summary, "\x1b") {
			t.Errorf("%s does not explain itself: ours %s, theirs %s: %s", a.Identity(), a.Ours, a.Theirs, a.Summary)
		}
		if !strings.Contains(e.Error(), a.Summary) && len(e.Alerts) <= shownAlerts {
			t.Errorf("the error does not mention %s", a.Identity())
		}
		if want := a.Table + " halted: " + a.Summary; !slices.Contains(states, want) {
			t.Errorf("no table is %s", want)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Fatalf("got alerts %v\nwant %v", got, want)
	}
	if stored := openAlerts(t, destination); !slices.Equal(stored, want) {
		t.Errorf("the table of alerts has %v\nwant %v", stored, want)
	}
	if n := number(t, destination, "select count(distinct alert) from auditor_sync.evidence where alert = any ($1) and (ours is not null or theirs is not null)", want); n < int64(len(want)) {
		t.Errorf("both versions of %d rows are kept, want %d", n, len(want))
	}
	if contents(t, destination) != before {
		t.Fatal("the copy was changed")
	}

	if again {
		wantAgain(t, destination, o, want)
	}

	execute(t, source, undo.String())
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatalf("after the correction: %v", err)
	}
	if open := openAlerts(t, destination); len(open) > 0 {
		t.Errorf("after the correction %v are still open", open)
	}
	if n := number(t, destination, "select count(*) from auditor_sync.table_states where state = 'halted'"); n > 0 {
		t.Errorf("after the correction %d tables are halted", n)
	}
}

// wantAgain runs replication over the same forgeries once more: nothing is copied
// and nothing forgotten as long as it goes on.
func wantAgain(t *testing.T, destination string, o Options, want []string) {
	t.Helper()
	times := number(t, destination, "select sum(count) from auditor_sync.alerts where resolved is null and kind <> 'unguarded'")
	if _, err := Run(t.Context(), o); !isDivergence(err) {
		t.Fatalf("the second time: %v", err)
	}
	if stored := openAlerts(t, destination); !slices.Equal(stored, want) {
		t.Errorf("the second time the table of alerts has %v", stored)
	}
	if n := number(t, destination, "select sum(count) from auditor_sync.alerts where resolved is null and kind <> 'unguarded'"); n != times+int64(len(want)) {
		t.Errorf("the alerts were counted %d times, want each once more than %d times", n, times)
	}
}

func isDivergence(err error) bool {
	_, ok := errors.AsType[*DivergenceError](err)
	return ok
}

// S5: every column of every table, each changed in one row, is named; mutable
// columns may change.
func TestAlteredRows(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Verify = VerifyFull
	for i := range 17 {
		forgeries := map[string]forgery{}
		var harmless strings.Builder
		for _, table := range exchange.Layout2021().Replicated() {
			if i >= len(table.Columns) {
				continue
			}
			c := table.Columns[i]
			serial := number(t, source, fmt.Sprintf("select %s from public.%s where %s is not null order by 1 offset %d limit 1", table.Serial, table.Name, c.Name, i%3))
			switch f := alter(table, c, serial); {
			case c.Mutable:
				harmless.WriteString(strings.Replace(f.change, backup(table, serial), "", 1))
			case c.Name != table.Serial:
				forgeries[table.Name] = f
			}
		}
		execute(t, source, harmless.String())
		wantDivergence(t, source, destination, o, forgeries, i == 1)
	}
}

// S5: a deleted row of every table is named, wherever it is: newest rows on the next
// pass, older ones by a full comparison.
func TestDeletedRows(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for mode, place := range map[Verify]string{VerifyRecent: "desc offset 1", VerifyFull: "offset 1"} {
		forgeries := map[string]forgery{}
		for _, table := range exchange.Layout2021().Replicated() {
			serial := number(t, source, fmt.Sprintf("select %s from public.%s order by 1 %s limit 1", table.Serial, table.Name, place))
			forgeries[table.Name] = remove(table, serial)
		}
		o.Verify = mode
		wantDivergence(t, source, destination, o, forgeries, true)
	}
}

// S9: however old it is, a row that is gone although all that it refers to is still
// there was not collected.
func TestDeletedRowsThatMightBeCollected(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	o.Clock = then(t, source, 12*365*24*time.Hour)
	forgeries := map[string]forgery{}
	for _, table := range exchange.Layout2021().Replicated() {
		if len(table.ForeignKeys) > 0 {
			serial := number(t, source, fmt.Sprintf("select %s from public.%s order by 1 desc offset 1 limit 1", table.Serial, table.Name))
			forgeries[table.Name] = remove(table, serial)
		}
	}
	o.Verify = VerifyFull
	wantDivergence(t, source, destination, o, forgeries, false)
}

// S3, S5: a row on a hole that was given up, on a serial that is no serial, or on
// that of a copied row is named and not copied.
func TestBackDatedRows(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	var aside strings.Builder
	given := map[string]forgery{}
	for _, table := range exchange.Layout2021().Replicated() {
		serial := number(t, source, fmt.Sprintf("select %s from public.%s order by 1 desc offset 1 limit 1", table.Serial, table.Name))
		aside.WriteString(fmt.Sprintf("delete from public.%s where %s = %d;", table.Name, table.Serial, serial))
		given[table.Name] = add(table, serial+1, serial)
	}
	execute(t, source, aside.String())
	for _, later := range []time.Duration{0, 23 * time.Hour, 25 * time.Hour} {
		o.Clock = then(t, source, later)
		summary, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if givenUp := later > 24*time.Hour; (summary.GivenUp >= int64(len(given))) != givenUp {
			t.Errorf("after %v %d serials were given up", later, summary.GivenUp)
		}
	}
	o.Verify = VerifyRecent
	wantDivergence(t, source, destination, o, given, true)

	for _, serial := range []int64{-7, 0} {
		never := map[string]forgery{}
		for _, table := range exchange.Layout2021().Replicated() {
			like := number(t, source, fmt.Sprintf("select max(%s) from public.%s", table.Serial, table.Name))
			never[table.Name] = add(table, like, serial)
		}
		o.Verify = VerifyFull
		wantDivergence(t, source, destination, o, never, false)
	}
}

// S5, S6: a full comparison that takes many snapshots goes through all tables, although a
// row that cannot be copied has halted replication; the alert about it does not wait.
func TestFullComparisonDespiteAViolation(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	layout := exchange.Layout2021()
	last := layout.Replicated()[len(layout.Replicated())-1]
	altered := alter(last, *last.Column("deposit_serial_id"), number(t, source, "select min("+last.Serial+") from public."+last.Name))
	execute(t, source, altered.change+`insert into public.reserves (reserve_uuid, reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		select max(reserve_uuid) + 1, sha256('new'), 'payto://x', -1, 0, 0, 0 from public.reserves`)
	o.Verify = VerifyFull
	slow, alertedAt, snapshots, locked := o.Clock(), 0, 0, false
	o.Clock = func() time.Time { // two looks at it take longer than a snapshot is held
		slow = slow.Add(longestFull * 2 / 3)
		if snapshots++; alertedAt == 0 && number(t, destination, "select count(*) from auditor_sync.alerts where kind = 'violation'") > 0 {
			alertedAt = snapshots
		}
		if alertedAt > 0 && alertedAt < snapshots {
			locked = locked || number(t, destination, "select pg_try_advisory_xact_lock($1)::int", exchange.PassLock) == 0
		}
		return slow
	}
	_, err := Run(t.Context(), o)
	if _, ok := errors.AsType[*Violation](err); !ok || !isDivergence(err) {
		t.Fatalf("got %v, want a violation and a divergence", err)
	}
	want := []string{fmt.Sprintf("altered-row/%s/%d", last.Name, altered.serial), fmt.Sprintf("violation/reserves/%d/current_balance_val between 0 and 2^52", number(t, source, "select max(reserve_uuid) from public.reserves"))}
	if open := openAlerts(t, destination); !slices.Equal(open, want) {
		t.Errorf("open alerts %v, want %v", open, want)
	}
	if alertedAt == 0 || snapshots-alertedAt < 10 {
		t.Errorf("the violation was on record after %d of %d looks at the clock", alertedAt, snapshots)
	}
	if locked {
		t.Error("nobody could read the copy while it was compared")
	}
}
