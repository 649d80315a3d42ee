package sync

import (
	"context"
	"errors"
)

// A replication is one call of Run: it outlives its connections.
type replication struct {
	Options
	summary Summary
	paces   map[string]*pace
	opened  bool // both databases were in order once
	outage  outage

	verification verification
	reported     map[string]bool // identities of alerts
}

func (r *replication) run(ctx context.Context) error {
	for {
		before := r.summary
		err := r.connected(ctx)
		if err == nil || ctx.Err() != nil || !r.survives(err) {
			return err
		}
		if r.summary.Rows > before.Rows || r.summary.Passes > before.Passes {
			r.outage.over(ctx, &r.Options)
		}
		if err := r.outage.wait(ctx, &r.Options, err); err != nil {
			return err
		}
	}
}

// survives says whether to try again after err: never with -t, never at the
// start, and before the first complete pass only what passes by itself. A wrong
// configuration shows by then; a restart of a server must not end a replication
// that has been running for months.
func (r *replication) survives(err error) bool {
	if r.TerminateWhenSynchronized || r.Verify == VerifyFull || !r.opened {
		return false
	}
	switch e := broken(err).(type) {
	case *DatabaseError:
		return e.Passing() || r.summary.Passes > 0
	case *BusyError:
		return true // our own lost session, until the server notices
	}
	return false
}

// connected runs passes over one pair of connections, until one fails or, with
// -t, until one finds nothing to copy.
func (r *replication) connected(ctx context.Context) error {
	s, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer s.close()
	r.opened = true
	if !r.TerminateWhenSynchronized {
		if err := s.listen(ctx); err != nil {
			return err
		}
	}
	for {
		rows, err := s.pass(ctx)
		if err != nil {
			return errors.Join(err, s.raise(ctx, err))
		}
		r.outage.over(ctx, &r.Options)
		if rows > 0 {
			r.Logger.InfoContext(ctx, "pass complete", "rows", rows)
			continue
		}
		switch {
		case r.Verify == VerifyFull && r.verification.done:
			return nil
		case r.Verify == VerifyFull:
			continue
		case r.TerminateWhenSynchronized:
			return nil
		}
		if err := s.rest(ctx); err != nil {
			return err
		}
	}
}

// copied counts a batch.
func (r *replication) copied(table string, b batch, sel selection) {
	r.summary.Rows += int64(b.rows)
	r.summary.Tables[table] += int64(b.rows)
	r.Progress(Progress{Table: table, Rows: b.rows, Serial: b.last, Until: sel.until})
}

// pace returns what was learnt about the rows of a table.
func (r *replication) pace(table string) *pace {
	if r.paces[table] == nil {
		r.paces[table] = newPace(r.BatchRows)
	}
	return r.paces[table]
}
