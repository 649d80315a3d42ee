package audit

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// listedPerCheck is how many findings of one check a report lists. The others
// are counted, announced, and kept in the auditor's database.
const listedPerCheck = 1000

// store is the auditor's database during one run: one transaction on one
// connection, which areas take turns to use.
type store struct {
	mu         sync.Mutex // held by who uses the connection
	cursors    int        // opened so far
	tx         pgx.Tx
	currency   taler.Currency
	exchange   int32 // exchange_id
	number     int64 // of this run
	asOf       time.Time
	previous   *report.Previous
	findings   *pg.Copier
	keyRows    *pg.Copier
	statements *pg.Copier
	staged     []int64    // statements, by the number of their table
	gathering  sync.Mutex // held by who adds to findings or statements
}

// openStore begins the run's transaction. It fails if another run on the same
// exchange is going on.
func openStore(ctx context.Context, conn *pgx.Conn, policy Policy, asOf time.Time) (*store, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, err
	}
	s := &store{tx: tx, currency: policy.Currency, asOf: asOf, staged: make([]int64, len(statementTables()))}
	if err := s.enrol(ctx, policy); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sql.Text("audit/staging.sql")); err != nil {
		return nil, err
	}
	s.findings = s.copier("staged_findings", "identity", "area", "check_id", "kind", "severity",
		"table_name", "serial", "subject", "loss_val", "loss_frac", "exposure_val", "exposure_frac", "gain_val", "gain_frac",
		"summary", "evidence")
	s.keyRows = s.copier("staged_key_rows", "table_name", "serial", "digest", "until")
	s.statements = s.copier("staged_statements", "digest", "relation", "serial", "amount_val", "amount_frac")
	return s, nil
}

// copier opens the way into a temporary table. Its user must not hold the connection.
func (s *store) copier(table string, columns ...string) *pg.Copier {
	return pg.NewCopier(s.tx.Conn(), pgx.Identifier{"pg_temp", table}, columns...).TakeTurns(&s.mu)
}

// enrol locks the exchange, finds or makes its entry, and numbers the run.
func (s *store) enrol(ctx context.Context, policy Policy) error {
	// The statistics of staged rows need not be finer: plans hang on how many there are.
	// What a run gathers is sorted and summed in memory up to a size, not on disk.
	if _, err := s.tx.Exec(ctx, "set local idle_in_transaction_session_timeout = 0; set local default_statistics_target = 10; set local work_mem = '64MB'"); err != nil {
		return err
	}
	var free bool
	class, key := exchange.AuditLock(policy.MasterPub)
	if err := s.tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1, $2)", class, key).Scan(&free); err != nil {
		return err
	}
	if !free {
		return &BusyError{}
	}
	var currency taler.Currency
	_, err := s.tx.Exec(ctx, `insert into auditor.exchanges (master_pub, base_url, currency) values ($1, $2, $3)
		on conflict (master_pub) do nothing`, policy.MasterPub[:], policy.BaseURL, string(policy.Currency))
	if err != nil {
		return err
	}
	err = s.tx.QueryRow(ctx, "select exchange_id, currency from auditor.exchanges where master_pub = $1", policy.MasterPub[:]).
		Scan(&s.exchange, (*string)(&currency))
	if err != nil {
		return err
	}
	// figures of one exchange are all in one currency.
	if currency != policy.Currency {
		return &UsageError{fmt.Sprintf("earlier audits of this exchange were in %s, the configuration says %s; correct the configuration", currency, policy.Currency)}
	}
	var last report.Previous
	err = s.tx.QueryRow(ctx, "select run, as_of, encode(digest, 'hex') from auditor.runs where exchange_id = $1 order by run desc limit 1", s.exchange).
		Scan(&last.Run, &last.AsOf, &last.Digest)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		s.number = 1
	case err != nil:
		return err
	default:
		last.AsOf = last.AsOf.UTC()
		s.previous, s.number = &last, last.Run+1
	}
	return nil
}

// BusyError says that another audit of the same exchange is going on.
type BusyError struct{}

func (*BusyError) Error() string {
	return "another audit of this exchange is going on; wait until it has ended"
}

// ExitStatus is that of a database that cannot be used.
func (*BusyError) ExitStatus() int { return 2 }

// progress returns how far the area has come in the table.
func (s *store) progress(ctx context.Context, area, table string) (progress, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := beginning()
	var holes pgtype.Multirange[pgtype.Range[int64]]
	err := s.tx.QueryRow(ctx, "select next_serial, rows_judged, holes from auditor.progress where exchange_id = $1 and area = $2 and table_name = $3",
		s.exchange, area, table).Scan(&p.next, &p.rows, &holes)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("progress in %s: %w", table, err)
	}
	for _, h := range holes {
		p.holes = append(p.holes, exchange.Span{From: h.Lower, To: h.Upper})
	}
	return p, nil
}

func (s *store) setProgress(ctx context.Context, area, table string, p progress) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	holes := make(pgtype.Multirange[pgtype.Range[int64]], len(p.holes))
	for i, h := range p.holes {
		holes[i] = pgtype.Range[int64]{Lower: h.From, Upper: h.To, LowerType: pgtype.Inclusive, UpperType: pgtype.Exclusive, Valid: true}
	}
	_, err := s.tx.Exec(ctx, `insert into auditor.progress (exchange_id, area, table_name, next_serial, rows_judged, holes)
		values ($1, $2, $3, $4, $5, $6) on conflict (exchange_id, area, table_name)
		do update set next_serial = excluded.next_serial, rows_judged = excluded.rows_judged, holes = excluded.holes`,
		s.exchange, area, table, p.next, p.rows, holes)
	if err != nil {
		return fmt.Errorf("progress in %s: %w", table, err)
	}
	return nil
}

// find stages a finding.
func (s *store) find(ctx context.Context, f *report.Finding) error {
	s.gathering.Lock()
	defer s.gathering.Unlock()
	identity, err := hex.DecodeString(f.Identity)
	if err != nil {
		return err
	}
	evidence, err := json.Marshal(f.Evidence)
	if err != nil {
		return err
	}
	c := s.findings
	c.Begin()
	c.Bytes(identity)
	for _, text := range []string{f.Area, f.Check, string(f.Kind), string(f.Severity), f.Table} {
		c.Text(text)
	}
	if f.Serial == nil {
		c.Null()
	} else {
		c.Int64(*f.Serial)
	}
	c.Text(f.Subject)
	for _, a := range []*taler.Amount{f.Loss, f.Exposure, f.Gain} {
		if a == nil {
			c.Null()
			c.Null()
		} else {
			putAmount(c, *a)
		}
	}
	c.Text(f.Summary)
	c.Text(string(evidence))
	return c.End(ctx)
}

// putAmount writes an amount as units and fraction.
func putAmount(c *pg.Copier, a taler.Amount) {
	c.Int64(int64(a.Value))
	c.Int32(int32(a.Fraction))
}

// collectStatistics lets PostgreSQL look at the named tables of the auditor's database, or
// at all of them, if they have grown much. In the first audit of an exchange it looks in
// any case: what is known of other exchanges says nothing about this one. Areas ask for
// tables that they are going to join with each other.
func (s *store) collectStatistics(ctx context.Context, tables ...string) error {
	return s.exec(ctx, "select auditor.collect_statistics($1, $2)", tables, s.number == 1)
}

// amount turns a numeric in text form into an amount.
func (s *store) amount(figure, text string) (taler.Amount, error) {
	a, err := taler.ParseAmount(string(s.currency) + ":" + text)
	if err != nil {
		return a, &ArithmeticError{Figure: figure, Err: err}
	}
	return a, nil
}
