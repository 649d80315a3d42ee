package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// TestTalerCoinsAreLikeTheReference compares names, their order and the types with
// what the earlier auditor wrote, whatever the report says.
func TestTalerCoinsAreLikeTheReference(t *testing.T) {
	reference, err := os.ReadFile(filepath.Join(testdata.Dir(t), "mixed", "expected", "coins.json"))
	if err != nil {
		t.Fatal(err)
	}
	want := shape(t, reference)
	for name, r := range map[string]*Report{"empty": emptyReport(), "full": fullReport(), "hostile": hostileReport()} {
		r.Scope.Areas = []string{"coins"}
		form := writeForm(t, r, "coins")
		if got := shape(t, form); got != want || strings.Count(got, "\n") != 36 {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if flaw := safe(strings.ReplaceAll(string(form), "\n", "")); flaw != "" {
			t.Errorf("%s: the form %s", name, flaw)
		}
	}
}

func TestTalerCoinLists(t *testing.T) {
	pub, den := key(1), hash(2)
	const unreadable = `{"table":"physical","row":17,"diagnostic":"It is wrong."}`
	for _, test := range []struct {
		check  string
		area   string // coins, unless it is said
		change func(*Finding)
		list   string
		want   string
	}{
		{"C-04", "", nil, "row_inconsistencies", `{"table":"refunds","row":17,"diagnostic":"It is wrong."}`},
		{"C-09", "", nil, "row_inconsistencies", `{"table":"recoup-refresh","row":17,"diagnostic":"It is wrong."}`},
		{"C-14", "", nil, "row_inconsistencies", `{"table":"melt","row":17,"diagnostic":"It is wrong."}`},
		{"C-17", "", nil, "row_inconsistencies", `{"table":"refresh_reveal","row":17,"diagnostic":"It is wrong."}`},
		{"C-22", "", nil, "row_inconsistencies", `{"table":"deposits","row":17,"diagnostic":"It is wrong."}`},
		{"C-23", "", nil, "row_inconsistencies", `{"table":"deposits","row":17,"diagnostic":"It is wrong."}`},
		{"C-05", "", nil, "bad_sig_losses", `{"operation":"refund","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-10", "", nil, "bad_sig_losses", `{"operation":"coin","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-12", "", nil, "bad_sig_losses", `{"operation":"recoup-refresh","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-13", "", nil, "bad_sig_losses", `{"operation":"recoup-refresh","row":17,"loss":"EUR:2.5","coin_pub":"` + pub + `","hint":"denomination not revoked"}`},
		{"C-15", "", nil, "bad_sig_losses", `{"operation":"melt","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-24", "", nil, "bad_sig_losses", `{"operation":"deposit","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-25", "", nil, "bad_sig_losses", `{"operation":"deposit","row":17,"loss":"EUR:1.5","coin_pub":"` + pub + `"}`},
		{"C-06", "", nil, "amount_arithmetic_inconsistencies", `{"operation":"refund (fee)","rowid":17,"exchange":"EUR:3","auditor":"EUR:2","profitable":0}`},
		{"C-11", "", nil, "amount_arithmetic_inconsistencies", `{"operation":"coin","rowid":17,"exchange":"EUR:3","auditor":"EUR:2","profitable":-1}`},
		{"C-11", "", evidenced("found", "much"), "row_inconsistencies", unreadable},
		{"C-18", "", nil, "amount_arithmetic_inconsistencies", `{"operation":"melt contribution vs. fee","rowid":17,"exchange":"EUR:7","auditor":"EUR:8","profitable":-1}`},
		{"C-19", "", nil, "amount_arithmetic_inconsistencies", `{"operation":"melt (cost)","rowid":17,"exchange":"EUR:5","auditor":"EUR:6","profitable":-1}`},
		{"C-38", "", nil, "amount_arithmetic_inconsistencies", `{"operation":"melt (cost)","rowid":17,"exchange":"EUR:5","auditor":"EUR:6","profitable":1}`},
		{"C-16", "", nil, "refresh_hanging", `{"row":17,"amount":"EUR:7","coin_pub":"` + pub + `"}`},
		{"C-16", "", evidenced("amount", ""), "row_inconsistencies", unreadable},
		{"C-28", "", nil, "emergencies_by_count", `{"denompub_hash":"` + den + `","num_issued":3,"num_known":4,"denom_risk":"EUR:30","start":"Mon Jan 04 09:06:25 2021",
			"deposit_end":"end of time","value":"EUR:10"}`},
		{"C-28", "", evidenced("known", "many"), "row_inconsistencies", unreadable},
		{"C-29", "", nil, "emergencies", `{"denompub_hash":"` + den + `","denom_risk":"EUR:30","denom_loss":"EUR:9","start":"Mon Jan 04 09:06:25 2021",
			"deposit_end":"end of time","value":"EUR:10"}`},
		{"C-40", "", nil, "row_inconsistencies", unreadable},
		{"C-01", "keys", nil, "unsigned_denominations", `{"denomination":"` + den + `","value":"EUR:10","start_time":"Mon Jan 04 09:06:25 2021","end_time":"Tue Jan 04 09:06:25 2022"}`},
		{"K-07", "keys", nil, "row_inconsistencies", `{"table":"denomination revocations","row":17,"diagnostic":"It is wrong."}`},
	} {
		t.Run(test.check, func(t *testing.T) {
			r := emptyReport()
			r.Scope.Areas = []string{"coins"}
			f := finding(test.check, Loss, func(f *Finding) {
				f.Area, f.FirstRun, f.Table, f.Serial, f.Summary = "coins", r.Run, "physical", ptr(int64(17)), "It is wrong."
				f.Loss, f.Exposure = eurp("1.5"), eurp("2.5")
				f.Evidence = []Evidence{
					{"coin_pub", pub}, {"denom_pub_hash", den}, {"expected", "EUR:2"}, {"found", "EUR:3"}, {"amount", "EUR:7"}, {"fee", "EUR:8"},
					{"paid", "EUR:5"}, {"cost", "EUR:6"}, {"issued", "3"}, {"known", "4"}, {"issued value", "EUR:30"}, {"overdrawn", "EUR:9"},
					{"value", "EUR:10"}, {"valid_from", "2021-01-04T09:06:25Z"}, {"expire_deposit", "never"}, {"expire_legal", "2022-01-04T09:06:25Z"},
				}
			})
			if test.area != "" {
				f.Area = test.area
			}
			if test.change != nil {
				test.change(&f)
			}
			r.Findings = []Finding{f}
			lists := filledLists(t, formObject(t, r, "coins"))
			if len(lists) != 1 || !sameJSON(t, lists[test.list], "["+test.want+"]") {
				t.Errorf("got %v\nwant %s in %s", lists, test.want, test.list)
			}
		})
	}
}

func TestTalerCoinTotals(t *testing.T) {
	r := emptyReport()
	r.Scope.Areas, r.Checks = []string{"coins"}, nil
	ids := []string{"C-05", "C-10", "C-11", "C-12", "C-13", "C-15", "C-16", "C-18", "C-19", "C-24", "C-25", "C-28", "C-38"}
	for i, id := range ids {
		amount := func(unit uint64) taler.Amount { return taler.Amount{Currency: "EUR", Value: unit << i} }
		r.Checks = append(r.Checks, Check{ID: id, Area: "coins", Run: Totals{0, amount(1), amount(1 << 13), amount(1 << 26)}, Open: totals(0, "7", "7", "7")})
	}
	for i, name := range []string{"total_escrow_balance", "total_active_risk", "total_issued_value", "total_overdraft", "total_deposit_fee_income",
		"total_melt_fee_income", "total_refund_fee_income", "total_recoup_loss"} {
		r.Figures = append(r.Figures, Figure{Area: "coins", Name: name, Amount: taler.Amount{Currency: "EUR", Value: uint64(i + 1)}})
	}
	r.Population = []Population{{Area: "coins", Table: "deposits", From: 5, Next: 9}, {Area: "reserves", Table: "reserves_out", From: 1, Next: 2}}
	emergency := func(check string) Finding {
		return finding(check, Loss, func(f *Finding) {
			f.Area, f.FirstRun = "coins", r.Run
			f.Evidence = []Evidence{{"issued", "1"}, {"known", "2"}, {"issued value", "EUR:30"}, {"overdrawn", "EUR:9"}, {"value", "EUR:10"},
				{"valid_from", "never"}, {"expire_deposit", "never"}}
		})
	}
	r.Findings = []Finding{emergency("C-28"), emergency("C-29"), emergency("C-29")}
	object := formObject(t, r, "coins")
	for field, want := range map[string]any{
		"total_bad_sig_loss":           "EUR:132651", // losses of C-05, C-10, C-12, C-15, C-24, C-25 and the exposure of C-13
		"total_arithmetic_delta_minus": "EUR:388",    // C-11, C-18, C-19
		"total_arithmetic_delta_plus":  "EUR:274877906944",
		"total_refresh_hanging":        "EUR:524288",
		"total_irregular_recoups":      "EUR:131072",
		"emergencies_loss_by_count":    "EUR:2048",
		"emergencies_risk_by_count":    "EUR:30",
		"emergencies_risk_by_amount":   "EUR:60",
		"total_escrow_balance":         "EUR:1",
		"total_active_risk":            "EUR:3",
		"emergencies_loss":             "EUR:4",
		"total_deposit_fee_income":     "EUR:5",
		"total_melt_fee_income":        "EUR:6",
		"total_refund_fee_income":      "EUR:7",
		"total_recoup_loss":            "EUR:8",
		"start_ppc_deposit_serial_id":  5.0,
		"end_ppc_deposit_serial_id":    9.0,
		"end_ppc_withdraw_serial_id":   0.0,
	} {
		if object[field] != want {
			t.Errorf("%s is %v, want %v", field, object[field], want)
		}
	}
}
