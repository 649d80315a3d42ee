package audit

import "auditor/report"

// coinRules lists the checks of coins.
func coinRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"C-04", areaCoins, row, report.Exposure, false, "each refund is to a coin of a known denomination"},
		{"C-05", areaCoins, row, report.Loss, false, "each refund is signed by its merchant"},
		{"C-06", areaCoins, row, report.Inconsistency, false, "each refund is worth its fee"},
		{"C-09", areaCoins, row, report.Exposure, false, "each recoup of a fresh coin is of a known denomination"},
		{"C-10", areaCoins, state, report.Loss, false, "each coin is signed by its denomination"},
		{"C-11", areaCoins, state, report.Loss, false, "no coin is spent for more than it is worth"},
		{"C-12", areaCoins, row, report.Loss, false, "each recoup of a fresh coin is signed by it"},
		{"C-13", areaCoins, row, report.Exposure, false, "each recoup of a fresh coin is of a revoked denomination"},
		{"C-14", areaCoins, row, report.Exposure, false, "each melt is of a coin of a known denomination"},
		{"C-15", areaCoins, row, report.Loss, false, "each melt is signed by the coin"},
		{"C-16", areaCoins, state, report.Notice, false, "each melt is answered with fresh coins"},
		{"C-17", areaCoins, row, report.Exposure, false, "each fresh coin is of a known denomination"},
		{"C-18", areaCoins, row, report.Inconsistency, false, "each melt is of more than the fee for it"},
		{"C-19", areaCoins, state, report.Loss, false, "fresh coins cost no more than was melted for them"},
		{"C-22", areaCoins, row, report.Exposure, false, "each deposit is of a coin of a known denomination"},
		{"C-23", areaCoins, row, report.Inconsistency, false, "no deposit is paid before it can no longer be refunded"},
		{"C-24", areaCoins, row, report.Loss, false, "the account that each deposit is paid to can be told"},
		{"C-25", areaCoins, row, report.Loss, false, "each deposit is signed by its coin"},
		{"C-28", areaCoins, state, report.Loss, false, "no more coins of a denomination are known than were issued"},
		{"C-29", areaCoins, state, report.Loss, false, "no more of a denomination is spent than was issued"},
		{"C-33", areaCoins, row, report.Inconsistency, false, "each row about coins can be read and refers to rows that exist"},
		{"C-34", areaCoins, state, report.Exposure, false, "the answer to each melt is what its owner committed to"},
		{"C-35", areaCoins, state, report.Exposure, false, "each fresh coin is signed by the coin that was melted for it"},
		{"C-36", areaCoins, row, report.Loss, false, "the exchange's signature on each fresh coin is valid"},
		{"C-37", areaCoins, row, report.Inconsistency, false, "the hash of each fresh coin's envelope is right"},
		{"C-38", areaCoins, state, report.Loss, false, "fresh coins cost no less than was melted for them"},
		{"C-39", areaCoins, row, report.Loss, false, "each recoup of a fresh coin goes to the coin that was melted for it"},
		{"C-40", areaCoins, row, report.Loss, false, "each statement of a coin or a merchant has one effect"},
		{"C-41", areaCoins, row, report.Exposure, false, "nothing is deposited after its denomination expired"},
		{"C-42", areaCoins, row, report.Exposure, false, "nothing is deposited after its denomination was revoked"},
		{"C-43", areaCoins, row, report.Inconsistency, false, "nothing about coins is dated in the future"},
		{"C-44", areaCoins, row, report.Inconsistency, false, "everything about coins is dated to the second"},
		{"C-45", areaCoins, state, report.Inconsistency, false, "rows about coins are dated in the order of their serials"},
		{"C-46", areaCoins, row, report.Exposure, false, "each known coin is of a known denomination"},
		{"C-47", areaCoins, row, report.Exposure, false, "each coin is known once"},
	}
}
