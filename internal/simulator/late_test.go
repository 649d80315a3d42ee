package simulator

import (
	"strings"
	"testing"
)

// TestWriteEarly shows a database in which rows of several tables are missing: it is
// consistent, and what comes later makes it the same as if it had never been shown.
func TestWriteEarly(t *testing.T) {
	skipShort(t)
	hidden := make(map[string]int)
	for seed := uint64(1); seed <= 3; seed++ {
		x, conn := newExchange(t, smallScenario(seed)), emptyDatabase(t)
		exec(t, conn, income)
		exec(t, conn, figureViews)
		for _, days := range []int{0, 9, 2, 1, 1} {
			if days > 0 {
				advance(t, x, days)
			}
			missing, err := x.WriteEarly(t.Context(), conn, schema)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range tables {
				n := missing[table.name]
				hidden[table.name] += n
				if got, want := number(t, conn, "select count(*) from "+table.name), x.Ledger().Tables[table.name].Rows; got+int64(n) != want {
					t.Errorf("seed %d: %d rows of %s, %d missing of %d", seed, got, table.name, n, want)
				}
			}
			if n := unbalanced(t, conn); n != 0 {
				t.Errorf("seed %d: %d balances are wrong", seed, n)
			}
			for _, rule := range coinRules {
				if rule.name == "coin known though it was never used" {
					continue // a coin becomes known in a transaction of its own
				}
				if n := number(t, conn, rule.query); n != 0 {
					t.Errorf("seed %d: %d times %s", seed, n, rule.name)
				}
			}
			noOrphans(t, conn, seed)
		}
		write(t, x, conn)
		agrees(t, x, func(query string, args ...any) int64 { return number(t, conn, query, args...) })
		once, other := newExchange(t, smallScenario(seed)), emptyDatabase(t)
		for _, days := range []int{9, 2, 1, 1} {
			advance(t, once, days)
		}
		write(t, once, other)
		for table, sum := range digests(t, other) {
			if digests(t, conn)[table] != sum {
				t.Errorf("seed %d: %s differs from that of an exchange written once", seed, table)
			}
		}
	}
	for _, table := range []string{"reserves", "reserves_in", "reserves_out", "deposits", "refunds", "refresh_commitments",
		"refresh_revealed_coins", "refresh_transfer_keys"} {
		if hidden[table] == 0 {
			t.Errorf("no row of %s was ever late", table)
		}
	}
}

// TestWriteEarlyFails breaks off an early Write: nothing is written or lost.
func TestWriteEarlyFails(t *testing.T) {
	skipShort(t)
	x, conn := newExchange(t, smallScenario(1)), emptyDatabase(t)
	exec(t, conn, "alter table wire_out add constraint never check (wireout_uuid < 2)")
	if _, err := x.WriteEarly(t.Context(), conn, schema); err == nil || !strings.Contains(err.Error(), "wire_out") {
		t.Fatalf("WriteEarly against a constraint: %v", err)
	}
	exec(t, conn, "alter table wire_out drop constraint never")
	write(t, x, conn)
	_, other := written(t, smallScenario(1))
	if digests(t, conn)["all"] != digests(t, other)["all"] {
		t.Error("the Write after it gave another database")
	}
}
