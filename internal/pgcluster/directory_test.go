package pgcluster

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	parent := t.TempDir()
	mkdir := func(name string) string {
		dir := filepath.Join(parent, name)
		if err := os.MkdirAll(filepath.Join(dir, "data"), 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	lock := func(dir string) *os.File {
		owner, err := own(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { owner.Close() })
		return owner
	}
	age := func(dir string) {
		old := time.Now().Add(-2 * unownedAge)
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}

	alive := mkdir(homePrefix + "alive")
	lock(alive)
	age(alive)

	// The number in this owner file is that of a living process, as if it had been used again.
	dead := mkdir(homePrefix + "dead")
	if err := lock(dead).Close(); err != nil {
		t.Fatal(err)
	}

	fresh := mkdir(homePrefix + "fresh")
	abandoned := mkdir(homePrefix + "abandoned")
	age(abandoned)

	other := mkdir("something-else")
	age(other)
	link := filepath.Join(parent, homePrefix+"link")
	if err := os.Symlink(other, link); err != nil {
		t.Fatal(err)
	}

	sweep(slog.New(slog.DiscardHandler), parent, os.Geteuid())
	for dir, kept := range map[string]bool{alive: true, dead: false, fresh: true, abandoned: false, other: true, link: true} {
		_, err := os.Lstat(dir)
		if got := err == nil; got != kept {
			t.Errorf("%s: there is %v, want %v", filepath.Base(dir), got, kept)
		}
	}
}

func TestSweepSparesFoldersOfOthers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a folder away")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, homePrefix+"foreign")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	owner, err := own(dir)
	if err != nil {
		t.Fatal(err)
	}
	owner.Close()
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Fatal(err)
	}
	sweep(slog.New(slog.DiscardHandler), parent, os.Geteuid())
	if _, err := os.Stat(dir); err != nil {
		t.Error("a folder of another user was removed")
	}
}

func TestParentFor(t *testing.T) {
	open, err := os.MkdirTemp("/tmp", "open-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(open) })
	closed := filepath.Join(open, "closed")
	below := filepath.Join(closed, "below")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, tempDir string
		otherUser     bool
		want          string
	}{
		{name: "usual", tempDir: open, otherUser: true, want: open},
		{name: "closed to the other user", tempDir: below, otherUser: true, want: "/tmp"},
		{name: "closed, but ours", tempDir: below, want: below},
		{name: "too long for a socket", tempDir: "/" + strings.Repeat("x", 80), want: "/tmp"},
		{name: "a separator of lists of settings", tempDir: "/a,b", want: "/tmp"},
		{name: "relative", tempDir: "tmp", want: "/tmp"},
		{name: "missing", tempDir: filepath.Join(open, "missing"), otherUser: true, want: "/tmp"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := parentFor(test.tempDir, test.otherUser); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestLogTail(t *testing.T) {
	h := &home{dir: t.TempDir()}
	if got := h.logTail(); got != "" {
		t.Errorf("without a log: %q", got)
	}
	text := strings.Repeat("early\n", logTailBytes) + "the last word\n"
	if err := os.WriteFile(filepath.Join(h.dir, "log"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got := h.logTail()
	if !strings.HasSuffix(got, "\nthe last word") || len(got) > logTailBytes+100 {
		t.Errorf("got %d bytes that end with %q", len(got), got[max(0, len(got)-20):])
	}
}
