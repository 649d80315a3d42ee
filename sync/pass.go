package sync

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/sql"
)

// pass reads all tables in one snapshot of the source, parents before children. It
// looks first whether the source still holds what was copied, then copies late rows
// and the rows above the highest copied serial of each table, then compares old
// rows. Whole passes are all that the auditor sees: while rows are copied, the
// session holds exchange.PassLock, and a pass that was cut short stays unfinished in
// the destination's list of passes.
func (s *session) pass(ctx context.Context) (rows int64, err error) {
	s.began = s.Clock()
	s.number++
	highest, err := s.openSnapshot(ctx)
	if err != nil {
		return 0, err
	}
	if s.shared() && s.leads() {
		s.assign(highest)
	}
	accounts, err := s.readLedger(ctx)
	if err != nil {
		return 0, err
	}
	halted, err := s.check(ctx, accounts, highest)
	if err != nil {
		return 0, err
	}
	violation := s.verification.violation
	if !halted {
		rows, err = s.copyPass(ctx, accounts, highest)
		if _, ok := errors.AsType[*Violation](err); ok && !s.source.IsClosed() && !s.destination.IsClosed() {
			// What was copied is compared all the same: a bad row hides no other deed.
			violation, err = err, nil
		}
		if err != nil {
			return rows, err
		}
	}
	if s.changed {
		if accounts, err = s.readLedger(ctx); err != nil {
			return rows, errors.Join(violation, err)
		}
	}
	alerts, err := s.verify(ctx, accounts)
	if err == nil && len(alerts) > 0 {
		err = &DivergenceError{alerts}
	}
	if s.comparesOn() && violation != nil && err == nil {
		if err := s.putOff(ctx, violation); err != nil {
			return rows, err
		}
		violation = nil
	}
	if err := errors.Join(violation, err); err != nil {
		return rows, err
	}
	if !s.verification.halted() {
		if err := s.keepStates(ctx, s.settle(accounts)); err != nil {
			return rows, err
		}
	}
	if _, err := s.source.Exec(ctx, "rollback"); err != nil {
		return rows, databaseError(Source, s.source, "end the snapshot", err)
	}
	s.summary.Passes++
	return rows, nil
}

// comparesOn tells whether a full comparison is not at its end.
func (s *session) comparesOn() bool { return s.Verify == VerifyFull && !s.verification.done }

// putOff raises the alert for a violation at once, but has it end replication only when
// the full comparison is at its end. Nothing is copied meanwhile, so others may read.
func (s *session) putOff(ctx context.Context, violation error) error {
	if s.verification.violation == nil {
		if err := s.raise(ctx, violation); err != nil {
			return errors.Join(violation, err)
		}
		if s.onRecord != 0 {
			if err := s.releasePass(ctx); err != nil {
				return errors.Join(violation, err)
			}
		}
	}
	s.verification.violation = violation
	return nil
}

// check looks whether rows that open alerts are about are in order again, and
// whether the source went back in time. What is not in order halts replication; a
// full comparison goes on without copying.
func (s *session) check(ctx context.Context, accounts []account, highest []int64) (halted bool, err error) {
	if s.verification.halted() {
		return true, nil
	}
	err = s.destination.QueryRow(ctx, "select exists (select from auditor_sync.alerts where resolved is null and table_name = any ($1))", s.own()).Scan(&s.alerted)
	if err != nil {
		return false, databaseError(Destination, s.destination, "look for open alerts", err)
	}
	if err := s.askForGuards(ctx, s.lacking); err != nil {
		return false, err
	}
	var alerts []Alert
	if s.alerted {
		if alerts, err = s.recheck(ctx); err != nil {
			return false, err
		}
	}
	behind, err := s.behind(ctx, accounts, highest)
	if err != nil {
		return false, err
	}
	if s.alerted && len(behind) == 0 {
		if err := s.resolveKinds(ctx, SourceBehind); err != nil {
			return false, err
		}
	}
	if alerts = append(alerts, behind...); len(alerts) == 0 {
		return false, nil
	}
	if s.Verify == VerifyFull {
		s.verification.alerts = alerts
		return true, nil
	}
	return true, &DivergenceError{alerts}
}

// copyPass copies what is new in the snapshot.
func (s *session) copyPass(ctx context.Context, accounts []account, highest []int64) (rows int64, err error) {
	before := s.summary.Rows
	s.onRecord, s.changed = 0, false
	if s.shared() && s.leads() {
		if slices.ContainsFunc(accounts, func(a account) bool { return a.holes > 0 }) || !slices.Equal(highest, highestOf(accounts)) {
			if err := s.enterPass(ctx); err != nil {
				return 0, err
			}
		}
		if err := s.publish(ctx); err != nil {
			return 0, err
		}
	}
	for i, sh := range s.shapes {
		if !s.owns(sh.table.Name) {
			continue
		}
		if err := s.turn(ctx, sh); err != nil {
			return s.summary.Rows - before, err
		}
		counted := s.summary.Rows
		if err := s.copyTable(ctx, sh, &accounts[i], highest[i]); err != nil {
			return s.summary.Rows - before, err
		}
		if err := s.yield(ctx, sh, s.summary.Rows-counted); err != nil {
			return s.summary.Rows - before, err
		}
	}
	rows = s.summary.Rows - before
	if s.shared() {
		if rows, err = s.conclude(ctx); err != nil {
			return rows, err
		}
	}
	if s.onRecord == 0 && s.began.Sub(s.idleNoted) >= idleNotedEvery {
		if err := s.enterPass(ctx); err != nil {
			return rows, err
		}
		s.idleNoted = s.began
	}
	return rows, s.leavePass(ctx, rows)
}

func highestOf(accounts []account) []int64 {
	highest := make([]int64, len(accounts))
	for i, a := range accounts {
		highest[i] = a.highest
	}
	return highest
}

// idleNotedEvery bounds how often a pass that copied nothing is put on record.
const idleNotedEvery = time.Minute

// enterPass takes the pass lock and puts the pass on record, once, before the first
// row is copied.
func (s *session) enterPass(ctx context.Context) error {
	if s.onRecord != 0 {
		return nil
	}
	if s.changed = true; !s.leads() {
		return nil // the first process does it for all
	}
	if _, err := s.destination.Exec(ctx, "select pg_catalog.pg_advisory_lock($1)", exchange.PassLock); err != nil {
		return databaseError(Destination, s.destination, "wait for the pass lock", err)
	}
	err := s.destination.QueryRow(ctx, sql.Text("sync/start_pass.sql"), s.began).Scan(&s.onRecord)
	return databaseError(Destination, s.destination, "note the start of a pass", err)
}

// leavePass notes that the pass is complete, and lets others read.
func (s *session) leavePass(ctx context.Context, rows int64) error {
	if s.onRecord != 0 {
		if _, err := s.destination.Exec(ctx, sql.Text("sync/finish_pass.sql"), s.onRecord, s.Clock(), rows); err != nil {
			return databaseError(Destination, s.destination, "note the end of a pass", err)
		}
		if err := s.releasePass(ctx); err != nil {
			return err
		}
	}
	if !s.alerted {
		return nil
	}
	return s.resolveKinds(ctx, BadRow, BadSchema)
}

func (s *session) releasePass(ctx context.Context) error {
	_, err := s.destination.Exec(ctx, "select pg_catalog.pg_advisory_unlock($1)", exchange.PassLock)
	return databaseError(Destination, s.destination, "release the pass lock", err)
}

// copyTable copies the late and the new rows of a table.
func (s *session) copyTable(ctx context.Context, sh *shape, a *account, highest int64) error {
	if a.highest < highest {
		if err := s.enter(ctx, sh); err != nil {
			return err
		}
	}
	if err := s.copyLate(ctx, sh, *a); err != nil {
		return err
	}
	return s.copyRows(ctx, sh, selection{after: a.highest, until: highest})
}

// openSnapshot begins the source's transaction of a pass, passes the schema gate,
// and returns the highest serial of each table in the snapshot.
func (s *session) openSnapshot(ctx context.Context) ([]int64, error) {
	if s.shared() && !s.leads() {
		if err := s.join(ctx); err != nil {
			return nil, err
		}
	} else if _, err := s.source.Exec(ctx, "begin isolation level repeatable read read only"); err != nil {
		return nil, databaseError(Source, s.source, "begin a snapshot", err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	if s.shared() && s.leads() {
		if err := s.source.QueryRow(ctx, "select pg_catalog.pg_export_snapshot()").Scan(&s.snapshot); err != nil {
			return nil, databaseError(Source, s.source, "export the snapshot", err)
		}
	}
	var err error
	if s.lacking, err = gateSource(ctx, s.source, s.SourceSchema, s.layout, s.shapes); err != nil {
		return nil, err
	}
	return highestSerials(ctx, Source, s.source, s.SourceSchema, s.shapes)
}

// highestSerials returns the highest serial of each table, math.MinInt64 for an
// empty one.
func highestSerials(ctx context.Context, side Side, conn *pgx.Conn, schema string, shapes []*shape) ([]int64, error) {
	parts := make([]string, len(shapes))
	for i, sh := range shapes {
		parts[i] = fmt.Sprintf("coalesce((select max(%s) from only %s), '%d'::bigint)", sh.serial, sh.relation(schema), int64(math.MinInt64))
	}
	var highest []int64
	err := conn.QueryRow(ctx, "select array["+strings.Join(parts, ", ")+"]").Scan(&highest)
	if err == nil && len(highest) != len(shapes) {
		err = fmt.Errorf("the server answers with %d serials for %d tables", len(highest), len(shapes))
	}
	return highest, databaseError(side, conn, "look for the highest serials", err)
}

// copyRows copies a selection of rows batch by batch, up to the first one that
// breaks an invariant.
func (s *session) copyRows(ctx context.Context, sh *shape, sel selection) error {
	pace := s.pace(sh.table.Name)
	var culprit search
	if sel.after < sel.until {
		if err := s.enterPass(ctx); err != nil {
			return err
		}
	}
	for sel.after < sel.until {
		part := sel.first(culprit.next(pace.rows))
		began := s.Clock()
		b, err := s.copyBatch(ctx, sh, part)
		if r, ok := errors.AsType[*refused](err); ok {
			pace.refused()
			if culprit.refused(r.rows, r.line()) {
				return s.accuse(ctx, sh, sel.after, r)
			}
			continue
		}
		if err != nil {
			return err
		}
		sel.after = b.last
		culprit.accepted(b.rows)
		pace.took(b.rows, s.Clock().Sub(began))
		s.copied(sh.table.Name, b, sel)
		switch {
		case b.next != nil:
			return b.next
		case b.tooLong:
			return s.accuseTooLong(ctx, sh, sel.after)
		case b.rows < part.limit && b.last < part.until:
			return sh.violation(0, b.last, exchange.Column{}, RuleStream, "all rows of the snapshot arrive",
				fmt.Sprintf("the end after serial %d", b.last), fmt.Sprintf("rows up to serial %d", part.until))
		}
	}
	return nil
}
