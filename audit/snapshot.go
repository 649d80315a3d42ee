package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/exchange"
	"auditor/internal/pg"
)

// patience is how long an audit waits for replication to finish a pass. Passes
// of a copy that is up to date take moments; a first copy takes longer than any
// audit should wait for.
const patience = 10 * time.Minute

// lockTimedOut is PostgreSQL's code for a lock that was not granted in time.
const lockTimedOut = "55P03"

// ReplicatingError says that the database is being copied into.
type ReplicatingError struct{}

func (*ReplicatingError) Error() string {
	return fmt.Sprintf("auditor-sync has been copying into this database for more than %v; audit it when the pass has ended", patience)
}

// ExitStatus is that of a database that cannot be used.
func (*ReplicatingError) ExitStatus() int { return 2 }

// openSnapshot opens the snapshot that the whole run reads. Where the database
// is a trusted copy, the snapshot never shows half a pass of replication: it is
// taken between two passes.
func openSnapshot(ctx context.Context, opt Options) (*pg.Snapshot, error) {
	gate, err := opt.Exchange(ctx)
	if err != nil {
		return nil, err
	}
	defer gate.Close(context.WithoutCancel(ctx))
	if err := awaitPass(ctx, gate); err != nil {
		return nil, err
	}
	return pg.OpenSnapshot(ctx, opt.Exchange)
}

// awaitPass takes the lock that replication holds during a pass. It is given back
// when the connection is closed.
func awaitPass(ctx context.Context, gate *pgx.Conn) error {
	if _, err := gate.Exec(ctx, fmt.Sprintf("set lock_timeout = %d", patience.Milliseconds())); err != nil {
		return err
	}
	_, err := gate.Exec(ctx, "select pg_catalog.pg_advisory_lock_shared($1)", exchange.PassLock)
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.Code == lockTimedOut {
		return &ReplicatingError{}
	}
	return err
}
