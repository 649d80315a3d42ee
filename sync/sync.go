// Package sync copies an exchange's tables out of a database that cannot be
// trusted, the source, into the auditor's own copy, the destination.
//
// The source is written by the exchange operator, whom the audit is to catch: its
// rows, its tables, even its server may lie. Nothing that happens there changes or
// removes a row that the destination holds, and nothing that breaks a rule enters
// it. A tool that compares friendly databases makes the copy equal to the source;
// this one halts with a [*Violation] and leaves the decision to people.
//
// [Run] does it all. One pass reads every table in one snapshot of the source,
// after a gate that compares the tables with what is compiled in ([*SchemaError]).
// Rows travel as binary COPY, by ranges of serials, through a parser that believes
// nothing, into one transaction of the destination per batch; its constraints are
// the last wall. Beside the rows the destination keeps a ledger, written in the same
// transactions, so that a process that dies at any moment loses nothing and copies
// nothing twice: which serials were copied and with what content, as Merkle trees
// (package evidence), and which serials below were missing and may still turn up.
//
// With this evidence rows of the source are compared again and again, without
// reading the copy ([Verify]). A row that was altered, deleted or back-dated ends
// replication with a [*DivergenceError]; so does a source that went back in time.
// Whatever ends replication is an [Alert] in the destination, too, and both versions
// of a row are kept with it. It resumes by itself once the source is corrected.
package sync

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// MaxMessage is the bound, in bytes, that a connection to the source should set on
// the length of protocol messages: a row of values of the default Options.MaxValue
// fits.
const MaxMessage = 16 << 20

// MaxAnswer is the bound, in bytes, that a connection to the source should set on what
// answers a query other than COPY: thousands of serials fit, and the catalog's lines
// about the tables.
const MaxAnswer = 16 << 20

// Connect opens a connection. The one to the source must bound the length of
// protocol messages and of answers; read-only mode, search path and timeout are set by Run.
type Connect func(context.Context) (*pgx.Conn, error)

// Options say what Run copies, and how. The zero value of a field that is not
// marked as required is a good choice.
type Options struct {
	Source, Destination             Connect          // required
	SourceSchema, DestinationSchema string           // "public" if empty
	Layout                          *exchange.Layout // recognised from the destination if nil

	// BatchRows bounds the rows of one transaction; they are sized to half a
	// second within the bound. 0 sets no bound that matters.
	BatchRows int

	// TerminateWhenSynchronized has Run return once a whole pass found nothing to
	// copy, and return any error of a database at once. Otherwise Run goes on
	// until its context ends or the source violates an invariant.
	TerminateWhenSynchronized bool

	// Verify says how much of what was copied before is compared again;
	// VerifyRecent if empty. VerifyShare is the share of the time that comparing
	// older rows may take, 0 means a tenth. With VerifyFull Run returns at the end
	// of the comparison.
	Verify      Verify
	VerifyShare float64

	// GapHorizon is how long a missing serial is looked for; 0 means a day.
	GapHorizon time.Duration

	// What an exchange may collect as garbage depends on these two times of its
	// configuration; 0 means four weeks and seven years.
	IdleReserveExpiration, LegalReserveExpiration time.Duration

	// Shard and Shards have this call copy the Shard-th of Shards parts, beside as
	// many others in other processes; 0 and 0, or 1 and 1, mean the whole. The parts
	// are made of whole tables, balanced by rows, by the one with Shard 1.
	Shard, Shards int

	othersPatience time.Duration // that a process waits for another to start, if it is to terminate

	MaxValue int           // bytes that one value may have; 0 means 1 MiB
	Patience time.Duration // that one statement or batch may take; 0 means ten minutes
	Idle     time.Duration // pause after a pass without news; 0 means one second

	Logger   *slog.Logger                               // discards if nil
	Progress func(Progress)                             // called after each batch, unless nil
	Clock    func() time.Time                           // time.Now if nil
	Sleep    func(context.Context, time.Duration) error // a timer if nil
	Random   func() float64                             // in [0, 1), for jitter; math/rand/v2 if nil
	Entropy  io.Reader                                  // for the order of comparison; crypto/rand if nil
}

// Progress is where replication stands after a batch.
type Progress struct {
	Table  string
	Rows   int   // of the batch
	Serial int64 // of the last row copied
	Until  int64 // highest serial of the table in the snapshot
}

// A Summary is what Run did.
type Summary struct {
	Passes int   // completed
	Rows   int64 // copied, those of passes that were not completed included
	Tables map[string]int64

	GivenUp int64 // serials that were given up as those of aborted transactions
}

// Run replicates until the source is exhausted or ctx ends, as the options say.
//
// Errors, found with errors.As, each together with a summary of what was done:
// [*Violation] for a row that breaks an invariant, [*DivergenceError] for rows that
// are no longer what they were when they were copied, [*SchemaError] for a database
// with other tables, [*EvidenceError] for a destination that somebody changed,
// [*SameDatabaseError], [*BusyError] if another process replicates into the
// destination, [*ShardError] if those that share the work do not go together,
// [*DatabaseError] if a database cannot be reached or used; and the context's error.
func Run(ctx context.Context, o Options) (Summary, error) {
	if err := o.complete(); err != nil {
		return Summary{}, err
	}
	r := &replication{Options: o, paces: map[string]*pace{}, reported: map[string]bool{}}
	r.verification.above = -1
	r.summary.Tables = map[string]int64{}
	err := r.run(ctx)
	if err != nil && ctx.Err() != nil {
		switch broken(err).(type) {
		case *Violation, *SchemaError, *DivergenceError, *ShardError: // found just before
		default:
			err = ctx.Err()
		}
	}
	summary := r.summary
	summary.Tables = maps.Clone(r.summary.Tables)
	return summary, err
}

func (o *Options) complete() error {
	if o.Source == nil || o.Destination == nil {
		return errors.New("replication needs a source and a destination")
	}
	if o.VerifyShare < 0 || o.VerifyShare > 1 {
		return fmt.Errorf("a share of %v of the time is impossible: choose one from 0 to 1", o.VerifyShare)
	}
	if set(&o.Shard, 1); o.Shard < 1 || o.Shard > max(o.Shards, 1) {
		return fmt.Errorf("there is no part %d of %d: choose one from 1 to the number of parts", o.Shard, o.Shards)
	}
	if o.shared() && o.Verify == VerifyFull {
		return errors.New("a full comparison is the work of one process: leave out either")
	}
	if o.BatchRows < 0 {
		return fmt.Errorf("a batch of %d rows is impossible: choose at least 1", o.BatchRows)
	}
	set(&o.SourceSchema, "public")
	set(&o.DestinationSchema, "public")
	set(&o.MaxValue, 1<<20)
	set(&o.Patience, 10*time.Minute)
	set(&o.Idle, time.Second)
	set(&o.othersPatience, 30*time.Second)
	set(&o.GapHorizon, 24*time.Hour)
	set(&o.IdleReserveExpiration, 28*24*time.Hour)
	set(&o.LegalReserveExpiration, 7*365*24*time.Hour)
	set(&o.Verify, VerifyRecent)
	set(&o.VerifyShare, 0.1)
	set(&o.Logger, slog.New(slog.DiscardHandler))
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Random == nil {
		o.Random = mathrand.Float64
	}
	if o.Entropy == nil {
		o.Entropy = rand.Reader
	}
	return nil
}

func set[T comparable](option *T, value T) {
	var zero T
	if *option == zero {
		*option = value
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
