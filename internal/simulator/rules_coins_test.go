package simulator

import "testing"

// coinRules are what an honest exchange never does with coins and merchants, over
// the views of the figures. Each query counts how often it was done.
var coinRules = []struct{ name, query string }{
	{"coin worth more than its value, or less than nothing",
		`select count(*) from (select known_coin_id, sum(amount) as spent from spending group by known_coin_id) s
		join known_coins using (known_coin_id) join denomination using (denominations_serial) where spent < 0 or spent > value`},
	{"coin known though it was never used",
		`select count(*) from known_coins where known_coin_id not in (select known_coin_id from spending)`},
	{"deposit after its denomination expired", `select count(*) from deposit where exchange_timestamp > expire_deposit or exchange_timestamp < valid_from`},
	{"deposit of no more than its fee", `select count(*) from deposit where amount <= fee_deposit`},
	{"deposit of a coin twice for one contract",
		`select count(*) - count(distinct (known_coin_id, merchant_pub, h_contract_terms)) from deposits`},
	{"deadlines out of order", `select count(*) from deposits where refund_deadline > wire_deadline or wallet_timestamp > refund_deadline
		or wallet_timestamp > exchange_timestamp or exchange_timestamp >= wire_deadline`},
	{"deposits out of order", `select count(*) from (select exchange_timestamp < lag(exchange_timestamp) over (order by deposit_serial_id) as earlier
		from deposits) as o where earlier`},
	{"refunds of more than was deposited", `select count(*) from deposit where refunded > amount`},
	{"refund of no more than nothing, or less than its fee",
		`select count(*) from refunds r join deposit using (deposit_serial_id)
		where r.amount_with_fee_val * 100000000 + r.amount_with_fee_frac < greatest(fee_refund, 1)`},
	{"refund fee below the deposit fee", `select count(*) from denomination where fee_refund < fee_deposit`},
	{"refund number used twice", `select count(*) - count(distinct rtransaction_id) from refunds`},
	{"melt of another sum than the fresh coins cost",
		`select count(*) from melt m join denomination using (denominations_serial) where revealed and amount <> fee_refresh + (
			select sum(value + fee_withdraw) from refresh_revealed_coins r join denomination d using (denominations_serial)
			where r.melt_serial_id = m.melt_serial_id)`},
	{"fresh coins without keys, or the other way round",
		`select count(*) from melt m where revealed <> exists (select from refresh_revealed_coins r where r.melt_serial_id = m.melt_serial_id)`},
	{"fresh coins not numbered from zero",
		`select count(*) from (select max(freshcoin_index) + 1 <> count(*) or min(freshcoin_index) <> 0 or count(distinct freshcoin_index) <> count(*) as bad
			from refresh_revealed_coins group by melt_serial_id) as n where bad`},
	{"recoup of a denomination that was not revoked",
		`select count(*) from (select known_coin_id from recoup union all select known_coin_id from recoup_refresh) as r
		join known_coins using (known_coin_id) where denominations_serial not in (select denominations_serial from denomination_revocations)`},
	{"recoup of another denomination than was withdrawn",
		`select count(*) from recoup join known_coins c using (known_coin_id) join reserves_out o using (reserve_out_serial_id)
		where c.denominations_serial <> o.denominations_serial`},
	{"recoup of another denomination than was revealed",
		`select count(*) from recoup_refresh join known_coins c using (known_coin_id) join refresh_revealed_coins o using (rrc_serial)
		where c.denominations_serial <> o.denominations_serial`},
	{"coin recouped twice", `select count(*) - count(distinct known_coin_id) from
		(select known_coin_id from recoup union all select known_coin_id from recoup_refresh) as r`},
	{"transfer of another amount than is due",
		`select count(*) from transfer where amount <> (total - fee) - (total - fee) % 1000000 or amount <= 0 or fee is null`},
	{"transfer for deposits of other accounts",
		`select count(*) from transfer join aggregation_tracking using (wtid_raw) join deposits using (deposit_serial_id) where wire <> wire_target`},
	{"transfer of deposits of several merchants",
		`select count(*) from (select from aggregation_tracking join deposits using (deposit_serial_id)
			group by wtid_raw having count(distinct (merchant_pub, h_wire)) > 1) as t`},
	{"transfer before a deadline",
		`select count(*) from transfer join aggregation_tracking using (wtid_raw) join deposits using (deposit_serial_id)
		where execution_date < wire_deadline or execution_date <= refund_deadline`},
	{"transfer from an account of another wire method",
		`select count(*) from wire_out where exchange_account_section <> case split_part(wire_target::json->>'payto_uri', '/', 3)
			when 'iban' then 'exchange-account-1' else 'exchange-account-2' end`},
	{"paid deposit that is not marked, or the other way round",
		`select count(*) from deposits d where done <> exists (select from aggregation_tracking t where t.deposit_serial_id = d.deposit_serial_id)`},
	{"sum that waits although it could be wired",
		`select count(*) from (select sum(owed) as owed from claim
			where not done and tiny group by merchant_pub, h_wire) as o where owed >= 6000000`},
	{"time that is no whole second",
		`select count(*) from (select wallet_timestamp as at from deposits union all select exchange_timestamp from deposits
			union all select refund_deadline from deposits union all select wire_deadline from deposits
			union all select timestamp from recoup union all select timestamp from recoup_refresh
			union all select execution_date from wire_out) as times
		where at % 1000000 <> 0`},
}

// coinSituations are what a default scenario must contain at least once.
var coinSituations = []struct{ name, query string }{
	{"whole coin deposited", `select count(*) from deposit where amount = value`},
	{"part of a coin deposited", `select count(*) from deposit where amount < value and fee_deposit > 0`},
	{"coin paid to two merchants", `select count(*) from (select from deposits group by known_coin_id having count(distinct merchant_pub) > 1) as c`},
	{"contract paid with two coins", `select count(*) from (select from deposits group by h_contract_terms having count(distinct known_coin_id) > 1) as c`},
	{"merchant with two accounts", `select count(*) from (select from deposits group by merchant_pub having count(distinct h_wire) > 1) as m`},
	{"deposit without a fee", `select count(*) from denomination where fee_deposit = 0`},
	{"tiny deposit that waits", `select count(*) from claim where tiny and not done and owed > 0`},
	{"tiny deposit that was paid with others", `select count(*) from claim where tiny and done and owed > 0`},
	{"deposit smaller than the tiny amount", `select count(*) from deposit where amount < 1000000`},
	{"deposit not due yet", `select count(*) from claim where not tiny and not done and owed > 0`},
	{"deposit refunded completely", `select count(*) from deposit where refunded = amount`},
	{"deposit refunded in several steps", `select count(*) from deposit where refunds > 1`},
	{"deposit refunded in part and paid", `select count(*) from claim where refunds > 0 and refunded < amount and done`},
	{"coin spent again after a refund",
		`select count(*) from deposit d where refunded = amount
			and exists (select from spending s where s.known_coin_id = d.known_coin_id and s.amount >= 10000000 and s.amount <> d.amount)`},
	{"coin melted unused", `select count(*) from melt where old_known_coin_id not in (select known_coin_id from deposits)`},
	{"coin melted after a deposit", `select count(*) from melt where old_known_coin_id in (select known_coin_id from deposits)`},
	{"melt never revealed", `select count(*) from melt where not revealed`},
	{"fresh coins of several denominations",
		`select count(*) from (select from refresh_revealed_coins group by melt_serial_id having count(distinct denominations_serial) > 2) as m`},
	{"each choice of the exchange", `select case when count(distinct noreveal_index) = 3 then 1 else 0 end from melt`},
	{"transfer for several deposits",
		`select count(*) from (select from aggregation_tracking group by wtid_raw having count(*) > 4) as t`},
	{"rounding of a transfer", `select count(*) from transfer where (total - fee) % 1000000 <> 0`},
	{"transfer from each account", `select case when count(distinct exchange_account_section) = 2 then 1 else 0 end from wire_out`},
	{"revoked sign key", `select count(*) from signkey_revocations`},
	{"hole in the serials of deposits", `select max(deposit_serial_id) - count(*) from deposits`},
}

// revocationSituations occur in default scenarios of even seeds.
var revocationSituations = []struct{ name, query string }{
	{"recoup", `select count(*) from recoup`},
	{"recoup of a coin that was partly spent",
		`select count(*) from recoup join known_coins using (known_coin_id) join denomination using (denominations_serial)
		where amount_val * 100000000 + amount_frac < value`},
	{"recoup of a fresh coin", `select count(*) from recoup_refresh`},
	{"withdrawal after a recoup",
		`select count(*) from recoup join reserves_out o using (reserve_out_serial_id)
		where exists (select from reserves_out later where later.reserve_uuid = o.reserve_uuid and later.execution_date > timestamp)`},
	{"coin spent after a recoup into it",
		`select count(*) from recoup_refresh r join refresh_revealed_coins using (rrc_serial) join refresh_commitments using (melt_serial_id)
		where exists (select from deposits where known_coin_id = old_known_coin_id and exchange_timestamp > r.timestamp)`},
}

func TestHonestCoins(t *testing.T) {
	skipShort(t)
	for seed := uint64(1); seed <= 4; seed++ {
		x, conn := written(t, smallScenario(seed))
		exec(t, conn, figureViews)
		expected := coinSituations
		if seed%2 == 0 {
			expected = append(revocationSituations, expected...)
		}
		for _, situation := range expected {
			if number(t, conn, situation.query) < 1 {
				t.Errorf("seed %d: no %s", seed, situation.name)
			}
		}
		advance(t, x, 35)
		write(t, x, conn)
		for _, rule := range coinRules {
			if n := number(t, conn, rule.query); n != 0 {
				t.Errorf("seed %d: %d times %s", seed, n, rule.name)
			}
		}
		if n := number(t, conn, "select count(*) from deposits where not done and not tiny and wire_deadline + 3600000000 < $1", x.clock.DB()); n != 0 {
			t.Errorf("seed %d: %d deposits are overdue", seed, n)
		}
	}
}
