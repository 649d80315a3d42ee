package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// A Side is one of the two databases.
type Side string

// The two databases of a replication.
const (
	Source      Side = "source"
	Destination Side = "destination"
)

// A DatabaseError says that a database could not be reached or used. In
// continuous mode replication outlives it.
type DatabaseError struct {
	Side  Side
	Doing string // what was tried, such as "copy deposits"
	Err   error

	lost bool // the connection is gone, or was never there
}

func (e *DatabaseError) Error() string {
	return fmt.Sprintf("%s database: %s: %s%s", e.Side, e.Doing, escape(e.Err.Error(), shownMessage), e.hint())
}

// hint says what to do about what PostgreSQL itself says; the errors of our own
// packages know it better.
func (e *DatabaseError) hint() string {
	code := sqlState(e.Err)
	switch {
	case errors.Is(e.Err, context.DeadlineExceeded), code == "57014":
		return "; it took too long: see to the load of the server, its locks and the network"
	case code == "":
		return ""
	case code == "42501":
		return "; grant the role what it lacks"
	case code[:2] == "42":
		return "; see that it is the right database and schema"
	case code[:2] == "53":
		return "; see to its memory, disk space and number of connections"
	}
	return "; see the server's log"
}

// ExitStatus is that of a program that could not use a database, unless the cause
// knows better, as a connection string that makes no sense does.
func (e *DatabaseError) ExitStatus() int {
	if cause, ok := errors.AsType[interface {
		error
		ExitStatus() int
	}](e.Err); ok {
		return cause.ExitStatus()
	}
	return 2
}

func (e *DatabaseError) Unwrap() error { return e.Err }

// Passing says whether the trouble may pass by itself: a server that is down or
// restarts, a connection that was cut, too many clients, a deadlock. Missing
// rights and missing tables do not pass.
func (e *DatabaseError) Passing() bool {
	code := sqlState(e.Err)
	if code == "" {
		return true
	}
	switch code[:2] {
	case "08", "40", "53", "57", "58": // connection, rollback, resources, intervention, system
		return true
	}
	return e.lost || code == "55P03" // lock not available
}

// A SameDatabaseError says that source and destination are one database, under
// whatever two names.
type SameDatabaseError struct{ Database string }

func (e *SameDatabaseError) Error() string {
	return fmt.Sprintf("source and destination are the same database (%s): replication reads an ingress copy of the exchange's "+
		"database and writes the trusted one, name two different databases in the two configuration files", escape(e.Database, shownValue))
}

// ExitStatus is that of a program with a wrong configuration.
func (e *SameDatabaseError) ExitStatus() int { return 1 }

// A BusyError says that another process replicates into the destination.
type BusyError struct{ PID int } // of its session on the server, 0 if it has just gone

func (e *BusyError) Error() string {
	return fmt.Sprintf("another auditor-sync copies into this destination (session %d of its server): stop that one first, two would copy the same rows", e.PID)
}

// ExitStatus is that of a program that could not use a database.
func (e *BusyError) ExitStatus() int { return 2 }

func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && len(e.Code) == 5 {
		return e.Code
	}
	return ""
}

// refusal returns the destination's error if it is about the rows rather than
// about the database: a constraint, a value that its type does not take, or what
// a trigger raises.
func refusal(err error) (*pgconn.PgError, bool) {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return nil, false
	}
	return e, strings.HasPrefix(e.Code, "22") || strings.HasPrefix(e.Code, "23") || e.Code == "P0001"
}

// tooLong says whether the source sent a message longer than the connection
// accepts, which ends the connection.
func tooLong(err error) bool {
	_, ok := errors.AsType[*pgproto3.ExceededMaxBodyLenErr](err)
	return ok
}

func databaseError(side Side, conn *pgx.Conn, doing string, err error) error {
	if err == nil {
		return nil
	}
	return &DatabaseError{Side: side, Doing: doing, Err: err, lost: conn == nil || conn.IsClosed()}
}

// broken returns the one of this package's errors that decides what happens next.
// A violation outranks the trouble of a database that came with it.
func broken(err error) error {
	if e, ok := errors.AsType[*Violation](err); ok {
		return e
	}
	if e, ok := errors.AsType[*DivergenceError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*SchemaError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*EvidenceError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*ShardError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*SameDatabaseError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*BusyError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*DatabaseError](err); ok {
		return e
	}
	return err
}
