package migrate

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// OutdatedError says that a database lacks patches that a program needs.
type OutdatedError struct {
	Component, Database string
	Pending             []string
	Initialised         bool // some patches are there
}

func (e *OutdatedError) Error() string {
	if !e.Initialised {
		return fmt.Sprintf("database %q is not initialised for component %s: run auditor-dbinit init", e.Database, e.Component)
	}
	return fmt.Sprintf("database %q lacks %s: run auditor-dbinit upgrade", e.Database, strings.Join(e.Pending, ", "))
}

// NewerError says that a newer program, or another one, upgraded the database.
type NewerError struct {
	Component, Database string
	Found               string // newest registered patch
	Known               string // newest patch of this program
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("database %q is at %s, newer than %s, the last that this program knows: use the program that upgraded it, or a newer one",
		e.Database, e.Found, e.Known)
}

// ChecksumError says that a patch was applied from another version of its script.
type ChecksumError struct {
	Database, Patch string
	Recorded        []byte
	Ours            [sha256.Size]byte
}

func (e *ChecksumError) Error() string {
	return fmt.Sprintf("database %q: patch %s was applied from a script with SHA-256 %x, the script of this program has %x: "+
		"use the release that applied it, or start with an empty database", e.Database, e.Patch, e.Recorded, e.Ours)
}

// GapError says that a patch is missing although a later one is registered, as
// after a reset that was interrupted.
type GapError struct{ Database, Missing, Applied string }

func (e *GapError) Error() string {
	return fmt.Sprintf("database %q has %s but not %s, as after an interrupted reset: start with an empty database",
		e.Database, e.Applied, e.Missing)
}

// statusUnusable is the exit status of a program that cannot use a database.
const statusUnusable = 2

// ExitStatus is the exit status of a program that needs the patches.
func (e *OutdatedError) ExitStatus() int { return statusUnusable }

// ExitStatus is the exit status of a program that is older than its database.
func (e *NewerError) ExitStatus() int { return statusUnusable }

// ExitStatus is the exit status of a program that is not of its database's line.
func (e *ChecksumError) ExitStatus() int { return statusUnusable }

// ExitStatus is the exit status of a program that finds half a database.
func (e *GapError) ExitStatus() int { return statusUnusable }

const insufficientPrivilege = "42501"

// SQLError says where a script went wrong.
type SQLError struct {
	File string
	Line int // counted from 1
	Err  error
}

// Error begins with file and line, as compilers print them, and includes the
// server's detail and hint.
func (e *SQLError) Error() string {
	pgErr, ok := errors.AsType[*pgconn.PgError](e.Err)
	if !ok {
		return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
	}
	s := fmt.Sprintf("%s:%d: %s (SQLSTATE %s)", e.File, e.Line, pgErr.Message, pgErr.Code)
	if pgErr.Detail != "" {
		s += "; " + pgErr.Detail
	}
	switch {
	case pgErr.Hint != "":
		s += "; hint: " + pgErr.Hint
	case pgErr.Code == insufficientPrivilege:
		s += "; run this as the owner of the database"
	}
	return s
}

func (e *SQLError) Unwrap() error { return e.Err }
