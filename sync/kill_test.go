package sync

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

// S3, S4: an exchange writes with several transactions at once, which commit in
// another order than they drew their serials, or abort; meanwhile replication is
// killed again and again, or its databases throw it out, at any moment. In the end
// the copy is equal, nothing was copied twice, and no alert was ever raised.
func TestKilledAtAnyMoment(t *testing.T) {
	kills := 25
	if n, err := strconv.Atoi(os.Getenv("SYNC_TEST_KILLS")); err == nil {
		kills = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	source, destination := pgtest.LoadExchange(t, "small-wired"), newDestination(t)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() { keepWriting(ctx, t, source, rand.New(rand.NewPCG(seed, uint64(i+1)))) })
	}
	for range kills {
		killOnce(t, source, destination, random)
	}
	stop()
	writers.Wait()

	o := options(t, source, destination)
	o.Logger = nil
	for _, o.Verify = range []Verify{VerifyRecent, VerifyFull} {
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	rows := wantEqual(t, source, destination)
	if n := number(t, destination, "select sum(rows) from auditor_sync.chunks"); n != rows {
		t.Errorf("there is evidence of %d rows, want %d", n, rows)
	}
	if alerts := texts(t, destination, "select summary from auditor_sync.alerts"); len(alerts) > 0 {
		t.Errorf("alerts %v", alerts)
	}
	t.Logf("%d rows, %d late, %d aborted", rows, number(t, destination, "select count(*) from auditor_sync.late_rows"),
		number(t, destination, "select sum(to_serial - from_serial + 1) from auditor_sync.holes"))
}

// killOnce starts replication as a process and kills it, or one of its sessions.
func killOnce(t *testing.T, source, destination string, random *rand.Rand) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childSource+"="+source, childDestination+"="+destination)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := random.IntN(8); n >= 0 && lines.Scan(); n-- {
	}
	time.Sleep(time.Duration(random.IntN(20_000)) * time.Microsecond)
	if url := []string{"", source, destination}[random.IntN(3)]; url != "" {
		conn := pgtest.Connect(t, url)
		if _, err := conn.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auditor-sync' and datname = current_database()"); err != nil {
			t.Error(err)
		}
		_ = conn.Close(t.Context())
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond) // it goes on by itself
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Errorf("it had ended before: %v: %s", err, complaint.String())
	}
	_ = cmd.Wait()
	if complaint.Len() > 0 {
		t.Errorf("it ended by itself: %s", complaint.String())
	}
}

// keepWriting adds reserves until ctx ends, some of which it takes back.
func keepWriting(ctx context.Context, t *testing.T, url string, random *rand.Rand) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		if ctx.Err() == nil {
			t.Error(err)
		}
		return
	}
	defer conn.Close(context.Background())
	for ctx.Err() == nil {
		tx, err := conn.Begin(ctx)
		if err != nil {
			break
		}
		for range 1 + random.IntN(5) {
			if _, err = tx.Exec(ctx, addReserve, fmt.Sprint(random.Uint64())); err != nil {
				break
			}
			time.Sleep(time.Duration(random.IntN(10_000)) * time.Microsecond)
		}
		if err == nil && random.IntN(4) > 0 {
			_ = tx.Commit(ctx)
			continue
		}
		_ = tx.Rollback(ctx)
	}
}
