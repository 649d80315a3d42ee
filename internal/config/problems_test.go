package config

import (
	"errors"
	"strings"
	"testing"

	"auditor/internal/taler"
)

type problemTest struct {
	name   string
	source string
	need   []Need
	want   []string
}

const validKey = "HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0"

// account is a bank account without fault, to which a test adds one.
const account = `[account.a]
payto_uri = "payto://x-taler-bank/host/a"
wire_gateway_url = "https://host/"
enable_credit = true
`

func problemTests() []problemTest {
	return []problemTest{
		{name: "nothing is needed of an empty file", source: ""},
		{
			name:   "letter case matters",
			source: "[exchange]\nCurrency = \"EUR\"\n",
			want:   []string{`f.toml:2:1: exchange.Currency: unknown key, did you mean "currency"?`},
		},
		{
			name:   "the misspelt key does not shadow the right one",
			source: "[exchange]\ncurrency = \"EUR\"\nCURRENCY = \"KUDOS\"\ncurrency_round_unit = \"EUR:1\"\n",
			want:   []string{`f.toml:3:1: exchange.CURRENCY: unknown key, did you mean "currency"?`},
		},
		{
			name:   "unknown keys and sections",
			source: "[exchange]\nbase-url = 1\nxyzzy = 1\n[Exchangedb]\nx = 1\n[nonsense]\n[exchange-account-1]\n[accounts.x]\n",
			want: []string{
				`f.toml:2:1: exchange.base-url: unknown key, did you mean "base_url"?`,
				`f.toml:3:1: exchange.xyzzy: unknown key, section [exchange] knows master_public_key, base_url, currency, currency_round_unit`,
				`f.toml:4:1: Exchangedb: unknown section, did you mean [exchangedb]?`,
				`f.toml:6:1: nonsense: unknown section, there are [exchange], [exchangedb], [auditordb], [auditor], [account.NAME]`,
				`f.toml:7:1: exchange-account-1: unknown section, did you mean [account.exchange-account-1]?`,
				`f.toml:8:1: accounts: unknown section, did you mean [account.NAME]?`,
			},
		},
		{
			name:   "keys in the wrong place",
			source: "currency = \"EUR\"\nbanana = 1\n[auditor]\ncurrency = \"EUR\"\n[account]\npayto_uri = \"payto://iban/x\"\n",
			want: []string{
				`f.toml:1:1: currency: the key stands in front of all sections, write it below [exchange]`,
				`f.toml:2:1: banana: unknown section, there are [exchange], [exchangedb], [auditordb], [auditor], [account.NAME]`,
				`f.toml:4:1: auditor.currency: unknown key, currency belongs in section [exchange]`,
				`f.toml:6:1: account.payto_uri: expected a section [account.payto_uri], found a string; write [account.NAME] above the keys of an account`,
			},
		},
		{
			name: "every wrong type",
			source: "[exchange]\ncurrency = 1\nbase_url = 1.5\ncurrency_round_unit = []\nmaster_public_key = { a = 1 }\n" +
				"[auditor]\nclosing_grace = 2024-01-01\ndeposit_grace = true\nfuture_tolerance = [{a=1}]\n" +
				account + "enable_debit = \"yes\"\n[[auditordb]]\n[[auditordb]]\n",
			want: []string{
				`f.toml:2:1: exchange.currency: expected a string, found an integer; write it like currency = "EUR"`,
				`f.toml:3:1: exchange.base_url: expected a string, found a number with a fraction; write it like base_url = "https://exchange.example/"`,
				`f.toml:4:1: exchange.currency_round_unit: expected a string, found an array; write it like currency_round_unit = "EUR:0.01"`,
				`f.toml:5:1: exchange.master_public_key: expected a string, found a table; write it like master_public_key = "…"  # 52 characters of base32`,
				`f.toml:7:1: auditor.closing_grace: expected a string, found a date or time; write it like closing_grace = "1 day"`,
				`f.toml:8:1: auditor.deposit_grace: expected a string, found a boolean; write it like deposit_grace = "1 hour"`,
				`f.toml:9:1: auditor.future_tolerance: expected a string, found an array; write it like future_tolerance = "1 hour"`,
				`f.toml:14:1: account.a.enable_debit: expected true or false, without quotes, found a string; write it like enable_debit = true`,
				`f.toml:16:1: auditordb: expected a section [auditordb], found an array of tables`,
			},
		},
		{
			name:   "missing keys of a section and missing sections",
			source: "# first\n\n  [exchange]\nbase_url = \"http://x/\"\ncurrency = \"EUR\"\n",
			need:   everything,
			want: []string{
				`f.toml:3:3: exchange.master_public_key: missing, add to section [exchange] a line like master_public_key = "…"  # 52 characters of base32`,
				`f.toml:3:3: exchange.currency_round_unit: missing, add to section [exchange] a line like currency_round_unit = "EUR:0.01"`,
				`f.toml: exchangedb.config: missing, add to section [exchangedb] a line like config = "postgres:///taler-exchange"`,
				`f.toml: auditordb.config: missing, add to section [auditordb] a line like config = "postgres:///taler-auditor"`,
				`f.toml: auditor.public_key: missing, add to section [auditor] a line like public_key = "…"  # 52 characters of base32`,
				`f.toml: auditor.base_url: missing, add to section [auditor] a line like base_url = "https://auditor.example/"`,
				`f.toml: auditor.tiny_amount: missing, add to section [auditor] a line like tiny_amount = "EUR:0.01"`,
				`f.toml: office.role: missing, add to section [office] a line like role = "auditor"`,
				`f.toml: account: missing, add a section like [account.exchange-account-1] for each bank account of the exchange`,
			},
		},
		{
			name:   "offices",
			source: "[office]\nrole = \"auditors\"\nadministrative_services = [130, 65536]\n",
			want: []string{
				`f.toml:2:1: office.role: there is no office "auditors", did you mean "auditor"?`,
				`f.toml:3:1: office.administrative_services: 65536 is not between 0 and 65535, correct it`,
			},
		},
		{
			name:   "services twice, and no number",
			source: "[office]\nrole = \"auditor\"\nadministrative_services = [130, 130]\n",
			want:   []string{`f.toml:3:1: office.administrative_services: 130 is in the list twice, remove one of the two`},
		},
		{
			name:   "only what is needed is missing",
			source: "[exchange]\n[auditor]\n",
			need:   []Need{NeedExchangeDB},
			want:   []string{`f.toml: exchangedb.config: missing, add to section [exchangedb] a line like config = "postgres:///taler-exchange"`},
		},
		{
			name:   "the master key may come from elsewhere",
			source: "[exchange]\ncurrency = \"EUR\"\ncurrency_round_unit = \"EUR:1\"\n",
			need:   []Need{NeedExchangeExceptKey},
			want:   []string{`f.toml:1:1: exchange.base_url: missing, add to section [exchange] a line like base_url = "https://exchange.example/"`},
		},
		{
			name: "amounts",
			source: "[exchange]\ncurrency = \"EUR\"\ncurrency_round_unit = \"KUDOS:0.01\"\n" +
				"[auditor]\ntiny_amount = \"USD:1\"\n",
			want: []string{
				`f.toml:3:1: exchange.currency_round_unit: KUDOS:0.01 is not in the exchange's currency, give an amount in EUR`,
				`f.toml:5:1: auditor.tiny_amount: USD:1 is not in the exchange's currency, give an amount in EUR`,
			},
		},
		{
			name:   "units of rounding",
			source: "[exchange]\ncurrency = \"EUR\"\ncurrency_round_unit = \"EUR:1.5\"\n",
			want:   []string{`f.toml:3:1: exchange.currency_round_unit: EUR:1.5 has both an integer and a fractional part, give a unit such as EUR:0.01 or EUR:1`},
		},
		{
			name:   "malformed values",
			source: "[exchange]\ncurrency = \"EURO-MONEY\"\ncurrency_round_unit = \"1.5\"\nmaster_public_key = \"" + validKey[1:] + "\"\n",
			want: []string{
				`f.toml:2:1: exchange.currency: currency "EURO-MONEY" holds something else than ASCII letters, give one such as EUR`,
				`f.toml:3:1: exchange.currency_round_unit: amount "1.5" lacks a colon, write it as in EUR:1.50`,
				`f.toml:4:1: exchange.master_public_key: ` + keyError(validKey[1:]),
			},
		},
		{
			name: "URLs",
			source: "[exchange]\nbase_url = \"ftp://x/\"\n[auditor]\nbase_url = \"https://x\"\n" +
				strings.Replace(account, "https://host/", "http://user:hunter2@host/", 1) +
				strings.NewReplacer("https://host/", "http:///", ".a]", ".b]", "bank/host/a", "bank/host/b").Replace(account) +
				strings.NewReplacer("https://host/", "http://host/?x=/", ".a]", ".c]", "bank/host/a", "bank/host/c").Replace(account) +
				strings.NewReplacer("https://host/", "http://host:hunter2/", ".a]", ".d]", "bank/host/a", "bank/host/d").Replace(account),
			want: []string{
				`f.toml:2:1: exchange.base_url: "ftp://x/" is no http or https URL, write one such as "https://host.example/"`,
				`f.toml:4:1: auditor.base_url: "https://x" does not end with '/', append one`,
				`f.toml:7:1: account.a.wire_gateway_url: the URL holds credentials, remove them`,
				`f.toml:11:1: account.b.wire_gateway_url: "http:///" names no host, write a URL such as "https://host.example/"`,
				`f.toml:15:1: account.c.wire_gateway_url: "http://host/?x=/" has a query or a fragment, remove it`,
				`f.toml:19:1: account.d.wire_gateway_url: this is no URL, write one such as "https://host.example/"`,
			},
		},
		{
			name: "passwords",
			source: "[exchangedb]\npassword = \"hunter2\"\n[auditordb]\nPassword = \"hunter2\"\nschema = \"x\"\n" + account +
				"token = \"hunter2\"\nauth_method = \"bearer\"\npassword_env = \"correct horse\"\n",
			want: []string{
				`f.toml:2:1: exchangedb.password: a password must not stand in this file; write it to a file of its own, chmod 600, and name that with password_file`,
				`f.toml:4:1: auditordb.Password: a password must not stand in this file; write it to a file of its own, chmod 600, and name that with password_file`,
				`f.toml:5:1: auditordb.schema: the tables of the auditor are always in schema "auditor", remove the line`,
				`f.toml:10:1: account.a.token: a password must not stand in this file; write it to a file of its own, chmod 600, and name that with password_file`,
				`f.toml:12:1: account.a.password_env: this is no name of an environment variable, give the name of the one that holds the password`,
			},
		},
		{
			name: "databases",
			source: "[exchangedb]\nconfig = \" \"\nschema = \"" + strings.Repeat("s", 64) + "\"\nidle_reserve_expiration_time = \"0 s\"\n" +
				"password_file = \"~/x\"\n[auditordb]\nconfig = \"a\\u0007b\"\n",
			want: []string{
				`f.toml:2:1: exchangedb.config: this is empty, give a value or remove the line`,
				`f.toml:3:1: exchangedb.schema: the name is longer than the 63 bytes that PostgreSQL keeps, shorten it`,
				`f.toml:4:1: exchangedb.idle_reserve_expiration_time: "0 s" is no time at all, give a positive one`,
				`f.toml:5:1: exchangedb.password_file: '~' is not expanded here, write the absolute path`,
				`f.toml:7:1: auditordb.config: byte 2 is no printable character, remove it`,
			},
		},
		{
			name:   "times",
			source: "[auditor]\nclosing_grace = \"1 weks\"\n",
			want:   []string{`f.toml:2:1: auditor.closing_grace: duration "1 weks" has the unknown unit "weks", did you mean "weeks"?`},
		},
		{
			name: "accounts without a source",
			source: "[account.a]\npayto_uri = \"iban\"\nenable_credit = true\nenable_debit = true\n[account.b]\n" +
				account[strings.Index(account, "\n")+1:] + "history_incoming = \"x\"\n[account.\"\"]\npayto_uri = \"payto://iban/x\"\n",
			want: []string{
				`f.toml:1:1: account.a: nothing tells what was paid to this account, add wire_gateway_url or history_incoming`,
				`f.toml:1:1: account.a: nothing tells what was paid from this account, add wire_gateway_url or history_outgoing`,
				`f.toml:2:1: account.a.payto_uri: account "iban" does not begin with payto://, give a full payto URI`,
				`f.toml:7:1: account.b.wire_gateway_url: the account has both a wire gateway and saved histories, remove one of them`,
				`f.toml:10:1: account."": the account needs the name that the exchange's database records, rename the section`,
				`f.toml:10:1: account."": neither enable_credit nor enable_debit is set, so nothing of this account would be audited; add a line like enable_credit = true`,
			},
		},
		{
			name:   "an account without payto URI is incomplete for every program",
			source: "[account.a]\nenable_credit = false\n",
			want:   []string{`f.toml:1:1: account.a.payto_uri: missing, add to section [account.a] a line like payto_uri = "payto://iban/DE75512108001245126199?receiver-name=Exchange"`},
		},
		{
			name:   "logging in without a user name",
			source: account + "auth_method = \"basic\"\n",
			want: []string{
				`f.toml:5:1: account.a.auth_method: "basic" needs a user name, add a line like username = "auditor"`,
				`f.toml:5:1: account.a.auth_method: "basic" needs a password, add password_file or password_env`,
			},
		},
		{
			name:   "logging in with too much",
			source: account + "auth_method = \"bearer\"\nusername = \"u\"\npassword_file = \"f\"\npassword_env = \"E\"\n",
			want: []string{
				`f.toml:6:1: account.a.username: not used with auth_method = "bearer", remove the line or write auth_method = "basic"`,
				`f.toml:7:1: account.a.password_file: the password has two sources, remove password_file or password_env`,
			},
		},
		{
			name:   "logging in where others listen",
			source: strings.Replace(account, "https://host/", "http://192.0.2.1/", 1) + "auth_method = \"bearer\"\npassword_env = \"E\"\n",
			want: []string{`f.toml:3:1: account.a.wire_gateway_url: anybody on the way could read the password and change the history; ` +
				`write https, or reach the gateway through a tunnel that ends on this computer`},
		},
		{
			name:   "logging in on this computer",
			source: strings.Replace(account, "https://host/", "http://127.0.0.1:8080/", 1) + "auth_method = \"bearer\"\npassword_env = \"E\"\n",
		},
		{
			name: "lists of files",
			source: "[account.a]\npayto_uri = \"payto://iban/x\"\nenable_credit = true\nenable_debit = true\n" +
				"history_incoming = []\nhistory_outgoing = [\"a\", 1]\n[account.b]\npayto_uri = \"payto://iban/y\"\n" +
				"enable_credit = true\nenable_debit = true\nhistory_incoming = [\"a\", \"a\"]\nhistory_outgoing = [\"b\", \"~/a\"]\n",
			want: []string{
				`f.toml:5:1: account.a.history_incoming: this is an empty list, name a file or remove the line`,
				`f.toml:6:1: account.a.history_outgoing: expected a string or a list of strings, found an array; write it like history_outgoing = "outgoing.json"`,
				`f.toml:11:1: account.b.history_incoming: "a" is named twice, remove one of the two`,
				`f.toml:12:1: account.b.history_outgoing: '~' is not expanded here, write the absolute path`,
			},
		},
		{
			name: "histories that nobody reads",
			source: "[account.a]\npayto_uri = \"payto://iban/x\"\nenable_credit = true\nignore_not_found = true\n" +
				"history_incoming = \"a\"\nhistory_outgoing = \"b\"\n",
			want: []string{
				`f.toml:4:1: account.a.ignore_not_found: there is no wire gateway that could not find the account, remove the line`,
				`f.toml:6:1: account.a.history_outgoing: it would not be read, because enable_debit is not true; add enable_debit = true or remove the line`,
			},
		},
		{
			name:   "one account in two sections",
			source: account + strings.Replace(account, ".a]", ".b]", 1),
			want: []string{
				`f.toml:6:1: account.b.payto_uri: account "a" has the same, correct one of them or remove a section`,
				`f.toml:7:1: account.b.wire_gateway_url: account "a" has the same with the same user name, correct one of them or remove a section`,
			},
		},
		{
			name:   "a password without a way to log in",
			source: account + "password_env = \"E\"\n",
			want:   []string{`f.toml:5:1: account.a.password_env: not used with auth_method = "none", remove the line or write auth_method = "basic"`},
		},
		{
			name:   "logging in to nothing",
			source: strings.Replace(account, "wire_gateway_url = \"https://host/\"", "history_incoming = \"x\"", 1) + "auth_method = \"bearer\"\npassword_env = \"E\"",
			want:   []string{`f.toml:5:1: account.a.auth_method: there is no wire gateway to log in to, add wire_gateway_url or remove the line`},
		},
		{
			name:   "unknown ways to log in",
			source: account + "auth_method = \"BASIC\"\nusername = \"u\"\n" + strings.NewReplacer(".a]", ".b]", "bank/host/a", "bank/host/b").Replace(account) + "auth_method = \"kerberos\"\n",
			want: []string{
				`f.toml:5:1: account.a.auth_method: "BASIC" is unknown, did you mean "basic"?`,
				`f.toml:11:1: account.b.auth_method: "kerberos" is unknown, choose one of none, basic, bearer`,
			},
		},
		{
			name:   "names that resemble paths stay apart",
			source: "[account.a]\npayto_uri = \"payto://iban/x\"\nenable_credit = false\n[account.\"a.b\"]\nx = 1\n[\"account.a\"]\n[account.a.b]\n",
			want: []string{
				`f.toml:4:1: account."a.b".payto_uri: missing, add to section [account."a.b"] a line like payto_uri = "payto://iban/DE75512108001245126199?receiver-name=Exchange"`,
				`f.toml:4:1: account."a.b": neither enable_credit nor enable_debit is set, so nothing of this account would be audited; add a line like enable_credit = true`,
				`f.toml:5:1: account."a.b".x: unknown key, section [account."a.b"] knows payto_uri, wire_gateway_url, history_incoming, history_outgoing, enable_credit, enable_debit, ignore_not_found, auth_method, username, password_file, password_env`,
				`f.toml:6:1: "account.a": unknown section, there are [exchange], [exchangedb], [auditordb], [auditor], [account.NAME]`,
				`f.toml:7:1: account.a.b: unknown key, section [account.a] knows payto_uri, wire_gateway_url, history_incoming, history_outgoing, enable_credit, enable_debit, ignore_not_found, auth_method, username, password_file, password_env`,
			},
		},
		{
			name:   "syntax",
			source: "[exchange]\n# comment\ncurrency = EUR\n",
			want:   []string{`f.toml:3:12: expected value but found "EUR" instead; correct the syntax`},
		},
		{
			name:   "a key twice",
			source: "[exchange]\ncurrency = \"\"\"\nE\"\"\"\n\ncurrency = \"EUR\"\n",
			want:   []string{`f.toml:5:1: Key 'exchange.currency' has already been defined.; correct the syntax`},
		},
	}
}

func keyError(text string) string {
	_, err := taler.ParseEddsaPublicKey(text)
	return err.Error()
}

func TestProblems(t *testing.T) {
	for _, test := range problemTests() {
		t.Run(test.name, func(t *testing.T) { checkProblems(t, test) })
	}
}

func checkProblems(t *testing.T, test problemTest) {
	t.Helper()
	_, err := parse("f.toml", test.source, test.need...)
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	for i := range max(len(got), len(test.want)) {
		switch {
		case i >= len(got):
			t.Errorf("not reported: %s", test.want[i])
		case i >= len(test.want):
			t.Errorf("unexpected:   %s", got[i])
		case got[i] != test.want[i]:
			t.Errorf("problem %d\n got  %s\n want %s", i, got[i], test.want[i])
		}
	}
	if strings.Contains(strings.Join(got, "\n"), "hunter2") {
		t.Error("a problem repeats a password")
	}
}

// Lines must be right whatever the way in which TOML lets people write a key.
func TestPlaces(t *testing.T) {
	tests := []problemTest{
		{
			name:   "after comments, multi-line strings and arrays",
			source: "# [exchange]\n\n[exchange] # x = 1\nbase_url = '''\n[auditor]\nhttp://x'''\nbad1 = [ # one\n 1,\n 2 ]\nbad2 = \"\"\"\n\\\"\"\"\n\"\"\"\n  bad3 = 1\n",
			want: []string{
				`f.toml:4:1: exchange.base_url: this is no URL, write one such as "https://host.example/"`,
				`f.toml:7:1: exchange.bad1: unknown key, section [exchange] knows master_public_key, base_url, currency, currency_round_unit`,
				`f.toml:10:1: exchange.bad2: unknown key, section [exchange] knows master_public_key, base_url, currency, currency_round_unit`,
				`f.toml:13:3: exchange.bad3: unknown key, section [exchange] knows master_public_key, base_url, currency, currency_round_unit`,
			},
		},
		{
			name:   "a value that spans lines is where its key is",
			source: "[exchange]\ncurrency = \"\"\"\n\nno currency\n\"\"\"\nbase_url = 1\n",
			want: []string{
				`f.toml:2:1: exchange.currency: currency "\nno currency\n" is longer than 11 letters, shorten it`,
				`f.toml:6:1: exchange.base_url: expected a string, found an integer; write it like base_url = "https://exchange.example/"`,
			},
		},
		{
			name:   "inline tables",
			source: "exchange = { base_url = 1, currency = 2 }\n  auditordb = { password_file = 3,\tX.y = 4 }\n",
			want: []string{
				`f.toml:1:14: exchange.base_url: expected a string, found an integer; write it like base_url = "https://exchange.example/"`,
				`f.toml:1:28: exchange.currency: expected a string, found an integer; write it like currency = "EUR"`,
				`f.toml:2:17: auditordb.password_file: expected a string, found an integer; write it like password_file = "taler-auditor.password"`,
				`f.toml:2:36: auditordb.X: unknown key, section [auditordb] knows config, password_file`,
			},
		},
		{
			name:   "nested inline tables",
			source: "account = { a = { payto_uri = \"é\", enable_credit = 1 } }\n",
			want: []string{
				`f.toml:1:19: account.a.payto_uri: account "é" does not begin with payto://, give a full payto URI`,
				`f.toml:1:36: account.a.enable_credit: expected true or false, without quotes, found an integer; write it like enable_credit = true`,
			},
		},
		{
			name:   "dotted and quoted keys",
			source: "exchange.base_url = 1\n\"exchange\" . 'currency' = 2\n[account]\nb.enable_credit = false\nb.payto_uri = 3\n",
			want: []string{
				`f.toml:1:1: exchange.base_url: expected a string, found an integer; write it like base_url = "https://exchange.example/"`,
				`f.toml:2:1: exchange.currency: expected a string, found an integer; write it like currency = "EUR"`,
				`f.toml:5:1: account.b.payto_uri: expected a string, found an integer; write it like payto_uri = "payto://iban/DE75512108001245126199?receiver-name=Exchange"`,
			},
		},
		{
			name:   "a section that only exists because of its keys",
			source: "\nauditor.closing_grace = \"1 s\"\nauditor.deposit_grace = \"1 s\"\n",
			need:   []Need{NeedAuditor},
			want: []string{
				`f.toml:2:1: auditor.public_key: missing, add to section [auditor] a line like public_key = "…"  # 52 characters of base32`,
				`f.toml:2:1: auditor.base_url: missing, add to section [auditor] a line like base_url = "https://auditor.example/"`,
				`f.toml:2:1: auditor.tiny_amount: missing, add to section [auditor] a line like tiny_amount = "EUR:0.01"`,
			},
		},
		{
			name:   "lines that end in CR LF, after a byte order mark",
			source: "\xef\xbb\xbf[exchange]\r\ncurrency = \"\"\"\r\nX1\"\"\"\r\nbase_url = 1\r\n",
			want: []string{
				`f.toml:2:1: exchange.currency: currency "X1" holds something else than ASCII letters, give one such as EUR`,
				`f.toml:4:1: exchange.base_url: expected a string, found an integer; write it like base_url = "https://exchange.example/"`,
			},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { checkProblems(t, test) })
	}
}

func TestProblemsAreData(t *testing.T) {
	_, err := parse("f.toml", "[exchange]\nCurency = 1\n[auditordb]\npassword = 1\n")
	var problems *Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	want := []Problem{
		{File: "f.toml", Line: 2, Column: 1, Key: "exchange.Curency", Message: `unknown key, did you mean "currency"?`, Nearest: "currency"},
		{File: "f.toml", Line: 4, Column: 1, Key: "auditordb.password", Message: problems.List[1].Message, Nearest: "password_file"},
	}
	if len(problems.List) != 2 || problems.List[0] != want[0] || problems.List[1] != want[1] {
		t.Errorf("got %+v, want %+v", problems.List, want)
	}
	if problems.ExitStatus() != 1 {
		t.Errorf("exit status %d", problems.ExitStatus())
	}
	var first Problem
	if !errors.As(err, &first) || first.Line != 2 {
		t.Errorf("the first problem in the chain is %+v", first)
	}
}
