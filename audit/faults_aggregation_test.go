package audit

import "fmt"

// faultsOfAggregation are faults of what merchants are owed and paid: first those of the
// C auditor's own tests, then those that it does not find.
func faultsOfAggregation() []fault {
	return []fault{
		{name: "nobody was paid", folder: "small", due: true,
			want: []string{"W-17 exposure 7.97 (3)"}},
		{name: "a transfer of a cent less", folder: "small-wired",
			sql:  `update public.wire_out set amount_frac = amount_frac - 1000000`,
			want: []string{"A-27 gain 0.01"}},
		{name: "a transfer of a cent more", folder: "small-wired",
			sql:  `update public.wire_out set amount_frac = amount_frac + 1000000`,
			want: []string{"A-27 loss 0.01"}},
		{name: "a refund is gone before the transfer is judged", folder: "small-wired",
			sql:  `delete from public.refunds`,
			want: []string{"C-11 loss 5.98", "C-29", "A-27 gain 5.99"}},
		{name: "the hash of a merchant's account is replaced", folder: "small-wired",
			sql:  `update public.deposits set h_wire = sha512(h_wire) where deposit_serial_id = 1`,
			want: []string{"A-04", "D-02 loss 3.98"}},

		{name: "H-01 a transfer to an account without salt", folder: "small-wired",
			sql: `insert into public.wire_out (execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
				values (1612440010000000, decode(repeat('00', 32), 'hex'), '{"payto_uri":"payto://x-taler-bank/localhost/43"}', 'exchange-account-1', 1000, 0)`,
			want: []string{"A-02 loss 1000"}},
		{name: "B-07 a transfer to nobody", folder: "small-wired",
			sql:  `update public.wire_out set wire_target = '{}'`,
			want: []string{"A-01 loss 7.96"}},
		{name: "an aggregated deposit to no account", folder: "small-wired",
			sql:  `update public.deposits set wire = 'nonsense' where deposit_serial_id = 1`,
			want: []string{"C-24 loss 4", "A-03"}},
		{name: "a deposit of a coin of an unknown denomination", folder: "small",
			sql: `alter table public.known_coins drop constraint known_coins_denominations_serial_fkey;
				update public.known_coins set denominations_serial = 4711 where known_coin_id = (select known_coin_id from public.deposits where deposit_serial_id = 1)`,
			want: []string{"C-14 exposure 4", "C-22 exposure 4", "C-46", "A-07", "D-08 exposure 3.98"}},
		{name: "B-06 an aggregated deposit below its fee", folder: "small-wired",
			sql:  `update public.deposits set amount_with_fee_val = 0, amount_with_fee_frac = 100 where deposit_serial_id = 1`,
			want: []string{"C-25 loss 0.000001", "A-14", "A-27 loss 3.98", "D-04 loss 3.98"}},
		{name: "a transfer to somebody else", folder: "small-wired",
			sql:  `update public.wire_out set wire_target = replace(wire_target, '/43', '/44')`,
			want: []string{"A-20 loss 7.97 (3)"}},
		{name: "I-09 a transfer while no fee was set", folder: "small-wired",
			sql:  `update public.wire_fee set wire_method = 'iban'`,
			want: []string{"K-09", "A-22 gain 0.01"}},
		{name: "I-08 a transfer of less than its fee", folder: "small-wired",
			sql: `update public.deposits set amount_with_fee_val = 0, amount_with_fee_frac = 3000000 where deposit_serial_id = 1;
				update public.deposits set amount_with_fee_val = 0, amount_with_fee_frac = 1000000 where deposit_serial_id = 3;
				update public.refunds set amount_with_fee_val = 7;
				update public.wire_fee set wire_fee_val = 1`,
			want: []string{"K-09", "C-05 loss 7", "C-25 loss 0.04 (2)", "A-26 loss 0.01", "A-27 loss 7.95", "D-04 loss 6.96 (2)"}},
		{name: "B-10 a transfer of a negative amount", folder: "small-wired",
			sql:  `update public.wire_out set amount_val = -1`,
			want: []string{"A-28"}},
		{name: "H-04 more is refunded than was deposited", folder: "small", between: true,
			sql:  `update public.refunds set refund_serial_id = refund_serial_id + 1, amount_with_fee_val = 9`,
			want: []string{"C-05 loss 9", "A-29 loss 8"}},
		{name: "H-04 a refund after the transfer", folder: "small-wired", between: true,
			sql: `insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
				select merchant_sig, 7, 3, 0, 3 from public.refunds`,
			want: []string{"C-05 loss 3", "A-27 loss 2.99"}},
		{name: "H-20 a deposit is part of two transfers", folder: "small-wired",
			sql: `alter table public.aggregation_tracking drop constraint aggregation_tracking_pkey;
				insert into public.wire_out (execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
				select execution_date, sha256(wtid_raw), wire_target, exchange_account_section, 3, 97000000 from public.wire_out;
				insert into public.aggregation_tracking (deposit_serial_id, wtid_raw) select 1, sha256(wtid_raw) from public.wire_out where wireout_uuid = 1`,
			want: []string{"A-27 loss 3.97", "A-30"}},
		{name: "a deposit is part of a transfer that does not exist", folder: "small-wired", due: true,
			sql:  `update public.aggregation_tracking set wtid_raw = null where deposit_serial_id = 1`,
			want: []string{"A-27 loss 3.98", "A-31", "W-17 exposure 3.98"}},
		{name: "H-15 a transfer ten days early", folder: "small-wired",
			sql:  `update public.wire_out set execution_date = (select min(exchange_timestamp) - 864000000000 from public.deposits)`,
			want: []string{"A-32", "A-33 (3)"}},
		{name: "H-15 a transfer before the refund deadline", folder: "small-wired",
			sql:  `update public.deposits set refund_deadline = 1612526410000000, wire_deadline = 1612526410000000 where deposit_serial_id = 1`,
			want: []string{"C-25 loss 4", "A-33", "D-03 exposure 3.98"}},
		{name: "H-15 a transfer in the future", folder: "small-wired",
			sql:  `update public.wire_out set execution_date = 1612450800000000`,
			want: []string{"A-34"}},
		{name: "a transfer and a deadline dated to a part of a second", folder: "small-wired",
			sql:  `update public.wire_out set execution_date = execution_date + 1; update public.deposits set wire_deadline = wire_deadline + 1 where deposit_serial_id = 1`,
			want: []string{"C-44", "A-35 (2)"}},
		{name: "a transfer dated back", folder: "mixed",
			sql:  `update public.wire_out set execution_date = execution_date - 3600000000 where wireout_uuid = 60`,
			want: []string{"C-16 exposure 69.74 (22)", "A-32", "A-33 (24)", "A-36"}},
		{name: "H-05 deadlines that never come", folder: "small",
			sql:  `update public.deposits set wire_deadline = 4000000000000000`,
			want: []string{"A-37 exposure 14 (3)"}},
		{name: "the exchange marks deposits as paid", folder: "small", internal: true, between: true,
			sql:  `update public.deposits set done = true`,
			want: []string{"A-38 (3)"}},
		{name: "the exchange forgets that it paid deposits", folder: "small-wired", internal: true, between: true,
			sql:  `update public.deposits set done = false where deposit_serial_id <> 2`,
			want: []string{"A-39 exposure 6.97 (2)"}},
		{name: "H-07 the exchange calls deposits tiny", folder: "small", internal: true, due: true,
			sql:  `update public.deposits set tiny = true`,
			want: []string{"A-40 (3)", "W-17 exposure 7.97 (3)"}},
		{name: "H-05 deadlines are moved", folder: "small", internal: true, between: true,
			sql:  `update public.deposits set wire_deadline = 4000000000000000`,
			want: []string{"A-41 (3)"}},
		{name: "what a real exchange ordered is not carried out yet", folder: "small-wired", internal: true,
			sql: `update public.prewire set finished = false`},
		{name: "transfers and closings that a real exchange ordered are not carried out yet", folder: "mixed", internal: true,
			sql:  `update public.prewire set finished = false`,
			want: []string{"C-16 exposure 69.74 (22)"}},
		{name: "a reserve is closed again before the first closing is carried out", folder: "mixed", internal: true,
			sql:  closedAgain,
			want: []string{"R-30", "C-16 exposure 69.74 (22)"}},
		{name: "a reserve is closed again after the first closing was carried out", folder: "mixed", internal: true,
			sql:  closedAgain + `; update public.prewire set finished = true where prewire_uuid = (select min(prewire_uuid) from same)`,
			want: []string{"R-30", "C-16 exposure 69.74 (22)"}},
		{name: "a reserve is closed again after the first order was removed", folder: "mixed", internal: true,
			sql:  closedAgain + `; delete from public.prewire where prewire_uuid = (select min(prewire_uuid) from same)`,
			want: []string{"R-30", "C-16 exposure 69.74 (22)"}},
		{name: "the payment of a closing is prepared twice", folder: "mixed", internal: true,
			sql:  closedAgain + `; insert into public.prewire (type, buf) select type, buf from public.prewire where prewire_uuid = (select min(prewire_uuid) from same)`,
			want: []string{"R-30", "C-16 exposure 69.74 (22)", "A-42 exposure 3.03"}},
		{name: "payments are prepared as the books say", folder: "small-wired", internal: true,
			sql: preparedPayment("wtid", "val", "uri", "false")},
		{name: "an old order that was carried out is of nothing in the books", folder: "small-wired", internal: true,
			sql: preparedPayment("sha256(wtid)", "val", "uri", "false") + "; update public.prewire set finished = true"},
		{name: "a payment is prepared that no transfer is for", folder: "small-wired", internal: true,
			sql:  preparedPayment("sha256(wtid)", "1000", "uri", "false"),
			want: []string{"A-42 exposure 1000.96"}},
		{name: "a payment is prepared to another account", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val", "uri || 'x'", "false"),
			want: []string{"A-42 exposure 7.96"}},
		{name: "a payment of more than the transfer is prepared", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val + 3", "uri", "false"),
			want: []string{"A-42 exposure 3"}},
		{name: "a payment of less than the transfer is prepared", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val - 3", "uri", "false"),
			want: []string{"A-42"}},
		{name: "a payment is prepared twice", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val", "uri", "false") + "; insert into public.prewire (type, buf) select type, buf from public.prewire where not finished",
			want: []string{"A-42 exposure 7.96"}},
		{name: "a payment that was carried out is prepared again", folder: "small-wired", internal: true,
			sql:  "insert into public.prewire (type, buf) select type, buf from public.prewire",
			want: []string{"A-42 exposure 7.96"}},
		{name: "the bank refused a payment, which is prepared again", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val", "uri", "true") + "; insert into public.prewire (type, buf) select type, buf from public.prewire",
			want: []string{"A-43 exposure 7.96"}},
		{name: "the bank refused a payment", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val", "uri", "true"),
			want: []string{"A-43 exposure 7.96"}},
		{name: "a prepared payment that cannot be read", folder: "small-wired", internal: true,
			sql:  preparedPayment("wtid", "val", "uri", "false") + "; update public.prewire set buf = substring(buf for 100) where not finished",
			want: []string{"A-28"}},
	}
}

// closedAgain gives the closings of two reserves one subject, as those of one reserve have,
// and makes their orders unfinished. The table same holds these.
const closedAgain = `create temporary table two as
		select close_uuid, wtid, first_value(wtid) over (order by close_uuid) as subject from public.reserves_close order by close_uuid limit 2;
	create temporary table same as select p.prewire_uuid, t.subject from public.prewire as p join two as t on substring(p.buf from 89 for 32) = t.wtid;
	update public.reserves_close as c set wtid = t.subject from two as t where t.close_uuid = c.close_uuid;
	update public.prewire as p set finished = false, buf = overlay(p.buf placing s.subject from 89 for 32) from same as s where s.prewire_uuid = p.prewire_uuid`

// preparedPayment is statements that make the exchange prepare the payment of each
// transfer, as if it had not been carried out, given by expressions of its subject, units, account, and whether it failed.
func preparedPayment(wtid, value, account, failed string) string {
	return fmt.Sprintf(`delete from public.prewire; insert into public.prewire (type, failed, buf)
		select 'x-taler-bank', %[4]s, decode(repeat('00', 64), 'hex') || int8send((%[2]s)::bigint) || int4send(frac) || decode(rpad(encode('TESTKUDOS', 'hex'), 24, '0'), 'hex')
			|| %[1]s || int4send(length(%[3]s) + 1) || int4send(13) || convert_to(%[3]s, 'UTF8') || '\x00' || 'http://here/' || '\x00'
		from (select wtid_raw as wtid, amount_val as val, amount_frac as frac, wire_target::jsonb ->> 'payto_uri' as uri from public.wire_out) as w`, wtid, value, account, failed)
}
