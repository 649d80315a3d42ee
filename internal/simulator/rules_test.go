package simulator

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
)

// rules are what an honest exchange never does, each as a query that counts how
// often it was done.
var rules = []struct{ name, query string }{
	{"withdrawal while the denomination is not valid",
		`select count(*) from reserves_out join denominations using (denominations_serial)
		where execution_date not between valid_from and expire_withdraw`},
	{"withdrawal of an amount other than value and fee",
		`select count(*) from reserves_out join denominations using (denominations_serial)
		where amount_with_fee_val * 100000000 + amount_with_fee_frac
			<> (coin_val + fee_withdraw_val) * 100000000 + coin_frac + fee_withdraw_frac`},
	{"closing to another account than that of the first credit",
		`select count(*) from reserves_close c join reserves r using (reserve_uuid) where receiver_account <> account_details`},
	{"closing with another identifier than the reserve's key",
		`select count(*) from reserves_close c join reserves r using (reserve_uuid) where wtid <> reserve_pub`},
	{"closing before or more than a day after expiration",
		`select count(*) from (
			select execution_date, (select max(at) from income i
				where i.reserve_uuid = c.reserve_uuid and at < c.execution_date) + 28 * 86400000000 as expiration
			from reserves_close c) as x
		where execution_date <= expiration or execution_date > expiration + 86400000000`},
	{"closing fee other than the published one, or the balance",
		`select count(*) from (
			select c.*, (select max(at) from income i
				where i.reserve_uuid = c.reserve_uuid and at < c.execution_date) + 28 * 86400000000 as expiration
			from reserves_close c) as x
		where closing_fee_val * 100000000 + closing_fee_frac <> least(amount_val * 100000000 + amount_frac, (
			select closing_fee_val * 100000000 + closing_fee_frac from wire_fee
			where wire_method = split_part(x.receiver_account, '/', 3) and x.expiration >= start_date and x.expiration < end_date))`},
	{"reserve in the red at some time",
		`select count(*) from (
			select sum(amount) over (partition by reserve_uuid order by at, amount desc) as balance from (
				select reserve_uuid, at, amount from income
				union all
				select reserve_uuid, execution_date, -amount_with_fee_val * 100000000 - amount_with_fee_frac from reserves_out
				union all
				select reserve_uuid, execution_date, -amount_val * 100000000 - amount_frac from reserves_close) as m) as b
		where balance < 0`},
	{"money left right after a closing",
		`select count(*) from reserves_close c where
			(select sum(amount) from income i where i.reserve_uuid = c.reserve_uuid and at <= c.execution_date)
			- (select coalesce(sum(amount_with_fee_val * 100000000 + amount_with_fee_frac), 0) from reserves_out o
				where o.reserve_uuid = c.reserve_uuid and o.execution_date <= c.execution_date)
			- (select sum(amount_val * 100000000 + amount_frac) from reserves_close d
				where d.reserve_uuid = c.reserve_uuid and d.execution_date <= c.execution_date) <> 0`},
	{"credit at an account of another wire method",
		`select count(*) from reserves_in where exchange_account_section <> case split_part(sender_account_details, '/', 3)
			when 'iban' then 'exchange-account-1' else 'exchange-account-2' end`},
	{"bank transfer booked twice",
		`select count(*) - count(distinct (exchange_account_section, wire_reference)) from reserves_in`},
	{"time that is no whole second",
		`select count(*) from (select execution_date as at from reserves_in union all select execution_date from reserves_out
			union all select execution_date from reserves_close union all select expiration_date from reserves
			union all select valid_from from denominations union all select start_date from wire_fee) as times
		where at % 1000000 <> 0`},
	{"withdrawals out of order",
		`select count(*) from (select execution_date < lag(execution_date) over (order by reserve_out_serial_id) as earlier
			from reserves_out) as o where earlier`},
}

// income is a view of what came into reserves.
const income = `create temporary view income as
	select reserve_uuid, execution_date as at, credit_val * 100000000 + credit_frac as amount from reserves_in
	union all
	select reserve_uuid, timestamp, amount_val * 100000000 + amount_frac
	from recoup join reserves_out using (reserve_out_serial_id)`

// situations are what a default scenario must contain at least once.
var situations = []struct{ name, query string }{
	{"reserve credited twice", `select count(*) from (select from reserves_in group by reserve_uuid having count(*) = 2) as r`},
	{"reserve credited from two accounts",
		`select count(*) from (select from reserves_in group by reserve_uuid having count(distinct sender_account_details) = 2) as r`},
	{"reserve closed, then credited again",
		`select count(*) from reserves_close c join reserves_in i using (reserve_uuid) where i.execution_date > c.execution_date`},
	{"reserve fully spent",
		`select count(*) from reserves r where current_balance_val = 0 and current_balance_frac = 0
			and not exists (select from reserves_close c where c.reserve_uuid = r.reserve_uuid)`},
	{"reserve closed without a withdrawal",
		`select count(*) from reserves_close c where not exists (select from reserves_out o where o.reserve_uuid = c.reserve_uuid)`},
	{"closing fee that takes all",
		`select count(*) from reserves_close where amount_val = closing_fee_val and amount_frac = closing_fee_frac`},
	{"closing of an amount that cannot be wired to the cent",
		`select count(*) from reserves_close where amount_frac % 1000000 <> 0`},
	{"closing after the fee changed since expiration",
		`select count(*) from reserves_close c join reserves r using (reserve_uuid)
		join wire_fee w on wire_method = split_part(receiver_account, '/', 3) and execution_date >= start_date and execution_date < end_date
		where expiration_date < start_date`},
	{"closing to a bank account", `select count(*) from reserves_close where receiver_account like 'payto://iban/%'`},
	{"closing to a demonstration bank", `select count(*) from reserves_close where receiver_account like 'payto://x-taler-bank/%'`},
	{"hole in the serials of withdrawals", `select max(reserve_out_serial_id) - count(*) from reserves_out`},
	{"hole in the serials of credits", `select max(reserve_in_serial_id) - count(*) from reserves_in`},
	{"withdrawals of two generations at a time",
		`select count(*) from reserves_out a join denominations d using (denominations_serial) where exists (
			select from reserves_out b join denominations e using (denominations_serial)
			where b.execution_date > a.execution_date and e.valid_from < d.valid_from)`},
	{"withdrawal without a fee",
		`select count(*) from reserves_out join denominations using (denominations_serial) where fee_withdraw_frac = 0`},
}

func TestHonestExchange(t *testing.T) {
	skipShort(t)
	for seed := uint64(1); seed <= 3; seed++ {
		x, conn := written(t, smallScenario(seed))
		for _, situation := range situations {
			if number(t, conn, situation.query) < 1 {
				t.Errorf("seed %d: no %s", seed, situation.name)
			}
		}
		advance(t, x, 45)
		write(t, x, conn)
		exec(t, conn, income)
		for _, rule := range rules {
			if n := number(t, conn, rule.query); n != 0 {
				t.Errorf("seed %d: %d times %s", seed, n, rule.name)
			}
		}
		noOrphans(t, conn, seed)
	}
}

// noOrphans checks each foreign key.
func noOrphans(t *testing.T, conn *pgx.Conn, seed uint64) {
	t.Helper()
	for _, table := range exchange.Layout2021().Tables {
		for _, fk := range table.ForeignKeys {
			orphans := number(t, conn, "select count(*) from "+table.Name+" where "+fk.Column+" not in (select "+
				fk.References+" from "+fk.Table+")")
			if orphans != 0 {
				t.Errorf("seed %d: %d rows of %s refer to no row of %s", seed, orphans, table.Name, fk.Table)
			}
		}
	}
}
