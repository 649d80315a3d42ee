package bank_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/config"
)

// TestOpen opens the accounts of a configuration: a gateway with each way to log in, and files of both forms.
func TestOpen(t *testing.T) {
	folder := t.TempDir()
	password, history := filepath.Join(folder, "password"), filepath.Join(folder, "history.json")
	for file, text := range map[string]string{password: "secret\n", history: inEarly(earlyCredit)} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	basic := fakebank.New(fakebank.Early, fakebank.Account{Name: "a", PaytoURI: ours, Incoming: credits(2), Outgoing: debits(3)})
	basic.RequireBasic("auditor", "secret")
	bearer := fakebank.New(fakebank.Later, fakebank.Account{Name: "b", PaytoURI: ours, Incoming: credits(4)})
	bearer.RequireToken("t0ken")
	open := fakebank.New(fakebank.Later)
	accounts := []config.Account{
		{Name: "exchange-account-a", PaytoURI: ours, WireGatewayURL: serve(t, basic, "a"), EnableCredit: true, EnableDebit: true,
			AuthMethod: config.AuthBasic, Username: "auditor", PasswordFile: password},
		{Name: "exchange-account-b", PaytoURI: ours, WireGatewayURL: serve(t, bearer, "b"), EnableCredit: true,
			AuthMethod: config.AuthBearer, PasswordEnv: "TOKEN"},
		{Name: "exchange-account-c", PaytoURI: ours, EnableCredit: true, HistoryIncoming: []string{history}, AuthMethod: config.AuthNone},
		{Name: "exchange-account-d", PaytoURI: ours, WireGatewayURL: serve(t, open, "d"), EnableDebit: true, IgnoreNotFound: true, AuthMethod: config.AuthNone},
	}
	getenv := func(name string) string { return map[string]string{"TOKEN": "t0ken"}[name] }
	opened, err := bank.Open(accounts, euro, getenv, patient(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct{ in, out int }{{2, 3}, {4, -1}, {1, -1}, {-1, 0}}
	for i, a := range opened {
		if a.Section != accounts[i].Name || a.PaytoURI != ours {
			t.Errorf("account %+v", a)
		}
		for h, n := range map[bank.History]int{a.Incoming: want[i].in, a.Outgoing: want[i].out} {
			if (h == nil) != (n < 0) {
				t.Errorf("%s: history %v, want %d transfers", a.Section, h, n)
			}
			if h == nil {
				continue
			}
			if got := collect(t, h, 0); len(got) != n {
				t.Errorf("%s: %d transfers, want %d", a.Section, len(got), n)
			}
		}
	}
}

// TestOpenTellsEverything demands that all that is wrong is told at once.
func TestOpenTellsEverything(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := bank.Open([]config.Account{
		{Name: "a", EnableCredit: true, EnableDebit: true, HistoryIncoming: []string{missing}, HistoryOutgoing: []string{missing + "*"}},
		{Name: "b", EnableCredit: true, WireGatewayURL: "https://bank/", AuthMethod: config.AuthBasic, Username: "u", PasswordFile: missing},
		{Name: "c", EnableDebit: true, WireGatewayURL: "https://bank/", AuthMethod: config.AuthBearer, PasswordEnv: "UNSET"},
	}, euro, func(string) string { return "" }, bank.Surroundings{})
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Fatalf("got %v", err)
	}
	for _, says := range []string{`account "a", incoming: history "`, `account "a", outgoing: `, "matches no file", `account "b", incoming: password_file "`,
		`account "c", outgoing: the password of account "c" is missing, set the environment variable UNSET`} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in %v", says, err)
		}
	}
	if _, ok := errors.AsType[*config.PasswordError](err); !ok {
		t.Error("the error about the password is lost")
	}
}
