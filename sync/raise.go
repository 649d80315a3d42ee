package sync

import (
	"context"
	"strconv"

	"github.com/jackc/pgx/v5"

	"auditor/sql"
)

// raise records what an error amounts to, unless that was done before, and marks
// the tables as halted. It outlives the end of ctx, which may be why nothing else
// happens any more.
func (s *session) raise(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Patience)
	defer cancel()
	halted := map[string]string{}
	alerts := alertsOf(err)
	for i := range alerts {
		a := &alerts[i]
		if err := s.report(ctx, a); err != nil {
			return err
		}
		if halted[a.Table] == "" {
			halted[a.Table] = a.Summary
		}
	}
	if len(alerts) > 0 {
		if err := s.tellHalt(ctx, alerts[0].Summary); err != nil {
			return err
		}
	}
	return s.halt(ctx, halted)
}

// report writes one alert, once per Run, into the destination, with both versions of the row, and
// into the log. The versions are not held any longer.
func (s *session) report(ctx context.Context, a *Alert) error {
	if a.raised {
		return nil
	}
	if id := a.Identity(); s.reported[id] {
		a.raised = true
		return nil
	}
	s.Logger.ErrorContext(ctx, "replication alert", "kind", string(a.Kind), "table", a.Table, "serial", serialText(a.Serial), "summary", a.Summary)
	err := pgx.BeginFunc(ctx, s.destination, func(tx pgx.Tx) error { return a.write(ctx, tx, s) })
	if err != nil {
		return databaseError(Destination, s.destination, "write an alert", err)
	}
	a.raised, a.oursImage, a.theirsImage = true, nil, nil
	s.reported[a.Identity()] = true
	return nil
}

func (a *Alert) write(ctx context.Context, tx pgx.Tx, s *session) error {
	columns := a.Columns
	if columns == nil {
		columns = []string{}
	}
	now := s.Clock()
	if _, err := tx.Exec(ctx, sql.Text("sync/raise_alert.sql"), a.Identity(), string(a.Kind), a.Table, a.Serial, columns, a.Ours, a.Theirs, a.Summary, now); err != nil {
		return err
	}
	if a.oursImage == nil && a.theirsImage == nil {
		return nil
	}
	_, err := tx.Exec(ctx, sql.Text("sync/keep_versions.sql"), a.Identity(), now, a.oursImage, a.theirsImage)
	return err
}

// resolve closes alerts that no longer hold.
func (s *session) resolve(ctx context.Context, identities []string) error {
	if len(identities) == 0 {
		return nil
	}
	_, err := s.destination.Exec(ctx, "update auditor_sync.alerts set resolved = $2 where identity = any($1) and resolved is null", identities, s.Clock())
	return databaseError(Destination, s.destination, "close alerts", err)
}

// resolveKinds closes all alerts of some kinds about the tables of this session.
func (s *session) resolveKinds(ctx context.Context, kinds ...Kind) error {
	tag, err := s.destination.Exec(ctx, "update auditor_sync.alerts set resolved = $3 where kind = any($1) and table_name = any($2) and resolved is null",
		kinds, s.own(), s.Clock())
	if err == nil && tag.RowsAffected() > 0 {
		s.Logger.InfoContext(ctx, "the source was corrected, alerts are closed", "alerts", tag.RowsAffected())
	}
	return databaseError(Destination, s.destination, "close alerts", err)
}

func serialText(serial *int64) string {
	if serial == nil {
		return "none"
	}
	return strconv.FormatInt(*serial, 10)
}
