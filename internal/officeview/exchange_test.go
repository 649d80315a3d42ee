package officeview

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/office"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/report"
)

// stage is a trusted copy of a simulated exchange.
func stage(t *testing.T) (*pgx.Conn, *simulator.Exchange) {
	t.Helper()
	scenario := simulator.DefaultScenario(4) // which revokes a denomination
	scenario.Days, scenario.KeySeed = 50, 1
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pg.Connect(t.Context(), pg.Target{ConnString: migratetest.NewDatabase(t, migrate.Exchange("public"), migrate.Replica("public")), AppName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) })
	if err := play.Write(t.Context(), conn, "public"); err != nil {
		t.Fatal(err)
	}
	_, err = conn.PgConn().Exec(t.Context(), `insert into auditor_sync.passes (started, finished, rows) values ('2021-02-01T00:00:00Z', '2021-02-01T00:00:10Z', 50);
		insert into auditor_sync.table_states (table_name, state, highest, changed) values ('deposits', 'current', 5, '2021-02-01T00:00:10Z')`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return conn, play
}

func sectionOf(t *testing.T, r *report.OfficeReport, id string) report.OfficeSection {
	t.Helper()
	i := slices.IndexFunc(r.Sections, func(s report.OfficeSection) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("there is no section %s", id)
	}
	return r.Sections[i]
}

// total adds up a column of counts, of the rows that begin with a text.
func total(t *testing.T, s report.OfficeSection, name, first string) (n int64) {
	t.Helper()
	j := slices.IndexFunc(s.Columns, func(c report.OfficeColumn) bool { return c.Name == name })
	if j < 0 {
		t.Fatalf("%s has no column %s", s.ID, name)
	}
	for _, row := range s.Rows {
		if first == "" || row[0] == first {
			n += row[j].(int64)
		}
	}
	return n
}

// What offices are told adds up to what the simulator did.
func TestReportsOnAnExchange(t *testing.T) {
	conn, play := stage(t)
	ledger := play.Ledger()
	reports := make(map[office.Role]*report.OfficeReport)
	for _, o := range office.Roles() {
		r, err := Exchange(t.Context(), conn, Request{Office: o, Name: "https://exchange.example/", Currency: play.Currency(), Made: play.Clock()})
		if err != nil {
			t.Fatalf("%s: %v", o, err)
		}
		for _, s := range r.Sections {
			if len(s.Rows) == 0 {
				t.Errorf("%s: %s is empty", o, s.ID)
			}
		}
		reports[o] = r
	}
	withdrawn, deposited := ledger.Tables["reserves_out"].Rows, ledger.Tables["deposits"].Rows
	for _, c := range []struct {
		office            office.Role
		id, column, first string
		want              int64
	}{
		{office.Auditor, "days", "withdrawals", "", withdrawn},
		{office.Auditor, "hours", "deposits", "", deposited},
		{office.Auditor, "uses", "count", "withdrawal", withdrawn},
		{office.Auditor, "uses", "count", "melt", ledger.Tables["refresh_commitments"].Rows},
		{office.Auditor, "denominations", "refunds", "", ledger.Tables["refunds"].Rows},
		{office.Auditor, "merchants", "deposits", "", deposited},
		{office.Auditor, "transfers", "transfers", "", ledger.Tables["wire_out"].Rows},
		{office.Treasurer, "totals", "coins", "", withdrawn + ledger.Tables["refresh_revealed_coins"].Rows},
		{office.Performance, "days", "deposits", "", deposited},
		{office.Performance, "rates", "operations", "credit", ledger.Tables["reserves_in"].Rows},
		{office.Performance, "lags", "deposits", "", ledger.Tables["aggregation_tracking"].Rows},
		{office.Performance, "replication", "rows", "", 50},
	} {
		if got := total(t, sectionOf(t, reports[c.office], c.id), c.column, c.first); got != c.want || got == 0 {
			t.Errorf("%s: %s.%s is %d in all, want %d", c.office, c.id, c.column, got, c.want)
		}
	}
	if got := len(sectionOf(t, reports[office.Treasurer], "denominations").Rows); got != len(ledger.Denominations) {
		t.Errorf("the treasurer sees %d denominations, there are %d", got, len(ledger.Denominations))
	}
}

// Two periods that meet tell together what one tells, and nothing is in both.
func TestPeriodsOfAnExchange(t *testing.T) {
	conn, play := stage(t)
	cut := play.Clock().AddDate(0, 0, -20).Add(time.Hour)
	ask := func(from, to *time.Time) *report.OfficeReport {
		r, err := Exchange(t.Context(), conn, Request{Office: office.Auditor, Currency: play.Currency(), Made: play.Clock(), From: from, To: to})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	all, before, after := ask(nil, nil), ask(nil, &cut), ask(&cut, nil)
	for _, column := range []string{"withdrawals", "deposits"} {
		a, b, whole := total(t, sectionOf(t, before, "days"), column, ""), total(t, sectionOf(t, after, "days"), column, ""), total(t, sectionOf(t, all, "days"), column, "")
		if a == 0 || b == 0 || a+b != whole {
			t.Errorf("%s: %d before and %d after, %d in all", column, a, b, whole)
		}
	}
}

func TestLimit(t *testing.T) {
	conn, play := stage(t)
	q := Request{Office: office.Auditor, Currency: play.Currency(), Made: play.Clock()}
	all, err := Exchange(t.Context(), conn, q)
	if err != nil {
		t.Fatal(err)
	}
	q.Limit = 3
	few, err := Exchange(t.Context(), conn, q)
	if err != nil {
		t.Fatal(err)
	}
	whole, part := sectionOf(t, all, "days"), sectionOf(t, few, "days")
	if len(part.Rows) != 3 || part.Omitted != int64(len(whole.Rows)-3) || fmt.Sprint(part.Rows) != fmt.Sprint(whole.Rows[len(whole.Rows)-3:]) {
		t.Errorf("%d rows and %d omitted of %d", len(part.Rows), part.Omitted, len(whole.Rows))
	}
	whole, part = sectionOf(t, all, "merchants"), sectionOf(t, few, "merchants")
	if fmt.Sprint(part.Rows) != fmt.Sprint(whole.Rows[:3]) {
		t.Errorf("the merchants are %v, want the first of %v", part.Rows, whole.Rows)
	}
}

func TestWhatCannotBeSeen(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	_, err := Exchange(t.Context(), conn, Request{Office: office.Treasurer})
	if e, ok := errors.AsType[*NoViewsError](err); !ok || !strings.Contains(e.Error(), "auditor-dbinit upgrade") {
		t.Errorf("without views: %v", err)
	}
	staged, _ := stage(t)
	if _, err := staged.Exec(t.Context(), "create role officeview_stranger login"); err != nil {
		t.Fatal(err)
	}
	config := staged.Config().Copy()
	config.User = "officeview_stranger"
	stranger, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close(t.Context())
	_, err = Exchange(t.Context(), stranger, Request{Office: office.Treasurer})
	if e, ok := errors.AsType[*ClosedError](err); !ok || e.Role != "officeview_stranger" {
		t.Errorf("a stranger: %v", err)
	}
}
