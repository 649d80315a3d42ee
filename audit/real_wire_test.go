package audit

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/taler"
	"auditor/report"
)

// betterWire is what the C auditor says of bank transfers, with what this one says
// otherwise. Deposits that are due are listed in each run until they are paid, also
// those of which something was refunded; their total is what the merchants are owed. The
// period of deadlines begins at the beginning of time and ends with the audit's clock.
// The end of the progress in transfers to merchants is that of the table.
func betterWire(t *testing.T, rep *report.Report, want, first map[string]any) map[string]any {
	t.Helper()
	total := taler.Zero(rep.Exchange.Currency)
	due := make(map[float64]string)
	listed := slices.Clone(first["lag_details"].([]any))
	for _, f := range rep.Findings {
		if f.Check != "W-17" {
			continue
		}
		total = sumOf(total, *f.Exposure)
		known := slices.ContainsFunc(listed, func(l any) bool { return l.(map[string]any)["row"] == float64(*f.Serial) })
		if refunded := f.Lookup("refunded"); known != strings.HasSuffix(refunded, ":0") {
			t.Errorf("W-17 of deposit %d, of which %s was refunded, is told by the C auditor: %v", *f.Serial, refunded, known)
		}
		due[float64(*f.Serial)] = f.Lookup("wire_deadline")
		if known {
			continue
		}
		var account any
		if err := json.Unmarshal([]byte(f.Lookup("wire")), &account); err != nil {
			t.Fatal(err)
		}
		deadline, err := time.Parse(time.RFC3339, f.Lookup("wire_deadline"))
		if err != nil {
			t.Fatal(err)
		}
		lag := map[string]any{"row": float64(*f.Serial), "amount": f.Lookup("amount"), "coin_pub": f.Lookup("coin_pub"), "account": account,
			"deadline": deadline.Format("Mon Jan 02 15:04:05 2006")}
		if done := f.Lookup("claimed_done"); done != "" {
			lag["claimed_done"] = done
		}
		listed = append(listed, lag)
	}
	slices.SortFunc(listed, func(a, b any) int {
		return strings.Compare(due[b.(map[string]any)["row"].(float64)], due[a.(map[string]any)["row"].(float64)])
	})
	want["total_amount_lag"] = total.String()
	want["lag_details"] = listed
	want["start_pp_last_timestamp"] = "Thu Jan 01 00:00:00 1970"
	want["end_pp_last_timestamp"] = rep.AsOf.Format("Mon Jan 02 15:04:05 2006")
	return want
}
