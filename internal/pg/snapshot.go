package pg

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// closeTimeout bounds the farewell to a server, which may be gone.
const closeTimeout = 5 * time.Second

// snapshotID is what PostgreSQL names snapshots. The name comes from a server that is not trusted and goes into
// a statement that takes no parameters.
var snapshotID = regexp.MustCompile(`^[0-9A-Fa-f]{1,20}(-[0-9A-Fa-f]{1,20}){1,3}$`)

// A Snapshot is one state of a database, seen by as many connections as are asked for. Each is in a REPEATABLE
// READ READ ONLY transaction, which its user neither ends nor restarts.
type Snapshot struct {
	id      string
	connect func(context.Context) (*pgx.Conn, error)
	leader  *pgx.Conn

	mu    sync.Mutex
	conns []*pgx.Conn // all, the leader first
	idle  []*pgx.Conn // those that were given back
}

// OpenSnapshot takes a snapshot through a connection that it makes with connect; so do the later ones.
func OpenSnapshot(ctx context.Context, connect func(context.Context) (*pgx.Conn, error)) (*Snapshot, error) {
	s := &Snapshot{connect: connect}
	leader, err := s.begin(ctx, "")
	if err != nil {
		return nil, err
	}
	s.leader = leader
	if err := leader.QueryRow(ctx, "select pg_catalog.pg_export_snapshot()").Scan(&s.id); err != nil {
		return nil, errors.Join(fmt.Errorf("the database shares no snapshot: %w", err), s.Close(ctx))
	}
	if !snapshotID.MatchString(s.id) {
		return nil, errors.Join(fmt.Errorf("the database names its snapshot %q, which PostgreSQL would not: make sure that this is the right server", printable(s.id)), s.Close(ctx))
	}
	return s, nil
}

// begin makes a connection in a transaction of its own, or in that of the snapshot with the given id. An idle
// leader is what a snapshot hangs on, so the server must not end idle transactions.
func (s *Snapshot) begin(ctx context.Context, id string) (*pgx.Conn, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	statements := []string{
		"set idle_in_transaction_session_timeout = 0",
		"begin transaction isolation level repeatable read, read only",
	}
	if id != "" {
		statements = append(statements, "set transaction snapshot '"+id+"'")
	}
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return nil, errors.Join(fmt.Errorf("no transaction in the snapshot: %w", err), closeConn(ctx, conn))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return conn, nil
}

// ID returns the server's name for the snapshot.
func (s *Snapshot) ID() string { return s.id }

// Leader returns the connection that took the snapshot. It is the one to use where one is enough.
func (s *Snapshot) Leader() *pgx.Conn { return s.leader }

// Conn returns a connection in the snapshot that nobody else uses: one that was given back or, if there is none, a
// further one. It may be called concurrently. Close closes the connection.
func (s *Snapshot) Conn(ctx context.Context) (*pgx.Conn, error) {
	if conn := s.takeIdle(); conn != nil {
		return conn, nil
	}
	return s.begin(ctx, s.id)
}

func (s *Snapshot) takeIdle() *pgx.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := len(s.idle) - 1
	if last < 0 {
		return nil
	}
	conn := s.idle[last]
	s.idle = s.idle[:last]
	return conn
}

// GiveBack lets others have a connection that Conn returned, with what was set in it. One whose transaction failed
// is not given back.
func (s *Snapshot) GiveBack(conn *pgx.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, conn)
}

// Close closes all connections of the snapshot, which nobody uses any more. It works although ctx has ended.
func (s *Snapshot) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var problems []error
	for _, conn := range s.conns {
		problems = append(problems, closeConn(ctx, conn))
	}
	s.conns, s.idle = nil, nil
	return errors.Join(problems...)
}

func closeConn(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return conn.Close(ctx)
}
