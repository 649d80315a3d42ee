package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditor/internal/testdata"
)

// aggregationReport is an empty report that covers the area.
func aggregationReport() *Report {
	r := emptyReport()
	r.Scope.Areas = []string{"keys", "aggregation"}
	r.Checks = nil
	return r
}

func writeAggregation(t *testing.T, r *Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTaler(r, "aggregation", &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAggregationIsLikeTheReference compares names, their order and the types with
// what the earlier auditor wrote.
func TestAggregationIsLikeTheReference(t *testing.T) {
	reference, err := os.ReadFile(filepath.Join(testdata.Dir(t), "mixed", "expected", "aggregation.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(t, writeAggregation(t, aggregationReport())), shape(t, reference); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAggregationLists(t *testing.T) {
	untold := `{"table":"physical","row":17,"diagnostic":"It is wrong."}`
	inTable := func(table string) string { return strings.Replace(untold, "physical", table, 1) }
	for _, test := range []struct {
		check  string
		change func(*Finding)
		list   string
		want   string
	}{
		{"A-01", nil, "row_inconsistencies", inTable("wire_out")},
		{"A-02", nil, "row_inconsistencies", inTable("wire_out")},
		{"A-03", nil, "row_inconsistencies", inTable("aggregation")},
		{"A-20", nil, "row_inconsistencies", inTable("aggregation")},
		{"A-04", nil, "row_inconsistencies", inTable("deposits")},
		{"A-07", nil, "row_inconsistencies", inTable("deposits")},
		{"A-14", nil, "amount_arithmetic_inconsistencies", `{"operation":"aggregation (fee structure)","rowid":17,"exchange":"EUR:3","auditor":"EUR:2","profitable":1}`},
		{"A-22", nil, "row_inconsistencies", `{"table":"wire-fee","row":1609751185000000,"diagnostic":"It is wrong."}`},
		{"A-22", evidenced("execution_date", ""), "row_inconsistencies", untold},
		{"A-26", nil, "amount_arithmetic_inconsistencies", `{"operation":"wire out (fee structure)","rowid":17,"exchange":"EUR:0.01","auditor":"EUR:0.05","profitable":-1}`},
		{"A-26", evidenced("wire fee", "much"), "row_inconsistencies", untold},
		{"A-27", nil, "wire_out_inconsistencies", `{"destination_account":{"payto_uri":"payto://x/y","salt":"s"},"rowid":17,"expected":"EUR:2","claimed":"EUR:3"}`},
		{"A-27", evidenced("wire_target", "nonsense"), "wire_out_inconsistencies", `{"destination_account":"nonsense","rowid":17,"expected":"EUR:2","claimed":"EUR:3"}`},
		{"A-27", evidenced("found", ""), "row_inconsistencies", untold},
		{"A-28", nil, "row_inconsistencies", untold},
		{"A-29", nil, "coin_inconsistencies", `{"operation":"refund (merchant)","coin_pub":"` + key(3) + `","exchange":"EUR:2","auditor":"EUR:3","profitable":-1}`},
		{"K-09", func(f *Finding) { f.Area = "keys" }, "row_inconsistencies",
			`{"table":"wire-fee","row":1609751186000000,"diagnostic":"wire fee signature invalid at given time"}`},
		{"K-10", func(f *Finding) { f.Area = "keys" }, "wire_fee_time_inconsistencies",
			`{"type":"iban","diagnostic":"It is wrong.","time":"Mon Jan 04 09:06:26 2021"}`},
		{"W-17", nil, "", ""},
		{"K-01", func(f *Finding) { f.Area = "keys" }, "", ""},
	} {
		t.Run(test.check, func(t *testing.T) {
			r := aggregationReport()
			f := finding(test.check, Loss, func(f *Finding) {
				f.Area, f.FirstRun, f.Table, f.Serial, f.Summary = "aggregation", r.Run, "physical", ptr(int64(17)), "It is wrong."
				f.Evidence = []Evidence{
					{"execution_date", "2021-01-04T09:06:25Z"}, {"start_date", "2021-01-04T09:06:26Z"}, {"expected", "EUR:2"}, {"found", "EUR:3"},
					{"total", "EUR:0.01"}, {"wire fee", "EUR:0.05"}, {"wire_target", `{"payto_uri":"payto://x/y","salt":"s"}`},
					{"coin_pub", key(3)}, {"wire_method", "iban"},
				}
			})
			if test.change != nil {
				test.change(&f)
			}
			r.Findings = []Finding{f}
			var object map[string]any
			if err := json.Unmarshal(writeAggregation(t, r), &object); err != nil {
				t.Fatal(err)
			}
			lists := map[string]string{}
			for name, value := range object {
				if list, ok := value.([]any); ok && len(list) > 0 {
					text, err := json.Marshal(list)
					if err != nil {
						t.Fatal(err)
					}
					lists[name] = string(text)
				}
			}
			if test.list == "" && len(lists) == 0 {
				return
			}
			if len(lists) != 1 || !sameJSON(t, lists[test.list], "["+test.want+"]") {
				t.Errorf("got %v\nwant %s in %s", lists, test.want, test.list)
			}
		})
	}
}

func TestAggregationTotals(t *testing.T) {
	r := aggregationReport()
	for id, of := range map[string]Totals{"A-26": totals(1, "1", "2", "4"), "A-27": totals(2, "8", "16", "32"), "A-29": totals(1, "64", "0", "128"), "W-17": totals(9, "0", "7", "0")} {
		r.Checks = append(r.Checks, Check{ID: id, Area: "aggregation", Run: of, Open: of})
	}
	r.Population = []Population{{Area: "aggregation", Table: "wire_out", From: 3, Next: 17}}
	r.Figures = []Figure{{Area: "aggregation", Name: "total_aggregation_fee_income", Amount: eur("0.8")}}
	var object map[string]any
	if err := json.Unmarshal(writeAggregation(t, r), &object); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"total_wire_out_delta_plus": "EUR:8", "total_wire_out_delta_minus": "EUR:32", "total_coin_delta_plus": "EUR:0", "total_coin_delta_minus": "EUR:64",
		"total_arithmetic_delta_plus": "EUR:4", "total_arithmetic_delta_minus": "EUR:1", "total_bad_sig_loss": "EUR:0",
		"total_aggregation_fee_income": "EUR:0.8", "start_ppa_wire_out_serial_id": 3.0, "end_ppa_wire_out_serial_id": 17.0,
	} {
		if object[field] != want {
			t.Errorf("%s is %v, want %v", field, object[field], want)
		}
	}
	if rows := object["row_inconsistencies"].([]any); len(rows) != 3 {
		t.Errorf("findings that are not listed: %v", rows)
	}
}
