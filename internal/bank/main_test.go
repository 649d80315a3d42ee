package bank_test

import (
	"context"
	"errors"
	"io"
	"log"
	"testing"
	"time"

	"go.uber.org/goleak"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/taler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	ours     = "payto://iban/DE75512108001245126199?receiver-name=Exchange"
	stranger = "payto://iban/DE02120300000000202051"
	euro     = taler.Currency("EUR")
)

// serve starts a bank and returns the URL of an account.
func serve(t testing.TB, b *fakebank.Bank, account string) string {
	t.Helper()
	url, stop, err := b.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url + b.Path(account)
}

// collect reads a history to its end.
func collect(t testing.TB, h bank.History, after int64) []bank.Record {
	t.Helper()
	records, err := read(h, after)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func read(h bank.History, after int64) (records []bank.Record, err error) {
	for r, e := range h.Records(context.Background(), after) {
		if e != nil {
			if err != nil || r != (bank.Record{}) {
				return records, errors.New("an error is not alone, or not the last")
			}
			err = e
			continue
		}
		records = append(records, r)
	}
	return records, err
}

// patient are surroundings in which waiting takes no time; waits counts it.
func patient(waits *[]time.Duration) bank.Surroundings {
	return bank.Surroundings{
		Sleep: func(ctx context.Context, d time.Duration) error {
			if waits != nil {
				*waits = append(*waits, d)
			}
			return ctx.Err()
		},
		Random:  func() float64 { return 0.5 },
		Clock:   func() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) },
		Timeout: 2 * time.Second,
	}
}

// credits makes a plain history.
func credits(n int) []bank.Record {
	records := make([]bank.Record, n)
	for i := range records {
		records[i] = bank.Record{
			Row: int64(2*i + 1), Direction: bank.Incoming, Kind: bank.ToReserve, Date: taler.Timestamp(1_612_440_000+i) * 1_000_000,
			Amount: taler.Amount{Currency: euro, Value: uint64(i + 1)}, Fee: taler.Zero(euro),
			DebitAccount: stranger, CreditAccount: ours, ReservePub: taler.EddsaPublicKey{1, byte(i), byte(i >> 8)},
		}
	}
	return records
}

// debits makes a plain history.
func debits(n int) []bank.Record {
	records := credits(n)
	for i := range records {
		r := &records[i]
		r.Row, r.Direction, r.Kind = r.Row+1, bank.Outgoing, bank.Transfer
		r.DebitAccount, r.CreditAccount = ours, stranger
		r.WTID, r.ReservePub, r.URL = taler.WTID(r.ReservePub), taler.EddsaPublicKey{}, "https://exchange.example/"
	}
	return records
}

func discard() *log.Logger { return log.New(io.Discard, "", 0) }
