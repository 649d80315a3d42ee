package audit

import "auditor/report"

// keyRules lists the checks of keys, fees and revocations.
func keyRules() []rule {
	const state = report.OfState
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
	}
}
