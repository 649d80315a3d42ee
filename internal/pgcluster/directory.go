package pgcluster

// This file keeps the folders of clusters: each is owned by one process, and is removed when that process stops
// its cluster or, if the process was killed first, by the next one that starts a cluster.

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	homePrefix = "auditor-pg-"
	ownerFile  = "owner" // names the process that owns the folder, which holds a lock on the file while it lives

	// maxSocketDir leaves room for "/.s.PGSQL.5432.lock" in the 104 bytes that the shortest systems allow.
	maxSocketDir = 84

	// unownedAge is how long a folder may lack an owner file: its creation takes a moment.
	unownedAge = time.Minute

	logTailBytes = 4096
)

// A home is the folder of one cluster: the data, the socket, the log and the owner file.
type home struct {
	dir   string
	owner *os.File
}

func (h *home) data() string { return filepath.Join(h.dir, "data") }

// newHome sweeps the folders of dead owners in parent and creates one there that this process owns and that user
// (nil: the user of this process) can write to.
func newHome(log *slog.Logger, parent string, user *syscall.Credential) (*home, error) {
	parent = parentFor(parent, user != nil)
	uid := os.Geteuid()
	if user != nil {
		uid = int(user.Uid)
	}
	sweep(log, parent, uid)
	// Another process may sweep the new folder in the instant before its owner file is locked: try again then.
	for range 10 {
		dir, err := os.MkdirTemp(parent, homePrefix)
		if err != nil {
			return nil, fmt.Errorf("there is no folder for a throw-away PostgreSQL server (set TMPDIR to one that can be written to): %w", err)
		}
		owner, err := own(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		h := &home{dir: dir, owner: owner}
		if err == nil && user != nil {
			err = os.Chown(dir, int(user.Uid), int(user.Gid))
		}
		if err != nil {
			return nil, errors.Join(err, h.remove())
		}
		return h, nil
	}
	return nil, fmt.Errorf("another process keeps removing the folders of throw-away PostgreSQL servers in %s: set TMPDIR to another folder", parent)
}

// parentFor returns the wanted folder, or /tmp if a socket's path in it would be too long, if its name has
// characters that PostgreSQL's settings take for separators, or if another user could not enter it.
func parentFor(wanted string, otherUser bool) string {
	longest := filepath.Join(wanted, homePrefix+"4294967295")
	if len(longest) > maxSocketDir || strings.ContainsAny(wanted, "\",'\\ \n") || !filepath.IsAbs(wanted) {
		return "/tmp"
	}
	for dir := wanted; otherUser && dir != "/"; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
	}
	return wanted
}

// own writes the owner file and locks it for as long as this process lives. The lock, not the process number in
// the file, says that the owner is alive: numbers are used again. An error that is os.ErrNotExist means that a
// sweep removed the folder first.
func own(dir string) (*os.File, error) {
	name := filepath.Join(dir, ownerFile)
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
	if err == nil {
		_, err = file.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	}
	if err == nil {
		_, err = os.Lstat(name)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// sweep removes the folders in parent whose owners are dead. Only folders of the given user are touched, so that
// nobody else can name a folder for removal. A server that should still run in such a folder misses its lock
// file within a minute and shuts down.
func sweep(log *slog.Logger, parent string, uid int) {
	dirs, err := filepath.Glob(filepath.Join(parent, homePrefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		info, err := os.Lstat(dir)
		if err != nil || !info.IsDir() {
			continue
		}
		if stat, ok := info.Sys().(*syscall.Stat_t); !ok || int(stat.Uid) != uid && int(stat.Uid) != os.Geteuid() {
			continue
		}
		if !ownerIsDead(dir, info.ModTime()) {
			continue
		}
		if err := (&home{dir: dir}).remove(); err != nil {
			log.Warn("the folder of a dead PostgreSQL server stays", "folder", dir, "error", err)
			continue
		}
		log.Debug("removed the folder of a dead PostgreSQL server", "folder", dir)
	}
}

func ownerIsDead(dir string, changed time.Time) bool {
	file, err := os.OpenFile(filepath.Join(dir, ownerFile), os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, os.ErrNotExist) {
		return time.Since(changed) > unownedAge
	}
	if err != nil {
		return false
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// remove frees what a killed server left behind, deletes the folder and gives up its ownership, in this order.
func (h *home) remove() error {
	freeSharedMemory(h.data())
	err := os.RemoveAll(h.dir)
	if h.owner != nil {
		err = errors.Join(err, h.owner.Close())
	}
	return err
}

func (h *home) openLog() (*os.File, error) {
	return os.OpenFile(filepath.Join(h.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
}

// logTail returns the last lines of the log as the end of an error message.
func (h *home) logTail() string {
	file, err := os.Open(filepath.Join(h.dir, "log"))
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > logTailBytes {
		_, _ = file.Seek(-logTailBytes, io.SeekEnd)
	}
	tail, err := io.ReadAll(file)
	if err != nil || len(tail) == 0 {
		return ""
	}
	return "; its log ends with:\n" + strings.TrimRight(string(tail), "\n")
}
