package audit

import "auditor/report"

// coinRules lists the checks of coins.
func coinRules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"C-09", areaCoins, row, report.Exposure, false, "each recoup of a fresh coin is of a known denomination"},
		{"C-12", areaCoins, row, report.Loss, false, "each recoup of a fresh coin is signed by it"},
		{"C-13", areaCoins, row, report.Exposure, false, "each recoup of a fresh coin is of a revoked denomination"},
		{"C-14", areaCoins, row, report.Exposure, false, "each melt is of a coin of a known denomination"},
		{"C-15", areaCoins, row, report.Loss, false, "each melt is signed by the coin"},
		{"C-16", areaCoins, state, report.Notice, false, "each melt is answered with fresh coins"},
		{"C-17", areaCoins, row, report.Exposure, false, "each fresh coin is of a known denomination"},
		{"C-18", areaCoins, row, report.Inconsistency, false, "each melt is of more than the fee for it"},
		{"C-19", areaCoins, state, report.Loss, false, "fresh coins cost no more than was melted for them"},
		{"C-33", areaCoins, row, report.Inconsistency, false, "each row about coins can be read and refers to rows that exist"},
		{"C-34", areaCoins, state, report.Exposure, false, "the answer to each melt is what its owner committed to"},
		{"C-35", areaCoins, row, report.Exposure, false, "each fresh coin is signed by the coin that was melted for it"},
		{"C-36", areaCoins, row, report.Loss, false, "the exchange's signature on each fresh coin is valid"},
		{"C-37", areaCoins, row, report.Inconsistency, false, "the hash of each fresh coin's envelope is right"},
		{"C-38", areaCoins, state, report.Loss, false, "fresh coins cost no less than was melted for them"},
		{"C-39", areaCoins, row, report.Loss, false, "each recoup of a fresh coin goes to the coin that was melted for it"},
		{"C-40", areaCoins, row, report.Loss, false, "each statement of a coin or a merchant has one effect"},
	}
}
