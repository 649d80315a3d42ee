package sync

import (
	"fmt"
	"io"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

const benchRows = 100_000

// manyDeposits fills a source with one coin and many deposits of about 350 bytes.
const manyDeposits = `
	insert into public.denominations select sha512('d'), 'key', sha512('s'), 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1;
	insert into public.known_coins values (1, sha256('c'), 'signature', 1);
	insert into public.deposits (deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
		wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
	select i, i, 0, i, i, i, i, sha256(i::text::bytea), sha512(i::text::bytea), sha512('w'), sha512('s'), '{"payto_uri":"payto://x-taler-bank/localhost/42","salt":"x"}', 1
	from generate_series(1, %d) as i;
	analyze`

// BenchmarkRun copies deposits, checks included, and compares with piping one COPY
// straight into the other. The ratio of the times is the metric "x-pipe"; the
// target is at most 1.5.
func BenchmarkRun(b *testing.B) {
	source := newDestination(b)
	execute(b, source, fmt.Sprintf(manyDeposits, benchRows))
	var ours, pipes time.Duration
	for b.Loop() {
		b.StopTimer()
		destination, piped := newDestination(b), newDestination(b)
		o := options(b, source, destination)
		o.Logger = nil
		b.StartTimer()
		began := time.Now()
		if _, err := Run(b.Context(), o); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(began)
		b.StopTimer()
		began = time.Now()
		pipe(b, source, piped)
		pipes += time.Since(began)
		b.StartTimer()
	}
	b.ReportMetric(float64(ours)/float64(pipes), "x-pipe")
	b.ReportMetric(float64(benchRows)*float64(b.N)/ours.Seconds(), "rows/s")
}

// pipe copies whole tables with nothing between the two COPY.
func pipe(b *testing.B, source, destination string) {
	from, to := pgtest.Connect(b, source), pgtest.Connect(b, destination)
	for _, name := range []string{"denominations", "known_coins", "deposits"} {
		sh := newShape(exchange.Layout2021().Table(name), 1<<20)
		reader, writer := io.Pipe()
		go func() {
			_, err := from.PgConn().CopyTo(b.Context(), writer, fmt.Sprintf("copy %s (%s) to stdout (format binary)", sh.relation("public"), sh.names))
			writer.CloseWithError(err)
		}()
		if _, err := to.PgConn().CopyFrom(b.Context(), reader, fmt.Sprintf("copy %s (%s) from stdin (format binary)", sh.relation("public"), sh.names)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParser measures the parser alone.
func BenchmarkParser(b *testing.B) {
	row := tuple(narrowRow(1))
	p := newParser(newShape(narrow(), narrowMax), 0, 1<<62, 1<<62, func(Row) {})
	_, _ = p.Write([]byte(copyHeader))
	b.SetBytes(int64(len(row)))
	serial := int64(0)
	for b.Loop() {
		serial++
		copy(row[6:14], int8bytes(serial))
		_, _ = p.Write(row)
	}
	if p.violation != nil {
		b.Fatal(p.violation)
	}
}
