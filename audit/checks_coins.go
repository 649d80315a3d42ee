package audit

import "auditor/report"

// coinRules lists the checks of coins.
func coinRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"C-04", areaCoins, row, report.Exposure, false, "each refund is to a coin of a known denomination"},
		{"C-05", areaCoins, row, report.Loss, false, "each refund is signed by its merchant"},
		{"C-06", areaCoins, row, report.Inconsistency, false, "each refund is worth its fee"},
		{"C-10", areaCoins, state, report.Loss, false, "each coin is signed by its denomination"},
		{"C-11", areaCoins, state, report.Loss, false, "no coin is spent for more than it is worth"},
		{"C-22", areaCoins, row, report.Exposure, false, "each deposit is of a coin of a known denomination"},
		{"C-23", areaCoins, row, report.Inconsistency, false, "no deposit is paid before it can no longer be refunded"},
		{"C-24", areaCoins, row, report.Loss, false, "the account that each deposit is paid to can be told"},
		{"C-25", areaCoins, row, report.Loss, false, "each deposit is signed by its coin"},
		{"C-28", areaCoins, state, report.Loss, false, "no more coins of a denomination are known than were issued"},
		{"C-29", areaCoins, state, report.Loss, false, "no more of a denomination is spent than was issued"},
		{"C-33", areaCoins, row, report.Inconsistency, false, "each row about coins can be read and refers to rows that exist"},
		{"C-40", areaCoins, row, report.Loss, false, "each statement of a coin or a merchant has one effect"},
		{"C-41", areaCoins, row, report.Exposure, false, "nothing is deposited after its denomination expired"},
		{"C-42", areaCoins, row, report.Exposure, false, "nothing is deposited after its denomination was revoked"},
		{"C-43", areaCoins, row, report.Inconsistency, false, "nothing about coins is dated in the future"},
		{"C-44", areaCoins, row, report.Inconsistency, false, "everything about coins is dated to the second"},
		{"C-45", areaCoins, row, report.Inconsistency, false, "rows about coins are dated in the order of their serials"},
		{"C-46", areaCoins, row, report.Exposure, false, "each known coin is of a known denomination"},
		{"C-47", areaCoins, row, report.Exposure, false, "each coin is known once"},
	}
}
