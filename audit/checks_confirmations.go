package audit

import "auditor/report"

// confirmationRules lists the checks of deposit confirmations.
func confirmationRules() []rule {
	const state = report.OfState
	return []rule{
		{"D-01", areaDeposits, state, report.Loss, false, "each deposit that was confirmed to a merchant is there"},
		{"D-02", areaDeposits, state, report.Loss, false, "each confirmed deposit is for the confirmed account"},
		{"D-03", areaDeposits, state, report.Exposure, false, "each confirmed deposit has the confirmed refund deadline"},
		{"D-04", areaDeposits, state, report.Loss, false, "each confirmed deposit is of the confirmed amount"},
		{"D-05", areaDeposits, state, report.Inconsistency, false, "each confirmed deposit is dated as confirmed"},
		{"D-06", areaDeposits, state, report.Exposure, false, "each confirmation is signed with a key of the exchange that was valid"},
		{"D-07", areaDeposits, state, report.Inconsistency, false, "each confirmed deposit is there once"},
		{"D-08", areaDeposits, state, report.Exposure, false, "each confirmed deposit can be read and refers to rows that exist"},
	}
}
