package audit

import "auditor/report"

// reserveRules lists the checks of reserves.
func reserveRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"R-02", areaReserves, row, report.Exposure, false, "each withdrawal is of a known denomination"},
		{"R-03", areaReserves, row, report.Inconsistency, false, "each withdrawal happened while its denomination could be withdrawn"},
		{"R-04", areaReserves, row, report.Loss, false, "each withdrawal is signed by its reserve"},
		{"R-05", areaReserves, row, report.Inconsistency, false, "each withdrawal costs the value and the fee of its denomination"},
		{"R-06", areaReserves, row, report.Loss, false, "each recoup is signed by its coin"},
		{"R-07", areaReserves, row, report.Exposure, false, "each recoup is of a revoked denomination"},
		{"R-08", areaReserves, row, report.Loss, false, "each recoup rests on a revocation that the master key signed"},
		{"R-09", areaReserves, state, report.Loss, false, "each closing costs the fee in force when the reserve expired"},
		{"R-10", areaReserves, state, report.Inconsistency, false, "the closing fee of each closing can be told"},
		{"R-11", areaReserves, state, report.Exposure, false, "each reserve that was closed was once credited"},
		{"R-12", areaReserves, state, report.Loss, false, "each closing goes back to an account that the reserve was credited from"},
		{"R-13", areaReserves, state, report.Loss, false, "no reserve pays out more than it was paid"},
		{"R-14", areaReserves, state, report.Exposure, true, "each reserve with money is known to the exchange"},
		{"R-15", areaReserves, state, report.Inconsistency, true, "the exchange's balance of each reserve is right"},
		{"R-16", areaReserves, state, report.Notice, false, "expired reserves are closed"},
		{"R-17", areaReserves, state, report.Notice, false, "the closing fee of each expired reserve can be told"},
		{"R-20", areaReserves, row, report.Loss, false, "the exchange's blind signature answers the withdrawal"},
		{"R-21", areaReserves, row, report.Inconsistency, false, "each row about reserves can be read and refers to rows that exist"},
		{"R-23", areaReserves, state, report.Inconsistency, false, "no reserve is closed before it expires"},
		{"R-24", areaReserves, state, report.Exposure, false, "a closing leaves nothing in the reserve"},
		{"R-25", areaReserves, state, report.Loss, false, "no reserve is closed again without a new credit"},
		{"R-26", areaReserves, row, report.Loss, false, "each recoup reverses the withdrawal of that very coin"},
		{"R-27", areaReserves, row, report.Loss, false, "each bank transfer is credited once"},
		{"R-28", areaReserves, row, report.Exposure, false, "nothing is withdrawn after its denomination was revoked"},
		{"R-29", areaReserves, row, report.Inconsistency, false, "nothing about reserves is dated in the future"},
		{"R-30", areaReserves, row, report.Inconsistency, false, "the subject of each closing's transfer is the reserve's key"},
		{"R-31", areaReserves, state, report.Inconsistency, true, "the exchange's dates of each reserve are right"},
		{"R-32", areaReserves, state, report.Exposure, true, "the exchange's account of each reserve is one that it was credited from"},
		{"R-33", areaReserves, row, report.Inconsistency, false, "everything about reserves is dated to the second"},
		{"R-34", areaReserves, state, report.Inconsistency, false, "withdrawals, recoups and closings are dated in the order of their serials"},
		{"R-35", areaReserves, state, report.Inconsistency, true, "the exchange keeps each empty reserve until it may be collected"},
		{"R-36", areaReserves, row, report.Loss, false, "each request to withdraw has one effect"},
	}
}
