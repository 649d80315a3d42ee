package audit

import "auditor/report"

// solvencyRules lists the checks of the books as a whole.
func solvencyRules() []rule {
	const state = report.OfState
	return []rule{
		{"L-01", areaSolvency, state, report.Loss, false, "the exchange owes no more than it can have at its banks"},
		{"L-02", areaSolvency, state, report.Inconsistency, false, "what came in is what was paid out, is owed or was earned, or findings say why not"},
		{"L-03", areaSolvency, state, report.Inconsistency, false, "the banks have what the books say, but for what is on its way, or findings say why not"},
	}
}
