package sync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// collectGarbage is what an exchange executes from time to time; %[1]d is the time.
const collectGarbage = `
	delete from public.reserves where gc_date < %[1]d and current_balance_val = 0 and current_balance_frac = 0;
	delete from public.wire_fee where end_date < %[1]d - 315360000000000;
	delete from public.denominations where expire_legal < %[1]d;`

// S9: whatever an exchange collects as garbage, at any time, raises nothing; one row
// more does.
func TestGarbageCollection(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	before := contents(t, destination)
	const year = 365 * 24 * time.Hour
	for _, later := range []time.Duration{5 * 7 * 24 * time.Hour, 5*year + 14*24*time.Hour, 5*year + 60*24*time.Hour, 8 * year, 12 * year} {
		o.Clock = then(t, destination, later)
		rows := number(t, source, "select (select count(*) from public.known_coins) + (select count(*) from public.reserves)")
		execute(t, source, fmt.Sprintf(collectGarbage, o.Clock().UnixMicro()))
		t.Logf("after %v: %d coins and reserves collected", later, rows-number(t, source, "select (select count(*) from public.known_coins) + (select count(*) from public.reserves)"))
		for _, mode := range []Verify{VerifyRecent, VerifyFull, VerifyFull} {
			o.Verify = mode
			if _, err := Run(t.Context(), o); err != nil {
				t.Fatalf("after %v: %v", later, err)
			}
		}
	}
	if left := number(t, source, "select (select count(*) from public.known_coins) + (select count(*) from public.wire_fee)"); left > 0 {
		t.Errorf("%d rows are left, want all collected", left)
	}
	// An exchange collects from all tables but those of its keys, auditors and transfers.
	for _, table := range exchange.Layout2021().Replicated() {
		kept := slices.Contains([]string{"exchange_sign_keys", "signkey_revocations", "auditors", "wire_out"}, table.Name)
		had, has := number(t, destination, "select count(*) from public."+table.Name), number(t, source, "select count(*) from public."+table.Name)
		if kept != (had == has) {
			t.Errorf("%s had %d rows and has %d, although an exchange collects other garbage", table.Name, had, has)
		}
	}
	if contents(t, destination) != before {
		t.Error("the copy was changed")
	}
	if alerts := texts(t, destination, "select identity from auditor_sync.alerts"); len(alerts) > 0 {
		t.Errorf("alerts %v", alerts)
	}

	serial := number(t, source, "select min(wireout_uuid) from public.wire_out")
	execute(t, source, fmt.Sprintf("delete from public.wire_out where wireout_uuid = %d", serial))
	if _, err := Run(t.Context(), o); !isDivergence(err) {
		t.Fatalf("got %v, want an alert", err)
	}
	if want := fmt.Sprintf("deleted-row/wire_out/%d", serial); !slices.Equal(openAlerts(t, destination), []string{want}) {
		t.Errorf("alerts %v, want %s", openAlerts(t, destination), want)
	}
}

// S8: a source whose highest serial is below what was copied is named at once,
// whatever is verified, and nothing is copied from it.
func TestSourceGoesBackInTime(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	o.Verify = VerifyOff
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	before := contents(t, destination)
	last := number(t, source, "select max(deposit_serial_id) from public.deposits")
	execute(t, source, fmt.Sprintf(`
		create table public.saved as select * from public.deposits where deposit_serial_id > %d; delete from public.deposits where deposit_serial_id > %[1]d;
		create table public.all_refunds as select * from public.refunds; truncate public.refunds`, last-10))
	want := []string{
		fmt.Sprintf("source-behind/deposits/%d", number(t, source, "select min(deposit_serial_id) from public.saved")),
		fmt.Sprintf("source-behind/refunds/%d", number(t, source, "select min(refund_serial_id) from public.all_refunds")),
	}
	for range 2 {
		if _, err := Run(t.Context(), o); !isDivergence(err) {
			t.Fatalf("got %v, want an alert", err)
		}
		if !slices.Equal(openAlerts(t, destination), want) {
			t.Errorf("alerts %v, want %v", openAlerts(t, destination), want)
		}
	}
	execute(t, source, "insert into public.deposits select * from public.saved; insert into public.refunds select * from public.all_refunds")
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if len(openAlerts(t, destination)) > 0 || contents(t, destination) != before {
		t.Errorf("alerts %v are open, or the copy was changed", openAlerts(t, destination))
	}
}

// Rows that auditor-dbinit gc removed from the copy are neither copied again nor
// missed in the source.
func TestRowsRemovedFromTheCopy(t *testing.T) {
	t.Parallel()
	source, destination := busy(t), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	last := number(t, source, "select max(refund_serial_id) from public.refunds")
	execute(t, destination, fmt.Sprintf(`begin;
		select set_config('auditor_sync.gc', pg_current_xact_id()::text, true);
		insert into auditor_sync.removed (table_name, from_serial, to_serial, sha256, as_of) values ('refunds', %d, %[2]d, sha256(''), now());
		delete from public.refunds where refund_serial_id >= %[1]d;
		commit`, last-5, last))
	left := contents(t, destination)
	for _, change := range []string{"", fmt.Sprintf("delete from public.refunds where refund_serial_id >= %d", last-5)} {
		execute(t, source, change)
		for _, o.Verify = range []Verify{VerifyRecent, VerifyFull} {
			if summary, err := Run(t.Context(), o); err != nil || summary.Rows != 0 {
				t.Fatalf("%s: copied %d rows, %v", change, summary.Rows, err)
			}
		}
	}
	if contents(t, destination) != left {
		t.Error("the copy was changed")
	}
}
