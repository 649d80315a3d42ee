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
	return map[[2]string]meaning{
		{areaReserves, "total_escrow_balance"}: {report.Liability, []report.Component{
			plus("reserves_in"), part("recoup", "into reserves"), less("reserves_out"), less("reserves_close")}},
		{areaReserves, "total_overdraft"}: {report.Damage, []report.Component{
			part("reserves_out", "beyond what the reserve held"), part("reserves_close", "beyond what the reserve held")}},
		{areaReserves, "total_withdraw_fee_income"}: {report.Income, []report.Component{
			part("reserves_out", "fees"), part("reserves_close", "fees")}},
		{areaWire, "total_transfers_pending"}: {report.Obligation, []report.Component{part("wire_out", "not seen at the banks")}},
		{areaWire, "total_closings_pending"}:  {report.Obligation, []report.Component{part("reserves_close", "not seen at the banks")}},
		{areaWire, "total_bank_credits"}:      {report.Turnover, []report.Component{part("reserves_in", "as the banks say")}},
		{areaWire, "total_bank_debits"}: {report.Turnover, []report.Component{
			part("wire_out", "as the banks say"), part("reserves_close", "as the banks say")}},
		{areaSolvency, "bank_balance"}: {report.Balance, []report.Component{plus("total_bank_credits"), less("total_bank_debits")}},
		{areaSolvency, "total_bank_gap"}: {report.Damage, []report.Component{
			plus("expected_bank_balance"), plus("total_transfers_pending"), plus("total_closings_pending"), less("bank_balance")}},
		{areaSolvency, "total_bank_surplus"}: {report.Balance, []report.Component{
			plus("bank_balance"), less("expected_bank_balance"), less("total_transfers_pending"), less("total_closings_pending")}},
	}
}

func plus(name string) report.Component       { return report.Component{Name: name} }
func part(name, what string) report.Component { return report.Component{Name: name, What: what} }
func less(name string) report.Component       { return report.Component{Name: name, Subtracted: true} }
