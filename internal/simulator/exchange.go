package simulator

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"auditor/internal/taler"
)

// An Exchange is a simulated exchange and what it has done so far. It is not safe
// for concurrent use, except that its getters may be called together.
type Exchange struct {
	scenario Scenario
	keys     *KeyPool
	workers  int
	values   []money // of the denominations of each generation

	start, clock taler.Timestamp
	accounts     []Account
	auditors     []auditor
	master       taler.EddsaPrivateKey

	denominations []denomination // generation by generation, in the order of values
	least         money          // value of a denomination
	signKeys      []signKey
	wireFees      []wireFee
	shops         []shop

	reserves  []reserve // by number of the life; serial 0 until the first credit
	bySerial  []int     // reserves that exist, ascending by serial
	coins     []coin    // in the order in which they were issued
	known     []int     // coins that the exchange has seen, ascending by serial
	deposits  []deposit // ascending by serial
	open      [][]int   // deposits that are not paid yet, by shop
	melts     []melt    // ascending by serial
	reported  []int     // deposits whose confirmations went to the auditor
	credits   [2][]bankCredit
	debits    [2][]bankDebit
	purchases uint64

	advances   []int // days of each Advance
	upcoming   queue
	planned    uint64     // events so far
	aggregator *rand.Rand // the pace of the exchange's own programs and of the banks

	serials    map[string]*counter // of each table
	references [2]counter          // the banks' numbers of transfers, per account
	income     money               // withdraw and closing fees
	books      books
	batch      batch
	writes     int // that succeeded
	written    bool
}

// A reserve is a customer's money that has not been withdrawn yet.
type reserve struct {
	serial     int64
	account    int    // of the exchange, where it was credited first
	origin     string // the account that the first credit came from
	owed       money  // what the customer has left
	stolen     money  // by which the exchange's own figure is lower
	expiration taler.Timestamp
	collection taler.Timestamp // from then on, an empty reserve may be garbage collected
	changed    bool            // since the last Write
	last       change
	was        reserveBefore // before the last change
	stored     bool          // in the database
	held       bool          // the last change is not to be seen yet
	basket     basket
	deaf       bool // the customer hears of no revocation
}

// visible is the reserve as the database is to show it.
func (r *reserve) visible() reserve {
	v := *r
	if r.held {
		v.owed, v.expiration, v.collection = r.was.owed, r.was.expiration, r.was.collection
	}
	return v
}

// booked is the balance that the exchange believes in.
func (r *reserve) booked() money { return r.owed - r.stolen }

// New plays the first days of a scenario. It fails if the scenario contradicts
// itself, or if the key pool cannot be used.
func New(s Scenario) (*Exchange, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.KeySeed == 0 {
		s.KeySeed = s.Seed
	}
	x := &Exchange{
		scenario: s,
		keys:     s.Keys,
		workers:  runtime.GOMAXPROCS(0),
		start:    taler.TimestampOf(s.Start),
		clock:    taler.TimestampOf(s.Start),
		accounts: accountsOf(s),
		auditors: auditorsOf(s),
		master:   s.secret("master key"),
		serials:  make(map[string]*counter),
		shops:    shopsOf(s),

		aggregator: s.chance("aggregator"),
	}
	x.open = make([][]int, len(x.shops))
	if x.keys == nil {
		x.keys = processKeys
	}
	for _, v := range s.Values {
		m, err := parseMoney(v)
		if err != nil {
			return nil, err
		}
		x.values = append(x.values, m)
	}
	x.least = slices.Min(x.values)
	for _, t := range tables {
		x.serials[t.name] = &counter{chance: s.chance("serials of " + t.name)}
	}
	for i := range x.references {
		x.references[i].chance = s.chance("bank references", uint64(i))
	}
	for i := range x.auditors {
		x.auditors[i].serial = x.serials["auditors"].next()
	}
	x.serials["wire_accounts"].rows = int64(len(x.accounts))
	x.planRevocations()
	return x, x.play(s.Days)
}

// Advance plays more days: new reserves at the scenario's rate, whatever becomes of
// the money that customers and merchants hold, new keys and fees. The next Write
// writes it.
func (x *Exchange) Advance(days int) error {
	if days < 1 {
		return fmt.Errorf("simulation advances by %d days; ask for at least one", days)
	}
	if err := x.play(days); err != nil {
		return err
	}
	x.advances = append(x.advances, days)
	return nil
}

func (x *Exchange) play(days int) error {
	until := x.clock.Add(time.Duration(days) * day)
	if err := x.publish(until); err != nil {
		return err
	}
	x.arrive((x.scenario.Reserves*days+x.scenario.Days-1)/x.scenario.Days, until)
	x.playUntil(until)
	x.clock = until
	return nil
}

// Clock returns the time up to which the exchange was played. An audit of it is
// to be made as of this time.
func (x *Exchange) Clock() time.Time { return x.clock.Time() }

// Scenario returns what is played.
func (x *Exchange) Scenario() Scenario { return x.scenario }

// MasterPublicKey returns the key that identifies the exchange.
func (x *Exchange) MasterPublicKey() taler.EddsaPublicKey { return x.master.Public() }

// Currency returns the currency of all amounts.
func (x *Exchange) Currency() taler.Currency { return x.scenario.Currency }

// RoundUnit returns the smallest amount that can be wired.
func (x *Exchange) RoundUnit() taler.Amount { return cent.amount(x.scenario.Currency) }

// TinyAmount returns the sum that need not be wired on its own.
func (x *Exchange) TinyAmount() taler.Amount { return tinyAmount.amount(x.scenario.Currency) }

// BaseURL returns the address of the exchange.
func (x *Exchange) BaseURL() string { return "https://exchange.example/" }

// Accounts returns the exchange's bank accounts.
func (x *Exchange) Accounts() []Account { return append([]Account(nil), x.accounts...) }

// Auditor returns the public key and address of the auditor that audits, whose
// signature is on each denomination. A second auditor signs too.
func (x *Exchange) Auditor() (taler.EddsaPublicKey, string) {
	return x.auditors[0].key.Public(), x.auditors[0].url
}
