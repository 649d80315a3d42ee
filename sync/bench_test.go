package sync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// benchRows is how many rows are copied: SYNC_BENCH_ROWS, which is 1000000 for the
// figures that count, or a number that takes moments.
func benchRows(b *testing.B) int {
	text := os.Getenv("SYNC_BENCH_ROWS")
	if text == "" {
		return 50_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("SYNC_BENCH_ROWS: %v", err)
	}
	return n
}

// manyDeposits fills a source with one coin and many deposits of about 350 bytes.
const manyDeposits = `
	insert into public.denominations select sha512('d'), 'key', sha512('s'), 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1;
	insert into public.known_coins values (1, sha256('c'), 'signature', 1);
	insert into public.deposits (deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
		wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
	select i, i, 0, i, i, i, i, sha256(i::text::bytea), sha512(i::text::bytea), sha512('w'), sha512('s'), '{"payto_uri":"payto://x-taler-bank/localhost/42","salt":"x"}', 1
	from generate_series(1, %d) as i;
	analyze`

// BenchmarkRun copies deposits, with all checks, hashes and Merkle trees, compares
// all of them again, and makes passes that find nothing. The metrics:
//
//	x-pipe     time of copying / time of piping one COPY into the other; at most 1.5
//	x-verify   time of a full comparison / time of copying; at most 1
//	ms-idle    of a pass that finds nothing, comparison of the newest rows included; below 50
//	MiB        memory at its peak, that of the test itself included; below 200
func BenchmarkRun(b *testing.B) {
	rows := benchRows(b)
	source := newDestination(b)
	execute(b, source, fmt.Sprintf(manyDeposits, rows))
	var copying, piping, comparing, idling time.Duration
	for b.Loop() {
		destination, piped := newDestination(b), newDestination(b)
		o := options(b, source, destination)
		o.Logger = nil
		run := func() time.Duration {
			began := time.Now()
			if _, err := Run(b.Context(), o); err != nil {
				b.Fatal(err)
			}
			return time.Since(began)
		}
		copying += run()
		o.Verify = VerifyFull
		comparing += run()
		o.Verify = VerifyRecent
		idling += idle(b, o)
		began := time.Now()
		pipe(b, source, piped)
		piping += time.Since(began)
	}
	b.ReportMetric(float64(copying)/float64(piping), "x-pipe")
	b.ReportMetric(float64(comparing)/float64(copying), "x-verify")
	b.ReportMetric(float64(rows)*float64(b.N)/copying.Seconds(), "rows/s")
	b.ReportMetric(idling.Seconds()*1000/float64(b.N), "ms-idle")
	b.ReportMetric(peak(b), "MiB")
	b.ReportMetric(0, "ns/op")
}

// idle returns how long a pass takes that finds nothing.
func idle(b *testing.B, o Options) time.Duration {
	const passes = 20
	o.TerminateWhenSynchronized = false
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var began time.Time
	var took time.Duration
	n := 0
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		if n++; n > 1 {
			took += time.Since(began)
		}
		if n > passes {
			cancel()
		}
		began = time.Now()
		return ctx.Err()
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		b.Fatal(err)
	}
	return took / passes
}

// peak returns the most memory that this process ever occupied, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("memory is only known on Linux")
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			_, _ = fmt.Sscanf(line, "VmHWM: %g kB", &kib)
		}
	}
	return kib / 1024
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
