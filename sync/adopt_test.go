package sync

import (
	"fmt"
	"testing"
	"time"

	"auditor/internal/evidence"
	"auditor/internal/pgtest"
)

// Rows that came without evidence get it, holes included, and the roots are those of
// a copy that had it from the beginning.
func TestRowsWithoutEvidenceAreAdopted(t *testing.T) {
	t.Parallel()
	source, destination, again := busy(t), newDestination(t), newDestination(t)
	execute(t, source, "delete from public.wire_out where wireout_uuid in (3, 4, 9); delete from public.aggregation_tracking where wtid_raw not in (select wtid_raw from public.wire_out)")
	o := options(t, source, destination)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	roots := func(url string) (list []evidence.Root) {
		list, err := evidence.Roots(t.Context(), pgtest.Connect(t, url))
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	holes := func(url string) []string {
		return texts(t, url, "select table_name || from_serial || '-' || to_serial from auditor_sync.holes order by 1")
	}
	wanted, missing := roots(destination), holes(destination)
	if len(wanted) < 20 || len(missing) < 3 {
		t.Fatalf("%d roots, %d holes", len(wanted), len(missing))
	}
	execute(t, destination, "delete from auditor_sync.chunks where table_name <> 'deposits' or number > 0; delete from auditor_sync.holes where table_name <> 'deposits' or from_serial > 1023")
	o.Verify = VerifyFull
	summary, err := Run(t.Context(), o)
	if err != nil || summary.Rows != 0 {
		t.Fatalf("%d rows, %v", summary.Rows, err)
	}
	if got := roots(destination); fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("roots %v, want %v", got, wanted)
	}
	if got := holes(destination); fmt.Sprint(got) != fmt.Sprint(missing) {
		t.Errorf("holes %v, want %v", got, missing)
	}

	// The roots depend on the rows, not on how they came.
	o.Destination, o.BatchRows, o.Verify = dial(again), 13, VerifyOff
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if got := roots(again); fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("in small batches roots %v, want %v", got, wanted)
	}
}

// S11: serials far apart, each in a chunk of its own and with a hole below, take no
// more memory than others.
func TestMemoryIsBoundedForScatteredSerials(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory, of which the race detector takes most")
	}
	source, destination := newDestination(t), newDestination(t)
	const rows = 60_000
	execute(t, source, fmt.Sprintf("insert into public.wire_out select i * 5000, 1, sha256(i::text::bytea), 'payto://', 'account', 1, 0 from generate_series(1, %d) as i", rows))
	o := options(t, source, destination)
	o.Logger = nil
	memory := heap(t)
	summary, err := Run(t.Context(), o)
	if err == nil {
		o.Verify = VerifyFull
		_, err = Run(t.Context(), o)
	}
	most := memory()
	if err != nil || summary.Rows != rows {
		t.Fatalf("copied %d rows, %v", summary.Rows, err)
	}
	if n := number(t, destination, "select count(*) from auditor_sync.holes where given_up is null"); n != rows {
		t.Errorf("%d holes, want one below each row", n)
	}
	t.Logf("at most %d MiB", most>>20)
	if most > 100<<20 {
		t.Errorf("%d MiB of memory, want less than 100", most>>20)
	}
}

// S11: a table that is full of rows that should not be there does not fill memory
// or the alerts.
func TestFloodOfBackDatedRows(t *testing.T) {
	t.Parallel()
	source, destination := newDestination(t), newDestination(t)
	insert := "insert into public.wire_out select i, 1, sha256(i::text::bytea), 'payto://', 'account', 1, 0 from generate_series(%d, %d) as i"
	execute(t, source, fmt.Sprintf(insert, 100_000, 100_000))
	o := options(t, source, destination)
	o.Logger = nil
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(48 * time.Hour)
	o.Clock = func() time.Time { return later }
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	execute(t, source, fmt.Sprintf(insert, 1, 50_000))
	for _, o.Verify = range []Verify{VerifyRecent, VerifyFull} {
		if _, err := Run(t.Context(), o); !isDivergence(err) {
			t.Fatalf("got %v, want alerts", err)
		}
		if n := number(t, destination, "select count(*) from auditor_sync.alerts where kind = 'back-dated-row' and resolved is null"); n < 100 || n > alertsAtOnce+1 {
			t.Errorf("%d alerts, want many and not too many", n)
		}
	}
	if n := number(t, destination, "select count(*) from public.wire_out"); n != 1 {
		t.Errorf("the copy has %d rows, want one", n)
	}
	execute(t, source, "delete from public.wire_out where wireout_uuid < 100000")
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if open := openAlerts(t, destination); len(open) > 0 {
		t.Errorf("%d alerts are open", len(open))
	}
}
