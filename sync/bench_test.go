package sync

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgcluster"
	"auditor/internal/pgtest"
)

// benchRows is about how many rows are copied: SYNC_BENCH_ROWS, or a million.
func benchRows(b *testing.B) int {
	text := os.Getenv("SYNC_BENCH_ROWS")
	if text == "" {
		return 1_000_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		b.Fatalf("SYNC_BENCH_ROWS=%s: say a number of rows, at least 1000", text)
	}
	return n
}

// BenchmarkReplication copies an exchange of a million rows from one server into
// another, with all checks, hashes and Merkle trees, beside two psql that pipe each
// table from the one into the other, under the same constraints; then it compares
// all rows again, and makes passes that find nothing. What is timed alternates, so
// that the ratios hold on a busy machine. The metrics:
//
//	x-pipe     time of copying / time of the pipe; at most 1.5
//	x-verify   time of a full comparison / time of copying; at most 1
//	ms-idle    of a pass that finds nothing, comparison of the newest rows included; below 50
//	MiB        memory at its peak, that of the test itself included; below 200
func BenchmarkReplication(b *testing.B) {
	bindir := pgtest.Cluster(b).Bindir()
	source := manyRows(b, benchRows(b)/1000)
	rows := replicatedRows(b, source)
	forgetPeak()
	var copying, piping, comparing, idling time.Duration
	rounds := 0
	for b.Loop() {
		destination, piped := newDestination(b), newDestination(b)
		o := options(b, source, destination)
		o.Logger = nil
		steps := []func(){
			func() { piping += stopwatch(func() { pipe(b, bindir, source, piped) }) },
			func() { copying += stopwatch(func() { replicate(b, o) }) },
		}
		first := rounds % 2
		steps[first]()
		steps[1-first]()
		if n := replicatedRows(b, destination); n != rows || replicatedRows(b, piped) != rows {
			b.Fatalf("%d rows were copied, want %d", n, rows)
		}
		o.Verify = VerifyFull
		comparing += stopwatch(func() { replicate(b, o) })
		o.Verify = VerifyRecent
		idling += idle(b, o)
		rounds++
	}
	b.ReportMetric(float64(copying)/float64(piping), "x-pipe")
	b.ReportMetric(float64(comparing)/float64(copying), "x-verify")
	b.ReportMetric(float64(rows)*float64(rounds)/copying.Seconds(), "rows/s")
	b.ReportMetric(idling.Seconds()*1000/float64(rounds), "ms-idle")
	b.ReportMetric(peak(b), "MiB")
	b.ReportMetric(0, "ns/op")
}

func stopwatch(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

func replicate(b *testing.B, o Options) {
	b.Helper()
	if _, err := Run(b.Context(), o); err != nil {
		b.Fatal(err)
	}
}

// manyRows returns the URL of an exchange with about so many thousand rows, in a
// server of its own.
func manyRows(b *testing.B, thousands int) string {
	b.Helper()
	cluster, err := pgcluster.Start(b.Context(), pgcluster.Options{Settings: map[string]string{"autovacuum": "off"}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := cluster.Stop(); err != nil {
			b.Error(err)
		}
	})
	if err := cluster.CreateDatabase(b.Context(), "exchange"); err != nil {
		b.Fatal(err)
	}
	url := cluster.URL("exchange")
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	err = createTables(b.Context(), conn, migrate.Exchange("public"))
	if err := errors.Join(err, conn.Close(b.Context())); err != nil {
		b.Fatal(err)
	}
	script, err := os.ReadFile(filepath.Join("testdata", "many-rows.sql"))
	if err != nil {
		b.Fatal(err)
	}
	execute(b, url, strings.ReplaceAll(string(script), ":n", strconv.Itoa(thousands)))
	execute(b, url, "vacuum analyze")
	return url
}

// replicatedRows counts the rows of all replicated tables.
func replicatedRows(b *testing.B, url string) (rows int64) {
	b.Helper()
	for _, table := range exchange.Layout2021().Replicated() {
		rows += number(b, url, "select count(*) from public."+table.Name)
	}
	return rows
}

// pipe copies whole tables by two psql with nothing between them.
func pipe(b *testing.B, bindir, source, destination string) {
	b.Helper()
	for _, table := range exchange.Layout2021().Replicated() {
		sh := newShape(table, 1<<20)
		script := `"$0" -X -q -v ON_ERROR_STOP=1 -d "$1" -c "$3" | "$0" -X -q -v ON_ERROR_STOP=1 -d "$2" -c "$4"`
		cmd := exec.CommandContext(b.Context(), "/bin/sh", "-ec", script, filepath.Join(bindir, "psql"), source, destination,
			fmt.Sprintf("copy %s (%s) to stdout (format binary)", sh.relation("public"), sh.names),
			fmt.Sprintf("copy %s (%s) from stdin (format binary)", sh.relation("public"), sh.names))
		if output, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%s: %v\n%s", table.Name, err, output)
		}
	}
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

// forgetPeak has the system forget how much memory this process occupied so far,
// where it can.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peak returns the most memory that this process occupied since, in MiB.
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
