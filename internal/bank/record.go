package bank

import "auditor/internal/taler"

// Direction says to whom money flows.
type Direction uint8

// The directions, as seen from the exchange.
const (
	Incoming Direction = iota + 1 // credits of the exchange's account
	Outgoing                      // debits
)

func (d Direction) String() string {
	if d == Outgoing {
		return "outgoing"
	}
	return "incoming"
}

// Kind says what a transfer is for.
type Kind string

// The kinds of transfers. Gateways tell of the first four, camt.053 of all but Wad.
const (
	ToReserve Kind = "reserve"  // incoming: fills a reserve
	KYCAuth   Kind = "kycauth"  // incoming: proves who owns an account, with little money
	Wad       Kind = "wad"      // incoming: another exchange pays for wallets
	Transfer  Kind = "transfer" // outgoing: ordered by the exchange, under a subject of its own
	Return    Kind = "return"   // an earlier transfer of the opposite direction was taken back
	Other     Kind = "other"    // the subject is none that an exchange uses: bank charges, strangers
)

// A Record is one transfer, in the same form whatever its source. Records are comparable with ==.
type Record struct {
	Row       int64 // the bank's number, from 1, unique in its direction and ascending in the order of booking
	Direction Direction
	Kind      Kind
	Date      taler.Timestamp // of execution; never [taler.Forever]
	DayOnly   bool            // the bank tells the day alone: Date is its first second in UTC
	Amount    taler.Amount    // what was transferred, in the exchange's spelling of its currency
	Fee       taler.Amount    // what the bank kept of an incoming transfer; an amount of zero if nothing

	DebitAccount  string // payto URI of the sender
	CreditAccount string // payto URI of the receiver; in camt.053 the stranger's account may be missing: empty

	ReservePub taler.EddsaPublicKey // ToReserve: the reserve; KYCAuth: the key of the account
	WTID       taler.WTID           // Transfer
	WadID      [24]byte             // Wad
	URL        string               // Transfer: the exchange as its subject says; Wad: the other exchange

	Subject   string // camt.053: what the sender wrote, cut to [MaxSubject] bytes; gateways do not tell
	Reference string // camt.053: the bank's reference; may be empty
}

// own returns the account of the exchange in the record.
func (r *Record) own() *string {
	if r.Direction == Outgoing {
		return &r.DebitAccount
	}
	return &r.CreditAccount
}

// A Statement is what camt.053 says of the account as a whole, over some time.
type Statement struct {
	File    string
	ID      string // the bank's name of the statement
	Opening Balance
	Closing Balance
}

// A Balance is what is in the account.
type Balance struct {
	Amount    taler.Amount
	Overdrawn bool            // the account owes Amount to the bank
	Date      taler.Timestamp // the first second of a day, in UTC
}
