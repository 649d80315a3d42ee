package audit

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"auditor/internal/simulator"
)

// memoryLimit is what a first audit may use at most, in MiB, however many rows
// there are.
const memoryLimit = 400

// coinsPerReserve is how many coins come of a reserve with 50 withdrawals, about:
// fresh ones are more than half of all.
const coinsPerReserve = 118

// benchExchange is an exchange with about as many coins as AUDIT_BENCH_COINS says, and
// all that happens to coins. Its keys are of the usual size.
func benchExchange(b *testing.B) *stage {
	coins := 5_000
	if text := os.Getenv("AUDIT_BENCH_COINS"); text != "" {
		var err error
		if coins, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	scenario := simulator.DefaultScenario(2)
	scenario.RSABits = 2048
	scenario.WithdrawalsPerReserve = 50
	scenario.Reserves = max(1, coins/coinsPerReserve)
	s := simulated(b, scenario)
	s.exec("vacuum analyze")
	return s
}

// BenchmarkAudit measures a first audit of a simulated exchange in a process of its
// own, beside the verification of the same signatures, from memory, on all cores:
// the limit that no audit can beat. That is measured right before and right after, so
// that what else the machine does weighs on both; the ratio is that of all rounds.
func BenchmarkAudit(b *testing.B) {
	s := benchExchange(b)
	signatures := s.signatures()
	tables := s.play.Ledger().Tables
	var audits, limits time.Duration
	for b.Loop() {
		before := signatures.verify(b)
		s.run(s.auditor, "delete from auditor.exchanges")
		s.run(s.auditor, "vacuum analyze")
		s.confirmPlayed(s.play)
		m := s.measure()
		limit := (before + signatures.verify(b)) / 2
		b.Logf("an audit took %v, verification %v", m.Took, limit)
		audits, limits = audits+m.Took, limits+limit
		b.ReportMetric(audits.Seconds()/limits.Seconds(), "x-verification")
		b.ReportMetric(float64(m.Rows)/m.Took.Seconds(), "rows/s")
		b.ReportMetric(m.MiB, "MiB")
		if m.MiB > memoryLimit {
			b.Fatalf("the audit used %.0f MiB, the limit is %d", m.MiB, memoryLimit)
		}
	}
	b.ReportMetric(float64(tables["reserves_out"].Rows+tables["refresh_revealed_coins"].Rows), "coins")
	b.ReportMetric(float64(signatures.count()), "signatures")
}

// BenchmarkIncrement measures what an audit costs on top of one of everything: of the
// operations of one more day, and of none. The metrics are those of the dearest area,
// signatures included.
func BenchmarkIncrement(b *testing.B) {
	s := benchExchange(b)
	s.measure()
	for b.Loop() {
		if err := s.play.Advance(1); err != nil {
			b.Fatal(err)
		}
		s.opt.AsOf = s.play.Clock()
		if err := s.play.Write(context.Background(), s.conn, "public"); err != nil {
			b.Fatal(err)
		}
		for _, what := range []string{"day", "nothing"} {
			m := s.measure()
			b.ReportMetric(float64(m.Rows), "rows/"+what)
			b.ReportMetric(m.Took.Seconds(), "s/"+what)
			b.ReportMetric(slices.MaxFunc(m.Areas, func(a, b areaTook) int { return int(a.Took - b.Took) }).Took.Seconds(), "s/area/"+what)
			for _, a := range m.Areas {
				b.Logf("%s: %s took %v", what, a.Area, a.Took.Round(time.Millisecond))
			}
		}
	}
}

// measure audits in a process of its own.
func (s *bench) measure() measurement {
	s.Helper()
	out, err := s.child().Output()
	if err != nil {
		s.Fatal(err)
	}
	m, err := readMeasurement(out)
	if err != nil {
		s.Fatal(fmt.Errorf("%q: %w", out, err))
	}
	return m
}
