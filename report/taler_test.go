package report

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// reservesNames are the fields that readers of the area of reserves expect,
// with the JSON type of each.
func reservesNames() map[string]string {
	return map[string]string{
		"reserve_balance_insufficient_inconsistencies":       "array",
		"total_loss_balance_insufficient":                    "amount",
		"reserve_balance_summary_wrong_inconsistencies":      "array",
		"total_balance_summary_delta_plus":                   "amount",
		"total_balance_summary_delta_minus":                  "amount",
		"total_escrow_balance":                               "amount",
		"total_withdraw_fee_income":                          "amount",
		"reserve_not_closed_inconsistencies":                 "array",
		"total_balance_reserve_not_closed":                   "amount",
		"bad_sig_losses":                                     "array",
		"total_bad_sig_loss":                                 "amount",
		"row_inconsistencies":                                "array",
		"denomination_key_validity_withdraw_inconsistencies": "array",
		"amount_arithmetic_inconsistencies":                  "array",
		"total_arithmetic_delta_plus":                        "amount",
		"total_arithmetic_delta_minus":                       "amount",
		"auditor_start_time":                                 "time",
		"auditor_end_time":                                   "time",
		"total_irregular_recoups":                            "amount",
		"start_ppr_reserve_in_serial_id":                     "int",
		"start_ppr_reserve_out_serial_id":                    "int",
		"start_ppr_reserve_recoup_serial_id":                 "int",
		"start_ppr_reserve_close_serial_id":                  "int",
		"end_ppr_reserve_in_serial_id":                       "int",
		"end_ppr_reserve_out_serial_id":                      "int",
		"end_ppr_reserve_recoup_serial_id":                   "int",
		"end_ppr_reserve_close_serial_id":                    "int",
	}
}

func writeReserves(t *testing.T, r *Report) []byte {
	t.Helper()
	return writeForm(t, r, "reserves")
}

func writeForm(t *testing.T, r *Report, area string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTaler(r, area, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func talerObject(t *testing.T, r *Report) map[string]any {
	t.Helper()
	return formObject(t, r, "reserves")
}

func formObject(t *testing.T, r *Report, area string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(writeForm(t, r, area), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

// filledLists are the lists of a form that have elements, as JSON.
func filledLists(t *testing.T, object map[string]any) map[string]string {
	t.Helper()
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
	return lists
}

func TestTalerHasExactlyTheFields(t *testing.T) {
	want := reservesNames()
	if len(want) != 27 {
		t.Fatalf("the list has %d names", len(want))
	}
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": fullReport(), "hostile": hostileReport()} {
		got := map[string]string{}
		for field, value := range talerObject(t, r) {
			got[field] = talerType(value)
		}
		if !maps.Equal(got, want) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func talerType(value any) string {
	switch v := value.(type) {
	case []any:
		return "array"
	case float64:
		return "int"
	case string:
		if _, err := taler.ParseAmount(v); err == nil {
			return "amount"
		}
		return "time"
	}
	return "other"
}

// TestTalerIsLikeTheReference compares names, their order and the types with
// what the earlier auditor wrote.
func TestTalerIsLikeTheReference(t *testing.T) {
	reference, err := os.ReadFile(filepath.Join(testdata.Dir(t), "mixed", "expected", "reserves.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shape(t, writeReserves(t, emptyReport())), shape(t, reference); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// shape names the fields of an object in their order, with the type of each.
func shape(t *testing.T, text []byte) string {
	var b strings.Builder
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		t.Fatal(err)
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			t.Fatal(err)
		}
		b.WriteString(name.(string) + " " + talerType(value) + "\n")
	}
	return b.String()
}

func TestTalerGolden(t *testing.T) {
	golden(t, "empty-reserves.json", writeReserves(t, emptyReport()))
	golden(t, "full-reserves.json", writeReserves(t, fullReport()))
}

func TestTalerLists(t *testing.T) {
	const date = "2021-01-04T09:06:25Z"
	pub, den := key(1), hash(2)
	for _, test := range []struct {
		check  string
		change func(*Finding)
		list   string
		want   string
	}{
		{"R-02", nil, "row_inconsistencies", `{"table":"withdraw","row":17,"diagnostic":"It is wrong."}`},
		{"R-05", nil, "row_inconsistencies", `{"table":"withdraw","row":17,"diagnostic":"It is wrong."}`},
		{"R-07", nil, "row_inconsistencies", `{"table":"recoup","row":17,"diagnostic":"It is wrong."}`},
		{"R-10", nil, "row_inconsistencies", `{"table":"closing-fee","row":1609751185000000,"diagnostic":"It is wrong."}`},
		{"R-10", evidenced("execution_date", ""), "row_inconsistencies", `{"table":"closing-fee","row":1609751186000000,"diagnostic":"It is wrong."}`},
		{"R-11", nil, "row_inconsistencies", `{"table":"reserves_close","row":17,"diagnostic":"It is wrong."}`},
		{"R-12", nil, "row_inconsistencies", `{"table":"reserves_close","row":17,"diagnostic":"It is wrong."}`},
		{"R-03", nil, "denomination_key_validity_withdraw_inconsistencies",
			`{"row":17,"execution_date":"Mon Jan 04 09:06:25 2021","reserve_pub":"` + pub + `","denompub_h":"` + den + `"}`},
		{"R-03", evidenced("execution_date", "never"), "denomination_key_validity_withdraw_inconsistencies",
			`{"row":17,"execution_date":"end of time","reserve_pub":"` + pub + `","denompub_h":"` + den + `"}`},
		{"R-03", evidenced("execution_date", "today"), "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-04", nil, "bad_sig_losses", `{"operation":"withdraw","row":17,"loss":"EUR:1.5","key_pub":"` + key(3) + `"}`},
		{"R-04", evidenced("key_pub", ""), "bad_sig_losses", `{"operation":"withdraw","row":17,"loss":"EUR:1.5","key_pub":"` + pub + `"}`},
		{"R-06", nil, "bad_sig_losses", `{"operation":"recoup","row":17,"loss":"EUR:1.5","key_pub":"` + key(3) + `"}`},
		{"R-08", func(f *Finding) { f.Serial, f.Loss = nil, nil }, "bad_sig_losses", `{"operation":"recoup-master","row":-1,"loss":"EUR:0","key_pub":"` + key(3) + `"}`},
		{"R-09", nil, "amount_arithmetic_inconsistencies", `{"operation":"closing aggregation fee","rowid":17,"exchange":"EUR:3","auditor":"EUR:2","profitable":1}`},
		{"R-09", evidenced("expected", "EUR:4"), "amount_arithmetic_inconsistencies", `{"operation":"closing aggregation fee","rowid":17,"exchange":"EUR:3","auditor":"EUR:4","profitable":-1}`},
		{"R-09", evidenced("expected", "EUR:3"), "amount_arithmetic_inconsistencies", `{"operation":"closing aggregation fee","rowid":17,"exchange":"EUR:3","auditor":"EUR:3","profitable":-1}`},
		{"R-09", evidenced("expected", "CHF:2"), "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-09", evidenced("found", "much"), "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-13", nil, "reserve_balance_insufficient_inconsistencies", `{"reserve_pub":"` + pub + `","loss":"EUR:1.5"}`},
		{"R-13", func(f *Finding) { f.Loss, f.Evidence, f.Subject = nil, nil, key(9) }, "reserve_balance_insufficient_inconsistencies", `{"reserve_pub":"` + key(9) + `","loss":"EUR:0"}`},
		{"R-14", nil, "reserve_balance_insufficient_inconsistencies", `{"reserve_pub":"` + pub + `","gain":"EUR:0.25"}`},
		{"R-15", nil, "reserve_balance_summary_wrong_inconsistencies", `{"reserve_pub":"` + pub + `","exchange":"EUR:3","auditor":"EUR:2"}`},
		{"R-15", evidenced("found", ""), "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-16", nil, "reserve_not_closed_inconsistencies", `{"reserve_pub":"` + pub + `","balance":"EUR:7","expiration_time":"Mon Jan 04 09:06:26 2021"}`},
		{"R-17", nil, "reserve_not_closed_inconsistencies", `{"reserve_pub":"` + pub + `","balance":"EUR:7","expiration_time":"Mon Jan 04 09:06:26 2021","diagnostic":"It is wrong."}`},
		{"R-17", evidenced("expiration", "later"), "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-18", nil, "amount_arithmetic_inconsistencies", `{"operation":"global escrow balance","rowid":-1,"exchange":"EUR:3","auditor":"EUR:2","profitable":0}`},
		{"R-20", nil, "row_inconsistencies", `{"table":"physical","row":17,"diagnostic":"It is wrong."}`},
		{"R-99", func(f *Finding) { f.Serial = nil }, "row_inconsistencies", `{"table":"physical","row":-1,"diagnostic":"It is wrong."}`},
	} {
		t.Run(test.check, func(t *testing.T) {
			r := emptyReport()
			f := finding(test.check, Loss, func(f *Finding) {
				f.FirstRun, f.Table, f.Serial, f.Summary = r.Run, "physical", ptr(int64(17)), "It is wrong."
				f.Loss, f.Gain = eurp("1.5"), eurp("0.25")
				f.Evidence = []Evidence{
					{"reserve_pub", pub}, {"key_pub", key(3)}, {"denom_pub_hash", den}, {"execution_date", date},
					{"expiration", "2021-01-04T10:06:26+01:00"}, {"expected", "EUR:2"}, {"found", "EUR:3"}, {"balance", "EUR:7"},
				}
			})
			if test.change != nil {
				test.change(&f)
			}
			r.Findings = []Finding{f}
			lists := filledLists(t, talerObject(t, r))
			if len(lists) != 1 || !sameJSON(t, lists[test.list], "["+test.want+"]") {
				t.Errorf("got %v\nwant %s in %s", lists, test.want, test.list)
			}
		})
	}
}

// evidenced replaces one piece of evidence.
func evidenced(name, value string) func(*Finding) {
	return func(f *Finding) {
		i := slices.IndexFunc(f.Evidence, func(e Evidence) bool { return e.Name == name })
		f.Evidence[i].Value = value
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	var x, y any
	if a == "" || json.Unmarshal([]byte(a), &x) != nil {
		return false
	}
	if err := json.Unmarshal([]byte(b), &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}

// TestTalerTellsOfThisRunOnly keeps what earlier runs found, what is resolved
// and what belongs to other areas out of the lists.
func TestTalerTellsOfThisRunOnly(t *testing.T) {
	r := fullReport()
	r.Findings = nil
	for _, f := range []struct {
		name   string
		area   string
		kind   Kind
		run    int64
		status Status
	}{
		{"new row", "reserves", OfRow, 3, New},
		{"old row", "reserves", OfRow, 2, Persisting},
		{"new state", "reserves", OfState, 3, New},
		{"old state", "reserves", OfState, 1, Persisting},
		{"resolved state", "reserves", OfState, 1, Resolved},
		{"coin", "coins", OfRow, 3, New},
	} {
		r.Findings = append(r.Findings, finding("R-21", Loss, func(g *Finding) {
			g.Area, g.Kind, g.FirstRun, g.Status, g.Summary = f.area, f.kind, f.run, f.status, f.name
		}))
	}
	r.Checks = nil
	var got []string
	for _, element := range talerObject(t, r)["row_inconsistencies"].([]any) {
		got = append(got, element.(map[string]any)["diagnostic"].(string))
	}
	if want := []string{"new row", "new state", "old state"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTalerTotals(t *testing.T) {
	r := emptyReport()
	r.Checks = nil
	ids := []string{"R-04", "R-06", "R-07", "R-08", "R-09", "R-13", "R-14", "R-15", "R-16", "R-17", "R-18"}
	for i, id := range ids {
		amount := func(unit uint64) taler.Amount { return taler.Amount{Currency: "EUR", Value: unit << i} }
		other := totals(0, "7", "7", "7")
		r.Checks = append(r.Checks, Check{ID: id, Area: "reserves", Run: Totals{0, amount(1), amount(1 << 12), amount(1 << 24)}, Open: other})
	}
	r.Figures = []Figure{
		{Area: "coins", Name: "total_escrow_balance", Amount: eur("1")},
		{Area: "reserves", Name: "total_escrow_balance", Amount: eur("2.5")},
		{Area: "reserves", Name: "total_withdraw_fee_income", Amount: eur("0.03")},
	}
	object := talerObject(t, r)
	for field, want := range map[string]any{
		"total_bad_sig_loss":                "EUR:11",
		"total_irregular_recoups":           "EUR:16384",
		"total_arithmetic_delta_minus":      "EUR:16",
		"total_arithmetic_delta_plus":       "EUR:268435456",
		"total_loss_balance_insufficient":   "EUR:32",
		"total_balance_summary_delta_plus":  "EUR:2147483648",
		"total_balance_summary_delta_minus": "EUR:524288",
		"total_balance_reserve_not_closed":  "EUR:3145728",
		"total_escrow_balance":              "EUR:2.5",
		"total_withdraw_fee_income":         "EUR:0.03",
		"auditor_start_time":                "Sun Mar 01 12:00:01 2026",
		"auditor_end_time":                  "Sun Mar 01 12:00:03 2026",
		"start_ppr_reserve_in_serial_id":    1.0,
		"end_ppr_reserve_in_serial_id":      1285.0,
		"start_ppr_reserve_close_serial_id": 0.0,
	} {
		if object[field] != want {
			t.Errorf("%s is %v, want %v", field, object[field], want)
		}
	}
}

func TestTalerTellsWhatItCannotShow(t *testing.T) {
	r := emptyReport()
	r.Checks[0].Run = totals(3, "4503599627370496", "0", "0")
	r.Checks = append(r.Checks, Check{ID: "R-06", Area: "reserves", Run: totals(0, "1", "0", "0")},
		Check{ID: "C-01", Area: "coins", Run: totals(9, "1", "0", "0")})
	r.Findings = []Finding{finding("R-04", Loss, func(f *Finding) { f.FirstRun = r.Run })}
	object := talerObject(t, r)
	if got := object["total_bad_sig_loss"]; got != "EUR:4503599627370496" {
		t.Errorf("the total is %v", got)
	}
	rows, err := json.Marshal(object["row_inconsistencies"])
	if err != nil {
		t.Fatal(err)
	}
	if want := `[{"table":"","row":-1,"diagnostic":"2 more findings of check R-04 are not listed"},
		{"table":"","row":-1,"diagnostic":"total_bad_sig_loss is wrong here: it cannot be written as one amount"}]`; !sameJSON(t, string(rows), want) {
		t.Errorf("got %s", rows)
	}
}

func TestTalerAreas(t *testing.T) {
	r := fullReport()
	if got := TalerAreas(r); !slices.Equal(got, []string{"coins", "reserves"}) {
		t.Errorf("got %q", got)
	}
	r.Scope.Areas = []string{"keys"}
	if got := TalerAreas(r); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	for _, area := range []string{"reserves", "keys", ""} {
		if err := WriteTaler(r, area, &bytes.Buffer{}); err == nil {
			t.Errorf("area %q was written", area)
		}
	}
}

func TestTalerIsSafeToPrint(t *testing.T) {
	if flaw := safe(strings.ReplaceAll(string(writeReserves(t, hostileReport())), "\n", "")); flaw != "" {
		t.Errorf("the form %s", flaw)
	}
}
