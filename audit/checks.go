package audit

import (
	"slices"

	"auditor/report"
)

// The areas of an audit, in the order in which they run. Everything rests on
// the keys, so they are audited in every run.
const (
	areaKeys        = "keys"
	areaReserves    = "reserves"
	areaCoins       = "coins"
	areaAggregation = "aggregation"
	areaDeposits    = "deposits"
	areaWire        = "wire"
	areaSolvency    = "solvency" // the books of the others together; only if they are audited
)

// rule describes one check: what it is called, what it finds, and how grave a
// finding is unless the check itself says otherwise.
type rule struct {
	id       string
	area     string
	kind     report.Kind
	severity report.Severity
	internal bool // needs mutable columns, so runs in internal audits only
	title    string
}

// rules lists every check of the suite, area by area. Ids with low numbers are
// those by which the field knows a check; the others are ours.
func rules() []rule {
	return slices.Concat(keyRules(), reserveRules(), coinRules(), aggregationRules(), confirmationRules(), wireRules(), solvencyRules())
}

// ruleOf returns the rule with the given id, which must exist.
func ruleOf(id string) rule {
	for _, r := range rules() {
		if r.id == id {
			return r
		}
	}
	panic("no check has the id " + id)
}
