package simulator

import (
	"fmt"
	"testing"
)

// BenchmarkWrite measures the whole of a small exchange, keys included.
func BenchmarkWrite(b *testing.B) {
	for _, coins := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("withdrawals=%d", coins), func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				conn := emptyDatabase(b)
				b.StartTimer()
				s := DefaultScenario(1)
				s.Keys = NewKeyPool("")
				s.Reserves, s.WithdrawalsPerReserve = coins/20, 20
				x, err := New(s)
				if err != nil {
					b.Fatal(err)
				}
				if err := x.Write(b.Context(), conn, schema); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(x.Ledger().Tables["reserves_out"].Rows), "withdrawals")
			}
		})
	}
}
