package archive

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// Which findings to list, by how they stand.
const (
	StatusOpen         = "open" // those that count, and those that were acknowledged
	StatusAcknowledged = "acknowledged"
	StatusAll          = "all"
)

// Statuses lists what [Filter.Status] may be.
func Statuses() []string {
	return []string{StatusOpen, string(report.New), string(report.Persisting), string(report.Resolved), StatusAcknowledged, StatusAll}
}

// Filter selects findings. Empty fields select all.
type Filter struct {
	Area     string
	Check    string
	Severity report.Severity // this one and graver ones
	Status   string          // one of Statuses; "" means open
	Limit    int             // 0 means no limit
}

// Findings returns the findings that a filter selects, the gravest and newest first,
// and how many there are without the limit. New and persisting are relative to the
// last report.
func (e *Exchange) Findings(ctx context.Context, conn *pgx.Conn, f Filter) ([]report.Finding, int64, error) {
	var limit *int
	if f.Limit > 0 {
		limit = &f.Limit
	}
	severities := make([]string, 0, 4)
	for _, s := range report.Severities() {
		if f.Severity == "" || s.AtLeast(f.Severity) {
			severities = append(severities, string(s))
		}
	}
	if f.Status == "" {
		f.Status = StatusOpen
	}
	last, err := e.lastRun(ctx, conn)
	if err != nil {
		return nil, 0, err
	}
	arguments := []any{e.ID, f.Area, f.Check, severities, f.Status, last}
	var total int64
	query := sql.Text("archive/findings.sql")
	unlimited := append(slices.Clone(arguments), nil)
	if err := conn.QueryRow(ctx, "select count(*) from ("+query+") as f", unlimited...).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := conn.Query(ctx, query, append(arguments, limit)...)
	if err != nil {
		return nil, 0, err
	}
	list, err := pgx.CollectRows(rows, RowToFinding(e.Currency, last))
	return list, total, err
}

func (e *Exchange) lastRun(ctx context.Context, conn *pgx.Conn) (last int64, err error) {
	err = conn.QueryRow(ctx, "select coalesce(max(run), 0) from auditor.runs where exchange_id = $1", e.ID).Scan(&last)
	return last, err
}

// RowToFinding returns what reads a finding from a row of the queries that list
// findings, whose columns are the same. The status is relative to a run.
func RowToFinding(currency taler.Currency, run int64) pgx.RowToFunc[report.Finding] {
	return func(row pgx.CollectableRow) (report.Finding, error) {
		var f report.Finding
		var identity []byte
		var amounts [3]*string
		var resolved *int64
		var by, reason *string
		var at *time.Time
		var lapsed *bool
		err := row.Scan(&identity, &f.Area, &f.Check, &f.Kind, &f.Severity, &f.Table, &f.Serial, &f.Subject,
			&amounts[0], &amounts[1], &amounts[2], &f.Summary, &f.Evidence, &f.FirstRun, &f.First, &f.Since, &f.Last, &resolved,
			&by, &reason, &at, &lapsed)
		if err != nil {
			return f, err
		}
		f.Identity, f.First = hex.EncodeToString(identity), f.First.UTC()
		for i, target := range []**taler.Amount{&f.Loss, &f.Exposure, &f.Gain} {
			if amounts[i] == nil {
				continue
			}
			a, err := taler.ParseAmount(string(currency) + ":" + *amounts[i])
			if err != nil {
				return f, fmt.Errorf("an amount of the finding %s: %w", f.Identity, err)
			}
			*target = &a
		}
		switch {
		case resolved != nil:
			f.Status = report.Resolved
		case f.Since == run:
			f.Status = report.New
		default:
			f.Status = report.Persisting
		}
		if by != nil {
			f.Acknowledged = &report.Acknowledgement{By: *by, Reason: *reason, At: at.UTC(), Lapsed: *lapsed}
		}
		return f, nil
	}
}

// An Identity is the beginning of the identity of a finding, as people type it.
type Identity string

var identityForm = regexp.MustCompile(`^[0-9a-f]{4,64}$`)

// ParseIdentity reads what people type, which may be in capitals.
func ParseIdentity(text string) (Identity, error) {
	lower := []byte(text)
	for i, c := range lower {
		if c >= 'A' && c <= 'F' {
			lower[i] = c + 'a' - 'A'
		}
	}
	if !identityForm.Match(lower) {
		return "", fmt.Errorf("%.70q is no identity: give at least the first four of its hexadecimal characters, as reports show them in brackets", text)
	}
	return Identity(lower), nil
}

// AmbiguousError says that a beginning fits no finding, or several.
type AmbiguousError struct {
	Identity Identity
	Fits     int // at least
}

func (e *AmbiguousError) Error() string {
	if e.Fits == 0 {
		return fmt.Sprintf("no finding of this exchange has an identity that begins with %s; auditor findings list --status all shows them", e.Identity)
	}
	return fmt.Sprintf("the identities of several findings begin with %s; give more characters", e.Identity)
}

// ExitStatus is that of a usage error.
func (e *AmbiguousError) ExitStatus() int { return 1 }

// Finding returns the one finding whose identity begins as given. The error is an
// [*AmbiguousError] if there is none, or more than one.
func (e *Exchange) Finding(ctx context.Context, conn *pgx.Conn, id Identity) (*report.Finding, error) {
	last, err := e.lastRun(ctx, conn)
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, sql.Text("archive/finding.sql"), e.ID, string(id))
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, RowToFinding(e.Currency, last))
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, &AmbiguousError{id, len(list)}
	}
	return &list[0], nil
}
