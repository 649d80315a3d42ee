package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// Shards. Several processes may share the work by table. The first opens a pass,
// exports the snapshot of its transaction on the source, and writes down who copies
// which table; the others read the same snapshot. So the whole is one pass, as if
// one process did it: a table is copied once all tables are that it refers to,
// whoever copies these, and the first process holds the pass lock until all are done.

// pollEvery is how often a process looks what the others do.
const pollEvery = 100 * time.Millisecond

// shardLock returns the key of the advisory lock that the process with a shard holds
// on the destination.
func shardLock(shard int) int64 { return exchange.ReplicationLock + int64(shard)<<16 }

// A ShardError says that processes that are to share the work do not go together,
// or that another one halted.
type ShardError struct {
	Reason string
	Halted bool // the source violated an invariant, as another process found
}

func (e *ShardError) Error() string { return e.Reason }

// ExitStatus is that of a wrong configuration, or of a source that violated an
// invariant.
func (e *ShardError) ExitStatus() int {
	if e.Halted {
		return 3
	}
	return 1
}

func (o *Options) shared() bool { return o.Shards > 1 }

func (o *Options) leads() bool { return o.Shard <= 1 }

// claimShard makes this the only session with its shard, beside no session that does
// all the work.
func (s *session) claimShard(ctx context.Context) error {
	for waited := time.Duration(0); ; waited += claimTime / 10 {
		var claimed bool
		err := s.destination.QueryRow(ctx, "select pg_catalog.pg_try_advisory_lock_shared($1) and pg_catalog.pg_try_advisory_lock($2)",
			exchange.ReplicationLock, shardLock(s.Shard)).Scan(&claimed)
		if err != nil {
			return databaseError(Destination, s.destination, "claim the destination", err)
		}
		if claimed {
			return nil
		}
		if waited >= claimTime {
			return &BusyError{}
		}
		if err := s.Sleep(ctx, claimTime/10); err != nil {
			return err
		}
	}
}

// share assigns each table to a shard: large tables first, each to the shard that
// has least to do.
func share(shapes []*shape, rows []int64, shards int) []int32 {
	order := make([]int, len(shapes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[b], rows[a]) })
	load := make([]float64, shards)
	assigned := make([]int32, len(shapes))
	for _, i := range order {
		least := 0
		for k := range load {
			if load[k] < load[least] {
				least = k
			}
		}
		assigned[i] = int32(least + 1)
		load[least] += float64(max(rows[i], 0)) + 1
	}
	return assigned
}

// assign decides who copies what. It stays so as long as this process is connected.
func (s *session) assign(highest []int64) {
	if s.assigned == nil {
		s.assigned = share(s.shapes, highest, s.Shards)
	}
	s.mine = map[string]bool{}
	for i, sh := range s.shapes {
		s.mine[sh.table.Name] = s.assigned[i] == 1
	}
}

// publish opens the shared pass for the others.
func (s *session) publish(ctx context.Context) error {
	err := s.destination.QueryRow(ctx, sql.Text("sync/open_shared_pass.sql"), s.Shards, s.snapshot, s.names(), s.assigned).Scan(&s.sharedPass)
	return databaseError(Destination, s.destination, "open a shared pass", err)
}

// snapshotGone is PostgreSQL's code for a snapshot whose transaction has ended.
const snapshotGone = "22023"

// join waits for the next shared pass and begins a transaction on the source in its
// snapshot.
func (s *session) join(ctx context.Context) error {
	seen := 0
	for polls := 1; ; polls++ {
		var number int64
		var shards int
		closed := true
		err := s.destination.QueryRow(ctx, "select number, shards, snapshot, closed from auditor_sync.shared_pass").Scan(&number, &shards, &s.snapshot, &closed)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return databaseError(Destination, s.destination, "look for a shared pass", err)
		}
		alive, err := s.alive(ctx, 1)
		if err != nil {
			return err
		}
		if alive {
			seen = polls
		} else if s.TerminateWhenSynchronized && time.Duration(polls-seen)*pollEvery > s.othersPatience {
			return &ShardError{Reason: "the process with shard 1 does not run: start all that share the work"}
		}
		if !closed && number > s.sharedPass {
			if alive && shards != s.Shards {
				return &ShardError{Reason: fmt.Sprintf("the process with shard 1 shares the work with %d in all, this one was told %d: start all with the same --shard K/N", shards, s.Shards)}
			}
			if alive {
				s.sharedPass = number
				err := s.enterSnapshot(ctx)
				if sqlState(err) != snapshotGone {
					return err
				}
				// The pass was that of a process that is gone; its successor opens another.
				if _, err := s.source.Exec(ctx, "rollback"); err != nil {
					return databaseError(Source, s.source, "leave a snapshot", err)
				}
			}
		}
		if err := s.poll(ctx, polls, "the process with shard 1 to open a pass"); err != nil {
			return err
		}
	}
}

// enterSnapshot begins the source's transaction in the snapshot of the shared pass.
func (s *session) enterSnapshot(ctx context.Context) error {
	_, err := s.source.Exec(ctx, "begin isolation level repeatable read read only")
	if err == nil {
		_, err = s.source.Exec(ctx, "set transaction snapshot '"+quoteSnapshot(s.snapshot)+"'")
	}
	if err != nil {
		return databaseError(Source, s.source, "enter the snapshot of the shared pass", err)
	}
	rows, err := s.destination.Query(ctx, "select table_name, shard = $1 from auditor_sync.shared_tables", s.Shard)
	if err == nil {
		s.mine = map[string]bool{}
		var table string
		var mine bool
		_, err = pgx.ForEachRow(rows, []any{&table, &mine}, func() error { s.mine[table] = mine; return nil })
	}
	return databaseError(Destination, s.destination, "read who copies what", err)
}

// quoteSnapshot keeps what an identifier of a snapshot is made of: the source chose
// it.
func quoteSnapshot(id string) string {
	return string(slices.DeleteFunc([]byte(id), func(c byte) bool {
		return !('0' <= c && c <= '9' || 'A' <= c && c <= 'F' || 'a' <= c && c <= 'f' || c == '-')
	}))
}

// alive says whether the process with a shard is connected to the destination.
func (s *session) alive(ctx context.Context, shard int) (bool, error) {
	var free bool
	err := s.destination.QueryRow(ctx, "select pg_catalog.pg_try_advisory_lock_shared($1)", shardLock(shard)).Scan(&free)
	if err == nil && free {
		_, err = s.destination.Exec(ctx, "select pg_catalog.pg_advisory_unlock_shared($1)", shardLock(shard))
	}
	return !free, databaseError(Destination, s.destination, "look who is connected", err)
}

// await waits until all of some tables are done in the shared pass, and returns how
// many of their rows were copied.
func (s *session) await(ctx context.Context, tables []string) (rows int64, err error) {
	for polls := 1; ; polls++ {
		var others, waiting int
		var halted *string
		err := s.destination.QueryRow(ctx, sql.Text("sync/shared_progress.sql"), tables, s.sharedPass).Scan(&others, &waiting, &rows, &halted)
		switch {
		case err != nil:
			return 0, databaseError(Destination, s.destination, "look what the other processes did", err)
		case halted != nil:
			return 0, &ShardError{Reason: "another process of this replication halted: " + *halted, Halted: true}
		case others > 0:
			return 0, s.abandoned("another pass was opened meanwhile")
		case waiting == 0:
			return rows, nil
		}
		if err := s.leaderAlive(ctx); err != nil {
			return 0, err
		}
		if s.TerminateWhenSynchronized && time.Duration(polls)*pollEvery%s.othersPatience == 0 {
			if err := s.allRun(ctx); err != nil {
				return 0, err
			}
		}
		if err := s.poll(ctx, polls, joined(tables)); err != nil {
			return 0, err
		}
	}
}

// allRun returns an error if a process that others wait for does not run.
func (s *session) allRun(ctx context.Context) error {
	for shard := 1; shard <= s.Shards; shard++ {
		if shard == s.Shard {
			continue
		}
		if alive, err := s.alive(ctx, shard); err != nil || !alive {
			return cmp.Or(err, error(&ShardError{Reason: fmt.Sprintf("the process with shard %d does not run: start all that share the work", shard)}))
		}
	}
	return nil
}

// longWait is after how many polls a process says that it waits.
const longWait = 100

// poll pauses, and says what for if it takes long.
func (s *session) poll(ctx context.Context, polls int, what string) error {
	if polls == longWait {
		s.Logger.InfoContext(ctx, "waiting for another process of this replication", "for", what)
	}
	return s.Sleep(ctx, pollEvery)
}

func (s *session) leaderAlive(ctx context.Context) error {
	if s.leads() {
		return nil
	}
	alive, err := s.alive(ctx, 1)
	if err == nil && !alive {
		err = s.abandoned("the process with shard 1 is gone")
	}
	return err
}

// abandoned ends the pass; in continuous mode the process joins the next one.
func (s *session) abandoned(why string) error {
	return &DatabaseError{Side: Destination, Doing: "share a pass", Err: errors.New(why + ": see what became of it"), lost: true}
}

// turn waits until a table may be copied, because all those are that it refers to.
func (s *session) turn(ctx context.Context, sh *shape) error {
	if !s.shared() {
		return nil
	}
	_, err := s.await(ctx, sh.table.Parents())
	return err
}

// yield tells the others that a table is done. Rows are added to those of a process
// that was lost after it had said so.
func (s *session) yield(ctx context.Context, sh *shape, rows int64) error {
	if !s.shared() {
		return nil
	}
	_, err := s.destination.Exec(ctx, "update auditor_sync.shared_tables set done = true, rows = rows + $3 where table_name = $1 and number = $2", sh.table.Name, s.sharedPass, rows)
	return databaseError(Destination, s.destination, "tell the others", err)
}

// conclude waits for the end of the shared pass and returns how many rows all
// processes copied. The first process brings it about.
func (s *session) conclude(ctx context.Context) (rows int64, err error) {
	if s.leads() {
		if rows, err = s.await(ctx, s.names()); err != nil {
			return 0, err
		}
		_, err = s.destination.Exec(ctx, "update auditor_sync.shared_pass set closed = true, rows = $1", rows)
		return rows, databaseError(Destination, s.destination, "close the shared pass", err)
	}
	for polls := 1; ; polls++ {
		gone := s.leaderAlive(ctx) // asked first: that process may end once the pass is closed
		var number, before int64
		var closed bool
		var halted *string
		err := s.destination.QueryRow(ctx, `select p.number, p.closed, p.rows, p.rows_before, (select max(t.halted) from auditor_sync.shared_tables as t where t.number = p.number)
			from auditor_sync.shared_pass as p`).Scan(&number, &closed, &rows, &before, &halted)
		switch {
		case err != nil:
			return 0, databaseError(Destination, s.destination, "look for the end of the shared pass", err)
		case number > s.sharedPass:
			return before, nil
		case halted != nil:
			return 0, &ShardError{Reason: "another process of this replication halted: " + *halted, Halted: true}
		case closed:
			return rows, nil
		case gone != nil:
			return 0, gone
		}
		if err := s.poll(ctx, polls, "the end of the pass"); err != nil {
			return 0, err
		}
	}
}

// tellHalt lets the other processes know that this one halts.
func (s *session) tellHalt(ctx context.Context, reason string) error {
	if !s.shared() || s.sharedPass == 0 {
		return nil
	}
	_, err := s.destination.Exec(ctx, "update auditor_sync.shared_tables set halted = $3 where number = $1 and shard = $2", s.sharedPass, s.Shard, reason)
	return databaseError(Destination, s.destination, "tell the others", err)
}

// owns says whether a table is this session's to look after.
func (s *session) owns(table string) bool { return !s.shared() || s.mine[table] }

// own returns the names of this session's tables, in the order of replication.
func (s *session) own() []string {
	return slices.DeleteFunc(s.names(), func(n string) bool { return !s.owns(n) })
}
