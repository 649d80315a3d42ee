package audit

import "auditor/report"

// wireRules lists the checks of the books against the bank.
func wireRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"W-01", areaWire, row, report.Inconsistency, false, "each closing is worth the fee for it"},
		{"W-03", areaWire, state, report.Loss, false, "each credit that was booked arrived at the bank"},
		{"W-04", areaWire, state, report.Exposure, false, "each transfer to the exchange was booked"},
		{"W-05", areaWire, state, report.Loss, false, "each credit was booked into the reserve that the sender named"},
		{"W-06", areaWire, state, report.Loss, false, "each credit was booked with the amount that arrived"},
		{"W-07", areaWire, state, report.Exposure, false, "each credit was booked with its sender"},
		{"W-08", areaWire, state, report.Notice, false, "each credit was booked with the date of its arrival"},
		{"W-09", areaWire, state, report.Loss, false, "nothing was paid twice under one subject"},
		{"W-10", areaWire, state, report.Exposure, false, "each transfer to a merchant was made"},
		{"W-11", areaWire, state, report.Loss, false, "each transfer went to the account that the database names"},
		{"W-12", areaWire, state, report.Loss, false, "each transfer was of the amount that the database names"},
		{"W-13", areaWire, state, report.Notice, false, "each transfer to a merchant was made when the database says"},
		{"W-14", areaWire, state, report.Loss, false, "nothing was paid that the database does not explain"},
		{"W-15", areaWire, state, report.Notice, false, "each closed reserve was paid out when the database says"},
		{"W-16", areaWire, state, report.Exposure, false, "each closed reserve was paid out"},
		{"W-20", areaWire, state, report.Loss, false, "each transfer is of an account that is audited"},
		{"W-21", areaWire, state, report.Exposure, false, "each account that is audited was signed by the master key"},
		{"W-22", areaWire, state, report.Exposure, false, "each history is of the account that it is to be of"},
		{"W-23", areaWire, state, report.Exposure, false, "no transfer was taken back"},
		{"W-24", areaWire, state, report.Exposure, false, "the balance of each account is what its transfers make"},
		{"W-25", areaWire, state, report.Inconsistency, false, "each transfer was paid from the account that the database names"},
	}
}
