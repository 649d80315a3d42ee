package audit

import "auditor/report"

// meaning is what a report says of a figure besides its amount: its class, by which it
// is drawn, and what it is made of.
type meaning struct {
	class  report.Class
	madeOf []report.Component
}

// meaningOf returns what is known of a figure. One that is not listed is shown without
// class and components.
func meaningOf(area, name string) meaning {
	return meanings()[[2]string{area, name}]
}

func meanings() map[[2]string]meaning {
	all := map[[2]string]meaning{}
	for area, figures := range map[string]map[string]meaning{
		areaReserves: meaningsOfReserves(), areaCoins: meaningsOfCoins(), areaAggregation: meaningsOfAggregation(),
		areaDeposits: meaningsOfDeposits(), areaWire: meaningsOfWire(), areaSolvency: meaningsOfSolvency(),
	} {
		for name, m := range figures {
			all[[2]string{area, name}] = m
		}
	}
	return all
}

func meaningsOfReserves() map[string]meaning {
	return map[string]meaning{
		"total_escrow_balance": {report.Liability, []report.Component{
			plus("reserves_in"), part("recoup", "into reserves"), less("reserves_out"), less("reserves_close")}},
		"total_overdraft": {report.Damage, []report.Component{
			part("reserves_out", "beyond what the reserve held"), part("reserves_close", "beyond what the reserve held")}},
		"total_credits":             {report.Turnover, []report.Component{plus("reserves_in")}},
		"total_closings":            {report.Turnover, []report.Component{part("reserves_close", "without the fees, rounded down")}},
		"total_withdraw_fee_income": {report.Income, []report.Component{part("reserves_out", "fees"), part("reserves_close", "fees")}},
		"total_closing_rounding":    {report.Income, []report.Component{part("reserves_close", "what rounding down left")}},
	}
}

func meaningsOfCoins() map[string]meaning {
	return map[string]meaning{
		"total_escrow_balance": {report.Liability, []report.Component{plus("total_active_risk"), plus("total_unrevealed")}},
		"total_active_risk": {report.Liability, []report.Component{
			part("reserves_out", "values"), part("refresh_revealed_coins", "values"), part("refunds", "without the fees"),
			plus("total_deposit_fees_returned"), plus("total_recouped_refresh"),
			less("deposits"), less("refresh_commitments"), less("recoup"), less("recoup_refresh"), less("total_expired_balance")}},
		"total_unrevealed": {report.Liability, []report.Component{
			part("refresh_commitments", "without the fees"), less("refresh_revealed_coins")}},
		"total_issued_value": {report.Turnover, []report.Component{
			part("reserves_out", "values"), part("refresh_revealed_coins", "values"), part("refunds", "without the fees"), plus("total_deposit_fees_returned")}},
		"total_refresh_hanging":       {report.Obligation, []report.Component{part("refresh_commitments", "without an answer")}},
		"total_expired_balance":       {report.Income, []report.Component{part("known_coins", "what is left in expired coins")}},
		"total_overdraft":             {report.Damage, []report.Component{part("deposits", "beyond what was issued"), part("refresh_commitments", "beyond what was issued")}},
		"total_deposit_fees":          {report.Turnover, []report.Component{part("deposits", "fees")}},
		"total_deposit_fees_waived":   {report.Turnover, []report.Component{part("deposits", "fees of those that were refunded")}},
		"total_deposit_fees_returned": {report.Turnover, []report.Component{part("refunds", "a deposit fee for each coin")}},
		"total_deposit_fee_income": {report.Income, []report.Component{
			plus("total_deposit_fees"), less("total_deposit_fees_waived"), less("total_deposit_fees_returned")}},
		"total_melt_fee_income":   {report.Income, []report.Component{part("refresh_commitments", "fees")}},
		"total_refund_fee_income": {report.Income, []report.Component{part("refunds", "fees")}},
		"total_fresh_fee_income":  {report.Income, []report.Component{part("refresh_revealed_coins", "withdraw fees")}},
		"total_recouped":          {report.Turnover, []report.Component{plus("recoup")}},
		"total_recouped_refresh":  {report.Turnover, []report.Component{plus("recoup_refresh")}},
		"total_recoup_loss":       {report.Turnover, []report.Component{plus("total_recouped"), plus("total_recouped_refresh")}},
	}
}

func meaningsOfAggregation() map[string]meaning {
	return map[string]meaning{
		"total_aggregation_fee_income": {report.Income, []report.Component{part("deposits", "what those that were paid earn"), less("wire_out")}},
		"total_wired":                  {report.Turnover, []report.Component{plus("wire_out")}},
		"total_unpaid_deposits":        {report.Liability, []report.Component{part("deposits", "what those that were not paid earn")}},
		"total_overdue_deposits":       {report.Obligation, []report.Component{part("deposits", "what those that were due and not paid earn")}},
	}
}

func meaningsOfDeposits() map[string]meaning {
	return map[string]meaning{
		"total_deposit_confirmations":        {report.Turnover, []report.Component{part("deposits", "as confirmed to merchants")}},
		"missing_deposit_confirmation_total": {report.Damage, []report.Component{part("deposits", "confirmed, but not there")}},
	}
}

func meaningsOfWire() map[string]meaning {
	return map[string]meaning{
		"total_transfers_pending": {report.Obligation, []report.Component{part("wire_out", "not seen at the banks")}},
		"total_closings_pending":  {report.Obligation, []report.Component{part("reserves_close", "not seen at the banks")}},
		"total_bank_credits":      {report.Turnover, []report.Component{part("reserves_in", "as the banks say")}},
		"total_bank_debits": {report.Turnover, []report.Component{
			part("wire_out", "as the banks say"), part("reserves_close", "as the banks say")}},
	}
}

func meaningsOfSolvency() map[string]meaning {
	in := []report.Component{plus("total_credits"), less("total_closings"), less("total_wired")}
	return map[string]meaning{
		"expected_bank_balance": {report.Balance, in},
		"total_liabilities":     {report.Liability, []report.Component{part("total_escrow_balance", "of reserves and coins"), plus("total_unpaid_deposits")}},
		"total_income": {report.Income, []report.Component{
			plus("total_withdraw_fee_income"), plus("total_closing_rounding"), plus("total_deposit_fees"),
			less("total_deposit_fees_waived"), less("total_deposit_fees_returned"), plus("total_melt_fee_income"),
			plus("total_refund_fee_income"), plus("total_fresh_fee_income"), plus("total_expired_balance"), plus("total_aggregation_fee_income")}},
		"total_shortfall": {report.Damage, []report.Component{plus("total_liabilities"), less("expected_bank_balance")}},
		"total_gap":       {report.Damage, []report.Component{plus("total_liabilities"), plus("total_income"), less("expected_bank_balance")}},
		"total_surplus":   {report.Balance, []report.Component{plus("expected_bank_balance"), less("total_liabilities"), less("total_income")}},
		"bank_balance":    {report.Balance, []report.Component{plus("total_bank_credits"), less("total_bank_debits")}},
		"total_bank_gap": {report.Damage, []report.Component{
			plus("expected_bank_balance"), plus("total_transfers_pending"), plus("total_closings_pending"), less("bank_balance")}},
		"total_bank_surplus": {report.Balance, []report.Component{
			plus("bank_balance"), less("expected_bank_balance"), less("total_transfers_pending"), less("total_closings_pending")}},
	}
}

func plus(name string) report.Component       { return report.Component{Name: name} }
func part(name, what string) report.Component { return report.Component{Name: name, What: what} }
func less(name string) report.Component       { return report.Component{Name: name, Subtracted: true} }
