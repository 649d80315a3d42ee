package simulator

import (
	"time"

	"auditor/internal/taler"
)

// A Ledger holds the figures that an audit of the exchange, as of its clock, must
// arrive at. It counts what was played, written or not. Frauds do not enter it
// unless they are adopted.
type Ledger struct {
	TotalEscrow       taler.Amount // what all reserves are owed
	WithdrawFeeIncome taler.Amount // withdraw and closing fees together
	Reserves          []ReserveLedger
	Tables            map[string]TableLedger // of those that the simulator writes
}

// A ReserveLedger is the account of one reserve. Reserves come in the order of
// their serials.
type ReserveLedger struct {
	Serial     int64
	Key        taler.EddsaPublicKey
	Origin     string // payto URI that the first credit came from
	Balance    taler.Amount
	Expiration time.Time
}

// A TableLedger counts the rows of one table.
type TableLedger struct {
	Rows    int64
	Highest int64 // serial; 0 for a table without serials, or without rows
}

// Ledger computes the expected figures.
func (x *Exchange) Ledger() Ledger {
	l := Ledger{
		WithdrawFeeIncome: x.income.amount(x.scenario.Currency),
		Tables:            make(map[string]TableLedger, len(x.serials)),
	}
	var escrow money
	for _, i := range x.bySerial {
		r := &x.reserves[i]
		escrow += r.owed
		l.Reserves = append(l.Reserves, ReserveLedger{
			Serial:     r.serial,
			Key:        x.reserveKey(i).Public(),
			Origin:     r.origin,
			Balance:    r.owed.amount(x.scenario.Currency),
			Expiration: r.expiration.Time(),
		})
	}
	l.TotalEscrow = escrow.amount(x.scenario.Currency)
	for name, c := range x.serials {
		l.Tables[name] = TableLedger{Rows: c.rows, Highest: c.last}
	}
	return l
}

// Open returns the reserves that hold money and have not expired at that time.
func (l Ledger) Open(at time.Time) []ReserveLedger {
	return l.filter(func(r ReserveLedger) bool { return r.Expiration.After(at) })
}

// Unclosed returns the reserves that hold money although they have expired at
// that time. The exchange closes them within a day.
func (l Ledger) Unclosed(at time.Time) []ReserveLedger {
	return l.filter(func(r ReserveLedger) bool { return !r.Expiration.After(at) })
}

func (l Ledger) filter(keep func(ReserveLedger) bool) []ReserveLedger {
	var kept []ReserveLedger
	for _, r := range l.Reserves {
		if !r.Balance.IsZero() && keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}
