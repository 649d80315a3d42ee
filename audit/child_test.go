package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"time"

	"auditor/internal/bank"
	"auditor/internal/config"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
)

// Some tests need an audit in a process of its own, to kill it or to measure its
// memory. The test binary then runs itself.

const childVariable = "AUDIT_CHILD"

// childTask is what the process is told to audit.
type childTask struct {
	Exchange, Auditor string
	Policy            Policy
	AsOf              time.Time
	Banks             []config.Account
}

func isChild() bool { return os.Getenv(childVariable) != "" }

// measurement is what a process that audited tells of it.
type measurement struct {
	Took  time.Duration
	Rows  int64   // that were judged, by however many areas
	MiB   float64 // the most memory that the process ever had
	Areas []areaTook

	Findings int
}

// areaTook is how long an area took.
type areaTook struct {
	Area string
	Took time.Duration
}

func readMeasurement(out []byte) (m measurement, err error) { return m, json.Unmarshal(out, &m) }

// areaTimes is a log that only notes how long areas took.
type areaTimes struct {
	slog.Handler
	areas *[]areaTook
}

func (areaTimes) Enabled(context.Context, slog.Level) bool { return true }

func (h areaTimes) Handle(_ context.Context, r slog.Record) error {
	var a areaTook
	r.Attrs(func(attr slog.Attr) bool {
		switch attr.Key {
		case "area":
			a.Area = attr.Value.String()
		case "took":
			a.Took = attr.Value.Duration()
		}
		return true
	})
	if a.Took > 0 {
		*h.areas = append(*h.areas, a)
	}
	return nil
}

// beChild audits and prints its measurement.
func beChild() int {
	var task childTask
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	CollectRarely()
	var m measurement
	start := time.Now()
	banks, err := bank.Open(task.Banks, task.Policy.Currency, os.Getenv, bank.Surroundings{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	rep, err := Run(context.Background(), Options{
		Exchange: connectTo(task.Exchange, pg.ReadOnly()), Auditor: connectTo(task.Auditor), Schema: "public",
		Policy: task.Policy, Banks: banks, AsOf: task.AsOf, Clock: time.Now, Logger: slog.New(areaTimes{slog.DiscardHandler, &m.Areas}),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	m.Took = time.Since(start)
	m.Findings = len(rep.Findings)
	for _, p := range rep.Population {
		m.Rows += p.Rows
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for line := range strings.Lines(string(status)) {
		var kib float64
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			m.MiB = kib / 1024
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// child is the audit of the bench in a process of its own, not started yet.
func (b *bench) child() *exec.Cmd {
	b.Helper()
	task, err := json.Marshal(childTask{b.exchange, b.auditor, b.opt.Policy, b.opt.AsOf, b.banks})
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+string(task))
	cmd.Stderr = os.Stderr
	return cmd
}

// untilBegun waits until the child holds the lock of the exchange, and returns how
// long an audit may take from its start.
func (b *bench) untilBegun(start time.Time) time.Duration {
	b.Helper()
	b.await("select count(*) > 0 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())")
	return 3 * time.Since(start)
}

// untilFree waits until no audit is going on: a server takes a moment to notice
// that its client is gone.
func (b *bench) untilFree() {
	b.Helper()
	b.await("select count(*) = 0 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())")
}

func (b *bench) await(condition string) {
	b.Helper()
	conn := pgtest.Connect(b, b.auditor)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		var met bool
		if err := conn.QueryRow(context.Background(), condition).Scan(&met); err != nil {
			b.Fatal(err)
		}
		if met {
			return
		}
	}
	b.Fatalf("in vain waited for: %s", condition)
}
