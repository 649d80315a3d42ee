package sync

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// addReserve inserts a reserve and a credit to it, with a key made of $1.
const addReserve = `
	with r as (
		insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		values (sha256($1::text::bytea), 'payto://', 0, 0, 0, 0) returning reserve_uuid
	)
	insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
	select 1, 2, 0, 'payto://', 'account', 1600000000000000, r.reserve_uuid from r`

// begin opens a transaction that has added a reserve and not committed.
func begin(t *testing.T, url, key string) pgx.Tx {
	t.Helper()
	tx, err := pgtest.Connect(t, url).Begin(t.Context())
	if err == nil {
		_, err = tx.Exec(t.Context(), addReserve, key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tx
}

// S3: rows that commit after rows with higher serials are copied, together with
// their children, and recorded; what was aborted is given up in the end.
func TestLateRows(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	o.Clock = then(t, source, 0)
	run := func(rows int64) Summary {
		t.Helper()
		summary, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Rows != rows {
			t.Errorf("copied %d rows, want %d", summary.Rows, rows)
		}
		return summary
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	before := number(t, source, "select max(reserve_uuid) from public.reserves")
	first, aborted, second := begin(t, source, "first"), begin(t, source, "aborted"), begin(t, source, "second")
	last := begin(t, source, "last")
	if err := last.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(2)
	open := func() []string {
		return texts(t, destination, "select from_serial || '-' || to_serial from auditor_sync.holes where table_name = 'reserves' and given_up is null order by from_serial")
	}
	if want := []string{fmt.Sprintf("%d-%d", before+1, before+3)}; !slices.Equal(open(), want) {
		t.Errorf("holes %v, want %v", open(), want)
	}
	if state := texts(t, destination, "select state || ': ' || reason from auditor_sync.table_states where table_name = 'reserves'"); state[0] != "gap-open: 3 serials are missing" {
		t.Errorf("state %v", state)
	}
	if err := second.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(2)
	if err := aborted.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// However long it takes, a row is copied as long as its hole was not given up.
	o.Clock = then(t, source, 48*time.Hour)
	if err := first.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if summary := run(2); summary.GivenUp != 2 { // one reserve, one credit
		t.Errorf("%d serials were given up, want those of the aborted transaction", summary.GivenUp)
	}
	wantEqual(t, source, destination)
	if len(open()) != 0 {
		t.Errorf("holes %v are still open", open())
	}
	late := texts(t, destination, "select table_name || ' ' || serial from auditor_sync.late_rows where table_name = 'reserves' order by serial")
	if want := []string{fmt.Sprintf("reserves %d", before+1), fmt.Sprintf("reserves %d", before+3)}; !slices.Equal(late, want) {
		t.Errorf("late rows %v, want %v", late, want)
	}
	if n := number(t, destination, "select given_up_holes from auditor_sync.table_states where table_name = 'reserves'"); n != 1 {
		t.Errorf("%d serials are on record as given up", n)
	}
	if alerts := texts(t, destination, "select identity from auditor_sync.alerts"); len(alerts) > 0 {
		t.Errorf("alerts %v", alerts)
	}
	o.Verify = VerifyFull
	run(0)
}

// S6: a late row that breaks a rule halts replication like any other.
func TestLateRowThatBreaksARule(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	late := begin(t, source, "late")
	execute(t, source, `insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		values (sha256('next'), 'payto://', 0, 0, 0, 0)`)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	var serial int64
	if err := late.QueryRow(t.Context(), "update public.reserves set current_balance_val = -5 where reserve_pub = sha256('late') returning reserve_uuid").Scan(&serial); err != nil {
		t.Fatal(err)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := Run(t.Context(), o)
	v, ok := errors.AsType[*Violation](err)
	if !ok || v.Table != "reserves" || v.Serial != serial || v.Rule != RuleAmount {
		t.Fatalf("got %v, want a violation by reserves %d", err, serial)
	}
	if want := fmt.Sprintf("violation/reserves/%d/current_balance_val between 0 and 2^52", serial); !slices.Equal(openAlerts(t, destination), []string{want}) {
		t.Errorf("alerts %v, want %s", openAlerts(t, destination), want)
	}
	execute(t, source, fmt.Sprintf("update public.reserves set current_balance_val = 5 where reserve_uuid = %d", serial))
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, source, destination)
	if open := openAlerts(t, destination); len(open) > 0 {
		t.Errorf("alerts %v are open", open)
	}
}

// S3: however many holes there are, and whatever the size of batches, all rows that turn
// up in them are copied.
func TestManyHoles(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
	o := options(t, source, destination)
	o.Verify = VerifyOff
	o.BatchRows = 77
	table := exchange.Layout2021().Table("wire_out")
	var first, second strings.Builder
	for i := range 30_000 {
		row := fmt.Sprintf("(%d, 1, substr(sha512('%[1]d'), 1, 32), 'payto://', 'account', 1, 0)", 1000+i)
		if i%2 == 0 || i == 29_999 {
			first.WriteString("," + row)
		} else {
			second.WriteString("," + row)
		}
	}
	insert := "insert into public." + table.Name + " values "
	execute(t, source, insert+first.String()[1:])
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	execute(t, source, insert+second.String()[1:])
	o.BatchRows = 0
	summary, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if summary.Rows != 14_999 {
		t.Errorf("copied %d late rows, want 14999", summary.Rows)
	}
	wantEqual(t, source, destination)
	o.Verify = VerifyFull
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
}
