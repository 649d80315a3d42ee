package audit

import "auditor/report"

// The areas of an audit, in the order in which they run. Everything rests on
// the keys, so they are audited in every run.
const (
	areaKeys     = "keys"
	areaReserves = "reserves"
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

// rules lists every check of the suite. Ids and C-01 are those by
// which the field knows them; the others are ours.
func rules() []rule {
	const row, state = report.OfRow, report.OfState
	return []rule{
		{"K-01", areaKeys, state, report.Exposure, false, "each denomination is signed by the master key"},
		{"K-02", areaKeys, state, report.Exposure, false, "each denomination's hash is that of its key"},
		{"K-03", areaKeys, state, report.Inconsistency, false, "each denomination's dates and amounts make sense"},
		{"C-01", areaKeys, state, report.Inconsistency, false, "auditors' signatures on denominations are valid"},
		{"K-05", areaKeys, state, report.Inconsistency, false, "this auditor has signed each denomination"},
		{"K-06", areaKeys, state, report.Exposure, false, "each sign key is signed by the master key"},
		{"K-07", areaKeys, state, report.Inconsistency, false, "each revocation of a denomination is signed by the master key"},
		{"K-08", areaKeys, state, report.Inconsistency, false, "each revocation of a sign key is signed by the master key"},
		{"K-09", areaKeys, state, report.Inconsistency, false, "each wire fee is signed by the master key"},
		{"K-10", areaKeys, state, report.Inconsistency, false, "periods of wire fees do not overlap"},
		{"K-11", areaKeys, state, report.Inconsistency, false, "periods of wire fees leave no gap"},
		{"K-12", areaKeys, state, report.Exposure, false, "each wire account is signed by the master key"},
		{"K-13", areaKeys, state, report.Exposure, false, "keys, fees and revocations are what they were when first seen"},
		{"K-14", areaKeys, state, report.Inconsistency, false, "each row about keys and fees can be read"},
		{"K-15", areaKeys, state, report.Inconsistency, false, "dates of sign keys and wire fees make sense"},
		{"K-16", areaKeys, state, report.Exposure, false, "keys, fees and revocations stay until they may be collected"},
		{"K-17", areaKeys, state, report.Notice, true, "the exchange lists this auditor with its address, as active"},

		{"R-02", areaReserves, row, report.Exposure, false, "each withdrawal is of a known denomination"},
		{"R-03", areaReserves, row, report.Inconsistency, false, "each withdrawal happened while its denomination could be withdrawn"},
		{"R-04", areaReserves, row, report.Loss, false, "each withdrawal is signed by its reserve"},
		{"R-05", areaReserves, row, report.Inconsistency, false, "each withdrawal costs the value and the fee of its denomination"},
		{"R-06", areaReserves, row, report.Loss, false, "each recoup is signed by its coin"},
		{"R-07", areaReserves, row, report.Exposure, false, "each recoup is of a revoked denomination"},
		{"R-08", areaReserves, row, report.Loss, false, "each recoup rests on a revocation that the master key signed"},
		{"R-09", areaReserves, row, report.Loss, false, "each closing costs the fee in force when the reserve expired"},
		{"R-10", areaReserves, row, report.Inconsistency, false, "the closing fee of each closing can be told"},
		{"R-11", areaReserves, row, report.Exposure, false, "each reserve that was closed was once credited"},
		{"R-12", areaReserves, row, report.Loss, false, "each closing goes back to an account that the reserve was credited from"},
		{"R-13", areaReserves, state, report.Loss, false, "no reserve pays out more than it was paid"},
		{"R-14", areaReserves, state, report.Exposure, true, "each reserve with money is known to the exchange"},
		{"R-15", areaReserves, state, report.Inconsistency, true, "the exchange's balance of each reserve is right"},
		{"R-16", areaReserves, state, report.Notice, false, "expired reserves are closed"},
		{"R-17", areaReserves, state, report.Notice, false, "the closing fee of each expired reserve can be told"},
		{"R-20", areaReserves, row, report.Loss, false, "the exchange's blind signature answers the withdrawal"},
		{"R-21", areaReserves, row, report.Inconsistency, false, "each row about reserves can be read and refers to rows that exist"},
		{"R-23", areaReserves, row, report.Inconsistency, false, "no reserve is closed before it expires"},
		{"R-24", areaReserves, state, report.Exposure, false, "a closing leaves nothing in the reserve"},
		{"R-25", areaReserves, row, report.Loss, false, "no reserve is closed again without a new credit"},
		{"R-26", areaReserves, row, report.Loss, false, "each recoup reverses the withdrawal of that very coin"},
		{"R-27", areaReserves, row, report.Loss, false, "each bank transfer is credited once"},
		{"R-28", areaReserves, row, report.Exposure, false, "nothing is withdrawn after its denomination was revoked"},
		{"R-29", areaReserves, row, report.Inconsistency, false, "nothing about reserves is dated in the future"},
		{"R-30", areaReserves, row, report.Inconsistency, false, "the subject of each closing's transfer is the reserve's key"},
		{"R-31", areaReserves, state, report.Inconsistency, true, "the exchange's dates of each reserve are right"},
		{"R-32", areaReserves, state, report.Exposure, true, "the exchange's account of each reserve is one that it was credited from"},
		{"R-33", areaReserves, row, report.Inconsistency, false, "everything about reserves is dated to the second"},
		{"R-34", areaReserves, row, report.Inconsistency, false, "withdrawals, recoups and closings are dated in the order of their serials"},
		{"R-35", areaReserves, state, report.Inconsistency, true, "the exchange keeps each empty reserve until it may be collected"},
	}
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
