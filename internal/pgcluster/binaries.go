package pgcluster

// This file finds the programs of PostgreSQL on this computer.

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// debianBindirs matches where Debian and Ubuntu put the server's programs, one folder per major version.
const debianBindirs = "/usr/lib/postgresql/*/bin"

// NotInstalledError says that no folder with the programs of a PostgreSQL server was found.
type NotInstalledError struct {
	Looked []string // the places that were looked at, in order
}

func (e *NotInstalledError) Error() string {
	return "no PostgreSQL server found (looked for initdb and postgres in " + strings.Join(e.Looked, ", ") +
		"): install one (apt-get install postgresql), or set PG_BINDIR to the folder that holds initdb and postgres"
}

// FindBinaries returns the folder that holds initdb and postgres. It looks at $PG_BINDIR, at what `pg_config
// --bindir` says, along $PATH, and at Debian's folders, newest version first; a place without both programs is
// passed over. It returns a *NotInstalledError when there is none.
func FindBinaries(getenv func(string) string) (bindir string, err error) {
	return findBinaries(getenv, debianBindirs)
}

func findBinaries(getenv func(string) string, pattern string) (string, error) {
	var looked []string
	if dir := getenv("PG_BINDIR"); dir != "" {
		if hasServer(dir) {
			return dir, nil
		}
		looked = append(looked, "$PG_BINDIR="+dir)
	}
	path := filepath.SplitList(getenv("PATH"))
	if dir, err := askPgConfig(path); err == nil {
		if hasServer(dir) {
			return dir, nil
		}
		looked = append(looked, "pg_config --bindir="+dir)
	}
	for _, dir := range path {
		if !hasServer(dir) {
			continue
		}
		// A link along the path leads to a folder that has the other programs (psql, pg_dump) too.
		if target, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil && hasServer(filepath.Dir(target)) {
			return filepath.Dir(target), nil
		}
		return dir, nil
	}
	looked = append(looked, "$PATH")
	for _, dir := range newestFirst(pattern) {
		if hasServer(dir) {
			return dir, nil
		}
	}
	return "", &NotInstalledError{Looked: append(looked, pattern)}
}

func hasServer(dir string) bool {
	return filepath.IsAbs(dir) && isProgram(filepath.Join(dir, "initdb")) && isProgram(filepath.Join(dir, "postgres"))
}

func isProgram(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func askPgConfig(path []string) (string, error) {
	for _, dir := range path {
		program := filepath.Join(dir, "pg_config")
		if !filepath.IsAbs(program) || !isProgram(program) {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		out, err := exec.CommandContext(ctx, program, "--bindir").Output()
		return strings.TrimSpace(string(out)), err
	}
	return "", errors.New("no pg_config along the path")
}

// newestFirst expands a pattern .../VERSION/bin and sorts by version as numbers, so that 16 precedes 9.6.
func newestFirst(pattern string) []string {
	dirs, err := filepath.Glob(pattern)
	if err != nil {
		return nil
	}
	slices.SortFunc(dirs, func(a, b string) int { return slices.Compare(version(b), version(a)) })
	return dirs
}

func version(dir string) []int {
	var numbers []int
	for part := range strings.SplitSeq(filepath.Base(filepath.Dir(dir)), ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			break
		}
		numbers = append(numbers, n)
	}
	return numbers
}
