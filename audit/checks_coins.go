package audit

import "auditor/report"

// coinRules lists the checks of coins.
func coinRules() []rule {
	const row = report.OfRow
	return []rule{
		{"C-33", areaCoins, row, report.Inconsistency, false, "each row about coins can be read and refers to rows that exist"},
		{"C-40", areaCoins, row, report.Loss, false, "each statement of a coin or a merchant has one effect"},
	}
}
