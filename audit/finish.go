package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/archive"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// finish folds the findings of the run into those of earlier runs, completes the
// report, stores it and commits.
func (s *store) finish(ctx context.Context, rep *report.Report, applied []rule, clock func() time.Time, key *archive.Key) error {
	ids := make([]string, len(applied))
	for i, rule := range applied {
		ids[i] = rule.id
	}
	if err := s.findings.Flush(ctx); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("audit/findings_periods.sql"), s.exchange); err != nil {
		return err
	}
	if _, err := s.tx.Exec(ctx, sql.Text("audit/findings_merge.sql"), s.exchange, s.number, s.asOf); err != nil {
		return arithmetic("the amounts of the findings", err)
	}
	if _, err := s.tx.Exec(ctx, sql.Text("audit/findings_resolve.sql"), s.exchange, s.number, ids); err != nil {
		return err
	}
	rep.Run, rep.Previous = s.number, s.previous
	if err := s.restart(ctx, rep); err != nil {
		return err
	}
	if err := s.totals(ctx, rep, applied); err != nil {
		return err
	}
	if err := s.list(ctx, rep); err != nil {
		return err
	}
	if err := s.carryFigures(ctx, rep); err != nil {
		return err
	}
	rep.Finished = clock().UTC().Truncate(time.Microsecond)
	if err := s.keep(ctx, rep, key); err != nil {
		return err
	}
	if err := s.collectStatistics(ctx); err != nil {
		return err
	}
	return s.tx.Commit(ctx)
}

// restart tells whether everything was to be judged anew since the previous report.
func (s *store) restart(ctx context.Context, rep *report.Report) error {
	var r report.Restart
	err := s.tx.QueryRow(ctx, `select restarted, restarted_by, forced from auditor.restarts
		where exchange_id = $1 and last_run = $2 - 1 order by restarted desc limit 1`, s.exchange, s.number).Scan(&r.At, &r.By, &r.Forced)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	r.At = r.At.UTC()
	rep.Restart = &r
	return nil
}

// totals lists every check that was applied, with what it found.
func (s *store) totals(ctx context.Context, rep *report.Report, applied []rule) error {
	zero := taler.Zero(s.currency)
	place := make(map[string]int)
	for i, rule := range applied {
		nothing := report.Totals{Loss: zero, Exposure: zero, Gain: zero}
		rep.Checks = append(rep.Checks, report.Check{ID: rule.id, Area: rule.area, Title: rule.title, Run: nothing, Open: nothing})
		place[rule.id] = i
	}
	rows, err := s.tx.Query(ctx, sql.Text("audit/findings_totals.sql"), s.exchange, s.number)
	if err != nil {
		return err
	}
	var id string
	var run, open, acknowledged int64
	var text [6]string
	_, err = pgx.ForEachRow(rows, []any{&id, &run, &text[0], &text[1], &text[2], &open, &text[3], &text[4], &text[5], &acknowledged}, func() error {
		i, ok := place[id]
		if !ok {
			return nil
		}
		check := &rep.Checks[i]
		check.Run.Count, check.Open.Count, check.Acknowledged = run, open, acknowledged
		targets := []*taler.Amount{&check.Run.Loss, &check.Run.Exposure, &check.Run.Gain, &check.Open.Loss, &check.Open.Exposure, &check.Open.Gain}
		for j, target := range targets {
			var err error
			if *target, err = s.amount("the total of "+id, text[j]); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// list fills the schedule of findings.
func (s *store) list(ctx context.Context, rep *report.Report) error {
	rows, err := s.tx.Query(ctx, sql.Text("audit/findings_list.sql"), s.exchange, s.number, listedPerCheck)
	if err != nil {
		return err
	}
	rep.Findings, err = pgx.CollectRows(rows, archive.RowToFinding(s.currency, s.number))
	if err != nil {
		return err
	}
	listed := make(map[string]int)
	for i := range rep.Findings {
		if rep.Findings[i].Status != report.Resolved {
			listed[rep.Findings[i].Check]++
		}
	}
	for i := range rep.Checks {
		rep.Checks[i].Listed = listed[rep.Checks[i].ID]
	}
	return nil
}

// carryFigures adds to each figure what it was in the previous report, and keeps
// it for the next one.
func (s *store) carryFigures(ctx context.Context, rep *report.Report) error {
	for i := range rep.Figures {
		f := &rep.Figures[i]
		known := meaningOf(f.Area, f.Name)
		f.Class, f.MadeOf = known.class, known.madeOf
		previous, stated, err := s.figure(ctx, f.Area, f.Name)
		if err != nil {
			return err
		}
		if stated && s.previous != nil {
			f.Previous = &previous
		}
		_, err = s.tx.Exec(ctx, `insert into auditor.figures (exchange_id, area, name, amount) values ($1, $2, $3, $4::numeric)
			on conflict (exchange_id, area, name) do update set amount = excluded.amount`,
			s.exchange, f.Area, f.Name, decimal(f.Amount))
		if err != nil {
			return err
		}
	}
	return nil
}

// figure returns a figure of the previous report, and whether there is one.
func (s *store) figure(ctx context.Context, area, name string) (taler.Amount, bool, error) {
	var text *string
	err := s.row(ctx, "select (select amount::text from auditor.figures where exchange_id = $1 and area = $2 and name = $3)",
		[]any{s.exchange, area, name}, &text)
	if err != nil || text == nil {
		return taler.Zero(s.currency), false, err
	}
	a, err := s.amount("the previous "+name, *text)
	return a, true, err
}

// decimal is an amount as PostgreSQL reads a numeric.
func decimal(a taler.Amount) string { return fmt.Sprintf("%d.%08d", a.Value, a.Fraction) }
