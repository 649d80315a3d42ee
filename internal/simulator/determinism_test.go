package simulator

import (
	"crypto/sha256"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// digests returns the SHA-256 of each table's binary COPY, and of all together.
func digests(t *testing.T, conn *pgx.Conn) map[string][sha256.Size]byte {
	t.Helper()
	all := sha256.New()
	sums := make(map[string][sha256.Size]byte)
	for _, table := range exchange.Layout2021().Tables {
		order := ""
		if table.Serial != "" {
			order = " order by " + table.Serial
		}
		one := sha256.New()
		query := fmt.Sprintf("copy (select * from %s%s) to stdout (format binary)", identifier(schema, table.Name), order)
		if _, err := conn.PgConn().CopyTo(t.Context(), io.MultiWriter(all, one), query); err != nil {
			t.Fatal(err)
		}
		sums[table.Name] = [sha256.Size]byte(one.Sum(nil))
	}
	sums["all"] = [sha256.Size]byte(all.Sum(nil))
	return sums
}

// TestSameSeedSameBytes plays twice, with keys made anew and another number of
// workers, and once with another seed.
func TestSameSeedSameBytes(t *testing.T) {
	play := func(seed uint64, workers int) map[string][sha256.Size]byte {
		s := DefaultScenario(seed)
		s.RSABits = 512
		s.Keys = NewKeyPool("")
		x := newExchange(t, s)
		x.workers = workers
		conn := emptyDatabase(t)
		write(t, x, conn)
		advance(t, x, 20)
		write(t, x, conn)
		return digests(t, conn)
	}
	first, second, other := play(7, 1), play(7, 5), play(8, 2)
	for table, sum := range first {
		if second[table] != sum {
			t.Errorf("table %s differs between two runs of one seed", table)
		}
	}
	for _, table := range tables {
		if other[table.name] == first[table.name] {
			t.Errorf("table %s is the same for two seeds", table.name)
		}
	}
}

// TestKeySeed shares the denominations' keys, and nothing else, between seeds.
func TestKeySeed(t *testing.T) {
	s := smallScenario(1)
	s.KeySeed = 99
	one := newExchange(t, s)
	s.Seed = 2
	other := newExchange(t, s)
	if one.denominations[0].hash != other.denominations[0].hash {
		t.Error("denominations' keys differ though the key seed is the same")
	}
	if one.MasterPublicKey() == other.MasterPublicKey() {
		t.Error("two seeds share a master key")
	}
}

// smallScenario has keys that are made in no time.
func smallScenario(seed uint64) Scenario {
	s := DefaultScenario(seed)
	s.RSABits = 512
	s.KeySeed = 1
	return s
}
