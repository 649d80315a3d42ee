package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/config"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/taler"
)

// transfers is how long the history of BenchmarkBank is.
const transfers = 100_000

// BenchmarkBank measures an audit, in a process of its own, of an exchange with 100,000
// credits whose bank tells of them over HTTP, beside reading the same history alone: the
// limit that no audit can beat. The metrics:
//
//	x-history  time of the audit / time of reading the history
//	MiB        memory of the audit at its peak; below 400
func BenchmarkBank(b *testing.B) {
	const payto = "payto://iban/DE75512108001245126199?receiver-name=Exchange"
	const currency = taler.Currency("EUR")
	account := fakebank.Account{Name: "exchange-account-1", PaytoURI: payto}
	begin := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range transfers {
		account.Incoming = append(account.Incoming, bank.Record{
			Row: int64(i + 1), Direction: bank.Incoming, Kind: bank.ToReserve, Date: taler.TimestampOf(begin.Add(time.Duration(i) * time.Second)),
			Amount: taler.Amount{Currency: currency, Value: 10}, Fee: taler.Zero(currency),
			DebitAccount: "payto://iban/DE02120300000000202051?receiver-name=Customer", CreditAccount: payto, ReservePub: numberedReserve(i + 1),
		})
	}
	served := fakebank.New(fakebank.Later, account)
	url, stop, err := served.Start()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	settings := []config.Account{{Name: account.Name, PaytoURI: payto, WireGatewayURL: url + served.Path(account.Name), EnableCredit: true}}

	s := newBench(b, migratetest.NewDatabase(b, migrate.Exchange("public")), Policy{
		Currency: currency, BaseURL: "https://exchange.example/", RoundUnit: taler.Amount{Currency: currency, Fraction: 1_000_000},
		TinyAmount: taler.Amount{Currency: currency, Fraction: 1_000_000}, IdleReserveExpiration: 4 * 7 * 24 * time.Hour,
		ExecutionTolerance: 15 * time.Minute, TransferGrace: time.Hour,
	}, begin.Add(transfers*time.Second+time.Hour))
	s.run(s.exchange, `insert into public.reserves (reserve_uuid, reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		select n, sha256(int8send(n)), 'payto://iban/DE02120300000000202051?receiver-name=Customer', 10, 0, 1700000000000000, 1900000000000000
		from generate_series(1, $1::bigint) as n`, transfers)
	s.run(s.exchange, `insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
		select n, 10, 0, 'payto://iban/DE02120300000000202051?receiver-name=Customer', 'exchange-account-1', $2 + (n - 1) * 1000000, n
		from generate_series(1, $1::bigint) as n`, transfers, begin.UnixMicro())
	s.run(s.exchange, "vacuum analyze")
	s.banks = settings

	for b.Loop() {
		s.run(s.auditor, "delete from auditor.exchanges")
		s.run(s.auditor, "vacuum analyze")
		accounts, err := bank.Open(settings, currency, func(string) string { return "" }, bank.Surroundings{})
		if err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		read := 0
		for _, err := range accounts[0].Incoming.Records(context.Background(), 0) {
			if err != nil {
				b.Fatal(err)
			}
			read++
		}
		alone := time.Since(start)
		m := s.measure()
		if read != transfers || m.Rows < 2*transfers || m.Findings != 0 {
			b.Fatalf("%d transfers were read, %d rows judged with %d findings; want %d, at least %d, none", read, m.Rows, m.Findings, transfers, 2*transfers)
		}
		b.ReportMetric(m.Took.Seconds(), "s")
		b.ReportMetric(m.Took.Seconds()/alone.Seconds(), "x-history")
		b.ReportMetric(m.MiB, "MiB")
		if m.MiB > memoryLimit {
			b.Fatalf("the audit used %.0f MiB, the limit is %d", m.MiB, memoryLimit)
		}
	}
	b.ReportMetric(0, "ns/op")
}

// numberedReserve is the key of a reserve, which the database makes the same way.
func numberedReserve(n int) taler.EddsaPublicKey {
	return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
}
