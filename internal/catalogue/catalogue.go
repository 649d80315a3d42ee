// Package catalogue lists what can be wrong with an exchange: frauds of the
// operator, of customers, merchants, banks and intruders, faults, corruptions,
// and honest oddities that only look wrong. Each [Entry] tells its story, does the
// deed to the database of a simulated exchange, as cleverly as its culprit could,
// and says exactly which findings an audit must then make, and no other.
//
// [Entries] lists them all, by area. [Entry.Commit] needs a [Scene] from [Open]. The
// auditor's tests commit each entry and compare; the page for auditors in
// training is written from the same list.
//
// The package knows the exchange's database and the keys of the simulator. It
// does not know the auditor's code: what must be found is told by whoever wrote
// the entry, from the deed alone.
package catalogue

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// Culprit is who can do the deed.
type Culprit string

// Culprits. An operator has the exchange's keys and its database; an intruder has
// the database only; an accident wants nothing.
const (
	Operator Culprit = "operator"
	Customer Culprit = "customer"
	Merchant Culprit = "merchant"
	Bank     Culprit = "bank"
	Intruder Culprit = "intruder"
	Accident Culprit = "accident"
	Nobody   Culprit = "nobody" // all is well, whatever it looks like
)

// When is at which time a deed is done, or a finding is made.
type When string

// Times. The zero value means at any time.
const (
	Either  When = ""
	Before  When = "before the first audit"
	Between When = "between two audits"
)

// Meets tells whether something that holds at w holds at a certain time.
func (w When) Meets(at When) bool { return w == Either || w == at }

// Areas, in the order of the catalogue.
const (
	AreaKeys        = "Keys and fees"
	AreaReserves    = "Reserves"
	AreaCoins       = "Coins"
	AreaRefresh     = "Refresh"
	AreaRecoup      = "Recoup"
	AreaRefunds     = "Refunds"
	AreaAggregation = "Aggregation"
	AreaDeposits    = "Deposits"
	AreaWire        = "Bank and wire"
	AreaReplication = "Replication"
	AreaHonest      = "Honest oddities"
)

// Areas lists them.
func Areas() []string {
	return []string{AreaKeys, AreaReserves, AreaCoins, AreaRefresh, AreaRecoup, AreaRefunds, AreaAggregation, AreaDeposits, AreaWire,
		AreaReplication, AreaHonest}
}

// Entry is one thing that can be wrong.
type Entry struct {
	Name    string // words with hyphens
	Area    string // one of Areas
	Culprit Culprit
	Story   string // for people, one to three sentences
	When    When
	Refs    []string // what it covers: ids of checks, holes (H-), bugs (B-), imprecisions (I-), alerts (S), "test 7"

	deed func(*deed) []Expectation
	// apply is for deeds that the simulator itself can do.
	apply func(context.Context, *Scene) ([]Expectation, error)
}

// Expectation is one finding that must be made. A finding is never about a row
// with the serial 0.
type Expectation struct {
	Check   string // id of the check, or of the alert of replication; of a hole that no check closes yet
	Table   string
	Serial  int64  // 0 if it is not about one row
	Subject string // what it is about if not a row, or besides it
	When    When   // the deed was done
	// Internal means that only internal audits make the finding, although they are
	// not alone in making the check.
	Internal bool

	Loss, Exposure, Gain taler.Amount // the zero value means none
}

// ErrNoVictim says that the exchange holds nothing that the deed could be done to.
var ErrNoVictim = errors.New("nobody at this exchange lends himself to it")

// Entries returns the catalogue, by area.
func Entries() []Entry {
	var all []Entry
	for _, part := range [][]Entry{
		keysOfDenominations(), keysOfAuditors(), keysOfTheExchange(), fees(),
		withdrawals(), overdrafts(), credits(), closings(), closingFees(), unreadable(),
		coins(), refreshes(), recoups(), recoupsRefresh(), refunds(), aggregations(), payments(), confirmed(), incoming(), outgoing(),
		replication(), honestTimes(), honestMoney(),
	} {
		all = append(all, part...)
	}
	return all
}

// Commit does the deed, in one transaction, and says what must be found. It fails
// with ErrNoVictim if there is nobody to do it to; then nothing has changed.
func (e Entry) Commit(ctx context.Context, s *Scene) ([]Expectation, error) {
	if e.apply != nil {
		return e.apply(ctx, s)
	}
	var expected []Expectation
	err := pgx.BeginFunc(ctx, s.Conn, func(tx pgx.Tx) error {
		d := &deed{Scene: s, ctx: ctx, tx: tx}
		expected = e.deed(d)
		return d.err
	})
	return expected, err
}
