package simulator

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"pgregory.net/rapid"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// The queries below compute the ledger's figures in steps of 10^-8 from the rows.
const (
	balancesByRows = `select r.reserve_uuid, r.reserve_pub, r.account_details, r.expiration_date,
		(r.current_balance_val * 100000000 + r.current_balance_frac)::bigint as booked,
		(select coalesce(sum(credit_val * 100000000 + credit_frac), 0)
			from reserves_in i where i.reserve_uuid = r.reserve_uuid)::bigint
		+ (select coalesce(sum(amount_val * 100000000 + amount_frac), 0)
			from recoup join reserves_out o using (reserve_out_serial_id) where o.reserve_uuid = r.reserve_uuid)::bigint
		- (select coalesce(sum(amount_with_fee_val * 100000000 + amount_with_fee_frac), 0)
			from reserves_out o where o.reserve_uuid = r.reserve_uuid)::bigint
		- (select coalesce(sum(amount_val * 100000000 + amount_frac), 0)
			from reserves_close c where c.reserve_uuid = r.reserve_uuid)::bigint as balance,
		greatest((select max(execution_date) from reserves_in i where i.reserve_uuid = r.reserve_uuid),
			(select max(timestamp) from recoup join reserves_out o using (reserve_out_serial_id)
				where o.reserve_uuid = r.reserve_uuid)) as last_credit,
		(select sender_account_details from reserves_in i where i.reserve_uuid = r.reserve_uuid
			order by reserve_in_serial_id limit 1) as origin,
		coalesce(greatest((select max(execution_date) from reserves_out o where o.reserve_uuid = r.reserve_uuid),
			(select max(timestamp) from recoup join reserves_out o using (reserve_out_serial_id)
				where o.reserve_uuid = r.reserve_uuid)), 0) as last_use,
		r.gc_date
		from reserves r order by r.reserve_uuid`
	feesByRows = `select ((select coalesce(sum(fee_withdraw_val * 100000000 + fee_withdraw_frac), 0)
			from reserves_out join denominations using (denominations_serial))
		+ (select coalesce(sum(closing_fee_val * 100000000 + closing_fee_frac), 0) from reserves_close))::bigint`
)

type balanceRow struct {
	ReserveUUID, ExpirationDate, Booked, Balance, LastCredit, LastUse, GcDate int64
	ReservePub                                                                []byte
	AccountDetails, Origin                                                    string
}

// TestLedger compares the ledger with sums over the rows, after each of several
// batches, for scenarios of many sizes.
func TestLedger(t *testing.T) {
	skipShort(t)
	conn := emptyDatabase(t)
	exec(t, conn, figureViews)
	rapid.Check(t, func(t *rapid.T) {
		s := smallScenario(rapid.Uint64().Draw(t, "seed"))
		s.Days = rapid.IntRange(1, 90).Draw(t, "days")
		s.Reserves = rapid.IntRange(1, 12).Draw(t, "reserves")
		s.WithdrawalsPerReserve = rapid.IntRange(0, 4).Draw(t, "withdrawals")
		s.IdleReserveExpiration = rapid.SampledFrom([]time.Duration{day, 7 * day, 28 * day}).Draw(t, "idle")
		s.Merchants = rapid.SampledFrom([]int{0, 2, 6}).Draw(t, "merchants")
		s.RevokeDenominationAfter = time.Duration(rapid.IntRange(0, 80).Draw(t, "revocation")) * day
		s.DepositSpan = rapid.SampledFrom([]time.Duration{0, 5 * day, 700 * day}).Draw(t, "deposits")
		x := newExchange(t, s)
		deleteAll(t, conn)
		write(t, x, conn)
		for _, days := range rapid.SliceOfN(rapid.IntRange(1, 40), 0, 2).Draw(t, "advances") {
			advance(t, x, days)
			write(t, x, conn)
		}
		l := x.Ledger()

		var escrow int64
		reserves := rows[balanceRow](t, conn, balancesByRows)
		if len(reserves) != len(l.Reserves) {
			t.Fatalf("%d reserves in the ledger, %d rows", len(l.Reserves), len(reserves))
		}
		for i, r := range reserves {
			want := l.Reserves[i]
			escrow += r.Balance
			if want.Serial != r.ReserveUUID || want.Key != asKey(r.ReservePub) ||
				want.Origin != r.Origin || r.AccountDetails != r.Origin ||
				want.Balance != money(r.Balance).amount(s.Currency) || r.Booked != r.Balance ||
				taler.TimestampOf(want.Expiration).DB() != r.ExpirationDate ||
				r.LastCredit+s.IdleReserveExpiration.Microseconds() != r.ExpirationDate {
				t.Fatalf("reserve %d: row %+v, ledger %+v", r.ReserveUUID, r, want)
			}
			collection := r.ExpirationDate
			if r.LastUse > 0 {
				collection = max(collection, r.LastUse+s.LegalReserveExpiration.Microseconds())
			}
			if r.GcDate != collection {
				t.Fatalf("reserve %d can be collected from %d on, want %d", r.ReserveUUID, r.GcDate, collection)
			}
		}
		if want := money(escrow).amount(s.Currency); l.TotalEscrow != want {
			t.Fatalf("total escrow %s, rows give %s", l.TotalEscrow, want)
		}
		if want := money(number(t, conn, feesByRows)).amount(s.Currency); l.WithdrawFeeIncome != want {
			t.Fatalf("fee income %s, rows give %s", l.WithdrawFeeIncome, want)
		}
		agrees(t, x, func(query string, args ...any) int64 { return number(t, conn, query, args...) })
		for _, table := range exchange.Layout2021().Tables {
			count := number(t, conn, "select count(*) from "+table.Name)
			var highest int64
			if table.Serial != "" {
				highest = number(t, conn, fmt.Sprintf("select coalesce(max(%s), 0) from %s", table.Serial, table.Name))
			}
			if got := l.Tables[table.Name]; got != (TableLedger{Rows: count, Highest: highest}) {
				t.Fatalf("table %s: ledger %+v, database %d rows up to %d", table.Name, got, count, highest)
			}
		}
	})
}

// deleteAll empties the database, quicker than a new one or truncation.
func deleteAll(t tester, conn *pgx.Conn) {
	t.Helper()
	for _, table := range slices.Backward(tables) {
		exec(t, conn, "delete from "+table.name)
	}
}

// TestOpenAndUnclosed splits the reserves with money by their expiration.
func TestOpenAndUnclosed(t *testing.T) {
	skipShort(t)
	x := newExchange(t, smallScenario(5))
	l := x.Ledger()
	open, unclosed, holding := l.Open(x.Clock()), l.Unclosed(x.Clock()), 0
	for _, r := range l.Reserves {
		if !r.Balance.IsZero() {
			holding++
		}
	}
	if len(open) == 0 || len(unclosed) == 0 || len(open)+len(unclosed) != holding || holding == len(l.Reserves) {
		t.Errorf("%d reserves open, %d unclosed, %d with money of %d", len(open), len(unclosed), holding, len(l.Reserves))
	}
	for _, r := range unclosed {
		if late := x.Clock().Sub(r.Expiration); late < 0 || late > day {
			t.Errorf("reserve %d unclosed for %s", r.Serial, late)
		}
	}
}
