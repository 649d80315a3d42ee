package bank_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// A record in each form, to which tests do harm.
const (
	earlyCredit = `{"row_id":7,"date":{"t_ms":1612440011000},"amount":"EUR:7.96","credit_account":"payto://x-taler-bank/localhost/Exchange",` +
		`"debit_account":"payto://x-taler-bank/localhost/43","reserve_pub":"PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0"}`
	laterCredit = `{"type":"RESERVE","row_id":7,"date":{"t_s":1612440011},"amount":"EUR:7.96","credit_fee":"EUR:0.05",` +
		`"debit_account":"payto://x-taler-bank/localhost/43","reserve_pub":"PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0"}`
)

func inEarly(record string) string { return `{"incoming_transactions":[` + record + `]}` }

func inLater(record string) string {
	return `{"credit_account":"payto://x-taler-bank/localhost/Exchange","incoming_transactions":[` + record + `]}`
}

// saved reads text as a saved history of credits.
func saved(t testing.TB, text string) ([]bank.Record, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "history.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{file}, Direction: bank.Incoming, Currency: euro})
	if err != nil {
		return nil, err
	}
	records, err := read(h, 0)
	if v, ok := errors.AsType[*bank.Violation](err); ok {
		if v.Source != file {
			t.Errorf("the error does not name the file: %v", err)
		}
		v.Source = "FILE"
	}
	return records, err
}

func TestForms(t *testing.T) {
	key, _ := taler.ParseEddsaPublicKey("PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0")
	want := bank.Record{
		Row: 7, Direction: bank.Incoming, Kind: bank.ToReserve, Date: 1612440011000000,
		Amount: taler.Amount{Currency: euro, Value: 7, Fraction: 96_000_000}, Fee: taler.Zero(euro), ReservePub: key,
		DebitAccount: "payto://x-taler-bank/localhost/43", CreditAccount: "payto://x-taler-bank/localhost/Exchange",
	}
	withFee, auth, wad := want, want, want
	withFee.Fee.Fraction = 5_000_000
	auth.Kind = bank.KYCAuth
	wad.Kind, wad.ReservePub, wad.URL = bank.Wad, taler.EddsaPublicKey{}, "https://other.example/"
	copy(wad.WadID[:], key[:])
	replaced := func(s string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(s) }
	tests := []struct {
		name, text string
		want       bank.Record
	}{
		{"early", inEarly(earlyCredit), want},
		{"later", inLater(laterCredit), withFee},
		{"account after the list", `{"incoming_transactions":[` + laterCredit + `],"credit_account":"payto://x-taler-bank/localhost/Exchange"}`, withFee},
		{"account in both places", inLater(earlyCredit), want},
		{"early record with a type", inEarly(replaced(earlyCredit, `{"row_id"`, `{"type":"reserve","row_id"`)), want},
		{"seconds in the early form", inEarly(replaced(earlyCredit, `{"t_ms":1612440011000}`, `{"t_s":1612440011}`)), want},
		{"no fee", inLater(replaced(laterCredit, `"credit_fee":"EUR:0.05",`, "")), want},
		{"currency in other letters", inEarly(replaced(earlyCredit, "EUR", "eur")), want},
		{"unknown members", inEarly(replaced(earlyCredit, `{"row_id"`, `{"x":{"row_id":[1,{"y":null}]},"x":true,"row_id"`, `{"t_ms"`, `{"z":0,"t_ms"`)), want},
		{"kycauth", inLater(replaced(laterCredit, "RESERVE", "KycAuth", "reserve_pub", "account_pub", `"credit_fee":"EUR:0.05",`, "")), auth},
		{"wad", inLater(replaced(laterCredit, "RESERVE", "WAD", `"credit_fee":"EUR:0.05",`, "",
			`"reserve_pub":"PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0"`,
			`"origin_exchange_url":"https://other.example/","wad_id":"`+taler.EncodeBase32(wad.WadID[:])+`"`)), wad},
		{"white space and byte order mark", "\xef\xbb\xbf \n" + inEarly(earlyCredit) + "\n\n", want},
	}
	for _, test := range tests {
		got, err := saved(t, test.text)
		if err != nil || len(got) != 1 || got[0] != test.want {
			t.Errorf("%s: %v\n%+v, want\n%+v", test.name, err, got, test.want)
		}
	}
}

func TestViolations(t *testing.T) {
	e := func(old, new string) string { return inEarly(strings.Replace(earlyCredit, old, new, 1)) }
	l := func(old, new string) string { return inLater(strings.Replace(laterCredit, old, new, 1)) }
	const key = `"PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0"`
	tests := []struct {
		name, text string
		rule       bank.Rule
		says       string
	}{
		{"no list", `{"transactions":[]}`, bank.RuleMissing, `FILE: incoming_transactions is missing, expected a list of records; this is no answer`},
		{"other direction", `{"outgoing_transactions":[]}`, bank.RuleForm, `this is the history of the other direction; exchange the two`},
		{"list is an object", `{"incoming_transactions":{}}`, bank.RuleForm, `is an object, expected a list of records`},
		{"list twice", `{"incoming_transactions":[],"incoming_transactions":[]}`, bank.RuleRepeated, `incoming_transactions expected each member`},
		{"record is a number", inEarly("7"), bank.RuleForm, `record 1: is a number, expected a record`},
		{"two answers", inEarly("") + inEarly(""), bank.RuleForm, "expected nothing after the answer"},
		{"garbage behind", inEarly("") + "}", bank.RuleSyntax, "expected JSON"},
		{"trailing comma", inEarly(earlyCredit + ","), bank.RuleSyntax, "record 2: expected JSON"},
		{"cut off", inEarly(earlyCredit)[:200], bank.RuleSyntax, "record 1: expected more, but it ends there; it was cut off"},
		{"deep", e(`{"row_id"`, `{"x":`+strings.Repeat("[", 70)+strings.Repeat("]", 70)+`,"row_id"`), bank.RuleSize, "nested at most 64 deep"},
		{"large", e(`{"row_id"`, `{"x":"`+strings.Repeat("x", 40_000)+`","row_id"`), bank.RuleSize, "expected at most 32768 bytes"},

		{"row missing", e(`"row_id":7,`, ""), bank.RuleMissing, "record 1: row_id is missing, expected a value"},
		{"row twice", e(`"row_id":7,`, `"row_id":7,"row_id":7,`), bank.RuleRepeated, "row_id expected each member of an object once"},
		{"row is a text", e(`:7,`, `:"7",`), bank.RuleType, "row_id is a text, expected a whole number"},
		{"row has a fraction", e(`:7,`, `:7.0,`), bank.RuleValue, `row_id is "7.0", expected a whole number from 1 to 2^63-1`},
		{"row has an exponent", e(`:7,`, `:7e0,`), bank.RuleValue, `row_id is "7e0"`},
		{"row is zero", e(`:7,`, `:0,`), bank.RuleValue, `row_id is "0"`},
		{"row is negative", e(`:7,`, `:-7,`), bank.RuleValue, `row_id is "-7"`},
		{"row is too large", e(`:7,`, `:9223372036854775808,`), bank.RuleValue, `row_id is "9223372036854775808"`},

		{"date missing", e(`"date":{"t_ms":1612440011000},`, ""), bank.RuleMissing, "(row 7): date is missing"},
		{"date is a text", e(`{"t_ms":1612440011000}`, `"2021-02-04"`), bank.RuleType, "date is a text, expected an object"},
		{"date is a list", e(`{"t_ms":1612440011000}`, `[1]`), bank.RuleType, "date is a list, expected an object"},
		{"date is empty", e(`"t_ms":1612440011000`, ``), bank.RuleMissing, "date.t_ms is missing"},
		{"date in both units", e(`{"t_ms"`, `{"t_s":1612440011,"t_ms"`), bank.RuleRepeated, "date expected one of t_ms and t_s"},
		{"date never", e(`1612440011000`, `"never"`), bank.RuleValue, `date.t_ms is "never", expected the time of a transfer that took place`},
		{"date is negative", e(`1612440011000`, `-1`), bank.RuleValue, `date.t_ms is "-1"`},
		{"date has a fraction", l(`1612440011`, `1612440011.5`), bank.RuleValue, `date.t_s is "1612440011.5"`},
		{"date overflows", e(`1612440011000`, `9223372036854775807`), bank.RuleValue, "expected a time that can be"},
		{"seconds overflow", l(`1612440011`, `9223372036855`), bank.RuleValue, "expected a time that can be"},

		{"amount missing", e(`"amount":"EUR:7.96",`, ""), bank.RuleMissing, "amount is missing"},
		{"amount is a number", e(`"EUR:7.96"`, `7.96`), bank.RuleType, "amount is a number, expected a text"},
		{"amount is negative", e(`EUR:7.96`, `EUR:-7.96`), bank.RuleValue, `amount is "EUR:-7.96", expected an amount like EUR:1.50`},
		{"amount is too large", e(`EUR:7.96`, `EUR:4503599627370497`), bank.RuleValue, `expected an amount like EUR:1.50`},
		{"amount in another currency", e(`EUR:7.96`, `KUDOS:7.96`), bank.RuleCurrency, `amount is "KUDOS:7.96", expected an amount in EUR`},
		{"fee in another currency", l(`EUR:0.05`, `KUDOS:0.05`), bank.RuleCurrency, `credit_fee is "KUDOS:0.05", expected an amount in EUR`},

		{"sender missing", e(`"debit_account":"payto://x-taler-bank/localhost/43",`, ""), bank.RuleMissing, "debit_account is missing"},
		{"sender is null", e(`"payto://x-taler-bank/localhost/43"`, "null"), bank.RuleType, "debit_account is null, expected a text"},
		{"sender is no payto", e(`payto://x-taler-bank/localhost/43`, "https://bank/43"), bank.RuleValue, `debit_account is "https://bank/43", expected a payto URI`},
		{"sender with control characters", e(`localhost/43`, `\u001b[2J43`), bank.RuleValue, "expected printable text in UTF-8"},
		{"sender in bad UTF-8", e(`localhost/43`, "\xff43"), bank.RuleValue, "expected printable text in UTF-8"},
		{"sender is long", e(`localhost/43`, strings.Repeat("4", 3000)), bank.RuleSize, "debit_account is 3021 bytes long, expected at most 2048"},
		{"receiver missing", e(`"credit_account":"payto://x-taler-bank/localhost/Exchange",`, ""), bank.RuleMissing, "(row 7): credit_account is missing, expected it in the record or beside the list"},
		{"receivers differ", inLater(strings.Replace(earlyCredit, "localhost/Exchange", "localhost/Other", 1)), bank.RuleAccount,
			`(row 7): credit_account is "payto://x-taler-bank/localhost/Other", expected "payto://x-taler-bank/localhost/Exchange" as beside the list`},

		{"reserve missing", e(`"reserve_pub":`, `"reserve":`), bank.RuleMissing, "reserve_pub is missing"},
		{"reserve is short", e(key, `"PY37"`), bank.RuleValue, `reserve_pub is "PY37", expected 32 bytes in base 32`},
		{"reserve is no base 32", e(key, `"!`+key[2:]), bank.RuleValue, `expected 32 bytes in base 32`},
		{"unknown type", l(`RESERVE`, `GIFT`), bank.RuleValue, `type is "GIFT", expected RESERVE, KYCAUTH or WAD; the bank's software is newer`},
		{"type is a number", l(`"RESERVE"`, `1`), bank.RuleType, "type is a number"},
		{"account key missing", l(`RESERVE`, `KYCAUTH`), bank.RuleMissing, "account_pub is missing"},
		{"wad id missing", l(`RESERVE`, `WAD`), bank.RuleMissing, "wad_id is missing"},

		{"row again", inEarly(earlyCredit + "," + earlyCredit), bank.RuleRepeated, "record 2 (row 7): row_id is 7, expected each row once"},
		{"row before", inEarly(earlyCredit + "," + strings.Replace(earlyCredit, ":7,", ":6,", 1)), bank.RuleOrder, "record 2 (row 6): row_id is 6, expected a row above 7"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := saved(t, test.text)
			v, ok := errors.AsType[*bank.Violation](err)
			if !ok || v.Rule != test.rule || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v", err)
			}
			if len(got) != 0 {
				t.Errorf("%d records of a file that breaks the rules were handed out", len(got))
			}
		})
	}
}

// TestRealHistories reads the histories of real exchanges.
func TestRealHistories(t *testing.T) {
	dir := testdata.Dir(t)
	rows := map[string][2]int{"small": {2, 0}, "small-wired": {2, 1}, "revoked": {1, 0}, "revoked-wired": {1, 1}, "mixed": {130, 158}}
	for folder, want := range rows {
		info := testdata.Info(t, folder)
		for i, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
			h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{filepath.Join(dir, folder, "bank-"+direction.String()+".json")},
				Direction: direction, Currency: taler.Currency(info.Currency)})
			if err != nil {
				t.Fatal(err)
			}
			got := collect(t, h, 0)
			if len(got) != want[i] {
				t.Errorf("%s: %d %s transfers, want %d", folder, len(got), direction, want[i])
			}
			if slices.ContainsFunc(got, func(r bank.Record) bool {
				return r.Direction != direction || direction == bank.Incoming && r.CreditAccount != info.AccountPayto || direction == bank.Outgoing && r.DebitAccount != info.AccountPayto
			}) {
				t.Errorf("%s: %s transfers of another account", folder, direction)
			}
		}
	}
}

// TestSeveralFiles reads a history from several files, in the order in which they are named.
func TestSeveralFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, row string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(inEarly(strings.Replace(earlyCredit, ":7,", ":"+row+",", 1))), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	open := func(names ...string) bank.History {
		h, err := bank.OpenFiles(bank.FilesAccount{Files: names, Direction: bank.Incoming, Currency: euro})
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	first, second := write("1.json", "5"), write("2.json", "9")
	for _, h := range []bank.History{open(first, second), open(filepath.Join(folder, "*.json"))} {
		if got := collect(t, h, 0); len(got) != 2 || got[0].Row != 5 || got[1].Row != 9 {
			t.Errorf("got %+v", got)
		}
		if got := collect(t, h, 5); len(got) != 1 || got[0].Row != 9 {
			t.Errorf("got %+v", got)
		}
	}
	got, err := read(open(second, first), 0)
	if v, ok := errors.AsType[*bank.Violation](err); !ok || v.Rule != bank.RuleOrder || v.Source != first || len(got) != 1 {
		t.Errorf("in the wrong order: %v", err)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("enough")
	cancel(cause)
	for _, err := range open(first).Records(ctx, 0) {
		if !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	json, xml, empty, text := write("a.json", inEarly("")), write("a.xml", "<Document/>"), write("empty", " \n"), write("text", "row_id;amount")
	tests := []struct {
		names []string
		says  string
	}{
		{nil, `history "incoming" has no files; name one`},
		{[]string{folder + "/none"}, `cannot be read: no such file or directory; save the bank's history there`},
		{[]string{folder}, "is no regular file; name one"},
		{[]string{folder + "/*.csv"}, "matches no file; save the bank's history there"},
		{[]string{folder + "/[.csv"}, "is no valid pattern"},
		{[]string{empty}, "is neither an answer of a wire gateway (JSON) nor a statement in camt.053 (XML)"},
		{[]string{text}, "is neither an answer of a wire gateway (JSON) nor a statement in camt.053 (XML)"},
		{[]string{json, folder + "/a.j*"}, "is named twice"},
		{[]string{json, xml}, "is of another form than"},
	}
	for _, test := range tests {
		_, err := bank.OpenFiles(bank.FilesAccount{Files: test.names, Direction: bank.Incoming, Currency: euro, PaytoURI: ours})
		if _, ok := errors.AsType[*bank.FileError](err); !ok || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%q: %v", test.names, err)
		}
	}
	h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{json}, Direction: bank.Incoming, Currency: euro})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(json); err != nil {
		t.Fatal(err)
	}
	if _, err := read(h, 0); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that went away: %v", err)
	}
}
