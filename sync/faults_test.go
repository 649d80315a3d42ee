//go:build linux

package sync

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// S3, S4: an exchange does business with several transactions at once, which commit
// in another order than they drew their serials, or abort; meanwhile replication is
// killed again and again, its databases throw it out, either server stops, crashes
// and comes back, and connections break at any message. In the end the copy is
// equal, nothing was copied twice, and no alert was ever raised.
func TestFaults(t *testing.T) {
	t.Parallel()
	faults := fullFaults()
	if faults == 0 {
		faults = 8
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SYNC_TEST_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	h := &harness{random: rand.New(rand.NewPCG(seed, 0)), source: newMortal(t, "source"), destination: newMortal(t, "destination")}
	h.furnish(t)

	ctx, stop := context.WithCancel(t.Context())
	var traders sync.WaitGroup
	defer traders.Wait()
	defer stop()
	for i := range 4 {
		traders.Go(func() { keepTrading(ctx, t, h.source.url, rand.New(rand.NewPCG(seed, uint64(i+1)))) })
	}
	done := map[string]int{}
	for range faults {
		done[h.fault(t)]++
		if t.Failed() {
			break
		}
	}
	h.kill(t)
	stop()
	traders.Wait()
	t.Logf("faults %v", done)
	wantUnharmed(t, h.source.url, h.destination.url)
	t.Logf("%d rows were late, %d serials were aborted", number(t, h.destination.url, "select count(*) from auditor_sync.late_rows"),
		number(t, h.destination.url, "select coalesce(sum(to_serial - from_serial + 1), 0)::bigint from auditor_sync.holes"))
}

// A harness injects faults into a replication between two servers.
type harness struct {
	random              *rand.Rand
	source, destination *mortal
	program             *exec.Cmd     // nil = it does not run
	copied              chan struct{} // a value for each batch
	complaint           bytes.Buffer
}

// furnish creates both databases, with some days of business in the source.
func (h *harness) furnish(t *testing.T) {
	t.Helper()
	if err := createTables(t.Context(), pgtest.Connect(t, h.source.url), migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	write(t, newPlay(t), h.source.url)
	if err := createTables(t.Context(), pgtest.Connect(t, h.destination.url), migrate.Exchange("public"), migrate.Replica("public")); err != nil {
		t.Fatal(err)
	}
}

// fault waits until rows are copied, injects a fault, and says which.
func (h *harness) fault(t *testing.T) (kind string) {
	t.Helper()
	if h.program == nil {
		h.start(t)
	}
	for range 1 + h.random.IntN(8) {
		h.awaitBatch(t)
	}
	h.pause(20)
	server, name := h.source, "source"
	if h.random.IntN(2) == 0 {
		server, name = h.destination, "destination"
	}
	switch h.random.IntN(4) {
	case 0:
		h.kill(t)
		return "program killed"
	case 1:
		execute(t, server.url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auditor-sync'")
		return "thrown out by the " + name
	case 2:
		server.stop(t, syscall.SIGINT)
		h.pause(300)
		server.start(t)
		return name + " stopped"
	default:
		server.stop(t, syscall.SIGQUIT)
		h.pause(300)
		server.start(t)
		return name + " crashed"
	}
}

func (h *harness) pause(most int) {
	time.Sleep(time.Duration(h.random.IntN(1000*most)) * time.Microsecond)
}

// start starts the program, in every other case with connections that break.
func (h *harness) start(t *testing.T) {
	t.Helper()
	h.complaint.Reset()
	h.program = exec.CommandContext(t.Context(), os.Args[0])
	h.program.Env = append(os.Environ(), childSource+"="+h.source.url, childDestination+"="+h.destination.url)
	if h.random.IntN(2) == 0 {
		h.program.Env = append(h.program.Env, fmt.Sprintf("%s=%d", childCuts, h.random.Uint64()))
	}
	h.program.Stderr = &h.complaint
	out, err := h.program.StdoutPipe()
	if err == nil {
		err = h.program.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	copied := make(chan struct{})
	h.copied = copied
	go func() {
		defer close(copied)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			select {
			case copied <- struct{}{}:
			default: // nobody waits
			}
		}
	}()
}

// awaitBatch waits for the next batch that the program copies.
func (h *harness) awaitBatch(t *testing.T) {
	t.Helper()
	select {
	case _, ok := <-h.copied:
		if !ok {
			_ = h.program.Wait()
			t.Fatalf("it ended by itself: %s", h.complaint.String())
		}
	case <-time.After(time.Minute):
		t.Fatalf("nothing was copied for a minute")
	}
}

// kill kills the program, if it runs, and checks that it had not ended by itself.
func (h *harness) kill(t *testing.T) {
	t.Helper()
	if h.program == nil {
		return
	}
	if err := h.program.Process.Kill(); err != nil {
		t.Errorf("it had ended before: %v", err)
	}
	for range h.copied { // until it has closed its output
	}
	_ = h.program.Wait()
	if h.complaint.Len() > 0 {
		t.Errorf("it ended by itself: %s", h.complaint.String())
	}
	h.program = nil
}

// A mortal is a server that can be stopped and started again.
type mortal struct {
	home, bindir, folder string
	url                  string
	process              *exec.Cmd
}

// newMortal starts a server whose commits are written before they are seen, as those
// of an exchange are.
func newMortal(t *testing.T, name string) *mortal {
	t.Helper()
	cluster := pgtest.Cluster(t)
	home := filepath.Dir(texts(t, cluster.URL("postgres"), "show data_directory")[0])
	m := &mortal{home: home, bindir: cluster.Bindir(), folder: filepath.Join(home, fmt.Sprintf("%s-%d", name, time.Now().UnixNano()))}
	m.url = "postgres://postgres@/postgres?host=" + m.folder
	run(t, m.home, m.bindir, "initdb", "--pgdata="+m.folder, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions")
	t.Cleanup(func() {
		if m.process != nil {
			m.stop(t, syscall.SIGQUIT)
		}
	})
	m.start(t)
	return m
}

func (m *mortal) start(t *testing.T) {
	t.Helper()
	m.process = as(t, m.home, m.bindir, "postgres", "-D", m.folder, "-c", "listen_addresses=", "-c", "unix_socket_directories="+m.folder,
		"-c", "fsync=off", "-c", "autovacuum=off", "-c", "shared_buffers=32MB")
	if err := m.process.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if as(t, m.home, m.bindir, "pg_isready", "-q", "-d", m.url).Run() == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the server does not answer")
		}
	}
}

// stop ends the server: with SIGINT in order, with SIGQUIT as a crash would.
func (m *mortal) stop(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := m.process.Process.Signal(signal); err != nil {
		t.Error(err)
	}
	_ = m.process.Wait() // a crash has a status of its own
	m.process = nil
}
