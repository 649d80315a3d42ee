package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"auditor/internal/office"
	"auditor/internal/taler"
)

const example = "../../docs/auditor.toml"

var everything = []Need{NeedExchange, NeedExchangeDB, NeedAuditorDB, NeedAuditor, NeedOffice, NeedAccounts}

func TestExampleIsStrictlyValid(t *testing.T) {
	got, err := Load(example, everything...)
	if err != nil {
		t.Fatal(err)
	}
	master, _ := taler.ParseEddsaPublicKey("HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0")
	auditor, _ := taler.ParseEddsaPublicKey("G4WQE3N8FMBNYNN3AHKC6K3YSK5RV2MHPKQ3F8JXYR7NQ3Y9PEA0")
	docs, err := filepath.Abs(filepath.Dir(example))
	if err != nil {
		t.Fatal(err)
	}
	cent := taler.Amount{Currency: "EUR", Fraction: 1_000_000}
	want := &Config{
		File:     example,
		Exchange: Exchange{master, "https://exchange.example/", "EUR", cent},
		ExchangeDB: Database{
			Config: "postgres:///taler-exchange", Schema: "public", IdleReserveExpiration: 28 * 24 * time.Hour,
			LegalReserveExpiration: 7 * 365 * 24 * time.Hour,
			PasswordFile:           "/etc/auditor/exchangedb.password", PasswordEnv: "AUDITOR_EXCHANGEDB_PASSWORD",
		},
		AuditorDB: Database{
			Config: "postgres:///taler-auditor", Schema: "auditor",
			PasswordFile: "/etc/auditor/auditordb.password", PasswordEnv: "AUDITOR_AUDITORDB_PASSWORD",
		},
		Auditor: Auditor{auditor, "https://auditor.example/", cent, 24 * time.Hour, 24 * time.Hour, time.Hour, 15 * time.Minute, "/etc/auditor/report.key", time.Hour,
			365 * 24 * time.Hour, 24 * time.Hour, time.Hour},
		Office: Office{office.Auditor, []uint16{130, 140}},
		Accounts: []Account{
			{
				Name: "exchange-account-1", PaytoURI: "payto://iban/DE75512108001245126199?receiver-name=Exchange",
				WireGatewayURL: "https://bank.example/taler-wire-gateway/", EnableCredit: true, EnableDebit: true,
				AuthMethod: AuthBasic, Username: "auditor", PasswordFile: "/etc/auditor/bank.password",
			},
			{
				Name: "exchange-account-2", PaytoURI: "payto://iban/DE02120300000000202051?receiver-name=Exchange",
				WireGatewayURL: "https://bank.example/accounts/exchange/taler-wire-gateway/", EnableCredit: true, IgnoreNotFound: true,
				AuthMethod: AuthBearer, PasswordEnv: "AUDITOR_BANK_TOKEN",
			},
			{
				Name: "exchange-account-3", PaytoURI: "payto://iban/DE88100900001234567892?receiver-name=Exchange",
				EnableCredit: true, EnableDebit: true, AuthMethod: AuthNone,
				HistoryIncoming: []string{filepath.Join(docs, "exchange-account-3-incoming.json")},
				HistoryOutgoing: []string{filepath.Join(docs, "exchange-account-3-outgoing.json")},
			},
			{
				Name: "exchange-account-4", PaytoURI: "payto://iban/DE02500105170137075030?receiver-name=Exchange",
				EnableCredit: true, EnableDebit: true, AuthMethod: AuthNone,
				HistoryIncoming: []string{filepath.Join(docs, "exchange-account-4/2026-*.xml")},
				HistoryOutgoing: []string{filepath.Join(docs, "exchange-account-4/2026-*.xml")},
			},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestExampleShowsEveryKey(t *testing.T) {
	source, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(source), "\n")
	shown := map[string]bool{} // "section.key", all accounts being one section
	section := ""
	for _, line := range lines {
		if strings.HasPrefix(line, "[") {
			section, _, _ = strings.Cut(strings.Trim(line, "[]"), ".")
		}
		if name, _, ok := strings.Cut(line, " = "); ok && !strings.HasPrefix(line, "#") {
			shown[section+"."+name] = true
		}
	}
	for _, s := range c.sections() {
		for _, k := range s.keys {
			if full := s.path[0] + "." + k.name; !shown[full] {
				t.Errorf("the example does not show %s", full)
			}
		}
	}
}

// The defaults that the example and the contract with operators state.
func TestDefaults(t *testing.T) {
	c, err := parse("x.toml", `
[exchangedb]
config = "dbname=x"
[account.a]
payto_uri = "payto://x-taler-bank/host/a"
wire_gateway_url = "http://host/"
enable_credit = false
`, NeedExchangeDB, NeedAccounts)
	if err != nil {
		t.Fatal(err)
	}
	want := defaults("x.toml")
	want.ExchangeDB.Config = "dbname=x"
	want.Accounts = []Account{{
		Name: "a", PaytoURI: "payto://x-taler-bank/host/a", WireGatewayURL: "http://host/", AuthMethod: AuthNone,
	}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if c.ExchangeDB.Schema != "public" || c.ExchangeDB.IdleReserveExpiration != 672*time.Hour || c.AuditorDB.Schema != "auditor" {
		t.Errorf("databases: %+v %+v", c.ExchangeDB, c.AuditorDB)
	}
	a := c.Auditor
	if a.ClosingGrace != 24*time.Hour || a.DenominationGrace != 24*time.Hour || a.FutureTolerance != time.Hour || a.ExecutionTolerance != 15*time.Minute ||
		a.DepositGrace != time.Hour || a.LongestWireDelay != 365*24*time.Hour || a.ConfirmationGrace != 24*time.Hour || a.TransferGrace != time.Hour {
		t.Errorf("auditor: %+v", a)
	}
}

func TestAmountsTakeTheSpellingOfTheCurrency(t *testing.T) {
	c, err := parse("x.toml", "exchange = { currency = \"Eur\", currency_round_unit = \"EUR:1\" }\nauditor.tiny_amount = \"eur:0.5\"")
	if err != nil {
		t.Fatal(err)
	}
	if c.Exchange.CurrencyRoundUnit != (taler.Amount{Currency: "Eur", Value: 1}) ||
		c.Auditor.TinyAmount != (taler.Amount{Currency: "Eur", Fraction: 50_000_000}) {
		t.Errorf("got %v and %v", c.Exchange.CurrencyRoundUnit, c.Auditor.TinyAmount)
	}
}

func TestRelativeFilesLieBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "auditor.toml")
	if err := os.WriteFile(path, []byte("[exchangedb]\npassword_file = \"secret\"\n[auditordb]\npassword_file = \"/abs\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.ExchangeDB.PasswordFile, filepath.Join(dir, "secret"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if c.AuditorDB.PasswordFile != "/abs" {
		t.Errorf("an absolute path became %s", c.AuditorDB.PasswordFile)
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.toml")
	if err := os.WriteFile(large, make([]byte, maxSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		path, want string
		notExist   bool
	}{
		{dir + "/none.toml", dir + "/none.toml: the configuration cannot be read: no such file or directory; name another one with -c FILE", true},
		{dir, dir + ": the configuration cannot be read: read " + dir + ": is a directory; name another one with -c FILE", false},
		{large, large + ": this is larger than 256 KiB and no configuration; name another file with -c FILE", false},
	}
	for _, test := range tests {
		_, err := Load(test.path)
		var problems *Problems
		if !errors.As(err, &problems) || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
		if errors.Is(err, fs.ErrNotExist) != test.notExist {
			t.Errorf("%s: errors.Is(err, fs.ErrNotExist) is not %t", test.path, test.notExist)
		}
	}
}

// FuzzLoad demands that no file, however broken, makes the reader panic, and that each problem is located
// within the file.
func FuzzLoad(f *testing.F) {
	source, err := os.ReadFile(example)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(source))
	for _, test := range problemTests() {
		f.Add(test.source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		c, err := parse("f.toml", source, everything...)
		if err == nil {
			if len(c.Digest()) != 64 {
				t.Errorf("digest %s", c.Digest())
			}
			return
		}
		var problems *Problems
		if !errors.As(err, &problems) || len(problems.List) == 0 {
			t.Fatalf("the error is no list of problems: %#v", err)
		}
		last := strings.Count(source, "\n") + 1
		for _, p := range problems.List {
			if p.Line < 0 || p.Line > last || p.Column < 0 || p.Column > len(source)+1 || p.Message == "" {
				t.Errorf("%d lines, problem %+v", last, p)
			}
		}
	})
}
