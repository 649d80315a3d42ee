package audit

// faultsOfRefreshes are those that concern melts, their answers, and recoups of fresh coins.
func faultsOfRefreshes() []fault {
	return []fault{
		{name: "test 12 no melt is answered", folder: "small",
			sql:  `delete from public.refresh_revealed_coins`,
			want: []string{"C-16 exposure 14.97 (4)"}},
		{name: "test 13 a melt is not signed by the coin", folder: "small",
			sql:  `update public.refresh_commitments set old_coin_sig = (select coin_sig from public.deposits limit 1) where melt_serial_id = 1`,
			want: []string{"C-15 loss 4"}},
		{name: "test 30 a melt fee above the one that was signed", folder: "small",
			sql:  `update public.denominations set fee_refresh_frac = 5000000 where coin_val = 10`,
			want: []string{"K-01 (53)", "C-01 (53)", "C-15 loss 8.98 (2)", "C-19 loss 0.04 (2)"}},

		{name: "H-09 nothing about the answers is right", folder: "small",
			sql: `alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_h_coin_ev_key;
				update public.refresh_revealed_coins set ev_sig = '\x01', link_sig = decode(repeat('00', 64), 'hex'), h_coin_ev = sha512('x');
				update public.refresh_transfer_keys set transfer_privs = decode(repeat('00', 64), 'hex')`,
			want: []string{"C-34 exposure 14.85 (4)", "C-35 (48)", "C-36 gain 14.31 (48)", "C-37 (48)"}},
		{name: "H-09 the exchange's choice is changed", folder: "small",
			sql:  `update public.refresh_commitments set noreveal_index = (noreveal_index + 1) % 3`,
			want: []string{"C-34 exposure 14.85 (4)"}},
		{name: "H-09 the public transfer key is replaced", folder: "small",
			sql:  `update public.refresh_transfer_keys set transfer_pub = sha256(transfer_pub) where melt_serial_id = 2`,
			want: []string{"C-34 exposure 2.97", "C-35 (12)"}},
		{name: "H-09 transfer keys of a wrong length", folder: "small",
			sql:  `update public.refresh_transfer_keys set transfer_privs = '\x00' where melt_serial_id = 2`,
			want: []string{"C-34 exposure 2.97"}},
		{name: "H-09 the fresh coins are given in another order", folder: "small",
			sql:  `update public.refresh_revealed_coins set freshcoin_index = 11 - freshcoin_index where melt_serial_id = 2`,
			want: []string{"C-34 exposure 2.97"}},
		{name: "H-18 the last fresh coin of each melt is missing", folder: "small",
			sql: `delete from public.refresh_revealed_coins as r where freshcoin_index =
				(select max(x.freshcoin_index) from public.refresh_revealed_coins as x where x.melt_serial_id = r.melt_serial_id)`,
			want: []string{"C-34 exposure 14.77 (4)", "C-38 gain 0.08 (4)"}},
		{name: "a fresh coin before others is missing", folder: "small",
			sql:  `delete from public.refresh_revealed_coins where rrc_serial = 2`,
			want: []string{"C-16 exposure 4"}},
		{name: "the same fresh coin is given twice", folder: "small",
			sql: `alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_h_coin_ev_key;
				alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_coin_ev_key;
				insert into public.refresh_revealed_coins (freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id)
				select freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id from public.refresh_revealed_coins where rrc_serial = 2`,
			want: []string{"C-19 loss 1.02", "C-34", "C-40"}},
		{name: "a fresh coin is given twice between two audits", folder: "small", between: true,
			sql: `alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_h_coin_ev_key;
				alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_coin_ev_key;
				insert into public.refresh_revealed_coins (freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id)
				select freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id from public.refresh_revealed_coins where rrc_serial = 2`,
			want: []string{"C-19 loss 1.02", "C-34", "C-40"}},
		{name: "transfer keys are given twice", folder: "small", between: true,
			sql:  `insert into public.refresh_transfer_keys (transfer_pub, transfer_privs, melt_serial_id) select transfer_pub, transfer_privs, 1 from public.refresh_transfer_keys`,
			want: []string{"C-34 exposure 3.97"}},
		{name: "more fresh coins than any melt has", folder: "small",
			sql: `insert into public.refresh_revealed_coins (freshcoin_index, link_sig, coin_ev, h_coin_ev, ev_sig, denominations_serial, melt_serial_id)
				select 11 + i, link_sig, sha256(int4send(i)), sha512(int4send(i)), ev_sig, denominations_serial, 1
				from public.refresh_revealed_coins, generate_series(1, 300) as i where rrc_serial = 12`,
			want: []string{"C-19 loss 6", "C-34 exposure 9.97", "C-35 (300)", "C-36 gain 3 (300)", "C-37 (300)"}},
		{name: "a fresh coin of a denomination that does not exist", folder: "small",
			sql: `alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_denominations_serial_fkey;
				update public.refresh_revealed_coins set denominations_serial = 4711 where rrc_serial = 5`,
			want: []string{"C-17"}},
		{name: "a melt of a coin of a denomination that does not exist", folder: "small",
			sql: `alter table public.known_coins drop constraint known_coins_denominations_serial_fkey;
				update public.known_coins set denominations_serial = 4711 where known_coin_id = 3`,
			want: []string{"C-14 exposure 1.99", "C-22 exposure 3", "C-46", "A-07", "D-08 exposure 2.99"}},
		{name: "a melt of the fee for it", folder: "small",
			sql:  `update public.refresh_commitments set amount_with_fee_val = 0, amount_with_fee_frac = 3000000 where melt_serial_id = 4`,
			want: []string{"C-15 loss 0.03", "C-18", "C-19 loss 1.96", "C-34 exposure 1.96"}},
		{name: "a melt of less than the fee for it", folder: "small",
			sql:  `update public.refresh_commitments set amount_with_fee_val = 0, amount_with_fee_frac = 1000000 where melt_serial_id = 4`,
			want: []string{"C-15 loss 0.01", "C-18 loss 0.02", "C-19 loss 1.96", "C-34 exposure 1.96"}},
		{name: "an answer to a melt that does not exist", folder: "small",
			sql: `alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_melt_serial_id_fkey;
				update public.refresh_revealed_coins set melt_serial_id = 4711 where rrc_serial = 12`,
			want: []string{"C-33", "C-34 exposure 3.95", "C-38 gain 0.02"}},
		{name: "a melt that cannot be read", folder: "small",
			sql:  `update public.refresh_commitments set amount_with_fee_frac = -1 where melt_serial_id = 4`,
			want: []string{"C-33"}},
		{name: "a recoup of a fresh coin that does not exist", folder: "revoked",
			sql: `alter table public.recoup_refresh drop constraint recoup_refresh_rrc_serial_fkey;
				update public.recoup_refresh set rrc_serial = 4711 where recoup_refresh_uuid = 1`,
			want: []string{"C-11 loss 0.09", "C-29", "C-33"}},
		{name: "a recoup that a fresh coin did not sign", folder: "revoked",
			sql:  `update public.recoup_refresh set coin_sig = decode(repeat('11', 64), 'hex') where recoup_refresh_uuid = 3`,
			want: []string{"C-12 loss 0.1"}},
		{name: "H-10 a recoup of another fresh coin", folder: "revoked",
			sql:  `update public.recoup_refresh set rrc_serial = 10 where recoup_refresh_uuid = 3`,
			want: []string{"C-39 loss 0.1"}},
		{name: "H-10 a recoup with another blinding secret", folder: "revoked",
			sql:  `update public.recoup_refresh set coin_blind = sha256(coin_blind) where recoup_refresh_uuid = 3`,
			want: []string{"C-12 loss 0.1", "C-39"}},
		{name: "a recoup of a fresh coin of a denomination that does not exist", folder: "revoked",
			sql: `alter table public.known_coins drop constraint known_coins_denominations_serial_fkey;
				update public.known_coins set denominations_serial = 4711 where known_coin_id = 4`,
			want: []string{"C-09 exposure 0.1", "C-11 loss 0.09", "C-29", "C-46"}},
		{name: "recoups of fresh coins dated ahead, back, and to a part of a second", folder: "revoked",
			sql: `update public.recoup_refresh set "timestamp" = 1612444000000000 where recoup_refresh_uuid = 3;
				update public.recoup_refresh set "timestamp" = "timestamp" - 3600000000 where recoup_refresh_uuid = 5;
				update public.recoup_refresh set "timestamp" = "timestamp" + 1 where recoup_refresh_uuid = 7`,
			want: []string{"C-43", "C-44", "C-45"}},
		{name: "H-20 a fresh coin is recouped into a reserve as well", folder: "revoked",
			sql: `insert into public.recoup (coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, reserve_out_serial_id)
				select coin_sig, coin_blind, amount_val, amount_frac, "timestamp", known_coin_id, 28 from public.recoup_refresh where recoup_refresh_uuid = 3`,
			want: []string{"R-26 loss 0.1", "C-11 loss 0.1", "C-29", "C-40"}},
		{name: "H-20 a melt is booked twice", folder: "small",
			sql: `alter table public.refresh_commitments drop constraint refresh_commitments_pkey;
				insert into public.refresh_commitments (rc, old_coin_sig, amount_with_fee_val, amount_with_fee_frac, noreveal_index, old_known_coin_id)
				select rc, old_coin_sig, amount_with_fee_val, amount_with_fee_frac, noreveal_index, old_known_coin_id from public.refresh_commitments where melt_serial_id = 4`,
			want: []string{"C-16 exposure 1.99", "C-40 loss 1.99"}},
	}
}
