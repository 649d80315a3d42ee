package simulator

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

func fraudNamed(t *testing.T, name string) Fraud {
	t.Helper()
	for _, f := range Frauds() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no fraud is called %s", name)
	return Fraud{}
}

func apply(t *testing.T, f Fraud, x *Exchange, conn *pgx.Conn) Effect {
	t.Helper()
	effect, err := f.Apply(t.Context(), conn, schema, x)
	if err != nil {
		t.Fatal(err)
	}
	return effect
}

// broken returns the rules that the rows break, and how often.
func broken(t *testing.T, conn *pgx.Conn) map[string]int64 {
	t.Helper()
	exec(t, conn, strings.Replace(income, "create", "create or replace", 1))
	found := make(map[string]int64)
	for _, rule := range rules {
		if n := number(t, conn, rule.query); n != 0 {
			found[rule.name] = n
		}
	}
	return found
}

// unbalanced counts the reserves whose balance is not what the rows add up to.
func unbalanced(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	for _, r := range rows[balanceRow](t, conn, balancesByRows) {
		if r.Booked != r.Balance || r.Booked < 0 {
			n++
		}
	}
	return n
}

func TestWithdrawalWithoutConsent(t *testing.T) {
	skipShort(t)
	x, conn := written(t, smallScenario(1))
	effect := apply(t, fraudNamed(t, "withdrawal-without-consent"), x, conn)
	if effect.Check != "R-04" || effect.Table != "reserves_out" {
		t.Errorf("effect %+v", effect)
	}
	stolen := 0
	for _, w := range rows[withdrawalRowOf](t, conn, withdrawals) {
		agreed, answered := w.sound(t, x)
		if !answered {
			t.Errorf("withdrawal %d: no coin answers the request", w.ReserveOutSerialID)
		}
		if agreed {
			continue
		}
		stolen++
		if w.ReserveOutSerialID != effect.Serial || amount(t, x, w.AmountWithFeeVal, w.AmountWithFeeFrac) != effect.Amount {
			t.Errorf("withdrawal %d has no consent, effect is %+v", w.ReserveOutSerialID, effect)
		}
	}
	if stolen != 1 || effect.Amount.IsZero() {
		t.Errorf("%d withdrawals without consent, effect %+v", stolen, effect)
	}
	if b, n := broken(t, conn), unbalanced(t, conn); len(b) != 0 || n != 0 {
		t.Errorf("the fraud also shows as %v and in %d balances", b, n)
	}
}

func TestClosingFeeOvercharged(t *testing.T) {
	skipShort(t)
	x, conn := written(t, smallScenario(1))
	effect := apply(t, fraudNamed(t, "closing-fee-overcharged"), x, conn)
	if effect.Check != "R-09" || effect.Table != "reserves_close" {
		t.Errorf("effect %+v", effect)
	}
	want := map[string]int64{"closing fee other than the published one, or the balance": 1}
	if b, n := broken(t, conn), unbalanced(t, conn); !reflect.DeepEqual(b, want) || n != 0 {
		t.Errorf("the fraud shows as %v and in %d balances, want %v", b, n, want)
	}
	type closingRow struct {
		Charged, Published, ExecutionDate, ExpirationDate int64
	}
	found := rows[closingRow](t, conn, `select closing_fee_val * 100000000 + closing_fee_frac as charged,
		execution_date, expiration_date,
		(select closing_fee_val * 100000000 + closing_fee_frac from wire_fee
			where wire_method = split_part(receiver_account, '/', 3)
				and expiration_date >= start_date and expiration_date < end_date) as published
		from reserves_close join reserves using (reserve_uuid) where close_uuid = $1`, effect.Serial)[0]
	if over := money(found.Charged - found.Published).amount(x.Currency()); over != effect.Amount ||
		found.Charged < 10*found.Published {
		t.Errorf("charged %d instead of %d, effect %+v", found.Charged, found.Published, effect)
	}
	if found.ExecutionDate < found.ExpirationDate || taler.Timestamp(found.ExecutionDate) > x.clock {
		t.Errorf("closed at %d, expired at %d, now %d", found.ExecutionDate, found.ExpirationDate, x.clock)
	}
}

// TestFraudsLeaveTheExchange applies each fraud to a copy of one database: the
// exchange and its ledger stay as they are.
func TestFraudsLeaveTheExchange(t *testing.T) {
	skipShort(t)
	x, _ := written(t, smallScenario(1))
	before := x.Ledger()
	for _, f := range Frauds() {
		conn := emptyDatabase(t)
		write(t, newExchange(t, smallScenario(1)), conn)
		if effect := apply(t, f, x, conn); effect.Amount.IsZero() || effect.Serial <= before.Tables[effect.Table].Highest {
			t.Errorf("%s: effect %+v", f.Name, effect)
		}
		if !reflect.DeepEqual(x.Ledger(), before) {
			t.Errorf("%s changed the ledger", f.Name)
		}
		if f.Description == "" {
			t.Errorf("%s has no description", f.Name)
		}
	}
}

// TestAdopt commits each fraud twice and lets the exchange go on: its books stay
// in line with the rows, and the ledger still owes the customer what was stolen.
func TestAdopt(t *testing.T) {
	skipShort(t)
	for _, f := range Frauds() {
		x, conn := written(t, smallScenario(1))
		var stolen money
		for range 2 {
			effect := apply(t, f, x, conn)
			if err := x.Write(t.Context(), conn, schema); !errors.Is(err, ErrNotOurs) {
				t.Errorf("%s: Write without adopting the fraud: %v", f.Name, err)
			}
			x.Adopt(effect)
			if effect.Check == "R-04" {
				stolen += money(effect.Amount.Value)*unit + money(effect.Amount.Fraction)
			}
		}
		advance(t, x, 60)
		write(t, x, conn)
		if n := unbalanced(t, conn); n != 0 {
			t.Errorf("%s: %d balances are wrong", f.Name, n)
		}
		rest := number(t, conn, "select sum(current_balance_val * 100000000 + current_balance_frac)::bigint from reserves")
		if want := (money(rest) + stolen).amount(x.Currency()); x.Ledger().TotalEscrow != want {
			t.Errorf("%s: ledger owes %s, want %s", f.Name, x.Ledger().TotalEscrow, want)
		}
		for _, table := range tables {
			if got, want := x.Ledger().Tables[table.name].Rows, number(t, conn, "select count(*) from "+table.name); got != want {
				t.Errorf("%s: ledger counts %d rows of %s, database has %d", f.Name, got, table.name, want)
			}
		}
	}
}

// TestVictims makes sure that no seed leaves the frauds without a victim worth it.
func TestVictims(t *testing.T) {
	skipShort(t)
	for seed := range uint64(100) {
		x := newExchange(t, smallScenario(seed))
		open, _, ok := x.richestOpenReserve()
		if !ok || x.reserves[open].booked() < 10*unit {
			t.Errorf("seed %d: no open reserve with money", seed)
		}
		expired, ok := x.richestExpiredReserve()
		if !ok || x.reserves[expired].booked() < 20*unit {
			t.Errorf("seed %d: no expired reserve with money", seed)
		}
	}
}

func TestFraudsRefuse(t *testing.T) {
	skipShort(t)
	young := smallScenario(1)
	young.Days, young.Reserves, young.WithdrawalsPerReserve = 1, 1, 0
	x, conn := written(t, young)
	_, foreign := written(t, smallScenario(2))
	unwritten := newExchange(t, smallScenario(1))
	victims, ours := written(t, smallScenario(1))
	for _, f := range Frauds() {
		if f.Name == "closing-fee-overcharged" {
			if _, err := f.Apply(t.Context(), conn, schema, x); !errors.Is(err, ErrNoVictim) {
				t.Errorf("%s after one day: %v", f.Name, err)
			}
		}
		if _, err := f.Apply(t.Context(), foreign, schema, victims); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s on another exchange's database: %v", f.Name, err)
		}
		if _, err := f.Apply(t.Context(), ours, schema, unwritten); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s before anything is written: %v", f.Name, err)
		}
	}
}
