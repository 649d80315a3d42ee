package bank_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
)

// large is a history of 100,000 transfers, as a gateway tells it and saved to files of both forms.
func large(t testing.TB) map[string]bank.History {
	t.Helper()
	const size = 100_000
	account := fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(size)}
	b := fakebank.New(fakebank.Early, account)
	folder := t.TempDir()
	answer, err := json.Marshal(map[string]any{"incoming_transactions": []any{}})
	if err != nil {
		t.Fatal(err)
	}
	var records strings.Builder
	for i, r := range account.Incoming {
		if i > 0 {
			records.WriteByte(',')
		}
		element, err := json.Marshal(map[string]any{"row_id": r.Row, "date": map[string]uint64{"t_ms": uint64(r.Date / 1000)}, "amount": r.Amount,
			"debit_account": r.DebitAccount, "credit_account": r.CreditAccount, "reserve_pub": r.ReservePub})
		if err != nil {
			t.Fatal(err)
		}
		records.Write(element)
	}
	var camt strings.Builder
	if err := fakebank.WriteCamt(&camt, account, euro, fakebank.CamtForm{Version: 2}); err != nil {
		t.Fatal(err)
	}
	histories := map[string]bank.History{"gateway": bank.NewGateway(bank.GatewayAccount{URL: serve(t, b, "exchange"), Direction: bank.Incoming, Currency: euro}, bank.Surroundings{})}
	for name, text := range map[string]string{"json": strings.Replace(string(answer), "[]", "["+records.String()+"]", 1), "camt": camt.String()} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if histories[name], err = bank.OpenFiles(bank.FilesAccount{Files: []string{file}, Direction: bank.Incoming, Currency: euro, PaytoURI: ours}); err != nil {
			t.Fatal(err)
		}
	}
	return histories
}

// TestMemoryIsBounded reads 100,000 transfers from each source and looks at the memory meanwhile.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("measures memory, of which the race detector takes most")
	}
	for name, h := range large(t) {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		before, most, n := stats.HeapAlloc, uint64(0), 0
		for _, err := range h.Records(context.Background(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n%50_000 == 40_000 {
				runtime.GC()
				runtime.ReadMemStats(&stats)
				most = max(most, stats.HeapAlloc)
			}
		}
		if n != 100_000 || most > before+8<<20 {
			t.Errorf("%s: %d transfers, %d KiB of memory before, %d at most", name, n, before>>10, most>>10)
		}
	}
}

// BenchmarkRecords reads 100,000 transfers from each source.
func BenchmarkRecords(b *testing.B) {
	for name, h := range large(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				for _, err := range h.Records(context.Background(), 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
