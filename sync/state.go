package sync

import (
	"context"
	"fmt"
	"strings"
	"time"

	"auditor/sql"
)

// State is where the copy of one table stands.
type State string

// The states of a table.
const (
	Pending  State = "pending"  // no pass came to it yet
	Copying  State = "copying"  // rows are being copied
	Current  State = "current"  // all rows of the last snapshot are in
	Verified State = "verified" // current, and so many of its chunks were compared in the present round
	GapOpen  State = "gap-open" // current, but for serials that may still turn up
	Halted   State = "halted"   // the source violated an invariant
)

// statesEvery bounds how often progress of the comparison alone is written down.
const statesEvery = 10 * time.Second

// settle returns the accounts of tables after a complete pass.
func (s *session) settle(accounts []account) []account {
	settled := make([]account, len(accounts))
	for i, a := range accounts {
		a.state, a.reason = Current, ""
		if i < len(s.verification.checked) {
			a.checked = min(s.verification.checked[i], a.chunks)
		}
		switch {
		case a.missing > 0:
			a.state, a.reason = GapOpen, fmt.Sprintf("%d serials are missing", a.missing)
		case a.checked > 0:
			a.state, a.reason = Verified, fmt.Sprintf("%d of %d chunks", a.checked, a.chunks)
		}
		settled[i] = a
	}
	return settled
}

// keepStates writes the accounts that changed.
func (s *session) keepStates(ctx context.Context, accounts []account) error {
	var names, states, reasons []string
	var highest []*int64
	var holes, givenUp, chunks, checked []int64
	recent := s.Clock().Sub(s.statesKept) < statesEvery
	for i, a := range accounts {
		k := s.kept[i]
		if recent && k.state == a.state { // then only figures of the comparison can have changed
			k.reason, k.checked = a.reason, a.checked
		}
		if k == a || !s.owns(s.shapes[i].table.Name) {
			continue
		}
		names, states, reasons = append(names, s.shapes[i].table.Name), append(states, string(a.state)), append(reasons, a.reason)
		var h *int64
		if a.highest >= 0 {
			h = &a.highest
		}
		highest, holes, givenUp = append(highest, h), append(holes, a.missing), append(givenUp, a.givenUp)
		chunks, checked = append(chunks, a.chunks), append(checked, a.checked)
	}
	if len(names) == 0 {
		return nil
	}
	now := s.Clock()
	_, err := s.destination.Exec(ctx, sql.Text("sync/keep_states.sql"), names, states, reasons, highest, holes, givenUp, chunks, checked, now)
	if err == nil {
		s.statesKept = now
		s.kept = append([]account(nil), accounts...)
	}
	return databaseError(Destination, s.destination, "note the states of tables", err)
}

// enter notes that a table is being copied.
func (s *session) enter(ctx context.Context, sh *shape) error {
	_, err := s.destination.Exec(ctx, "update auditor_sync.table_states set state = $2, reason = '', changed = $3 where table_name = $1",
		sh.table.Name, string(Copying), s.Clock())
	s.forget(sh.table.Name)
	return databaseError(Destination, s.destination, "note the state of "+sh.table.Name, err)
}

// halt notes which tables are halted, and why.
func (s *session) halt(ctx context.Context, reasons map[string]string) error {
	for table, reason := range reasons {
		s.forget(table)
		_, err := s.destination.Exec(ctx, "update auditor_sync.table_states set state = $2, reason = $3, changed = $4 where table_name = $1",
			table, string(Halted), reason, s.Clock())
		if err != nil {
			return databaseError(Destination, s.destination, "note that "+table+" is halted", err)
		}
	}
	return nil
}

// forget makes sure that the state of a table is written after the next pass.
func (s *session) forget(table string) {
	for i, sh := range s.shapes {
		if sh.table.Name == table {
			s.kept[i].state = ""
		}
	}
}

// names returns the names of the session's tables, in the order of replication.
func (s *session) names() []string {
	names := make([]string, len(s.shapes))
	for i, sh := range s.shapes {
		names[i] = sh.table.Name
	}
	return names
}

func joined(names []string) string { return strings.Join(names, ", ") }
