package exchange

import "auditor/internal/taler"

// Credit is a transfer from a customer into a reserve.
type Credit struct {
	Row
	Reserve       taler.EddsaPublicKey
	Amount        taler.Amount
	ExecutionDate taler.Timestamp
	Sender        string // payto URI
	Section       string // the exchange's name of its own account
	WireReference int64  // the bank's row
}

// Credits is the relation of all transfers into reserves.
var Credits = Relation[Credit]{"credits", "reserves_in", func(d *decoder, r *Credit) {
	r.Row = d.row()
	d.raw(r.Reserve[:])
	r.Amount = d.amount()
	r.ExecutionDate = d.time()
	r.Sender, r.Section = d.text(), d.text()
	r.WireReference = d.integer()
	r.Malformed = d.malformed
}}

// Withdrawal is a request of a reserve's owner, with the exchange's answer.
type Withdrawal struct {
	Row
	Reserve       taler.EddsaPublicKey
	Denomination  int64 // serial
	EnvelopeHash  taler.Hash
	BlindSig      []byte
	ReserveSig    taler.EddsaSignature
	ExecutionDate taler.Timestamp
	AmountWithFee taler.Amount
}

// Withdrawals is the relation of all withdrawals.
var Withdrawals = Relation[Withdrawal]{"withdrawals", "reserves_out", func(d *decoder, r *Withdrawal) {
	r.Row = d.row()
	d.raw(r.Reserve[:])
	r.Denomination = d.integer()
	d.raw(r.EnvelopeHash[:])
	r.BlindSig = d.bytes()
	d.raw(r.ReserveSig[:])
	r.ExecutionDate = d.time()
	r.AmountWithFee = d.amount()
	r.Malformed = d.malformed
}}

// Recoup pays a coin of a revoked denomination back into the reserve that it
// was withdrawn from.
type Recoup struct {
	Row
	Reserve               taler.EddsaPublicKey
	CoinPub               taler.EddsaPublicKey
	Denomination          int64 // serial of the coin's denomination
	WithdrawnDenomination int64 // serial of the withdrawal's denomination
	EnvelopeHash          taler.Hash
	CoinSig               taler.EddsaSignature
	BlindingSecret        taler.BlindingSecret
	Amount                taler.Amount
	Timestamp             taler.Timestamp
}

// Recoups is the relation of all recoups into reserves.
var Recoups = Relation[Recoup]{"recoups", "recoup", func(d *decoder, r *Recoup) {
	r.Row = d.row()
	d.raw(r.Reserve[:])
	d.raw(r.CoinPub[:])
	r.Denomination, r.WithdrawnDenomination = d.integer(), d.integer()
	d.raw(r.EnvelopeHash[:])
	d.raw(r.CoinSig[:])
	d.raw(r.BlindingSecret[:])
	r.Amount = d.amount()
	r.Timestamp = d.time()
	r.Malformed = d.malformed
}}

// Closing wires what is left in an expired reserve back to where it came from.
type Closing struct {
	Row
	Reserve       taler.EddsaPublicKey
	ExecutionDate taler.Timestamp
	WTID          taler.WTID
	Receiver      string       // payto URI
	Amount        taler.Amount // taken out of the reserve, the fee included
	Fee           taler.Amount
}

// Closings is the relation of all closings of reserves.
var Closings = Relation[Closing]{"closings", "reserves_close", func(d *decoder, r *Closing) {
	r.Row = d.row()
	d.raw(r.Reserve[:])
	r.ExecutionDate = d.time()
	d.raw(r.WTID[:])
	r.Receiver = d.text()
	r.Amount, r.Fee = d.amount(), d.amount()
	r.Malformed = d.malformed
}}

// ReserveBalance is what the exchange itself believes of a reserve.
type ReserveBalance struct {
	Row
	Reserve    taler.EddsaPublicKey
	Balance    taler.Amount
	Expiration taler.Timestamp
	Collection taler.Timestamp // from then on the reserve may be collected as garbage, if it is empty
	Account    string          // payto URI that a closing would go to
}

// ReserveBalances is the relation of the exchange's own balances. They are
// mutable; a replica holds stale ones.
var ReserveBalances = Relation[ReserveBalance]{"reserve_balances", "reserves", func(d *decoder, r *ReserveBalance) {
	r.Row = d.row()
	d.raw(r.Reserve[:])
	r.Balance = d.amount()
	r.Expiration, r.Collection = d.time(), d.time()
	r.Account = d.text()
	r.Malformed = d.malformed
}}
