package bank_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

const subjectKey = "PY37DYSZXBV89X23JK5XWMRFV8Q3ZK92ZKHMCBMDFV04V7ZK2GZ0"

// statement is a statement of one day with EUR 10 at its beginning.
func statement(id, day, closing, entries string) string {
	balance := func(kind, amount string) string {
		side := "CRDT"
		if rest, ok := strings.CutPrefix(amount, "-"); ok {
			amount, side = rest, "DBIT"
		}
		return `<Bal><Tp><CdOrPrtry><Cd>` + kind + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + side + `</CdtDbtInd><Dt><Dt>` + day + `</Dt></Dt></Bal>`
	}
	return `<Stmt><Id>` + id + `</Id><Acct><Id><IBAN>DE75 5121 0800 1245 1261 99</IBAN></Id></Acct>` + balance("OPBD", "10") + balance("CLAV", "1") +
		balance("CLBD", closing) + entries + `</Stmt>`
}

func document(statements ...string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr/>` +
		strings.Join(statements, "") + `</BkToCstmrStmt></Document>` + "\n"
}

// booking is an entry, with what follows its status.
func booking(amount, side, status, rest string) string {
	return `<Ntry><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + side + `</CdtDbtInd><Sts>` + status + `</Sts><BookgDt><Dt>2021-02-04</Dt></BookgDt>` + rest + `</Ntry>`
}

func detail(inner string) string { return `<NtryDtls><TxDtls>` + inner + `</TxDtls></NtryDtls>` }

func remittance(lines ...string) string {
	return `<RmtInf><Ustrd>` + strings.Join(lines, `</Ustrd><Ustrd>`) + `</Ustrd></RmtInf>`
}

func debtor(iban string) string {
	return `<RltdPties><Dbtr><Nm>X</Nm></Dbtr><DbtrAcct><Id><IBAN>` + iban + `</IBAN></Id></DbtrAcct></RltdPties>`
}

// savedCamt opens text as saved statements of both directions.
func savedCamt(t testing.TB, texts ...string) (histories [2]bank.History) {
	t.Helper()
	folder := t.TempDir()
	for i, text := range texts {
		if err := os.WriteFile(filepath.Join(folder, string(rune('a'+i))+".xml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for i, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
		h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{folder + "/*"}, Direction: direction, Currency: euro, PaytoURI: ours})
		if err != nil {
			t.Fatal(err)
		}
		histories[i] = h
	}
	return histories
}

// TestEntries shows what becomes of every sort of booking.
func TestEntries(t *testing.T) {
	key, _ := taler.ParseEddsaPublicKey(subjectKey)
	amount := func(value uint64) taler.Amount { return taler.Amount{Currency: euro, Value: value} }
	const row = 20210204_000001
	base := bank.Record{Row: row, Direction: bank.Incoming, Kind: bank.Other, Date: 1612396800000000, DayOnly: true, Amount: amount(5),
		Fee: taler.Zero(euro), CreditAccount: ours}
	with := func(change func(*bank.Record)) []bank.Record {
		r := base
		change(&r)
		return []bank.Record{r}
	}
	out := func(r *bank.Record) { r.Direction, r.DebitAccount, r.CreditAccount = bank.Outgoing, ours, "" }
	tests := []struct {
		name, closing, entries string
		in, out                []bank.Record
	}{
		{"reserve", "15", booking("5", "CRDT", "BOOK", detail(`<Refs><AcctSvcrRef>R1</AcctSvcrRef></Refs>`+debtor("de02 1203 0000 0000 2020 51")+remittance(subjectKey))),
			with(func(r *bank.Record) {
				r.Kind, r.ReservePub, r.Subject, r.Reference, r.DebitAccount = bank.ToReserve, key, subjectKey, "R1", stranger
			}), nil},
		{"broken subject", "15", booking("5", "CRDT", "BOOK", detail(remittance(subjectKey[:35], subjectKey[35:]))),
			with(func(r *bank.Record) {
				r.Kind, r.ReservePub, r.Subject = bank.ToReserve, key, subjectKey[:35]+" "+subjectKey[35:]
			}), nil},
		{"key of an account", "15", booking("5", "CRDT", "BOOK", detail(remittance("KYC:"+subjectKey))),
			with(func(r *bank.Record) { r.Kind, r.ReservePub, r.Subject = bank.KYCAuth, key, "KYC:"+subjectKey }), nil},
		{"transfer", "5", booking("5", "DBIT", "BOOK", detail(remittance(subjectKey+" https://exchange.example/"))), nil,
			with(func(r *bank.Record) {
				out(r)
				r.Kind, r.WTID, r.URL, r.Subject = bank.Transfer, taler.WTID(key), "https://exchange.example/", subjectKey+" https://exchange.example/"
			})},
		{"bank charges", "5", booking("5", "DBIT", "BOOK", `<AcctSvcrRef>F</AcctSvcrRef>`), nil,
			with(func(r *bank.Record) { out(r); r.Reference = "F" })},
		{"stranger", "15", booking("5", "CRDT", "BOOK", detail(remittance("happy birthday"))),
			with(func(r *bank.Record) { r.Subject = "happy birthday" }), nil},
		{"transfer that came back", "15", booking("5", "CRDT", "BOOK", detail(remittance(subjectKey+" https://exchange.example/")+`<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>`)),
			with(func(r *bank.Record) {
				r.Kind, r.WTID, r.URL, r.Subject = bank.Return, taler.WTID(key), "https://exchange.example/", subjectKey+" https://exchange.example/"
			}), nil},
		{"credit taken back", "5", strings.Replace(booking("5", "DBIT", "BOOK", detail(remittance(subjectKey))), "<Sts>", "<RvslInd>true</RvslInd><Sts>", 1), nil,
			with(func(r *bank.Record) {
				out(r)
				r.Kind, r.ReservePub, r.Subject = bank.Return, key, subjectKey
			})},
		{"pending and others", "10", booking("5", "CRDT", "PDNG", "") + booking("5", "DBIT", "INFO", "") + booking("5", "DBIT", "FUTR", ""), nil, nil},
		{"status with a code", "15", strings.Replace(booking("5", "CRDT", "BOOK", ""), "BOOK", "<Cd>BOOK</Cd>", 1), []bank.Record{base}, nil},
		{"time", "15", strings.Replace(booking("5", "CRDT", "BOOK", ""), "<Dt>2021-02-04</Dt>", "<DtTm>2021-02-04T13:00:00.5+01:00</DtTm>", 1),
			with(func(r *bank.Record) { r.Date, r.DayOnly = 1612440000500000, false }), nil},
		{"value date alone", "15", strings.ReplaceAll(booking("5", "CRDT", "BOOK", ""), "BookgDt", "ValDt"), []bank.Record{base}, nil},
		{"batch that does not add up", "15", booking("5", "CRDT", "BOOK", `<NtryDtls>`+strings.Repeat(`<TxDtls><Amt Ccy="EUR">2</Amt>`+remittance(subjectKey)+`</TxDtls>`, 2)+`</NtryDtls>`),
			[]bank.Record{base}, nil},
		{"batch without amounts", "15", booking("5", "CRDT", "BOOK", `<NtryDtls><TxDtls/><TxDtls/></NtryDtls>`), []bank.Record{base}, nil},
		{"batch with both directions", "15", booking("5", "CRDT", "BOOK", `<NtryDtls><TxDtls><Amt Ccy="EUR">6</Amt></TxDtls><TxDtls><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>`),
			[]bank.Record{base}, nil},
		{"batch", "15", booking("5", "CRDT", "BOOK", `<NtryDtls><TxDtls><Amt Ccy="EUR">2</Amt></TxDtls></NtryDtls><NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">3</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>`),
			append(with(func(r *bank.Record) { r.Amount = amount(2) }), with(func(r *bank.Record) { r.Row++; r.Amount = amount(3) })...), nil},
		{"overdrawn", "-5", booking("15", "DBIT", "BOOK", ""), nil, with(func(r *bank.Record) { out(r); r.Amount = amount(15) })},
		{"charges under the reference of a payment", "4", booking("5", "DBIT", "BOOK", `<AcctSvcrRef>P</AcctSvcrRef>`) + booking("1", "DBIT", "BOOK", `<AcctSvcrRef>P</AcctSvcrRef>`), nil,
			append(with(func(r *bank.Record) { out(r); r.Reference = "P" }), with(func(r *bank.Record) { out(r); r.Row++; r.Reference, r.Amount = "P", amount(1) })...)},
		{"account without IBAN", "15", booking("5", "CRDT", "BOOK", detail(`<RltdPties><DbtrAcct><Id><Othr><Id>4711</Id></Othr></Id></DbtrAcct></RltdPties>`)), []bank.Record{base}, nil},
		{"control characters", "15", booking("5", "CRDT", "BOOK", detail(remittance("a&#10;&#x85;b"))), with(func(r *bank.Record) { r.Subject = "a  b" }), nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			histories := savedCamt(t, document(statement("1", "2021-02-04", test.closing, test.entries)))
			for i, want := range [][]bank.Record{test.in, test.out} {
				got := collect(t, histories[i], 0)
				if len(got) != len(want) {
					t.Fatalf("got %+v", got)
				}
				for i := range got {
					if got[i] != want[i] {
						t.Errorf("got\n%+v, want\n%+v", got[i], want[i])
					}
				}
			}
		})
	}
}

func TestStatements(t *testing.T) {
	other := strings.Replace(statement("other", "2021-02-04", "99", ""), "DE75", "DE00", 1)
	first := statement("1", "2021-02-04", "15", booking("5", "CRDT", "BOOK", ""))
	second := strings.Replace(statement("2", "2021-02-04", "16", booking("1", "CRDT", "BOOK", "")), `"EUR">10<`, `"EUR">15<`, 1)
	third := strings.Replace(statement("3", "2021-02-08", "15", booking("1", "DBIT", "BOOK", "")), `"EUR">10<`, `"EUR">16<`, 1)
	histories := savedCamt(t, document(other, first), document(second, other, third))
	var got []string
	for s, err := range histories[0].(bank.StatementReader).Statements(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, filepath.Base(s.File)+" "+s.ID+" "+s.Opening.Amount.String()+" "+s.Closing.Amount.String()+" "+s.Closing.Date.String())
	}
	want := "a.xml 1 EUR:10 EUR:15 2021-02-04T00:00:00Z, b.xml 2 EUR:15 EUR:16 2021-02-04T00:00:00Z, b.xml 3 EUR:16 EUR:15 2021-02-08T00:00:00Z"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s", s)
	}
	in, out := collect(t, histories[0], 0), collect(t, histories[1], 0)
	if len(in) != 2 || in[0].Row != 20210204_000001 || in[1].Row != 20210204_000002 || len(out) != 1 || out[0].Row != 20210208_000001 {
		t.Errorf("got %+v and %+v", in, out)
	}
}

func TestCamtViolations(t *testing.T) {
	credit := booking("5", "CRDT", "BOOK", detail(`<Refs><AcctSvcrRef>R</AcctSvcrRef></Refs>`))
	one := document(statement("1", "2021-02-04", "15", credit))
	change := func(old, new string) []string {
		if !strings.Contains(one, old) {
			t.Fatalf("nothing to replace: %s", old)
		}
		return []string{strings.Replace(one, old, new, 1)}
	}
	day := func(id, day string) string {
		return strings.Replace(statement(id, day, "20", booking("5", "CRDT", "BOOK", "")), `"EUR">10<`, `"EUR">15<`, 1)
	}
	tests := []struct {
		name  string
		texts []string
		rule  bank.Rule
		says  string
	}{
		{"other format", change("camt.053", "camt.052"), bank.RuleForm, "are no statements; get camt.053 from the bank"},
		{"web page", []string{"<html></html>"}, bank.RuleForm, "expected a Document of urn:iso:std:iso:20022:tech:xsd:camt.053.001.NN"},
		{"declaration of entities", change(`"UTF-8"?>`, `"UTF-8"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`), bank.RuleForm, "a declaration like <!DOCTYPE"},
		{"entity", change("<Id>1</Id>", "<Id>&a;</Id>"), bank.RuleSyntax, "invalid character entity"},
		{"other encoding", change("UTF-8", "ISO-8859-1"), bank.RuleSyntax, "expected XML in UTF-8"},
		{"not UTF-8", change("<Id>1</Id>", "<Id>\xff</Id>"), bank.RuleSyntax, "expected XML in UTF-8"},
		{"cut off", []string{one[:len(one)-100]}, bank.RuleSyntax, "it was cut off; get it again"},
		{"mixed up", change("</Stmt>", "</Ntry>"), bank.RuleSyntax, "expected XML in UTF-8"},
		{"garbage behind", []string{one + "x<y"}, bank.RuleSyntax, "it was cut off"},
		{"deep", change("<GrpHdr/>", strings.Repeat("<a>", 70)+strings.Repeat("</a>", 70)), bank.RuleSize, "nested at most 64 deep"},
		{"large", change("<Id>1</Id>", "<Id>"+strings.Repeat("1", 17<<20)+"</Id>"), bank.RuleSize, "at most 16777216 bytes"},
		{"no statement", []string{document()}, bank.RuleAccount, `expected a statement of account "DE75512108001245126199"; the file is about other accounts`},
		{"other account", change("DE75", "DE00"), bank.RuleAccount, "the file is about other accounts"},
		{"without a name", change("<Id>1</Id>", ""), bank.RuleMissing, "Stmt/Id is missing"},
		{"without a balance", change("CLBD", "XXXX"), bank.RuleMissing, "expected opening (OPBD) and closing (CLBD) balances"},
		{"two balances", change("CLAV", "OPBD"), bank.RuleRepeated, `Bal is "OPBD", expected it once`},
		{"pages", change("CLAV", "ITBD"), bank.RuleForm, "the statement is cut into pages"},
		{"entries do not add up", change(`"EUR">15<`, `"EUR">16<`), bank.RuleBalance, "Bal is EUR:16, expected EUR:10 with credits of EUR:5 and debits of EUR:0"},
		{"amount missing", change(`<Amt Ccy="EUR">5</Amt>`, ""), bank.RuleMissing, "record 1: Ntry expected one Amt and one CdtDbtInd"},
		{"amount twice", change(`<Amt Ccy="EUR">5</Amt>`, `<Amt Ccy="EUR">5</Amt><Amt Ccy="EUR">6</Amt>`), bank.RuleMissing, "Ntry expected one Amt"},
		{"amount negative", change(`>5<`, `>-5<`), bank.RuleValue, `Ntry/Amt is "EUR:-5"`},
		{"other currency", change(`"EUR">5<`, `"USD">5<`), bank.RuleCurrency, `Ntry/Amt is "USD:5", expected an amount in EUR`},
		{"other side", change(`"EUR">5</Amt><CdtDbtInd>CRDT`, `"EUR">5</Amt><CdtDbtInd>BOTH`), bank.RuleValue, `Ntry/CdtDbtInd is "BOTH"`},
		{"other status", change(`BOOK`, `SOON`), bank.RuleValue, `Sts is "SOON", expected BOOK, PDNG, INFO or FUTR`},
		{"no date", change(`<BookgDt><Dt>2021-02-04</Dt></BookgDt>`, ``), bank.RuleValue, `BookgDt is "", expected a day or time since 1970`},
		{"strange date", change(`<BookgDt><Dt>2021-02-04<`, `<BookgDt><Dt>4.2.2021<`), bank.RuleValue, `BookgDt is "4.2.2021"`},
		{"early date", change(`<BookgDt><Dt>2021-02-04<`, `<BookgDt><Dt>1969-02-04<`), bank.RuleValue, `BookgDt is "1969-02-04"`},
		{"booked twice", []string{document(statement("1", "2021-02-04", "20", credit+credit))}, bank.RuleRepeated, `record 2 (row 20210204000002): AcctSvcrRef is "R", expected each transfer once`},
		{"statement twice", []string{one, one}, bank.RuleRepeated, `Stmt/Id is "1", expected each statement once`},
		{"statement missing", []string{one, document(statement("3", "2021-02-06", "10", ""))}, bank.RuleAdjoining, "Bal is EUR:10, expected EUR:15, with which the statement before it ended"},
		{"wrong order", []string{one, document(day("0", "2021-02-03"))}, bank.RuleOrder, "Bal/Dt is 2021-02-03, expected 2021-02-04 or later"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			histories := savedCamt(t, test.texts...)
			got, err := read(histories[0], 0)
			v, ok := errors.AsType[*bank.Violation](err)
			if !ok || v.Rule != test.rule || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v", err)
			}
			if len(got) != len(test.texts)-1 {
				t.Errorf("%d records of a file that breaks the rules were handed out", len(got))
			}
			for _, err := range histories[0].(bank.StatementReader).Statements(t.Context()) {
				if err != nil && err.Error() != v.Error() {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}
