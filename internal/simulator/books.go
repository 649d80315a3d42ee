package simulator

// books are the sums that the ledger is made of, besides those that can be told
// from the state of reserves, coins and deposits. They are kept while events are
// played, by the rules of the exchange.
type books struct {
	depositFees  money // of all deposits, whatever became of them
	feesWaived   money // deposit fees that merchants were spared because of a refund
	feesReturned money // deposit fees given back to coins, one to each refunded coin
	meltFees     money
	refundFees   money
	freshFees    money // withdraw fees of fresh coins
	unrevealed   money // melted for fresh coins that the exchange has not signed yet

	aggregationFees  money // wire fees, and what rounding left of aggregated sums
	wired            money // to merchants
	closingRounding  money // what rounding left of closed reserves
	transfersPending money // ordered by the exchange, not executed by the bank
	closingsPending  money

	recouped        money // from coins into reserves
	recoupedRefresh money // from fresh coins into the coins they came from
}
