package audit

// faultsOfCoins are faults of known coins, deposits and refunds.
func faultsOfCoins() []fault {
	return []fault{
		{name: "a withdrawal is booked twice", folder: "small",
			sql: `alter table public.reserves_out drop constraint reserves_out_pkey;
				insert into public.reserves_out (h_blind_ev, denom_sig, reserve_sig, execution_date, amount_with_fee_val, amount_with_fee_frac, reserve_uuid, denominations_serial)
				select h_blind_ev, denom_sig, reserve_sig, (select max(execution_date) from public.reserves_out), amount_with_fee_val, amount_with_fee_frac, reserve_uuid, denominations_serial
				from public.reserves_out where reserve_out_serial_id = 3`,
			want: []string{"R-13 loss 0.1", "R-36 loss 0.11"}},
		{name: "a refund that the merchant did not sign", folder: "small",
			sql:  `update public.refunds set merchant_sig = decode(repeat('11', 64), 'hex')`,
			want: []string{"C-05 loss 6"}},
		{name: "B-05 a refund below its fee", folder: "small",
			sql:  `update public.denominations set fee_refund_val = 7 where denominations_serial = 204`,
			want: []string{"K-01", "C-01", "C-06", "C-11 loss 5.97", "C-29"}},
		{name: "a coin with the signature of another one", folder: "small",
			sql:  `update public.known_coins set denom_sig = (select denom_sig from public.known_coins where known_coin_id = 2) where known_coin_id = 1`,
			want: []string{"C-10 loss 8"}},
		{name: "a refund is gone", folder: "small",
			sql:  `delete from public.refunds`,
			want: []string{"C-11 loss 5.98", "C-29"}},
		{name: "a coin of a denomination that does not exist", folder: "small",
			sql: `alter table public.known_coins drop constraint known_coins_denominations_serial_fkey;
				update public.known_coins set denominations_serial = 4711 where known_coin_id = 2`,
			want: []string{"C-04 exposure 6", "C-14 exposure 8.98 (2)", "C-22 exposure 7", "C-46", "A-07", "D-08 exposure 6.99"}},
		{name: "a deposit is paid before it can no longer be refunded", folder: "small",
			sql:  `update public.deposits set wire_deadline = refund_deadline - 1000000 where deposit_serial_id = 1`,
			want: []string{"C-23"}},
		{name: "a deposit to no account", folder: "small",
			sql:  `update public.deposits set wire = '{"url":"payto://x-taler-bank/localhost/43","salt":"x"}' where deposit_serial_id = 1`,
			want: []string{"C-24 loss 4"}},
		{name: "a deposit to another account", folder: "small",
			sql:  `update public.deposits set wire = replace(wire, 'localhost/43', 'localhost/44') where deposit_serial_id = 1`,
			want: []string{"C-25 loss 4", "A-04"}},
		{name: "a deposit for another contract", folder: "small",
			sql:  `update public.deposits set h_contract_terms = sha512(h_contract_terms) where deposit_serial_id = 3`,
			want: []string{"C-25 loss 3", "D-01 loss 2.99"}},
		{name: "a coin that was never withdrawn", folder: "small",
			sql:  `delete from public.reserves_out where denominations_serial = 111`,
			want: []string{"C-28 loss 8", "C-29"}},
		{name: "B-10 a deposit of a negative amount", folder: "small",
			sql:  `update public.deposits set amount_with_fee_val = -1 where deposit_serial_id = 1`,
			want: []string{"C-33", "A-28", "D-08 exposure 3.98"}},
		{name: "B-10 a refund with a negative fraction", folder: "small",
			sql:  `update public.refunds set amount_with_fee_frac = -1`,
			want: []string{"C-11 loss 5.98", "C-29", "C-33", "A-28"}},
		{name: "a deposit of a coin that nobody knows", folder: "small",
			sql: `alter table public.deposits drop constraint deposits_known_coin_id_fkey;
				update public.deposits set known_coin_id = 4711 where deposit_serial_id = 1`,
			want: []string{"C-33", "A-28", "D-01 loss 3.98"}},
		{name: "H-20 a deposit is booked twice", folder: "small",
			sql: `insert into public.deposits (amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
					merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
				select amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
					merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id from public.deposits where deposit_serial_id = 3`,
			want: []string{"C-40 loss 3", "D-07"}},
		{name: "H-20 a refund is booked twice", folder: "small", between: true,
			sql: `insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
				select merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id from public.refunds`,
			want: []string{"C-40 loss 6", "A-29 loss 5"}},
		{name: "a deposit of an expired coin", folder: "small",
			sql: `update public.denominations set valid_from = valid_from - 7200000000, expire_withdraw = valid_from - 7100000000,
				expire_deposit = valid_from - 7000000000 where denominations_serial = 204`,
			want: []string{"K-01", "C-01", "R-03", "C-41 exposure 7"}},
		{name: "a deposit of a revoked coin", folder: "mixed", between: true, before: []string{"C-16 exposure 69.74 (22)"},
			sql: `alter table public.refunds drop constraint refunds_deposit_serial_id_fkey;
				alter table public.aggregation_tracking drop constraint aggregation_tracking_deposit_serial_id_fkey;
				update public.deposits set deposit_serial_id = 50000, exchange_timestamp = 1795301025000000
				where deposit_serial_id = (select min(deposit_serial_id) from public.deposits join public.known_coins using (known_coin_id)
					join public.denomination_revocations using (denominations_serial))`,
			want: []string{"C-16 exposure 69.74 (22)", "C-40 loss 1", "C-42 exposure 1"}},
		{name: "a deposit in the future", folder: "small",
			sql:  `update public.deposits set exchange_timestamp = 1612444000000000 where deposit_serial_id = 3`,
			want: []string{"C-43", "D-05"}},
		{name: "a deposit dated to a part of a second", folder: "small",
			sql:  `update public.deposits set wire_deadline = wire_deadline + 1 where deposit_serial_id = 3`,
			want: []string{"C-44", "A-35"}},
		{name: "a deposit dated back", folder: "small",
			sql:  `update public.deposits set exchange_timestamp = exchange_timestamp - 3600000000 where deposit_serial_id = 3`,
			want: []string{"C-45", "D-05"}},
		{name: "a coin is known twice", folder: "small", between: true,
			sql: `alter table public.known_coins drop constraint known_coins_pkey;
				insert into public.known_coins (coin_pub, denom_sig, denominations_serial)
				select coin_pub, denom_sig, denominations_serial from public.known_coins where known_coin_id = 3`,
			want: []string{"C-47 exposure 5"}},
	}
}
