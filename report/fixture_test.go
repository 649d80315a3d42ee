package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"auditor/internal/taler"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test -update and look at the change\ngot:\n%s", name, got)
	}
}

func eur(s string) taler.Amount {
	a, err := taler.ParseAmount("EUR:" + s)
	if err != nil {
		panic(err)
	}
	return a
}

func eurp(s string) *taler.Amount { a := eur(s); return &a }

func ptr[T any](v T) *T { return &v }

func clock(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func key(b byte) string {
	k := taler.EddsaPublicKey(bytes.Repeat([]byte{b}, 32))
	return k.String()
}

func hash(b byte) string {
	h := taler.Hash(bytes.Repeat([]byte{b}, 64))
	return h.String()
}

func totals(n int64, loss, exposure, gain string) Totals {
	return Totals{Count: n, Loss: eur(loss), Exposure: eur(exposure), Gain: eur(gain)}
}

// emptyReport is the report on an exchange with nothing to find.
func emptyReport() *Report {
	return &Report{
		Format: Format, Run: 1,
		AsOf:    clock("2026-03-01T12:00:00Z"),
		Started: clock("2026-03-01T12:00:01Z"), Finished: clock("2026-03-01T12:00:03.25Z"),
		Program: Program{Name: "auditor", Version: "1.0.0", ConfigurationDigest: strings.Repeat("5e", 32)},
		Exchange: Exchange{
			MasterPublicKey: taler.EddsaPublicKey(bytes.Repeat([]byte{0x5a}, 32)),
			BaseURL:         "https://exchange.example/", Currency: "EUR",
		},
		Scope: Scope{Areas: []string{"reserves"}, Layout: "2021", Database: "exchange", Schema: "public"},
		Population: []Population{
			{Area: "reserves", Table: "reserves_in", From: 1, Next: 1285, Rows: 1284, Total: 1284},
			{Area: "reserves", Table: "recoup"},
		},
		Figures: []Figure{
			{Area: "reserves", Name: "total_escrow_balance", Title: "Money held for reserves", Amount: eur("1234567.5"), Provenance: AppendOnly},
		},
		Checks: []Check{
			{ID: "R-04", Area: "reserves", Title: "every withdrawal is signed by its reserve", Run: totals(0, "0", "0", "0"), Open: totals(0, "0", "0", "0")},
			{ID: "R-13", Area: "reserves", Title: "no reserve is overdrawn", Run: totals(0, "0", "0", "0"), Open: totals(0, "0", "0", "0")},
		},
	}
}

// fullReport is a report of a third run with findings of every sort.
func fullReport() *Report {
	r := emptyReport()
	r.Run = 3
	r.Previous = &Previous{Run: 2, AsOf: clock("2026-02-22T13:00:00+01:00")}
	r.Restart = &Restart{At: clock("2026-02-23T09:00:00Z"), By: "auditor_dbinit", Forced: true}
	r.Scope.Internal = true
	r.Scope.Areas = []string{"reserves", "coins"}
	r.Population = []Population{
		{Area: "reserves", Table: "reserves_in", From: 1001, Next: 1285, Rows: 285, Late: 1, Holes: 2, Total: 1282},
		{Area: "reserves", Table: "reserves_out", From: 20001, Next: 32001, Rows: 12000, Total: 32000},
		{Area: "reserves", Table: "recoup", From: 7, Next: 9, Rows: 2, Total: 8},
		{Area: "reserves", Table: "reserves_close", From: 5, Next: 6, Rows: 1, Total: 5},
		{Area: "coins", Table: "refresh_revealed_coins", From: 900001, Next: 900001, Total: 900000},
	}
	r.Figures = []Figure{
		{Area: "reserves", Name: "total_escrow_balance", Title: "Money held for reserves", Amount: eur("1234567.5"), Previous: eurp("1234600"), Provenance: AppendOnly},
		{Area: "reserves", Name: "total_withdraw_fee_income", Title: "Income from fees for withdrawals and closings", Amount: eur("320.0125"), Previous: eurp("300"), Provenance: AppendOnly},
		{Area: "reserves", Name: "claimed_balance", Title: "Sum of the balances that the exchange claims", Amount: eur("1234567.5"), Previous: eurp("1234567.5"), Provenance: Mutable},
		{Area: "coins", Name: "total_escrow_balance", Title: "Value of coins in circulation", Amount: eur("77"), Provenance: Bank},
	}
	r.Findings = []Finding{
		finding("R-05", Inconsistency, func(f *Finding) {
			f.Serial = ptr(int64(31999))
			f.Summary = "Withdrawal 31999 took EUR 5.02, but the coin and its fee come to EUR 5.01."
		}),
		finding("R-04", Loss, func(f *Finding) {
			f.Serial = ptr(int64(31998))
			f.Loss = eurp("12.5")
			f.Summary = "The reserve did not sign withdrawal 31998, so its owner may claim the money back."
			f.Evidence = append(f.Evidence, Evidence{"key_pub", key(4)}, Evidence{"denom_pub_hash", hash(4)})
		}),
		finding("R-13", Loss, func(f *Finding) {
			f.Kind, f.Status, f.FirstRun, f.First = OfState, Persisting, 2, clock("2026-02-22T12:00:00Z")
			f.Table, f.Subject = "reserves", key(13)
			f.Loss = eurp("1000.00000001")
			f.Summary = "More was withdrawn from the reserve than was paid into it."
		}),
		finding("R-16", Exposure, func(f *Finding) {
			f.Kind, f.Status = OfState, New
			f.Table, f.Subject = "reserves", key(16)
			f.Exposure = eurp("3")
			f.Summary = "The reserve expired and was not closed."
			f.Evidence = append(f.Evidence, Evidence{"balance", "EUR:3"}, Evidence{"expiration", "2026-02-01T00:00:00Z"},
				Evidence{"name_longer_than_the_column", "a value below its name"})
		}),
		finding("R-15", Exposure, func(f *Finding) {
			f.Kind, f.Status, f.FirstRun, f.First = OfState, Resolved, 1, clock("2026-02-15T12:00:00Z")
			f.Table = "reserves"
			f.Gain = eurp("2")
			f.Summary = "The balance that the exchange claims was not the balance of the reserve."
		}),
		finding("R-20", Notice, func(f *Finding) {
			f.Table, f.Serial = "reserves_in", ptr(int64(980))
			f.Summary = "The row appeared after later rows had been judged."
		}),
	}
	r.Checks = []Check{
		{ID: "R-04", Area: "reserves", Title: "every withdrawal is signed by its reserve", Run: totals(1, "12.5", "0", "0"), Open: totals(1, "12.5", "0", "0"), Listed: 1},
		{ID: "R-05", Area: "reserves", Title: "a withdrawal takes the value of the coin and the fee for the withdrawal, no more and no less", Run: totals(12346, "0", "61.73", "0"), Open: totals(12346, "0", "61.73", "0"), Listed: 1},
		{ID: "R-13", Area: "reserves", Title: "no reserve is overdrawn", Run: totals(1, "1000.00000001", "0", "0"), Open: totals(1, "1000.00000001", "0", "0"), Listed: 1},
		{ID: "R-15", Area: "reserves", Title: "claimed balances are right", Run: totals(0, "0", "0", "0"), Open: totals(0, "0", "0", "0")},
		{ID: "R-16", Area: "reserves", Title: "expired reserves are closed", Run: totals(1, "0", "3", "0"), Open: totals(1, "0", "3", "0"), Listed: 1},
		{ID: "R-20", Area: "reserves", Title: "rows do not appear late", Run: totals(1, "0", "0", "0"), Open: totals(1, "0", "0", "0"), Listed: 1},
		{ID: "C-29", Area: "coins", Title: "no denomination is redeemed for more than was issued", Run: totals(0, "0", "0", "0"), Open: totals(0, "0", "0", "0")},
	}
	r.Alerts = []Alert{
		{
			Identity: "altered-row/deposits/31997", Kind: "altered-row", Table: "deposits", Serial: ptr(int64(31997)), Columns: []string{"amount_with_fee_val", "wire"},
			Ours: "amount_with_fee_val = 5, wire = 'a'", Theirs: "amount_with_fee_val = 6, wire = 'b'",
			Summary: "deposits, serial 31997, column amount_with_fee_val, wire: the row was altered after it was copied",
			First:   clock("2026-02-25T12:00:00+01:00"), Last: clock("2026-03-01T10:00:00Z"), Count: 1234,
		}, {
			Identity: "schema/recoup/table", Kind: "schema", Table: "recoup", Ours: "present", Theirs: "missing", Summary: "recoup: table: expected present, found missing",
			First: clock("2026-03-01T10:00:00Z"), Last: clock("2026-03-01T10:00:00Z"), Count: 1,
		},
	}
	r.Unchecked = []Unchecked{
		{Area: "reserves", What: "origin of incoming transfers", Why: "the history of the bank was not given, so that only the claims of the exchange are known"},
	}
	return r
}

// finding makes a finding of this run, with an identity that depends on check.
func finding(check string, severity Severity, change func(*Finding)) Finding {
	f := Finding{
		Identity: strings.Repeat("0", 4) + strings.Repeat(strings.ToLower(check[2:]), 30), Check: check, Area: "reserves",
		Kind: OfRow, Severity: severity, Status: New, FirstRun: 3, First: clock("2026-03-01T12:00:00Z"),
		Table: "reserves_out", Summary: "Something is wrong.",
		Evidence: []Evidence{{"reserve_pub", key(check[3])}},
	}
	change(&f)
	return f
}

// hostileText tries to deceive whoever reads a terminal.
const hostileText = "\x1b[2J\x1b]0;owned\a\r\nNo findings.\u202e\u2066gnp.exe\u200b\u009b31m\xff\xc0\x80 \u05d0\u05d1 " +
	"\U000e0041\u0301\u0301\u0301\u0301\u0301\ufeff \\ \u2028  <b>&amp;</b> \u00e9\u4e2d\u6587\U0001f600"

// hostileReport has hostile text wherever there is text.
func hostileReport() *Report {
	r := fullReport()
	long := strings.Repeat("A", 5000)
	r.Program.Name, r.Program.Version = hostileText, hostileText
	r.Exchange.BaseURL = hostileText
	r.Scope.Layout, r.Scope.Database, r.Scope.Schema = hostileText, hostileText, long
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Table, f.Subject, f.Summary = hostileText, hostileText, hostileText+long
		f.Evidence = []Evidence{{hostileText, long}, {"evidence", hostileText}}
	}
	for i := range r.Alerts {
		a := &r.Alerts[i]
		a.Identity, a.Table, a.Columns, a.Ours, a.Theirs, a.Summary = hostileText, hostileText, []string{hostileText}, hostileText, long, hostileText+long
		a.Count = 1 << 62
	}
	for i := range r.Population {
		r.Population[i].Table = hostileText
		r.Population[i].Rows, r.Population[i].Next = 1<<59, 1<<62
	}
	for i := range r.Figures {
		r.Figures[i].Title = hostileText
		r.Figures[i].Amount = taler.Amount{Currency: "EUR", Value: taler.MaxAmountValue, Fraction: 99999999}
	}
	for i := range r.Checks {
		r.Checks[i].Title = hostileText + long
		r.Checks[i].Open.Loss = taler.Amount{Currency: "EUR", Value: taler.MaxAmountValue}
	}
	r.Unchecked = []Unchecked{{Area: "reserves", What: hostileText, Why: long}}
	return r
}
