// Package report holds the outcome of an audit as one value and renders it.
//
// An audit run fills a [Report]: what was audited and as of when, the
// population that was judged, the figures, the schedule of findings and what
// could not be checked. Everything else in this package is a rendering of that
// value: JSON for machines, text for people, and the objects that readers of
// the earlier auditor's reports expect. No rendering computes a figure; none
// of them knows a database.
//
// Text in a report may come from a hostile exchange. It is kept as it was
// found in the value and made harmless by each rendering.
package report

import (
	"time"

	"auditor/internal/taler"
)

// Format names the JSON form of a report. It changes whenever a reader of the
// previous form could be misled.
const Format = "auditor-report/1"

// Report is the outcome of one audit run.
type Report struct {
	Format   string    `json:"format"`
	Run      int64     `json:"run"`                // 1, 2, 3, … per exchange
	AsOf     time.Time `json:"as_of"`              // the clock of the audit
	Previous *Previous `json:"previous,omitempty"` // absent in a first report
	Restart  *Restart  `json:"restart,omitempty"`  // absent unless everything was judged anew
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	Program  Program   `json:"program"`
	Exchange Exchange  `json:"exchange"`
	Scope    Scope     `json:"scope"`

	Checkpoint *Checkpoint `json:"checkpoint,omitempty"` // absent where no trusted copy was audited

	Population []Population `json:"population"`
	Figures    []Figure     `json:"figures"`
	Checks     []Check      `json:"checks"`
	Findings   []Finding    `json:"findings"`
	Alerts     []Alert      `json:"alerts"` // open ones of replication, the oldest first
	Unchecked  []Unchecked  `json:"unchecked"`
}

// Previous points to the report that this one continues.
type Previous struct {
	Run    int64     `json:"run"`
	AsOf   time.Time `json:"as_of"`
	Digest string    `json:"digest,omitempty"` // SHA-256 of its JSON form, hexadecimal; absent if it was not kept byte for byte
}

// Restart says that the audit was told, after the previous report, to forget what it had
// judged and found.
type Restart struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`     // role of the database
	Forced bool      `json:"forced"` // rows that had been judged were missing already
}

// Checkpoint is the evidence of what was audited: for each table of the trusted copy
// the root of a Merkle tree over all rows that it ever took in.
type Checkpoint struct {
	Tables []CopiedTable `json:"tables"` // those that hold a row, by name
}

// CopiedTable is the root of one table.
type CopiedTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Root  string `json:"root"` // SHA-256 (RFC 6962), base64
}

// Program is what made the report.
type Program struct {
	Name                string `json:"name"`
	Version             string `json:"version"`
	ConfigurationDigest string `json:"configuration_digest,omitempty"` // SHA-256, hexadecimal, without secrets; absent if there was none
}

// Exchange is who was audited.
type Exchange struct {
	MasterPublicKey taler.EddsaPublicKey `json:"master_public_key"`
	BaseURL         string               `json:"base_url"`
	Currency        taler.Currency       `json:"currency"`
}

// Scope is what was audited, and in which way.
type Scope struct {
	Internal bool     `json:"internal"` // mutable columns were trusted to be current
	Areas    []string `json:"areas"`
	Layout   string   `json:"layout"` // of the exchange database
	Database string   `json:"database"`
	Schema   string   `json:"schema"`
	Accounts []string `json:"accounts,omitempty"` // the exchange's bank accounts whose histories were read
}

// Population counts the rows of one table that one area judged in this run.
// Rows read always equals rows judged; a run in which it does not fails.
type Population struct {
	Area  string `json:"area"`
	Table string `json:"table"`
	From  int64  `json:"from_serial"` // progress point before the run: the first serial not yet judged
	Next  int64  `json:"next_serial"` // progress point after the run
	Rows  int64  `json:"rows"`        // judged in this run
	Late  int64  `json:"late_rows"`   // of these: serials below From that earlier runs had not seen
	Holes int64  `json:"holes"`       // serials below Next that were never seen and stay watched
	Total int64  `json:"total_rows"`  // judged in all runs
}

// Provenance is where a figure comes from, and so how far it can be trusted.
type Provenance string

// Where a figure comes from.
const (
	AppendOnly Provenance = "append-only" // signed or append-only rows
	Mutable    Provenance = "mutable"     // columns that the exchange may change at will
	Bank       Provenance = "bank"        // the bank's history
)

// Class says what sort of total a figure is.
type Class string

// The classes of figures.
const (
	Liability  Class = "liability"  // what the exchange owes, or holds for others
	Balance    Class = "balance"    // what it has
	Income     Class = "income"     // what it earned
	Obligation Class = "obligation" // what it should have done by now
	Damage     Class = "damage"     // what is missing
	Turnover   Class = "turnover"   // what moved
)

// Component is what a figure is made of: the rows of a table, or another figure.
type Component struct {
	Name       string `json:"name"`                 // of a table of the exchange, or of a figure
	What       string `json:"what,omitempty"`       // which part of it counts
	Subtracted bool   `json:"subtracted,omitempty"` // it makes the figure smaller
}

// Figure is one total.
type Figure struct {
	Area       string        `json:"area"`
	Name       string        `json:"name"`               // stable, lower case with underscores
	Title      string        `json:"title"`              // for people
	Amount     taler.Amount  `json:"amount"`             // after this run
	Previous   *taler.Amount `json:"previous,omitempty"` // after the previous run
	Provenance Provenance    `json:"provenance"`
	Class      Class         `json:"class,omitempty"`   // absent if it is of no class
	MadeOf     []Component   `json:"made_of,omitempty"` // absent if it is not told
}

// Severity orders findings by what they may cost.
type Severity string

// The severities, from harmless to grave.
const (
	Notice        Severity = "notice"        // worth knowing; nobody need have done wrong
	Inconsistency Severity = "inconsistency" // the database contradicts itself or a rule
	Exposure      Severity = "exposure"      // money may have been lost, or may be lost still
	Loss          Severity = "loss"          // money is missing
)

// Severities lists all of them, from harmless to grave.
func Severities() []Severity { return []Severity{Notice, Inconsistency, Exposure, Loss} }

// AtLeast tells whether s is as grave as t or graver.
func (s Severity) AtLeast(t Severity) bool { return s.rank() >= t.rank() }

func (s Severity) rank() int {
	for i, v := range Severities() {
		if s == v {
			return i
		}
	}
	return len(Severities())
}

// Status says how a finding relates to the previous report.
type Status string

// How a finding relates to the previous report.
const (
	New        Status = "new"
	Persisting Status = "persisting"
	Resolved   Status = "resolved"
)

// Kind says when a finding is made.
type Kind string

// When a finding is made.
const (
	// OfRow is a finding about a row, made once, in the run that judged the row.
	OfRow Kind = "row"
	// OfState is a finding about a state of affairs, made again in every run
	// until it no longer holds.
	OfState Kind = "state"
)

// Finding is one thing that is not as it should be.
//
// Identity is the same in each run that makes the same finding: it depends on
// the check and on what the finding is about, not on figures or times.
type Finding struct {
	Identity string     `json:"identity"` // hexadecimal
	Check    string     `json:"check"`    // such as R-04
	Area     string     `json:"area"`
	Kind     Kind       `json:"kind"`
	Severity Severity   `json:"severity"`
	Status   Status     `json:"status"`
	FirstRun int64      `json:"first_run"`
	First    time.Time  `json:"first_seen"`          // clock of the first run that made it
	Since    int64      `json:"since_run,omitempty"` // run since which it holds without a break; absent in earlier reports
	Last     int64      `json:"last_run,omitempty"`  // last run that made it; absent in earlier reports
	Table    string     `json:"table,omitempty"`
	Serial   *int64     `json:"serial,omitempty"`
	Subject  string     `json:"subject,omitempty"` // key, account or method that it is about
	Amounts             // what it costs
	Summary  string     `json:"summary"` // one sentence for people
	Evidence []Evidence `json:"evidence,omitempty"`

	Acknowledged *Acknowledgement `json:"acknowledged,omitempty"` // absent if nobody did
}

// Counts tells whether the finding is open and nobody acknowledged it as it is now.
func (f *Finding) Counts() bool {
	return f.Status != Resolved && (f.Acknowledged == nil || f.Acknowledged.Lapsed)
}

// Acknowledgement says who knows of a finding, and why nothing more need be done. It
// changes neither the finding nor any total.
type Acknowledgement struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Lapsed bool      `json:"lapsed"` // the finding became graver or dearer since, or was resolved and came back
}

// Amounts says what a finding costs. Absent amounts are nil.
type Amounts struct {
	Loss     *taler.Amount `json:"loss,omitempty"`     // certainly gone
	Exposure *taler.Amount `json:"exposure,omitempty"` // at stake
	Gain     *taler.Amount `json:"gain,omitempty"`     // kept by the exchange without right
}

// Evidence is a named value that supports a finding.
type Evidence struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Lookup returns the first evidence of that name, or "".
func (f *Finding) Lookup(name string) string {
	for _, e := range f.Evidence {
		if e.Name == name {
			return e.Value
		}
	}
	return ""
}

// Alert is something that the exchange did to its database after auditor-sync
// copied it into the trusted copy that was audited, and that nobody put right.
type Alert struct {
	Identity string    `json:"identity"`
	Kind     string    `json:"kind"` // such as altered-row
	Table    string    `json:"table"`
	Serial   *int64    `json:"serial,omitempty"`
	Columns  []string  `json:"columns,omitempty"`
	Ours     string    `json:"ours"`   // what the trusted copy holds, or what is expected
	Theirs   string    `json:"theirs"` // what the exchange shows now
	Summary  string    `json:"summary"`
	First    time.Time `json:"first_seen"`
	Last     time.Time `json:"last_seen"`
	Count    int64     `json:"count"` // how often it was raised
}

// Check is one rule that was applied in this run, whether or not it found anything.
type Check struct {
	ID     string `json:"id"`
	Area   string `json:"area"`
	Title  string `json:"title"`
	Run    Totals `json:"run"`    // findings that this run made
	Open   Totals `json:"open"`   // findings of all runs that are not resolved
	Listed int    `json:"listed"` // of the open ones: how many the report lists

	Acknowledged int64 `json:"acknowledged,omitempty"` // of the open ones: how many were acknowledged as they are now
}

// Totals adds up findings.
type Totals struct {
	Count    int64        `json:"count"`
	Loss     taler.Amount `json:"loss"`
	Exposure taler.Amount `json:"exposure"`
	Gain     taler.Amount `json:"gain"`
}

// Unchecked is something that this run could not check, and why.
type Unchecked struct {
	Area string `json:"area"`
	What string `json:"what"`
	Why  string `json:"why"`
	// Failed means that it should have been checked: a bank could not be used.
	Failed bool `json:"failed,omitempty"`
}
