package simulator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// TestBank compares the banks' histories with the rows that they belong to.
func TestBank(t *testing.T) {
	x, conn := written(t, smallScenario(2))
	for i, account := range x.Accounts() {
		credits, debits := slices.Collect(x.BankCredits(i)), slices.Collect(x.BankDebits(i))
		seen := make(map[int64]bool)
		for _, c := range credits {
			seen[c.RowID] = true
			match := number(t, conn, `select count(*) from reserves_in join reserves using (reserve_uuid)
				where exchange_account_section = $1 and wire_reference = $2 and reserve_pub = $3 and execution_date = $4
					and credit_val * 100000000 + credit_frac = $5 and sender_account_details = $6`,
				account.Section, c.RowID, c.ReservePub[:], c.Date.Milliseconds*1000, steps(c.Amount), c.DebitAccount)
			if match != 1 || c.CreditAccount != account.PaytoURI {
				t.Errorf("credit %+v: %d rows", c, match)
			}
		}
		transfers := 0
		for _, d := range debits {
			seen[d.RowID] = true
			match := number(t, conn, `select count(*) from wire_out
				where wtid_raw = $1 and exchange_account_section = $2 and wire_target::json->>'payto_uri' = $3
					and amount_val * 100000000 + amount_frac = $4 and $5 between execution_date and execution_date + 900000000`,
				d.WTID[:], account.Section, d.CreditAccount, steps(d.Amount), d.Date.Milliseconds*1000)
			transfers += int(match)
			match += number(t, conn, `select count(*) from reserves_close
				where wtid = $1 and receiver_account = $2 and $4 between execution_date and execution_date + 900000000
					and $3 = ((amount_val - closing_fee_val) * 100000000 + amount_frac - closing_fee_frac) / 1000000 * 1000000`,
				d.WTID[:], d.CreditAccount, steps(d.Amount), d.Date.Milliseconds*1000)
			if match != 1 || d.DebitAccount != account.PaytoURI || d.ExchangeBaseURL != x.BaseURL() {
				t.Errorf("debit %+v: %d rows", d, match)
			}
			if d.Date.Time().After(x.Clock()) {
				t.Errorf("debit %d is dated %s", d.RowID, d.Date.Time())
			}
		}
		if len(seen) != len(credits)+len(debits) || transfers == 0 || transfers == len(debits) {
			t.Errorf("%s: %d credits, %d debits with %d numbers, %d for merchants", account.Section, len(credits), len(debits), len(seen), transfers)
		}
		if !slices.IsSortedFunc(debits, func(a, b BankDebit) int { return int(a.RowID - b.RowID) }) {
			t.Errorf("%s: debits are not in the order of their numbers", account.Section)
		}
	}
	l := x.Ledger()
	if n := l.Banks[0].CreditRows + l.Banks[1].CreditRows; n != l.Tables["reserves_in"].Rows {
		t.Errorf("%d credits, %d rows", n, l.Tables["reserves_in"].Rows)
	}
}

// TestPending stops an exchange between an order and its execution.
func TestPending(t *testing.T) {
	x := newExchange(t, smallScenario(1))
	pending := int64(0)
	for at := x.clock; at < x.clock.Add(3*day) && pending == 0; at = at.Add(time.Minute) {
		x.playUntil(at)
		l := x.Ledger()
		pending = steps(amountOf(l, l.Transfers.TransfersPending, l.Transfers.ClosingsPending))
		if have, want := amountOf(l, l.Banks[0].Balance, l.Banks[1].Balance), amountOf(l, l.Liabilities, l.Income); have != want {
			t.Fatalf("the banks hold %s, liabilities %s and income %s are %s", have, l.Liabilities, l.Income, want)
		}
	}
	if pending == 0 {
		t.Error("nothing was ever pending")
	}
}

func steps(a taler.Amount) int64 { return int64(a.Value)*taler.FractionBase + int64(a.Fraction) }

// TestFiles reads the files back, and compares their form with real ones.
func TestFiles(t *testing.T) {
	x := newExchange(t, smallScenario(1))
	folder := t.TempDir()
	confirmations := filepath.Join(folder, "deposit-confirmations.json")
	if err := x.WriteBank(folder); err != nil {
		t.Fatal(err)
	}
	if err := x.WriteConfirmations(confirmations); err != nil {
		t.Fatal(err)
	}
	incoming, outgoing := x.BankFiles(1)
	var in struct {
		Transactions []BankCredit `json:"incoming_transactions"`
	}
	var out struct {
		Transactions []BankDebit `json:"outgoing_transactions"`
	}
	var list []storedConfirmation
	load(t, filepath.Join(folder, incoming), &in)
	load(t, filepath.Join(folder, outgoing), &out)
	load(t, confirmations, &list)
	if !slices.Equal(in.Transactions, slices.Collect(x.BankCredits(1))) || !slices.Equal(out.Transactions, slices.Collect(x.BankDebits(1))) {
		t.Error("the files differ from the histories")
	}
	if count, _ := x.Confirmations(); len(list) != count {
		t.Errorf("%d confirmations in the file, want %d", len(list), count)
	}

	genuine := testdata.Dir(t)
	for ours, theirs := range map[string]string{
		filepath.Join(folder, incoming): "small-wired/bank-incoming.json",
		filepath.Join(folder, outgoing): "small-wired/bank-outgoing.json",
		confirmations:                   "small/deposit-confirmations.json",
	} {
		var a, b any
		load(t, ours, &a)
		load(t, filepath.Join(genuine, theirs), &b)
		if got, want := form(a), form(b); got != want {
			t.Errorf("%s has the form %s, a real one %s", ours, got, want)
		}
	}
}

// form describes the types in JSON, of the first element of each list.
func form(value any) string {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = form(member)
		}
		text, _ := json.Marshal(v)
		return string(text)
	case []any:
		return "[" + form(v[0]) + "]"
	case float64:
		return "number"
	case string:
		return "string"
	}
	return "unknown"
}

func TestEmptyArray(t *testing.T) {
	file := filepath.Join(t.TempDir(), "empty.json")
	if err := writeArray(file, `{"list": `, "}", slices.Values([]int(nil))); err != nil {
		t.Fatal(err)
	}
	var empty struct{ List []int }
	load(t, file, &empty)
	if empty.List == nil || len(empty.List) != 0 {
		t.Errorf("read %v", empty.List)
	}
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
