package audit

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"auditor/internal/bank"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
)

// run is one audit while it goes on.
type run struct {
	policy   Policy
	internal bool
	now      taler.Timestamp
	snapshot *pg.Snapshot
	source   exchange.Source
	store    *store
	pool     *pool
	workers  int
	logger   *slog.Logger
	show     func(what string, done, total int64)

	banks    []bank.Account
	keys     *keyring // from the area keys on
	accounts []string // those whose histories were read
	banked   *banked  // from the area wire on; nil if the banks were not read, or not all of them

	mu         sync.Mutex
	population []report.Population
	figures    []report.Figure
	unchecked  []report.Unchecked
}

// area is a part of the audit.
type area struct {
	name  string
	lane  int // areas of one lane are audited one after the other, lanes at the same time
	audit func(context.Context, *run, *pgx.Conn) error
	needs []string // other areas; one that needs some cannot be asked for, but is audited whenever they are
}

func areas() []area {
	return []area{
		{name: areaKeys, audit: auditKeys},
		{name: areaReserves, lane: 1, audit: auditReserves},
		{name: areaCoins, lane: 2, audit: auditCoins},
		{name: areaAggregation, lane: 3, audit: auditAggregation},
		{name: areaDeposits, lane: 4, audit: auditConfirmations},
		{name: areaWire, lane: 4, audit: auditWire},
		{name: areaSolvency, audit: auditSolvency, needs: []string{areaReserves, areaCoins, areaAggregation}},
	}
}

// UsageError says that an option makes no sense.
type UsageError struct{ Message string }

func (e *UsageError) Error() string { return e.Message }

// ExitStatus is that of a usage error.
func (e *UsageError) ExitStatus() int { return 1 }

// ArithmeticError says that a total is no amount: it is above 2^52, or cannot be
// told at all. Nothing is stored.
type ArithmeticError struct {
	Figure string
	Err    error
}

func (e *ArithmeticError) Error() string {
	return fmt.Sprintf("%s cannot be told, so nothing was stored: %v; look for rows with absurd amounts", e.Figure, e.Err)
}

func (e *ArithmeticError) Unwrap() error { return e.Err }

// ExitStatus is the one by which scripts know arithmetic failures.
func (e *ArithmeticError) ExitStatus() int { return 42 }

// selectAreas returns the areas to audit. The keys are always among them.
func selectAreas(names []string) ([]area, error) {
	for _, name := range names {
		if !slices.Contains(Areas(), name) {
			return nil, &UsageError{fmt.Sprintf("there is no area %q to audit; choose from %s", name, strings.Join(Areas(), ", "))}
		}
	}
	var selected []area
	for _, a := range areas() {
		asked := len(names) == 0 || a.name == areaKeys || slices.Contains(names, a.name)
		if a.needs != nil {
			asked = !slices.ContainsFunc(a.needs, func(name string) bool { return len(names) > 0 && !slices.Contains(names, name) })
		}
		if asked {
			selected = append(selected, a)
		}
	}
	return selected, nil
}

// find records findings.
func (r *run) find(ctx context.Context, findings ...report.Finding) error {
	for i := range findings {
		if err := r.store.find(ctx, &findings[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) progress(what string, done, total int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.show != nil {
		r.show(what, done, total)
	}
}

func (r *run) count(p report.Population) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.population = append(r.population, p)
}

func (r *run) figure(f report.Figure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.figures = append(r.figures, f)
}

// total states a figure, given as PostgreSQL writes a sum. One that grows is what
// it was in the previous report, plus this run's part.
func (r *run) total(ctx context.Context, area, name, title, text string, grows bool) error {
	state := r.store.amount
	if grows {
		state = func(name, text string) (taler.Amount, error) { return r.grown(ctx, area, name, text) }
	}
	amount, err := state(name, text)
	if err != nil {
		return err
	}
	r.figure(report.Figure{Area: area, Name: name, Title: title, Amount: amount, Provenance: report.AppendOnly})
	return nil
}

// grown is what a figure was in the previous report, plus this run's part.
func (r *run) grown(ctx context.Context, area, name, text string) (taler.Amount, error) {
	amount, err := r.store.amount(name, text)
	if err != nil {
		return amount, err
	}
	before, _, err := r.store.figure(ctx, area, name)
	if err != nil {
		return amount, err
	}
	if amount, err = amount.Add(before); err != nil {
		return amount, &ArithmeticError{Figure: name, Err: err}
	}
	return amount, nil
}

// leave records something that this run does not check, and why.
func (r *run) leave(area, what, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unchecked = append(r.unchecked, report.Unchecked{Area: area, What: what, Why: why})
}

// evaluated returns the rules that this run applies.
func (r *run) evaluated(selected []area) []rule {
	var applied []rule
	for _, rule := range rules() {
		if rule.internal && !r.internal {
			continue
		}
		if slices.ContainsFunc(selected, func(a area) bool { return a.name == rule.area }) {
			applied = append(applied, rule)
		}
	}
	return applied
}

// report puts together what the run itself knows; the store adds the findings.
func (r *run) report(selected []area, rep report.Report) *report.Report {
	for _, a := range areas() {
		if !slices.ContainsFunc(selected, func(s area) bool { return s.name == a.name }) {
			why := "it was not asked for"
			if a.needs != nil {
				why = "it needs the areas " + strings.Join(a.needs, ", ")
			}
			r.leave(a.name, "the whole area", why)
		} else {
			rep.Scope.Areas = append(rep.Scope.Areas, a.name)
		}
	}
	if !r.internal && slices.Contains(rep.Scope.Areas, areaReserves) {
		r.leave(areaReserves, "the exchange's own balances of reserves",
			"they change after replication; an internal audit (-i) compares them")
	}
	rep.Format = report.Format
	rep.Scope.Accounts = r.accounts
	rep.Exchange = report.Exchange{MasterPublicKey: r.policy.MasterPub, BaseURL: r.policy.BaseURL, Currency: r.policy.Currency}
	rep.Scope.Internal = r.internal
	rep.Population, rep.Figures, rep.Unchecked = r.population, r.figures, r.unchecked
	return &rep
}
