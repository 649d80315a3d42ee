package sync

import (
	"context"
	"slices"

	"auditor/internal/exchange"
	"auditor/sql"
)

// A table of the source that lacks a key or constraint of the layout lets rows in
// that no exchange would write. Copying goes on, because the destination's own
// constraints are the last wall; but somebody dropped it, and is to be asked why.

// askForGuards raises an alert for each constraint that this session's tables lack in
// the source, and closes those about constraints that are back.
func (s *session) askForGuards(ctx context.Context, differences []exchange.Difference) error {
	identities := []string{}
	for _, d := range differences {
		if !constrains(d) || !slices.Contains(s.own(), d.Table) {
			continue
		}
		a := schemaAlert(d)
		a.Kind = Unguarded
		a.detail += "/" + a.Ours // a table may lack several of a kind
		identities = append(identities, a.Identity())
		if err := s.report(ctx, &a); err != nil {
			return err
		}
	}
	if !s.alerted {
		return nil
	}
	var closed []string
	err := s.destination.QueryRow(ctx, sql.Text("sync/guards_that_are_back.sql"), string(Unguarded), s.own(), identities).Scan(&closed)
	if err != nil {
		return databaseError(Destination, s.destination, "look for constraints that are back", err)
	}
	for _, id := range closed {
		delete(s.reported, id) // it may be dropped again
	}
	return s.resolve(ctx, closed)
}
