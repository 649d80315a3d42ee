package pgcluster

// These tests kill processes that own clusters, as nothing and nobody can clean up after that but the kernel and
// the next start.

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processesIn returns the processes whose working directory is in dir.
func processesIn(t *testing.T, dir string) (pids []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && strings.HasPrefix(target, dir+"/") {
			pids = append(pids, filepath.Base(filepath.Dir(link)))
		}
	}
	return pids
}

func waitUntilNoneIn(t *testing.T, dir string) {
	t.Helper()
	begin := time.Now()
	for {
		pids := processesIn(t, dir)
		if len(pids) == 0 {
			return
		}
		if time.Since(begin) > 30*time.Second {
			t.Fatalf("processes %v outlive the owner of their cluster", pids)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// tempDir is a folder that the server's user can enter too, with a short name.
func tempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "pgc-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func helperCommand(t *testing.T, tmp string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), helperVariable+"=1", "TMPDIR="+tmp)
	cmd.Stderr = t.Output()
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestKilledOwner(t *testing.T) {
	start(t, t.Context(), Options{}) // skips where there is no PostgreSQL
	tmp := tempDir(t)
	cmd := helperCommand(t, tmp)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	dir := strings.TrimSpace(line)
	if err != nil || filepath.Dir(dir) != tmp {
		t.Fatalf("the helper said %q, %v", line, err)
	}
	if len(processesIn(t, dir)) < 2 {
		t.Fatal("the search for processes does not see a living server")
	}

	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	waitUntilNoneIn(t, dir)

	if isGone(dir) {
		t.Fatal("nobody can have removed the folder yet")
	}
	t.Setenv("TMPDIR", tmp)
	next := start(t, t.Context(), Options{})
	if filepath.Dir(next.home.dir) != tmp {
		t.Errorf("the next cluster lives in %s, want it in %s", next.home.dir, tmp)
	}
	if !isGone(dir) {
		t.Error("the folder of the killed owner is still there")
	}
}

// TestOwnerKilledDuringTheStart kills owners while initdb runs, while the server starts, and in between.
func TestOwnerKilledDuringTheStart(t *testing.T) {
	start(t, t.Context(), Options{}) // skips where there is no PostgreSQL
	tmp := tempDir(t)
	for _, after := range []time.Duration{50, 150, 400, 700, 1000} {
		cmd := helperCommand(t, tmp)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
	}
	waitUntilNoneIn(t, tmp)

	var segments []int
	dirs, err := filepath.Glob(filepath.Join(tmp, homePrefix+"*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		if _, id, ok := sharedMemory(filepath.Join(dir, "data")); ok {
			segments = append(segments, id)
		}
	}
	t.Setenv("TMPDIR", tmp)
	start(t, t.Context(), Options{})
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, ownerFile)); err == nil {
			t.Errorf("the folder %s of a killed owner is still there", dir)
		}
	}
	for _, id := range segments {
		if segmentExists(id) {
			t.Errorf("shared memory segment %d of a killed owner's server is still there", id)
		}
	}
}

func TestCrashedServerLeavesNoSharedMemory(t *testing.T) {
	c := start(t, t.Context(), Options{})
	_, id, ok := sharedMemory(c.home.data())
	if !ok || !segmentExists(id) {
		t.Fatal("the server's shared memory is not found")
	}
	if err := c.server.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.server.exited
	_ = c.Stop() // says that the server had crashed
	if segmentExists(id) {
		t.Error("the server's shared memory is still there")
	}
}

func segmentExists(id int) bool {
	_, err := unix.SysvShmCtl(id, unix.IPC_STAT, new(unix.SysvShmDesc))
	return err == nil
}
