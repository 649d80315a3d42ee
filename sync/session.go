package sync

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// A session is one connection to each of the two databases, as long as both last.
type session struct {
	*replication
	source, destination *pgx.Conn
	layout              *exchange.Layout
	shapes              []*shape // in the order of replication

	began       time.Time             // of the pass
	onRecord    int64                 // number of the pass in the destination, 0 as long as there is none
	changed     bool                  // the pass changed what the ledger says
	idleNoted   time.Time             // when a pass that copied nothing was put on record
	lacking     []exchange.Difference // what the source's tables lack and need not have
	alerted     bool                  // there were open alerts at the beginning of the pass
	number      int64                 // of the pass, from 1
	collectable map[string]int64      // by table: the pass in which it was looked up what may be gone
	explained   map[string][2]int64   // by table: highest serials, theirs and ours, between which all rows may be gone
	kept        []account             // as last written, in the order of shapes
	statesKept  time.Time

	mine       map[string]bool // tables that this session copies, if the work is shared
	assigned   []int32         // shard of each table, in the first process
	snapshot   string          // of the shared pass
	sharedPass int64           // its number
}

// open connects, makes the source's session harmless, and refuses what must not
// be replicated: a database into itself, or beside another process.
func (r *replication) open(ctx context.Context) (_ *session, err error) {
	s := &session{replication: r, collectable: map[string]int64{}, explained: map[string][2]int64{}}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.destination, err = connect(ctx, Destination, r.Destination); err != nil {
		return nil, err
	}
	if _, err := s.destination.Exec(ctx, sql.Text("sync/destination_session.sql")); err != nil {
		return nil, databaseError(Destination, s.destination, "prepare the session", err)
	}
	if s.source, err = r.openSource(ctx); err != nil {
		return nil, err
	}
	if err := s.refuseSameDatabase(ctx); err != nil {
		return nil, err
	}
	if err := s.claim(ctx); err != nil {
		return nil, err
	}
	if err := s.inspectDestination(ctx); err != nil {
		return nil, err
	}
	for _, t := range s.layout.Replicated() {
		s.shapes = append(s.shapes, newShape(t, r.MaxValue))
	}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// prepare sees that each table has a state and each row its evidence.
func (s *session) prepare(ctx context.Context) (err error) {
	_, err = s.destination.Exec(ctx, "insert into auditor_sync.table_states (table_name, state, changed) select unnest($1::text[]), $2, $3 on conflict do nothing",
		s.names(), string(Pending), s.Clock())
	if err != nil {
		return databaseError(Destination, s.destination, "note the states of tables", err)
	}
	if s.leads() {
		if err := s.adopt(ctx); err != nil {
			return err
		}
	}
	s.kept, err = s.readLedger(ctx)
	return err
}

func connect(ctx context.Context, side Side, dial Connect) (*pgx.Conn, error) {
	conn, err := dial(ctx)
	if err != nil {
		return nil, databaseError(side, nil, "connect", err)
	}
	return conn, nil
}

// openSource connects to the source and takes from the session every right to
// change something. The role should not have any; this holds if it has.
func (r *replication) openSource(ctx context.Context) (*pgx.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Patience)
	defer cancel()
	conn, err := connect(ctx, Source, r.Source)
	if err != nil {
		return nil, err
	}
	timeout := strconv.FormatInt(r.Patience.Milliseconds(), 10)
	if _, err := conn.Exec(ctx, sql.Text("sync/source_session.sql"), timeout); err != nil {
		err = databaseError(Source, conn, "prepare the session", err)
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

// close ends both connections, and with them their locks and transactions. It
// does not depend on the context, which may have ended already.
func (s *session) close() {
	hangUp(s.source)
	hangUp(s.destination)
}

func hangUp(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx) // nothing depends on how a connection ends
}

type identity struct {
	system   int64
	database int64
	name     string
}

func identify(ctx context.Context, side Side, conn *pgx.Conn) (identity, error) {
	var id identity
	err := conn.QueryRow(ctx, sql.Text("sync/identity.sql")).Scan(&id.system, &id.database, &id.name)
	return id, databaseError(side, conn, "identify the database", err)
}

func (s *session) refuseSameDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	source, err := identify(ctx, Source, s.source)
	if err != nil {
		return err
	}
	destination, err := identify(ctx, Destination, s.destination)
	if err != nil {
		return err
	}
	if source.system == destination.system && source.database == destination.database {
		return &SameDatabaseError{destination.name}
	}
	return nil
}

// claimTime is how long a session waits for its predecessor's lock: the server
// needs a moment to notice that a process died.
const claimTime = 2 * time.Second

// claim makes this the only session that replicates into the destination.
func (s *session) claim(ctx context.Context) error {
	if s.shared() {
		return s.claimShard(ctx)
	}
	for waited := time.Duration(0); ; waited += claimTime / 10 {
		var claimed bool
		err := s.destination.QueryRow(ctx, "select pg_catalog.pg_try_advisory_lock($1)", exchange.ReplicationLock).Scan(&claimed)
		if err != nil {
			return databaseError(Destination, s.destination, "claim the destination", err)
		}
		if claimed {
			return nil
		}
		if waited >= claimTime {
			break
		}
		if err := s.Sleep(ctx, claimTime/10); err != nil {
			return err
		}
	}
	busy := new(BusyError)
	err := s.destination.QueryRow(ctx, sql.Text("sync/lock_holder.sql"), exchange.ReplicationLock).Scan(&busy.PID)
	return errors.Join(busy, databaseError(Destination, s.destination, "ask who holds the destination", err))
}
