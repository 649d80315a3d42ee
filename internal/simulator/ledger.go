package simulator

import (
	"time"

	"auditor/internal/taler"
)

// A Ledger holds the figures that an audit of the exchange, as of its clock, must
// arrive at. It counts what was played, written or not. Frauds do not enter it
// unless they are adopted.
//
// Figures of reports that count what is wrong are all zero and not listed here.
type Ledger struct {
	AsOf              time.Time
	TotalEscrow       taler.Amount // what all reserves are owed
	WithdrawFeeIncome taler.Amount // withdraw and closing fees together
	Reserves          []ReserveLedger
	Coins             CoinLedger
	Denominations     []DenominationLedger
	Transfers         TransferLedger
	Obligations       ObligationLedger
	Confirmations     ConfirmationLedger
	Banks             []BankLedger           // one for each of Accounts
	Tables            map[string]TableLedger // of those that the simulator writes

	// Liabilities is what the exchange owes to customers and merchants: TotalEscrow,
	// Coins.Escrow, Obligations.Total, and what was ordered at banks and is pending.
	Liabilities taler.Amount
	// Income is what the exchange earned: fees of all kinds, rounding, and Coins.Expired,
	// less the deposit fees that it forwent; nothing if that was more.
	Income taler.Amount
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
	currency := x.scenario.Currency
	l := Ledger{
		AsOf:              x.Clock(),
		WithdrawFeeIncome: x.income.amount(currency),
		Transfers:         x.transferLedger(),
		Obligations:       x.obligationLedger(),
		Confirmations:     x.confirmationLedger(),
		Banks:             x.bankLedger(),
		Tables:            make(map[string]TableLedger, len(x.serials)),
	}
	l.Coins, l.Denominations = x.coinLedger()
	var escrow money
	for _, i := range x.bySerial {
		r := &x.reserves[i]
		escrow += r.owed
		l.Reserves = append(l.Reserves, ReserveLedger{
			Serial:     r.serial,
			Key:        x.reserveKey(i).Public(),
			Origin:     r.origin,
			Balance:    r.owed.amount(currency),
			Expiration: r.expiration.Time(),
		})
	}
	l.TotalEscrow = escrow.amount(currency)
	l.Liabilities = total(l.TotalEscrow, l.Coins.Escrow, l.Obligations.Total, l.Transfers.TransfersPending, l.Transfers.ClosingsPending).amount(currency)
	earned := total(l.WithdrawFeeIncome, l.Coins.DepositFees, l.Coins.MeltFeeIncome, l.Coins.RefundFeeIncome, l.Coins.FreshFeeIncome,
		l.Coins.Expired, l.Transfers.FeeIncome, l.Transfers.ClosingRounding)
	l.Income = max(0, earned-total(l.Coins.FeesWaived, l.Coins.FeesReturned)).amount(currency)
	for name, c := range x.serials {
		l.Tables[name] = TableLedger{Rows: c.rows, Highest: c.last}
	}
	return l
}

func total(amounts ...taler.Amount) money {
	var total money
	for _, a := range amounts {
		total += money(a.Value)*unit + money(a.Fraction)
	}
	return total
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
