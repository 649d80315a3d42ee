package audit

// confirmationFaults are deeds to deposits of real exchanges for which merchants hold
// the exchange's word.
func confirmationFaults() []fault {
	return []fault{
		{name: "all deposits are gone", folder: "small",
			sql:  `delete from public.deposits`,
			want: []string{"D-01 loss 13.96 (3)"}},
		{name: "H-14 a deposit is gone after it was found", folder: "mixed", between: true, before: []string{"C-16 exposure 69.74 (22)"},
			sql: `delete from public.deposits as d using public.known_coins as k where k.known_coin_id = d.known_coin_id
				and k.coin_pub = '\x6b0d5c5e72f47f30d637e94e840c665b79239be2caf0f0e3d05d1254a64c31f7'`,
			want: []string{"C-16 exposure 69.74 (22)", "D-01 loss 0.99"}},
		{name: "a confirmed deposit for another contract", folder: "small",
			sql:  `update public.deposits set h_contract_terms = sha512('') where deposit_serial_id = 3`,
			want: []string{"C-25 loss 3", "D-01 loss 2.99"}},
		{name: "a deposit for another account", folder: "small",
			sql:  `update public.deposits set h_wire = sha512('') where deposit_serial_id = 3`,
			want: []string{"A-04", "D-02 loss 2.99"}},
		{name: "a deposit that can be refunded for longer, after it was found", folder: "small", between: true,
			sql:  `update public.deposits set refund_deadline = refund_deadline + 1000000 where deposit_serial_id = 3`,
			want: []string{"D-03 exposure 2.99"}},
		{name: "H-14 a deposit of less", folder: "small",
			sql:  `update public.deposits set amount_with_fee_val = 1 where deposit_serial_id = 1`,
			want: []string{"C-25 loss 1", "D-04 loss 3"}},
		{name: "a deposit of more", folder: "small", between: true,
			sql:  `update public.deposits set amount_with_fee_val = 9 where deposit_serial_id = 1`,
			want: []string{"D-04"}},
		{name: "a deposit of less for another account, dated otherwise", folder: "small",
			sql:  `update public.deposits set amount_with_fee_val = 1, h_wire = sha512(''), exchange_timestamp = exchange_timestamp + 1 where deposit_serial_id = 1`,
			want: []string{"C-25 loss 1", "C-44", "A-04", "D-02 loss 3.98", "D-04", "D-05"}},
		{name: "a deposit that is dated otherwise", folder: "small",
			sql:  `update public.deposits set exchange_timestamp = exchange_timestamp - 1000000 where deposit_serial_id = 2`,
			want: []string{"D-05"}},
		{name: "a sign key is gone before anybody saw it", folder: "small",
			sql:  `delete from public.exchange_sign_keys`,
			want: []string{"D-06 exposure 13.96 (3)"}},
		{name: "a deposit is booked twice after it was found", folder: "small", between: true,
			sql: `insert into public.deposits (amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
					merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
				select amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
					merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id from public.deposits where deposit_serial_id = 1`,
			want: []string{"C-40 loss 4", "D-07"}},
		{name: "a confirmed deposit of less than nothing", folder: "small",
			sql:  `update public.deposits set amount_with_fee_val = -1 where deposit_serial_id = 1`,
			want: []string{"C-33", "A-28", "D-08 exposure 3.98"}},
		{name: "a confirmed deposit by a coin of nothing, after it was found", folder: "small", between: true,
			sql: `alter table public.known_coins drop constraint known_coins_denominations_serial_fkey;
				update public.known_coins set denominations_serial = 4711; update public.deposits set wallet_timestamp = 0, refund_deadline = 0 where deposit_serial_id = 1`,
			want: []string{"D-08 exposure 3.98"}},
	}
}
