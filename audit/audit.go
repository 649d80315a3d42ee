// Package audit proves, or disproves, that an exchange works correctly, from a
// copy of its database that it cannot have prepared for the purpose.
//
// [Run] is one audit. It reads the exchange in one snapshot, judges every row
// that no earlier run has judged, evaluates every rule about time over all that
// is still open, and writes progress, balances, findings and the report to the
// auditor's database in one transaction. A run that dies leaves no trace; a run
// that ends is complete.
//
// The rules are in one file or a few per area: keys, which everything rests on,
// reserves, coins, aggregation, deposits, which are what merchants hold confirmations
// of, wire, which holds the books against the banks, and solvency, which puts them all
// together. Each check has an id and is listed
// in a file checks_AREA.go. A row that breaks a
// rule is a finding, which is data; an error means that the audit itself could
// not be done.
package audit

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/archive"
	"auditor/internal/bank"
	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// Connect opens a connection to a database.
type Connect func(context.Context) (*pgx.Conn, error)

// Options say what to audit, and with what.
type Options struct {
	Exchange Connect // to the database to audit, which is only read
	Auditor  Connect // to the auditor's own database
	Schema   string  // of the exchange's tables
	Policy   Policy
	Banks    []bank.Account   // the exchange's accounts; none: the books are not compared with banks
	Internal bool             // mutable columns are current, so check them too
	Areas    []string         // areas to report on; none means all
	AsOf     time.Time        // the clock of the audit; zero means the time at which it starts
	Clock    func() time.Time // tells when the audit started and ended
	Logger   *slog.Logger
	Progress func(what string, done, total int64) // of several things at a time, but never called twice at once; done is total at the end of one; may be nil
	Program  report.Program
	Workers  int          // verifiers; 0 means one per core
	Key      *archive.Key // signs the note of the report; may be nil
}

// Policy is what the auditor knows of the exchange without asking it.
type Policy struct {
	MasterPub              taler.EddsaPublicKey
	BaseURL                string
	Currency               taler.Currency
	RoundUnit              taler.Amount          // of wire transfers; zero if nothing is rounded
	AuditorPub             *taler.EddsaPublicKey // nil if this auditor signs no denominations
	AuditorURL             string
	IdleReserveExpiration  time.Duration // after the last credit
	LegalReserveExpiration time.Duration // after the last withdrawal or recoup, when a reserve may be collected; 0 if not known
	ClosingGrace           time.Duration // how long after its expiration a reserve may stay open
	DepositGrace           time.Duration // how long after its wire deadline a deposit may stay unpaid
	LongestWireDelay       time.Duration // how long after it can no longer be refunded a deposit may be due; 0 if not known
	TinyAmount             taler.Amount  // a sum that is smaller, after the wire fee, need not be wired
	FutureTolerance        time.Duration // by how much the exchange's clock may be ahead of ours
	ExecutionTolerance     time.Duration // by how much two clocks of the exchange may differ
	DenominationGrace      time.Duration // how long after the end of deposits a denomination counts as expired
	ConfirmationGrace      time.Duration // how long after its confirmation a deposit may be missing in the database
	TransferGrace          time.Duration // how long the bank may take for what was ordered, and the exchange to book what the bank did
}

// Areas lists the areas that can be audited, in the order of the audit.
func Areas() []string {
	var names []string
	for _, a := range areas() {
		if a.needs == nil {
			names = append(names, a.name)
		}
	}
	return names
}

// CollectRarely has garbage collected when there is four times as much of it as is in use,
// unless the environment variable GOGC says when. It is for programs that audit: an audit
// keeps some tens of MiB, whatever the size of the exchange, and leaves much garbage.
func CollectRarely() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// Run audits an exchange. The report is complete when the error is nil; then,
// and only then, the auditor's database has changed.
//
// Errors are *[UsageError] for options that make no sense, *[ArithmeticError]
// for totals that are no amounts, *[BusyError] and *[ReplicatingError] if somebody
// else is at work, *[DefectError] for defects of this program, and others where a
// database could not be used.
func Run(ctx context.Context, opt Options) (*report.Report, error) {
	selected, err := selectAreas(opt.Areas)
	if err != nil {
		return nil, err
	}
	started := opt.Clock().UTC().Truncate(time.Microsecond)
	asOf := opt.AsOf
	if asOf.IsZero() {
		asOf = started
	}
	asOf = asOf.UTC().Truncate(time.Second)
	snapshot, err := openSnapshot(ctx, opt)
	if err != nil {
		return nil, err
	}
	defer snapshot.Close(context.WithoutCancel(ctx))
	layout, err := exchange.Recognize(ctx, snapshot.Leader(), opt.Schema)
	if err != nil {
		return nil, err
	}
	conn, err := opt.Auditor(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))

	store, err := openStore(ctx, conn, opt.Policy, asOf)
	if err != nil {
		return nil, err
	}
	workers := opt.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	r := &run{
		policy:   opt.Policy,
		banks:    opt.Banks,
		internal: opt.Internal,
		now:      taler.TimestampOf(asOf),
		snapshot: snapshot,
		source:   exchange.Source{Layout: layout, Schema: opt.Schema, Currency: opt.Policy.Currency},
		store:    store,
		pool:     newPool(workers),
		workers:  workers,
		logger:   opt.Logger,
		show:     opt.Progress,
	}
	defer r.pool.close()
	if err := r.auditAreas(ctx, selected, opt.Clock); err != nil {
		return nil, err
	}
	if _, err := auditStatements(ctx, r, exchange.Recoups.Table, exchange.FreshRecoups.Table); err != nil {
		return nil, err
	}
	if incomplete, err := passIncomplete(ctx, snapshot.Leader()); err != nil {
		return nil, err
	} else if incomplete {
		r.leave("", "whether all rows are of one moment", "the last pass of auditor-sync did not end, so rows may be missing that others were written in knowledge of")
	}
	alerts, err := replicationAlerts(ctx, snapshot.Leader())
	if err != nil {
		return nil, err
	}
	checkpoint, err := keepEvidence(ctx, snapshot.Leader(), store)
	if err != nil {
		return nil, err
	}
	rep := r.report(selected, report.Report{
		AsOf: asOf, Started: started, Program: opt.Program, Alerts: alerts, Checkpoint: checkpoint,
		Scope: report.Scope{Layout: layout.Name, Database: snapshot.Leader().Config().Database, Schema: opt.Schema},
	})
	if err := store.finish(ctx, rep, r.evaluated(selected), opt.Clock, opt.Key); err != nil {
		return nil, err
	}
	return rep, nil
}
