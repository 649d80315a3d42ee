package exchange

import "auditor/internal/taler"

// PayableDeposit is a deposit as a debt to a merchant.
type PayableDeposit struct {
	Row
	CoinPub           taler.EddsaPublicKey
	Denomination      int64        // serial of the coin's denomination
	AmountWithFee     taler.Amount // the deposit fee is part of it
	ExchangeTimestamp taler.Timestamp
	RefundDeadline    taler.Timestamp
	WireDeadline      taler.Timestamp // which nobody signs
	MerchantPub       taler.EddsaPublicKey
	WireHash          taler.Hash
	Wire              string // JSON
	Done              bool   // mutable: the exchange believes that it was paid; a replica holds a stale one
}

// PayableDeposits is the relation of all deposits, as debts to merchants.
var PayableDeposits = Relation[PayableDeposit]{"payable_deposits", "deposits", func(d *decoder, r *PayableDeposit) {
	r.Row = d.row()
	d.raw(r.CoinPub[:])
	r.Denomination = d.integer()
	r.AmountWithFee = d.amount()
	r.ExchangeTimestamp, r.RefundDeadline, r.WireDeadline = d.time(), d.time(), d.time()
	d.raw(r.MerchantPub[:])
	d.raw(r.WireHash[:])
	r.Wire = d.text()
	r.Done = d.boolean()
	r.Malformed = d.malformed
}}

// BookedRefund is a refund as it lessens a debt to a merchant.
type BookedRefund struct {
	Row
	Deposit       int64 // serial
	AmountWithFee taler.Amount
}

// BookedRefunds is the relation of all refunds, as they lessen debts to merchants.
var BookedRefunds = Relation[BookedRefund]{"booked_refunds", "refunds", func(d *decoder, r *BookedRefund) {
	r.Row = d.row()
	r.Deposit = d.integer()
	r.AmountWithFee = d.amount()
	r.Malformed = d.malformed
}}

// WireTransfer is a payment to a merchant.
type WireTransfer struct {
	Row
	ExecutionDate taler.Timestamp
	WTID          taler.WTID
	Target        string // JSON
	Amount        taler.Amount
	Section       string // the exchange's name of its own account
}

// WireTransfers is the relation of all payments to merchants.
var WireTransfers = Relation[WireTransfer]{"wire_transfers", "wire_out", func(d *decoder, r *WireTransfer) {
	r.Row = d.row()
	r.ExecutionDate = d.time()
	d.raw(r.WTID[:])
	r.Target = d.text()
	r.Amount = d.amount()
	r.Section = d.text()
	r.Malformed = d.malformed
}}

// TrackedDeposit says which transfer pays a deposit.
type TrackedDeposit struct {
	Row
	Deposit        int64 // serial
	RefundDeadline taler.Timestamp
	WireHash       taler.Hash
	Wire           string // JSON

	Transfer      *int64 // serial; nil if there is no such transfer, and then nothing of it is known
	ExecutionDate taler.Timestamp
	Target        string // JSON
}

// TrackedDeposits is the relation of all deposits that are part of transfers.
var TrackedDeposits = Relation[TrackedDeposit]{"tracked_deposits", "aggregation_tracking", func(d *decoder, r *TrackedDeposit) {
	r.Row = d.row()
	r.Deposit = d.integer()
	r.RefundDeadline = d.time()
	d.raw(r.WireHash[:])
	r.Wire = d.text()
	if !d.skipNull(3) {
		r.Transfer = new(d.integer())
		r.ExecutionDate = d.time()
		r.Target = d.text()
	}
	r.Malformed = d.malformed
}}

// UnpaidDeposit is a deposit that the exchange itself believes it must still pay.
type UnpaidDeposit struct {
	Row
	WireDeadline taler.Timestamp
	Tiny         bool // too little to be wired on its own
}

// UnpaidDeposits is the relation of the deposits that the exchange has not marked
// as paid. The marks are mutable; a replica holds stale ones.
var UnpaidDeposits = Relation[UnpaidDeposit]{"unpaid_deposits", "deposits", func(d *decoder, r *UnpaidDeposit) {
	r.Row = d.row()
	r.WireDeadline = d.time()
	r.Tiny = d.boolean()
	r.Malformed = d.malformed
}}

// PreparedPayment is an order to the exchange's bank that is not carried out yet.
type PreparedPayment struct {
	Row
	Failed bool // the bank refused it for good
	Order  PaymentOrder
	Booked *Booking // what it is for in the books; nil: nothing
}

// Booking is what the exchange's books say of a payment.
type Booking struct {
	Table  string // wire_out, or reserves_close
	Serial int64
	Payee  string // of a transfer JSON, of a closing a payto URI
	Amount taler.Amount
}

// PreparedPayments is the relation of what the exchange is about to pay. It is mutable
// and not replicated.
var PreparedPayments = Relation[PreparedPayment]{"prepared_payments", "prewire", func(d *decoder, r *PreparedPayment) {
	r.Row = d.row()
	r.Failed = d.boolean()
	column := d.fields[d.at].Name
	order, err := ParsePaymentOrder(d.bytes())
	if err != nil {
		d.refuse(column, "is no order to a bank: %v", err)
	}
	r.Order = order
	if !d.skipNull(7) {
		r.Booked = &Booking{Table: d.text(), Serial: d.integer(), Payee: d.text()}
		amount, fee := d.amount(), d.amount()
		if r.Booked.Amount, err = amount.Sub(fee); err != nil {
			r.Booked.Amount = taler.Zero(d.currency) // of a closing, which the area reserves tells
		}
	}
	r.Malformed = d.malformed
}}
