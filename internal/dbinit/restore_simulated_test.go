package dbinit_test

import (
	"strings"
	"testing"
	"time"

	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// A busy simulated exchange comes back with every column of every table as it was, at
// whatever moment of its life, revocations included. One mark is told by nothing, and
// has no consequence: that a deposit which was paid since was found tiny before the
// grace was over, within which another one of the same account fell due.
func TestRestoreOfASimulatedExchange(t *testing.T) {
	for _, seed := range []uint64{3, 4} { // the second revokes a denomination
		scenario := simulator.DefaultScenario(seed)
		scenario.Days, scenario.KeySeed = 50, 1
		play, err := simulator.New(scenario)
		if err != nil {
			t.Fatal(err)
		}
		url := pgtest.NewDatabase(t)
		conn := pgtest.Connect(t, url)
		if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := play.Write(t.Context(), conn, "public"); err != nil {
				t.Fatal(err)
			}
			if err := play.Advance(9); err != nil {
				t.Fatal(err)
			}
		}
		now := play.Clock().AddDate(0, 0, -9) // what was advanced last is not written
		tiny := count(t, url, "select count(*) from public.deposits where tiny")
		want := dumpAll(t, url, "public")
		for _, table := range exchange.Layout2021().Replicated() {
			if revoked := seed == 4; want[table.Name] == "" && (revoked || table.Name == "reserves_out") {
				t.Errorf("seed %d: %s has no rows", seed, table.Name)
			}
		}
		trustedCopy(t, url)
		b := newBench(url, "")
		b.Config.ExchangeDB.IdleReserveExpiration = scenario.IdleReserveExpiration
		b.Config.ExchangeDB.LegalReserveExpiration = scenario.LegalReserveExpiration
		b.Config.Exchange.CurrencyRoundUnit = play.RoundUnit()
		b.Config.Auditor.DepositGrace = time.Hour
		into := pgtest.NewDatabase(t)
		if err := b.Restore(t.Context(), dbinit.Restoration{Into: into, Now: now}); err != nil {
			t.Fatal(err)
		}
		got := dumpAll(t, into, "public")
		excused := 0
		want["deposits"], excused = excuse(want["deposits"], got["deposits"])
		wantSame(t, want, got)
		if tiny < 20 || excused > 3 {
			t.Errorf("seed %d: %d of %d deposits that are tiny were not marked", seed, excused, tiny)
		}
	}
}

// excuse takes the mark tiny from deposits that are done and were restored without it.
func excuse(want, got string) (string, int) {
	wanted, restored := strings.SplitAfter(want, "\n"), strings.SplitAfter(got, "\n")
	excused := 0
	for i := range min(len(wanted), len(restored)) {
		if wanted[i] != restored[i] && strings.Replace(wanted[i], "\tt\tt\t", "\tf\tt\t", 1) == restored[i] {
			wanted[i] = restored[i]
			excused++
		}
	}
	return strings.Join(wanted, ""), excused
}
