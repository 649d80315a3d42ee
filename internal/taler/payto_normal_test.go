package taler

import "testing"

func TestNormalized(t *testing.T) {
	tests := []struct{ uri, want string }{
		{"payto://iban/DE75512108001245126199", "payto://iban/DE75512108001245126199"},
		{"PAYTO://IBAN/SOGEDEFFXXX/de75512108001245126199?receiver-name=A%20B&x=y", "payto://iban/DE75512108001245126199"},
		{"payto://iban/DE75512108001245126199/", "payto://iban/DE75512108001245126199"},
		{"payto://X-Taler-Bank/Bank.Example:8080/Alice?receiver-name=Alice", "payto://x-taler-bank/bank.example:8080/Alice"},
		{"payto://x-taler-bank/Bank.Example/Path/Alice", "payto://x-taler-bank/bank.example/Path/Alice"},
		{"payto://x-taler-bank/Alice", "payto://x-taler-bank/alice"},
		{"payto://upi/Alice@Example?x", "payto://upi/alice@example"},
		{"payto://ilp/G.Acme.Bob", "payto://ilp/g.acme.bob"},
		{"payto://BitCoin/12A1MyfXbW6RhdRAZEqofac5jCQQjwEPBu?x", "payto://bitcoin/12A1MyfXbW6RhdRAZEqofac5jCQQjwEPBu"},
		{"payto://Void/Nobody?x", "payto://Void/Nobody"},
	}
	for _, test := range tests {
		p, err := ParsePayto(test.uri)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Normalized(); got != test.want {
			t.Errorf("%s: %s", test.uri, got)
		}
		again, err := ParsePayto(p.Normalized())
		if err != nil || again.Normalized() != test.want {
			t.Errorf("%s: normalised twice it is %s, %v", test.uri, again.Normalized(), err)
		}
	}
}

// TestComparisonsDiffer keeps in mind why the two ways of comparing must not be mixed.
func TestComparisonsDiffer(t *testing.T) {
	parse := func(uri string) Payto {
		p, err := ParsePayto(uri)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	a, b := parse("payto://x-taler-bank/bank/Alice"), parse("payto://x-taler-bank/bank/alice")
	if !a.EqualFold(b) || a.Normalized() == b.Normalized() {
		t.Error("names that differ in case are equal in 2021 only")
	}
	a, b = parse("payto://iban/DE1?receiver-name=A"), parse("payto://iban/DE1?receiver-name=B")
	if a.EqualFold(b) || a.Normalized() != b.Normalized() {
		t.Error("names of receivers matter in 2021 only")
	}
}
