package audit

import (
	"context"
	"iter"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

// bankFault is what the bank of a real exchange does.
type bankFault struct {
	in, out func([]bank.Record) []bank.Record
	payto   string // of the account in the configuration, if it is another one
	section string // likewise
	// elsewhere means that there is a second account, from which everything was paid.
	elsewhere bool
	ending    string // the histories are statements, which end with this balance
}

func (f *bankFault) apply(accounts []bank.Account) []bank.Account {
	for i := range accounts {
		a := &accounts[i]
		if f.in != nil {
			a.Incoming = told(f.in(append([]bank.Record(nil), a.Incoming.(told)...)))
		}
		if f.out != nil {
			a.Outgoing = told(f.out(append([]bank.Record(nil), a.Outgoing.(told)...)))
		}
		if f.payto != "" {
			a.PaytoURI = f.payto
		}
		if f.section != "" {
			a.Section = f.section
		}
	}
	if f.elsewhere {
		accounts = append(accounts, bank.Account{Section: "exchange-account-2", PaytoURI: "payto://x-taler-bank/localhost/Second",
			Incoming: told(nil), Outgoing: accounts[0].Outgoing})
		accounts[0].Outgoing = told(nil)
	}
	if f.ending != "" {
		for i := range accounts {
			a := &accounts[i]
			a.Incoming = statements{a.Incoming.(told), kudos(f.ending)}
			a.Outgoing = statements{a.Outgoing.(told), kudos(f.ending)}
		}
	}
	return accounts
}

// statements are histories whose balance is known, from nothing to an ending.
type statements struct {
	told
	ending taler.Amount
}

func (s statements) Statements(context.Context) iter.Seq2[bank.Statement, error] {
	return func(yield func(bank.Statement, error) bool) {
		yield(bank.Statement{Opening: bank.Balance{Amount: kudos("0")}, Closing: bank.Balance{Amount: s.ending, Date: 1612396800000000}}, nil)
	}
}

// changed changes the first record of a history.
func changed(change func(*bank.Record)) func([]bank.Record) []bank.Record {
	return func(records []bank.Record) []bank.Record {
		change(&records[0])
		return records
	}
}

// added adds a copy of the first record of a history, changed and under a row of its own.
func added(change func(*bank.Record)) func([]bank.Record) []bank.Record {
	return func(records []bank.Record) []bank.Record {
		more := records[0]
		more.Row = 1000
		change(&more)
		return append(records, more)
	}
}

func nothingMoved([]bank.Record) []bank.Record { return nil }

func kudos(text string) taler.Amount {
	amount, err := taler.ParseAmount("TESTKUDOS:" + text)
	if err != nil {
		panic(err)
	}
	return amount
}

// faultsOfWire are those of the C auditor's own tests that concern the bank, then those
// that it does not find.
func faultsOfWire() []fault {
	unchanged := &bankFault{}
	// The closing of closeReserve, as the bank makes it.
	wired := func(change func(*bank.Record)) *bankFault {
		return &bankFault{in: changed(func(r *bank.Record) { r.Date, r.Amount = r.Date-3024000000000, kudos("11") }),
			out: func([]bank.Record) []bank.Record {
				r := bank.Record{Row: 9, Direction: bank.Outgoing, Kind: bank.Transfer, Date: 1612440000000000, Amount: kudos("1"), Fee: kudos("0"),
					DebitAccount: "payto://x-taler-bank/localhost/Exchange", CreditAccount: "payto://x-taler-bank/localhost/testuser-396TEX7B"}
				if err := r.ReservePub.UnmarshalText([]byte("0WVTEBTQ5Q6GVMVFBPSS036WK4XAWMFZWXV4X79Y2J196E9Q9KD0")); err != nil {
					panic(err)
				}
				r.WTID, r.ReservePub = taler.WTID(r.ReservePub), taler.EddsaPublicKey{}
				if change != nil {
					change(&r)
				}
				if r.Row == 0 {
					return nil
				}
				return []bank.Record{r}
			}}
	}
	return []fault{
		{name: "the exchange books less than the bank received", folder: "small", bank: unchanged,
			sql:  `update public.reserves_in set credit_val = 5 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 4.99", "W-06 gain 5"}},
		{name: "the exchange books more than the bank received", folder: "small", bank: unchanged,
			sql:  `update public.reserves_in set credit_val = 15 where reserve_in_serial_id = 1`,
			want: []string{"W-06 loss 5"}},
		{name: "a credit of another reserve", folder: "small",
			bank: &bankFault{in: changed(func(r *bank.Record) { r.ReservePub[0]++ })},
			want: []string{"W-05 loss 10"}},
		{name: "a credit of another sender", folder: "small",
			bank: &bankFault{in: changed(func(r *bank.Record) { r.DebitAccount = "payto://x-taler-bank/localhost/1" })},
			want: []string{"W-07 exposure 10"}},
		{name: "a credit of another second", folder: "small",
			bank: &bankFault{in: changed(func(r *bank.Record) { r.Date += 1000000 })},
			want: []string{"W-08"}},
		{name: "a credit that was a debit", folder: "small",
			bank: &bankFault{
				in: func(records []bank.Record) []bank.Record { return records[1:] },
				out: func([]bank.Record) []bank.Record {
					return []bank.Record{{Row: 2, Direction: bank.Outgoing, Kind: bank.Transfer, Date: 1610355074000000, Amount: kudos("10"), Fee: kudos("0"),
						DebitAccount: "payto://x-taler-bank/localhost/Exchange", CreditAccount: "payto://x-taler-bank/localhost/1"}}
				}},
			want: []string{"W-03 loss 10", "W-14 loss 10"}},
		{name: "a debit of more", folder: "small-wired",
			bank: &bankFault{out: changed(func(r *bank.Record) { r.Amount = kudos("50") })},
			want: []string{"W-12 loss 42.04"}},
		{name: "a debit of nothing", folder: "small-wired",
			bank: &bankFault{out: changed(func(r *bank.Record) { r.Amount = kudos("0") })},
			want: []string{"W-12 gain 7.96"}},
		{name: "a debit of another hour", folder: "small-wired",
			bank: &bankFault{out: changed(func(r *bank.Record) { r.Date -= 3600000000 })},
			want: []string{"W-13"}},
		{name: "a closing that the bank made", folder: "small", bank: wired(nil), sql: closeReserve},
		{name: "a closing that the bank did not make", folder: "small",
			bank: wired(func(r *bank.Record) { r.Row = 0 }), later: true, sql: closeReserve,
			want: []string{"W-16 exposure 1"}},
		{name: "a closing that the bank made at another time", folder: "small",
			bank: wired(func(r *bank.Record) { r.Date -= 3600000000 }), sql: closeReserve,
			want: []string{"W-15"}},
		{name: "H-16 a debit under a subject that was used", folder: "small-wired", later: true,
			bank: &bankFault{out: added(func(r *bank.Record) { r.Amount, r.CreditAccount = kudos("1"), "payto://x-taler-bank/localhost/12" })},
			want: []string{"W-09 loss 1"}},

		{name: "a debit that never was", folder: "small-wired", later: true,
			bank: &bankFault{out: nothingMoved},
			want: []string{"W-10 gain 7.96"}},
		{name: "B-15 a debit that was not made yet", folder: "small-wired",
			bank: &bankFault{out: nothingMoved}},
		{name: "a debit to somebody else", folder: "small-wired",
			bank: &bankFault{out: changed(func(r *bank.Record) { r.CreditAccount = "payto://x-taler-bank/localhost/44" })},
			want: []string{"W-11 loss 7.96"}},
		{name: "H-02 a credit that the exchange ignores", folder: "small",
			bank: &bankFault{in: added(func(r *bank.Record) { r.Amount = kudos("500") })},
			want: []string{"W-04 gain 500"}},
		{name: "H-03 an account that nobody looks at", folder: "small-wired", later: true,
			bank: &bankFault{section: "exchange-account-2"},
			want: []string{"W-04 gain 28 (2)", "W-20 loss 28 (3)"}},
		{name: "H-22 a configured account that is not the exchange's", folder: "small",
			bank: &bankFault{payto: "payto://x-taler-bank/localhost/Another"},
			want: []string{"W-21", "W-22"}},
		{name: "a transfer that came back", folder: "small-wired",
			bank: &bankFault{in: added(func(r *bank.Record) {
				r.Kind, r.Amount, r.ReservePub = bank.Return, kudos("7.96"), taler.EddsaPublicKey{}
			})},
			want: []string{"W-23 exposure 7.96"}},
		{name: "a debit from another account", folder: "small-wired",
			bank: &bankFault{elsewhere: true},
			want: []string{"W-21", "W-22", "W-25"}},
		{name: "a statement that leads to another balance", folder: "small-wired",
			bank: &bankFault{ending: "20.05"},
			want: []string{"W-24"}},
		{name: "statements that are in order", folder: "small-wired", bank: &bankFault{ending: "20.04"}},
		{name: "H-13 money that is not at the bank", folder: "small-wired", later: true, books: true,
			bank: &bankFault{out: added(func(r *bank.Record) { r.Amount, r.WTID = kudos("5"), taler.WTID{} })},
			want: []string{"W-14 loss 5"}},
		{name: "H-13 money that is at the bank again", folder: "small-wired", later: true, books: true,
			bank: &bankFault{in: added(func(r *bank.Record) {
				r.Kind, r.Amount, r.ReservePub = bank.Return, kudos("7.96"), taler.EddsaPublicKey{}
			})},
			want: []string{"W-23 exposure 7.96", "L-03"}},
		{name: "B-16 a closing of less than its fee", folder: "small", bank: &bankFault{in: changed(func(r *bank.Record) { r.Date, r.Amount = r.Date-3024000000000, kudos("11") })},
			sql:  closeReserve + `update public.reserves_close set closing_fee_val = 7`,
			want: []string{"R-09 gain 7", "W-01"}},
	}
}

// bankOf is the bank of a fault; without one, no bank is asked.
func bankOf(t testing.TB, f *fault) []bank.Account {
	if f.bank == nil {
		return nil
	}
	return f.bank.apply(realBank(t, f.folder))
}
