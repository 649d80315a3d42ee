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
}

func isChild() bool { return os.Getenv(childVariable) != "" }

// beChild audits and prints how long it took, in milliseconds, and the most memory,
// in KiB, that the process ever had.
func beChild() int {
	var task childTask
	if err := json.Unmarshal([]byte(os.Getenv(childVariable)), &task); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	start := time.Now()
	_, err := Run(context.Background(), Options{
		Exchange: connectTo(task.Exchange, pg.ReadOnly()), Auditor: connectTo(task.Auditor), Schema: "public",
		Policy: task.Policy, AsOf: task.AsOf, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	took := time.Since(start)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			fmt.Println(took.Milliseconds(), kib)
		}
	}
	return 0
}

// child is the audit of the bench in a process of its own, not started yet.
func (b *bench) child() *exec.Cmd {
	b.Helper()
	task, err := json.Marshal(childTask{b.exchange, b.auditor, b.opt.Policy, b.opt.AsOf})
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
