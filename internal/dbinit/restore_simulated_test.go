package dbinit_test

import (
	"testing"
	"time"

	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// A busy simulated exchange comes back with every column of every table as it was, at
// whatever moment of its life, revocations included. It looks at deposits when they fall
// due: nothing else would tell when it found one of them tiny.
func TestRestoreOfASimulatedExchange(t *testing.T) {
	for _, seed := range []uint64{3, 4} { // the second revokes a denomination
		scenario := simulator.DefaultScenario(seed)
		scenario.Days, scenario.KeySeed, scenario.PromptAggregator = 50, 1, true
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
		b.Config.Auditor.DepositGrace = time.Second
		into := pgtest.NewDatabase(t)
		if err := b.Restore(t.Context(), dbinit.Restoration{Into: into, Now: now}); err != nil {
			t.Fatal(err)
		}
		wantSame(t, want, dumpAll(t, into, "public"))
		if tiny < 20 {
			t.Errorf("seed %d: only %d deposits are tiny, which proves little", seed, tiny)
		}
	}
}
