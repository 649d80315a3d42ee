package simulator

import (
	"slices"
	"testing"
	"time"

	"auditor/internal/taler"
)

// The views below restate the rules of an exchange over its rows, in steps of
// 10^-8, so that the figures of the ledger can be computed again.
const figureViews = `
create temporary view denomination as select denominations_serial, denom_pub_hash, expire_deposit, expire_withdraw, valid_from,
		coin_val * 100000000 + coin_frac as value,
		fee_withdraw_val * 100000000 + fee_withdraw_frac as fee_withdraw,
		fee_deposit_val * 100000000 + fee_deposit_frac as fee_deposit,
		fee_refresh_val * 100000000 + fee_refresh_frac as fee_refresh,
		fee_refund_val * 100000000 + fee_refund_frac as fee_refund
	from denominations;
create temporary view deposit as
	select p.*, d.*, amount_with_fee_val * 100000000 + amount_with_fee_frac as amount,
		coalesce(refunded, 0) as refunded, coalesce(refunds, 0) as refunds
	from deposits p join known_coins using (known_coin_id) join denomination d using (denominations_serial)
	left join (select deposit_serial_id, sum(amount_with_fee_val * 100000000 + amount_with_fee_frac) as refunded, count(*) as refunds
		from refunds group by deposit_serial_id) r using (deposit_serial_id);
create temporary view claim as
	select *, amount - refunded - case when refunds = 0 then fee_deposit else 0 end as owed from deposit;
create temporary view melt as
	select m.*, c.denominations_serial, amount_with_fee_val * 100000000 + amount_with_fee_frac as amount,
		exists (select from refresh_transfer_keys t where t.melt_serial_id = m.melt_serial_id) as revealed
	from refresh_commitments m join known_coins c on known_coin_id = old_known_coin_id;
create temporary view spending as -- what a coin lost, or got if negative
	select known_coin_id, amount from deposit
	union all select old_known_coin_id, amount from melt
	union all select known_coin_id, amount_val * 100000000 + amount_frac from recoup
	union all select known_coin_id, amount_val * 100000000 + amount_frac from recoup_refresh
	union all select old_known_coin_id, -amount_val * 100000000 - amount_frac
		from recoup_refresh join refresh_revealed_coins using (rrc_serial) join refresh_commitments using (melt_serial_id)
	union all select known_coin_id, refunds * fee_refund - refunded from deposit
	union all select distinct known_coin_id, -fee_deposit from deposit where refunds > 0;
create temporary view account as
	select d.denominations_serial, value, expire_deposit,
		(select count(*) from reserves_out o where o.denominations_serial = d.denominations_serial)
		+ (select count(*) from refresh_revealed_coins r where r.denominations_serial = d.denominations_serial) as issued,
		(select count(*) from known_coins c where c.denominations_serial = d.denominations_serial) as known,
		(select coalesce(sum(amount), 0) from spending join known_coins c using (known_coin_id)
			where c.denominations_serial = d.denominations_serial) as spent,
		(select coalesce(sum(refunded - refunds * fee_refund), 0) from deposit p where p.denominations_serial = d.denominations_serial)
		+ (select count(distinct known_coin_id) * d.fee_deposit from deposit p
			where p.denominations_serial = d.denominations_serial and refunds > 0) as returned
	from denomination d;
create temporary view transfer as
	select w.*, amount_val * 100000000 + amount_frac as amount,
		(select sum(owed) from aggregation_tracking t join claim using (deposit_serial_id) where t.wtid_raw = w.wtid_raw) as total,
		(select wire_fee_val * 100000000 + wire_fee_frac from wire_fee
			where wire_method = split_part(wire_target::json->>'payto_uri', '/', 3)
				and execution_date >= start_date and execution_date < end_date) as fee
	from wire_out w;
create temporary view closing as
	select *, amount_val * 100000000 + amount_frac - closing_fee_val * 100000000 - closing_fee_frac as rest from reserves_close;
`

// figures are sums over rows, as of a time, that the ledger must agree with.
var figures = []struct {
	name   string
	ledger func(l Ledger) taler.Amount
	query  string // $1: the time in microseconds
}{
	{"outstanding", func(l Ledger) taler.Amount { return l.Coins.Outstanding },
		`select sum(issued * value - spent) from account where expire_deposit + 86400000000 >= $1`},
	{"expired", func(l Ledger) taler.Amount { return l.Coins.Expired },
		`select sum(issued * value - spent) from account where expire_deposit + 86400000000 < $1`},
	{"active risk", func(l Ledger) taler.Amount { return l.Coins.ActiveRisk },
		`select sum(issued * value - spent) from account where expire_deposit + 86400000000 >= $1`},
	{"issued value", func(l Ledger) taler.Amount { return l.Coins.IssuedValue },
		`select sum(issued * value + returned) from account where expire_deposit + 86400000000 >= $1`},
	{"unrevealed", func(l Ledger) taler.Amount { return l.Coins.Unrevealed },
		`select sum(amount - fee_refresh) from melt join denomination using (denominations_serial) where not revealed and $1::bigint > 0`},
	{"hanging", func(l Ledger) taler.Amount { return l.Coins.Hanging }, `select sum(amount) from melt where not revealed and $1::bigint > 0`},
	{"deposit fees", func(l Ledger) taler.Amount { return l.Coins.DepositFees }, `select sum(fee_deposit) from deposit where $1::bigint > 0`},
	{"deposit fee income", func(l Ledger) taler.Amount { return l.Coins.DepositFeeIncome },
		`select greatest(0, (select coalesce(sum(fee_deposit), 0) from deposit where refunds = 0)
			- (select coalesce(sum(fee_deposit), 0) from (select distinct known_coin_id, fee_deposit from deposit where refunds > 0) as r))
			where $1::bigint > 0`},
	{"melt fee income", func(l Ledger) taler.Amount { return l.Coins.MeltFeeIncome },
		`select sum(fee_refresh) from melt join denomination using (denominations_serial) where $1::bigint > 0`},
	{"refund fee income", func(l Ledger) taler.Amount { return l.Coins.RefundFeeIncome }, `select sum(refunds * fee_refund) from deposit where $1::bigint > 0`},
	{"fee income of fresh coins", func(l Ledger) taler.Amount { return l.Coins.FreshFeeIncome },
		`select sum(fee_withdraw) from refresh_revealed_coins join denomination using (denominations_serial) where $1::bigint > 0`},
	{"recoup loss", func(l Ledger) taler.Amount { return l.Coins.RecoupLoss },
		`select sum(amount_val * 100000000 + amount_frac) from
			(select amount_val, amount_frac from recoup union all select amount_val, amount_frac from recoup_refresh) as r where $1::bigint > 0`},
	{"recouped into reserves", func(l Ledger) taler.Amount { return l.Coins.Recouped },
		`select sum(amount_val * 100000000 + amount_frac) from recoup where $1::bigint > 0`},
	{"transfer fee income", func(l Ledger) taler.Amount { return l.Transfers.FeeIncome }, `select sum(total - amount) from transfer where $1::bigint > 0`},
	{"wired", func(l Ledger) taler.Amount { return l.Transfers.Wired }, `select sum(amount) from transfer where $1::bigint > 0`},
	{"rounding of closings", func(l Ledger) taler.Amount { return l.Transfers.ClosingRounding }, `select sum(rest % 1000000) from closing where $1::bigint > 0`},
	{"obligations", func(l Ledger) taler.Amount { return l.Obligations.Total }, `select sum(owed) from claim where not done and $1::bigint > 0`},
	{"overdue obligations", func(l Ledger) taler.Amount { return l.Obligations.Overdue },
		`select sum(owed) from claim where not done and wire_deadline + 3600000000 < $1`},
	{"debits of all banks", func(l Ledger) taler.Amount {
		return amountOf(l, l.Banks[0].Debits, l.Banks[1].Debits, l.Transfers.TransfersPending, l.Transfers.ClosingsPending)
	}, `select (select coalesce(sum(amount), 0) from transfer) + (select coalesce(sum(rest - rest % 1000000), 0) from closing) where $1::bigint > 0`},
	{"credits of all banks", func(l Ledger) taler.Amount { return amountOf(l, l.Banks[0].Credits, l.Banks[1].Credits) },
		`select sum(credit_val * 100000000 + credit_frac) from reserves_in where $1::bigint > 0`},
}

func amountOf(l Ledger, amounts ...taler.Amount) taler.Amount {
	sum := taler.Zero(l.TotalEscrow.Currency)
	for _, a := range amounts {
		sum, _ = sum.Add(a)
	}
	return sum
}

// agrees compares the ledger with the rows of the database.
func agrees(t tester, x *Exchange, number func(query string, args ...any) int64) {
	t.Helper()
	l := x.Ledger()
	for _, f := range figures {
		sum := number("select coalesce(("+f.query+")::bigint, 0)", x.clock.DB())
		if got, want := f.ledger(l), money(sum).amount(x.Currency()); got != want {
			t.Fatalf("%s: ledger %s, rows %s", f.name, got, want)
		}
	}
	// What the banks hold beyond what is owed was earned.
	held := total(l.Banks[0].Balance, l.Banks[1].Balance)
	if want := max(0, held-total(l.Liabilities)).amount(x.Currency()); l.Income != want {
		t.Fatalf("the banks hold %s, of which %s are owed: income is %s, want %s", held.amount(x.Currency()), l.Liabilities, l.Income, want)
	}
	if open := number("select count(*) from claim where not done and owed > 0"); open != int64(len(l.Obligations.Open)) {
		t.Fatalf("%d obligations, rows %d", len(l.Obligations.Open), open)
	}
}

type accountRow struct{ DenominationsSerial, Issued, Known, Outstanding, IssuedValue int64 }

// scenarios are exchanges of different kinds.
func scenarios(seed uint64) map[string]Scenario {
	expiring := smallScenario(seed)
	expiring.DepositSpan, expiring.DenominationSpan, expiring.DenominationOverlap = 3*day, 20*day, 5*day
	expiring.RevokeDenominationAfter = 30 * day
	coarse := smallScenario(seed)
	coarse.Values, coarse.Merchants = []string{"2", "0.3", "20", "7"}, 3
	coarse.WireFeePeriod = 9 * day
	coarse.RevokeDenominationAfter = 35 * day
	mixed := smallScenario(seed)
	mixed.GenerationRSABits = []int{512, 1024, 520}
	return map[string]Scenario{"usual": smallScenario(seed), "expiring": expiring, "coarse": coarse, "key sizes": mixed}
}

func TestFigures(t *testing.T) {
	skipShort(t)
	for seed := uint64(1); seed <= 2; seed++ {
		for name, s := range scenarios(seed) {
			x, conn := written(t, s)
			exec(t, conn, figureViews)
			for _, days := range []int{0, 13, 1} {
				if days > 0 {
					advance(t, x, days)
					write(t, x, conn)
				}
				agrees(t, x, func(query string, args ...any) int64 { return number(t, conn, query, args...) })
			}
			l := x.Ledger()
			list := rows[accountRow](t, conn, `select denominations_serial, issued::bigint, known::bigint,
				(issued * value - spent)::bigint as outstanding, (issued * value + returned)::bigint as issued_value
				from account order by denominations_serial`)
			if len(list) != len(l.Denominations) {
				t.Fatalf("%s: %d denominations, rows %d", name, len(l.Denominations), len(list))
			}
			for _, row := range list {
				d, ok := l.Denomination(row.DenominationsSerial)
				if !ok || d.Issued != row.Issued || d.Known != row.Known || d.Outstanding != money(row.Outstanding).amount(s.Currency) ||
					d.IssuedValue != money(row.IssuedValue).amount(s.Currency) {
					t.Errorf("%s, seed %d: denomination %+v, ledger %+v", name, seed, row, d)
				}
			}
			if name == "expiring" && (l.Coins.Expired.IsZero() || !slices.ContainsFunc(l.Denominations, func(d DenominationLedger) bool { return d.Expired })) {
				t.Error("no denomination expired with money in its coins")
			}
			checkKnownCoins(t, x, l)
			if !l.AsOf.Equal(s.Start.Add(time.Duration(74) * day)) {
				t.Errorf("ledger as of %s", l.AsOf)
			}
		}
	}
}

// checkKnownCoins compares what single coins hold with the sums.
func checkKnownCoins(t *testing.T, x *Exchange, l Ledger) {
	t.Helper()
	left := make(map[int64]money)
	for _, number := range x.known {
		c, ok := x.KnownCoin(x.coins[number].serial)
		if !ok {
			t.Fatalf("no known coin %d", x.coins[number].serial)
		}
		left[c.Denomination] += money(c.Left.Value)*unit + money(c.Left.Fraction)
	}
	for _, d := range l.Denominations {
		value := money(d.Value.Value)*unit + money(d.Value.Fraction)
		if got := (left[d.Serial] + money(d.Issued-d.Known)*value).amount(x.Currency()); got != d.Outstanding {
			t.Errorf("coins of denomination %d hold %s, ledger %s", d.Serial, got, d.Outstanding)
		}
	}
}
