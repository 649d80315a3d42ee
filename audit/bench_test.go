package audit

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// memoryLimit is what a first audit may use at most, in MiB, however many rows
// there are.
const memoryLimit = 300

// BenchmarkAudit measures a first audit of a simulated exchange in a process of its
// own, beside the verification of the same signatures, from memory, on all cores:
// the limit that no audit can beat. AUDIT_BENCH_WITHDRAWALS says how many
// withdrawals there are, about.
func BenchmarkAudit(b *testing.B) {
	withdrawals := 10_000
	if text := os.Getenv("AUDIT_BENCH_WITHDRAWALS"); text != "" {
		var err error
		if withdrawals, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	scenario := simulator.DefaultScenario(1)
	scenario.WithdrawalsPerReserve = 50
	scenario.Reserves = withdrawals / scenario.WithdrawalsPerReserve
	s := simulated(b, scenario)
	s.exec("analyze")
	rows, limit := s.pureVerification()
	for b.Loop() {
		s.run(s.auditor, "delete from auditor.exchanges")
		out, err := s.child().Output()
		if err != nil {
			b.Fatal(err)
		}
		var ms, kib int64
		if _, err := fmt.Sscan(string(out), &ms, &kib); err != nil {
			b.Fatalf("%q: %v", out, err)
		}
		took := time.Duration(ms) * time.Millisecond
		b.ReportMetric(took.Seconds()/limit.Seconds(), "x-verification")
		b.ReportMetric(float64(rows)/took.Seconds(), "withdrawals/s")
		b.ReportMetric(float64(kib)/1024, "MiB")
		if kib/1024 > memoryLimit {
			b.Fatalf("the audit used %d MiB, the limit is %d", kib/1024, memoryLimit)
		}
	}
	b.ReportMetric(float64(rows), "withdrawals")
}

// pureVerification verifies all signatures of withdrawals from memory, on all
// cores, and returns how many withdrawals there are and how long it took.
func (s *stage) pureVerification() (int, time.Duration) {
	s.Helper()
	ctx := context.Background()
	src := exchange.Source{Layout: exchange.Layout2021(), Schema: "public", Currency: s.play.Currency()}
	denominations := map[int64]*taler.RSAPublicKey{}
	hashes := map[int64]taler.Hash{}
	err := exchange.Denominations.All(ctx, s.conn, src, func(d exchange.Denomination) (err error) {
		hashes[d.Serial] = d.PubHash
		denominations[d.Serial], err = taler.ParseRSAPublicKey(d.Pub)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	var rows []exchange.Withdrawal
	err = exchange.Withdrawals.All(ctx, s.conn, src, func(w exchange.Withdrawal) error {
		rows = append(rows, w)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	start := time.Now()
	var workers sync.WaitGroup
	cores := runtime.GOMAXPROCS(0)
	for core := range cores {
		workers.Go(func() {
			for i := core; i < len(rows); i += cores {
				w := &rows[i]
				request := taler.WithdrawRequest{ReservePub: w.Reserve, AmountWithFee: w.AmountWithFee, DenomPubHash: hashes[w.Denomination], EnvelopeHash: w.EnvelopeHash}
				if !taler.Verify(w.Reserve, request, w.ReserveSig) || taler.HashOf(denominations[w.Denomination].Envelope(w.BlindSig)) != w.EnvelopeHash {
					s.Errorf("withdrawal %d does not verify", w.Serial)
				}
			}
		})
	}
	workers.Wait()
	return len(rows), time.Since(start)
}
