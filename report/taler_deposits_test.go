package report

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"auditor/internal/testdata"
)

func writeDeposits(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTaler(r, depositsArea, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// confirmedReport is a report on confirmations with the given findings.
func confirmedReport(findings ...Finding) *Report {
	r := emptyReport()
	r.Scope.Areas = []string{depositsArea}
	r.Checks = []Check{
		{ID: "D-01", Area: depositsArea, Run: totals(2, "4.5", "1", "0"), Open: totals(2, "4.5", "1", "0")},
		{ID: "D-05", Area: depositsArea, Run: totals(1, "0", "0", "0"), Open: totals(1, "0", "0", "0")},
	}
	for i := range findings {
		findings[i].Area, findings[i].FirstRun, findings[i].Kind = depositsArea, r.Run, OfState
	}
	r.Findings = findings
	return r
}

// TestTalerDepositsAreLikeTheReference compares names, their order and the types with
// what the earlier auditor wrote.
func TestTalerDepositsAreLikeTheReference(t *testing.T) {
	reference, err := os.ReadFile(filepath.Join(testdata.Dir(t), "mixed", "expected", "deposits.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(t, writeDeposits(t, confirmedReport())), shape(t, reference); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTalerDeposits lists each finding with what the merchant lacks, also one that
// lacks what the list needs, and counts those that are not listed.
func TestTalerDeposits(t *testing.T) {
	evidence := []Evidence{{"exchange_timestamp", "2021-01-11T08:51:16Z"}, {"h_wire", hash(2)}}
	about := func(serial int64) func(*Finding) {
		return func(f *Finding) { f.Table, f.Serial, f.Evidence = "deposit_confirmations", &serial, evidence }
	}
	missing := finding("D-01", Loss, about(7))
	missing.Loss = eurp("4.5")
	dated := finding("D-05", Inconsistency, about(9))
	bare := finding("D-01", Exposure, about(8))
	bare.Exposure, bare.Evidence = eurp("1"), nil
	const want = `{
  "deposit_confirmation_inconsistencies": [
    {
      "timestamp": "Mon Jan 11 08:51:16 2021",
      "amount": "EUR:4.5",
      "rowid": 7,
      "account": "20G40810"
    },
    {
      "timestamp": "Sun Mar 01 12:00:00 2026",
      "amount": "EUR:1",
      "rowid": 8,
      "account": ""
    },
    {
      "timestamp": "Mon Jan 11 08:51:16 2021",
      "amount": "EUR:0",
      "rowid": 9,
      "account": "20G40810"
    }
  ],
  "missing_deposit_confirmation_count": 3,
  "missing_deposit_confirmation_total": "EUR:5.5",
  "auditor_start_time": "Sun Mar 01 12:00:01 2026",
  "auditor_end_time": "Sun Mar 01 12:00:03 2026"
}`
	got := writeDeposits(t, confirmedReport(missing, bare, dated))
	got = bytes.ReplaceAll(got, []byte(hash(2)), []byte("20G40810"))
	if string(bytes.TrimSpace(got)) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
