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
	}
}

func plus(name string) report.Component       { return report.Component{Name: name} }
func part(name, what string) report.Component { return report.Component{Name: name, What: what} }
func less(name string) report.Component       { return report.Component{Name: name, Subtracted: true} }
