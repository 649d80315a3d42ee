package simulator

import (
	"cmp"
	"slices"
	"time"

	"auditor/internal/taler"
)

// A TransferLedger is the account of what was wired to merchants.
type TransferLedger struct {
	// FeeIncome is what deposits were worth when they were aggregated, less what was
	// wired for them: wire fees, and what rounding down to the round unit left.
	FeeIncome taler.Amount
	Wired     taler.Amount // ordered at the banks, executed or not
	Transfers int64
	Deposits  int64 // that these transfers paid
	// ClosingRounding is what rounding down left of closed reserves, less their fees.
	ClosingRounding taler.Amount
	// TransfersPending and ClosingsPending were ordered, but not executed yet.
	TransfersPending, ClosingsPending taler.Amount
}

// An ObligationLedger is what merchants are still owed. What is owed for a deposit
// is its amount, less its refunds, less the deposit fee unless there was a refund.
type ObligationLedger struct {
	Total   taler.Amount // of Open
	Overdue taler.Amount // of those whose wire deadline passed more than an hour ago: tiny sums
	Open    []Obligation // deposits that were not paid and for which something is owed, by serial
}

// An Obligation is one deposit that was not paid.
type Obligation struct {
	Deposit      int64 // deposits.deposit_serial_id
	Owed         taler.Amount
	WireDeadline time.Time
	Tiny         bool // as the exchange marks it
}

// A ConfirmationLedger counts the deposit confirmations that merchants handed on
// to the auditor. None is missing in the database.
type ConfirmationLedger struct {
	Count int64
	Total taler.Amount // without deposit fees
}

// A BankLedger is what the bank has in one of the exchange's accounts.
type BankLedger struct {
	Section               string
	Credits, Debits       taler.Amount
	CreditRows, DebitRows int64
	Balance               taler.Amount
}

// transferGrace is how long after its deadline a deposit may stay unpaid.
const transferGrace = time.Hour

func (x *Exchange) transferLedger() TransferLedger {
	var t TransferLedger
	b, currency := &x.books, x.scenario.Currency
	t.FeeIncome = b.aggregationFees.amount(currency)
	t.Wired = b.wired.amount(currency)
	t.Transfers, t.Deposits = x.serials["wire_out"].rows, x.serials["aggregation_tracking"].rows
	t.ClosingRounding = b.closingRounding.amount(currency)
	t.TransfersPending, t.ClosingsPending = b.transfersPending.amount(currency), b.closingsPending.amount(currency)
	return t
}

func (x *Exchange) obligationLedger() ObligationLedger {
	var l ObligationLedger
	var total, overdue money
	for _, shop := range x.open {
		for _, n := range shop {
			d := &x.deposits[n]
			owed := x.owed(d)
			if owed == 0 {
				continue
			}
			total += owed
			if d.purchase.wireDeadline.Add(transferGrace) < x.clock {
				overdue += owed
			}
			l.Open = append(l.Open, Obligation{
				Deposit: d.serial, Owed: owed.amount(x.scenario.Currency),
				WireDeadline: d.purchase.wireDeadline.Time(), Tiny: d.tiny,
			})
		}
	}
	slices.SortFunc(l.Open, func(a, b Obligation) int { return cmp.Compare(a.Deposit, b.Deposit) })
	l.Total, l.Overdue = total.amount(x.scenario.Currency), overdue.amount(x.scenario.Currency)
	return l
}

func (x *Exchange) confirmationLedger() ConfirmationLedger {
	var total money
	for _, n := range x.reported {
		d := &x.deposits[n]
		total += d.amount - x.denominationOf(&x.coins[d.coin]).feeDeposit
	}
	return ConfirmationLedger{Count: int64(len(x.reported)), Total: total.amount(x.scenario.Currency)}
}

func (x *Exchange) bankLedger() []BankLedger {
	var list []BankLedger
	for i, account := range x.accounts {
		var credits, debits money
		for _, c := range x.credits[i] {
			credits += c.amount
		}
		for _, d := range x.debits[i] {
			debits += d.amount
		}
		currency := x.scenario.Currency
		list = append(list, BankLedger{
			Section: account.Section,
			Credits: credits.amount(currency), CreditRows: int64(len(x.credits[i])),
			Debits: debits.amount(currency), DebitRows: int64(len(x.debits[i])),
			Balance: (credits - debits).amount(currency),
		})
	}
	return list
}
