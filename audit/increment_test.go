package audit

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// TestNothingNew audits an exchange that did nothing since the last audit, and counts
// what PostgreSQL then reads of the tables that grow with the exchange. It reads none
// of them from beginning to end, and along indexes what is open, at most.
func TestNothingNew(t *testing.T) {
	open := map[string]string{
		"reserves":           "balance <> 0",
		"reserve_origins":    "false",
		"reserve_credits":    "false",
		"closings":           "wrong",
		"credits":            "false",
		"statements":         "false",
		"coins":              "false",
		"refunded_deposits":  "false",
		"melts":              "open",
		"fresh_coins":        "false",
		"obligations":        "transfer is null and owed > 0",
		"payees":             "payee in (select o.payee from auditor.obligations as o where o.transfer is null and o.owed > 0)",
		"transfers":          "false",
		"dangling_trackings": "false",
	}
	s := simulated(t, simulator.DefaultScenario(2))
	s.audit()
	// Small tables are read as a whole, unless that is made to seem dear.
	s.run(s.auditor, "analyze; do $$ begin execute format('alter database %I set enable_seqscan = off', current_database()); end $$")
	conn := pgtest.Connect(t, s.auditor)
	before := s.readings(conn)
	s.audit()
	for table, now := range s.readings(conn) {
		condition, grows := open[table]
		if !grows {
			continue
		}
		delete(open, table)
		var most int64
		if err := conn.QueryRow(t.Context(), "select count(*) from auditor."+table+" where "+condition).Scan(&most); err != nil {
			t.Fatal(err)
		}
		// One row more may be looked at to find the last one.
		most = readingsOf(table)*most + 1
		now.whole, now.entries = now.whole-before[table].whole, now.entries-before[table].entries
		if now.whole != 0 || now.entries > most {
			t.Errorf("of %s, an audit with nothing new reads %d entries of indexes and %d times the whole, want at most %d and 0", table, now.entries, now.whole, most)
		}
	}
	if len(open) != 0 {
		t.Errorf("there are no tables %v", open)
	}
}

// readingsOf is how many rules go through what is open in a table.
func readingsOf(table string) int64 {
	switch table {
	case "reserves":
		return 3 // held, and idle, for which all may be read, as most are open
	case "obligations":
		return 2 // unpaid, overdue
	default:
		return 1
	}
}

// reading is how much of a table PostgreSQL has read.
type reading struct {
	whole   int64 // from beginning to end
	entries int64 // of its indexes
}

// readings is what PostgreSQL has read of each table of the auditor's database. A
// connection tells what it has read when it ends.
func (b *bench) readings(conn *pgx.Conn) map[string]reading {
	b.Helper()
	b.await("select count(*) = 0 from pg_stat_activity where datname = current_database() and application_name = 'auditor test'")
	rows, err := conn.Query(context.Background(), `select t.relname, t.seq_scan, (select coalesce(sum(i.idx_tup_read), 0)::bigint from pg_stat_user_indexes as i where i.relid = t.relid)
		from pg_stat_user_tables as t where t.schemaname = 'auditor'`)
	if err != nil {
		b.Fatal(err)
	}
	all := make(map[string]reading)
	var table string
	var r reading
	if _, err := pgx.ForEachRow(rows, []any{&table, &r.whole, &r.entries}, func() error {
		all[table] = r
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return all
}
