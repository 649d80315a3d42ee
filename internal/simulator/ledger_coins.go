package simulator

import "auditor/internal/taler"

// expiryGrace is how long after the end of deposits a denomination counts as
// expired.
const expiryGrace = day

// A CoinLedger is the account of all coins together.
type CoinLedger struct {
	// Escrow is what the exchange owes to owners of coins: Outstanding and Unrevealed.
	Escrow taler.Amount
	// Outstanding is what coins of denominations that have not expired hold: value of
	// what was withdrawn and revealed, less deposits, melts and recoups, plus refunds
	// less refund fees, one deposit fee for each coin that ever had a refund, and what
	// was recouped into a coin from one that it was melted for.
	Outstanding taler.Amount
	// Unrevealed is what melts paid for fresh coins that were not revealed yet, without
	// the melt fee: values and withdraw fees.
	Unrevealed taler.Amount
	// Hanging is the same with the melt fees: the amounts of melts without a reveal.
	Hanging      taler.Amount
	HangingMelts int
	// Expired is what coins of expired denominations hold. It has become income.
	Expired taler.Amount

	// ActiveRisk is what can be lost by denominations that have not expired if their
	// private keys were stolen: Outstanding. It falls when coins are spent.
	ActiveRisk taler.Amount
	// IssuedValue is the value of all coins of these denominations that were ever
	// issued, and what refunds gave back to them. It never falls before they expire.
	IssuedValue taler.Amount

	// DepositFeeIncome is the fee of each deposit, less that of each refunded deposit,
	// which its merchant is spared, less one for each refunded coin, which got it back;
	// nothing if more was forgone than was due.
	DepositFeeIncome taler.Amount
	DepositFees      taler.Amount // of all deposits
	FeesWaived       taler.Amount // to merchants
	FeesReturned     taler.Amount // to coins
	MeltFeeIncome    taler.Amount // of melts, revealed or not
	RefundFeeIncome  taler.Amount
	FreshFeeIncome   taler.Amount // withdraw fees of revealed coins

	// RecoupLoss is all that was recouped: into reserves, where it left Outstanding and
	// entered the escrow of reserves, and into older coins, where it stayed.
	RecoupLoss      taler.Amount
	Recouped        taler.Amount // into reserves
	RecoupedRefresh taler.Amount // into coins
}

// A DenominationLedger is the account of one denomination. Denominations come in
// the order of their serials.
type DenominationLedger struct {
	Serial      int64
	Hash        taler.Hash
	Value       taler.Amount
	Issued      int64        // coins withdrawn and revealed
	IssuedValue taler.Amount // of these, and what refunds gave back
	Known       int64        // of these coins, those that the exchange has seen again
	Outstanding taler.Amount // what its coins hold
	Revoked     bool
	Expired     bool // more than a day ago its coins could be deposited for the last time
}

// coinLedger sums up the coins, and each denomination's.
func (x *Exchange) coinLedger() (CoinLedger, []DenominationLedger) {
	type account struct {
		issued, known int64
		outstanding   money
	}
	accounts := make([]account, len(x.denominations))
	for i := range x.coins {
		c := &x.coins[i]
		a := &accounts[c.denomination]
		a.issued++
		a.outstanding += c.left
		if c.serial != 0 {
			a.known++
		}
	}
	var outstanding, expired, value, hanging money
	currency := x.scenario.Currency
	list := make([]DenominationLedger, len(accounts))
	for i, a := range accounts {
		d := &x.denominations[i]
		issued := money(a.issued)*d.value + d.returned
		list[i] = DenominationLedger{
			Serial: d.serial, Hash: d.hash, Value: d.value.amount(currency),
			Issued: a.issued, IssuedValue: issued.amount(currency), Known: a.known, Outstanding: a.outstanding.amount(currency),
			Revoked: d.revoked != 0, Expired: x.clock > d.deposit.Add(expiryGrace),
		}
		if list[i].Expired {
			expired += a.outstanding
		} else {
			outstanding += a.outstanding
			value += issued
		}
	}
	var hangingMelts int
	for i := range x.melts {
		if m := &x.melts[i]; !m.revealed {
			hanging += m.amount
			hangingMelts++
		}
	}
	b := &x.books
	sum := func(m money) taler.Amount { return m.amount(currency) }
	return CoinLedger{
		Escrow: sum(outstanding + b.unrevealed), Outstanding: sum(outstanding), Unrevealed: sum(b.unrevealed),
		Hanging: sum(hanging), HangingMelts: hangingMelts, Expired: sum(expired),
		ActiveRisk: sum(outstanding), IssuedValue: sum(value),
		DepositFeeIncome: sum(max(0, b.depositFees-b.feesWaived-b.feesReturned)),
		DepositFees:      sum(b.depositFees), FeesWaived: sum(b.feesWaived), FeesReturned: sum(b.feesReturned),
		MeltFeeIncome: sum(b.meltFees), RefundFeeIncome: sum(b.refundFees), FreshFeeIncome: sum(b.freshFees),
		RecoupLoss: sum(b.recouped + b.recoupedRefresh), Recouped: sum(b.recouped), RecoupedRefresh: sum(b.recoupedRefresh),
	}, list
}

// Denomination returns the account of the denomination with this serial, and
// whether there is one.
func (l Ledger) Denomination(serial int64) (DenominationLedger, bool) {
	for _, d := range l.Denominations {
		if d.Serial == serial {
			return d, true
		}
	}
	return DenominationLedger{}, false
}
