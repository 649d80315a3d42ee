package exchange

// Coins: deposits and refunds, melts and what they revealed, recoups of revoked
// denominations.

func knownCoins2021() *Table {
	return &Table{
		Name:   "known_coins",
		Serial: "known_coin_id",
		Columns: []Column{
			serial("known_coin_id"),
			key("coin_pub"),
			blob("denom_sig"),
			reference("denominations_serial"),
		},
		PrimaryKey:  []string{"coin_pub"},
		Unique:      [][]string{{"known_coin_id"}},
		ForeignKeys: []ForeignKey{references("denominations_serial", "denominations", "denominations_serial")},
		Replicated:  true,
	}
}

func deposits2021() *Table {
	return &Table{
		Name:   "deposits",
		Serial: "deposit_serial_id",
		Columns: []Column{
			serial("deposit_serial_id"),
			value("amount_with_fee_val"),
			fraction("amount_with_fee_frac"),
			instant("wallet_timestamp"),
			instant("exchange_timestamp"),
			instant("refund_deadline"),
			instant("wire_deadline"),
			key("merchant_pub"),
			hash("h_contract_terms"),
			hash("h_wire"),
			signature("coin_sig"),
			text("wire"),
			mutable(falseByDefault(flag("tiny"))),
			mutable(falseByDefault(flag("done"))),
			reference("known_coin_id"),
		},
		PrimaryKey:  []string{"deposit_serial_id"},
		ForeignKeys: []ForeignKey{references("known_coin_id", "known_coins", "known_coin_id")},
		Indexes: [][]string{
			{"tiny", "done", "wire_deadline", "refund_deadline"},
			{"merchant_pub", "h_wire", "done", "wire_deadline"},
		},
		Replicated: true,
	}
}

// rtransaction_id is chosen by the merchant, 64 bits without a sign: a negative
// one is legal.
func refunds2021() *Table {
	return &Table{
		Name:   "refunds",
		Serial: "refund_serial_id",
		Columns: []Column{
			serial("refund_serial_id"),
			signature("merchant_sig"),
			number("rtransaction_id"),
			value("amount_with_fee_val"),
			fraction("amount_with_fee_frac"),
			reference("deposit_serial_id"),
		},
		Unique:      [][]string{{"refund_serial_id"}},
		ForeignKeys: []ForeignKey{references("deposit_serial_id", "deposits", "deposit_serial_id")},
		Replicated:  true,
	}
}

func refreshCommitments2021() *Table {
	return &Table{
		Name:   "refresh_commitments",
		Serial: "melt_serial_id",
		Columns: []Column{
			serial("melt_serial_id"),
			hash("rc"),
			signature("old_coin_sig"),
			value("amount_with_fee_val"),
			fraction("amount_with_fee_frac"),
			index("noreveal_index"),
			reference("old_known_coin_id"),
		},
		PrimaryKey:  []string{"rc"},
		Unique:      [][]string{{"melt_serial_id"}},
		ForeignKeys: []ForeignKey{references("old_known_coin_id", "known_coins", "known_coin_id")},
		Replicated:  true,
	}
}

// transfer_privs holds two private keys, one after the other.
func refreshTransferKeys2021() *Table {
	return &Table{
		Name:   "refresh_transfer_keys",
		Serial: "rtc_serial",
		Columns: []Column{
			key("transfer_pub"),
			unchecked(key("transfer_privs"), 64),
			serial("rtc_serial"),
			reference("melt_serial_id"),
		},
		Unique:      [][]string{{"rtc_serial"}},
		ForeignKeys: []ForeignKey{references("melt_serial_id", "refresh_commitments", "melt_serial_id")},
		Replicated:  true,
	}
}

func refreshRevealedCoins2021() *Table {
	return &Table{
		Name:   "refresh_revealed_coins",
		Serial: "rrc_serial",
		Columns: []Column{
			index("freshcoin_index"),
			signature("link_sig"),
			blob("coin_ev"),
			hash("h_coin_ev"),
			blob("ev_sig"),
			serial("rrc_serial"),
			reference("denominations_serial"),
			reference("melt_serial_id"),
		},
		Unique: [][]string{{"coin_ev"}, {"h_coin_ev"}, {"rrc_serial"}},
		ForeignKeys: []ForeignKey{
			references("denominations_serial", "denominations", "denominations_serial"),
			references("melt_serial_id", "refresh_commitments", "melt_serial_id"),
		},
		Replicated: true,
	}
}

func recoupRefresh2021() *Table {
	return &Table{
		Name:   "recoup_refresh",
		Serial: "recoup_refresh_uuid",
		Columns: []Column{
			serial("recoup_refresh_uuid"),
			signature("coin_sig"),
			secret("coin_blind"),
			value("amount_val"),
			fraction("amount_frac"),
			instant("timestamp"),
			reference("known_coin_id"),
			reference("rrc_serial"),
		},
		Unique: [][]string{{"recoup_refresh_uuid"}},
		ForeignKeys: []ForeignKey{
			references("known_coin_id", "known_coins", "known_coin_id"),
			references("rrc_serial", "refresh_revealed_coins", "rrc_serial"),
		},
		Replicated: true,
	}
}

func recoup2021() *Table {
	return &Table{
		Name:   "recoup",
		Serial: "recoup_uuid",
		Columns: []Column{
			serial("recoup_uuid"),
			signature("coin_sig"),
			secret("coin_blind"),
			value("amount_val"),
			fraction("amount_frac"),
			instant("timestamp"),
			reference("known_coin_id"),
			reference("reserve_out_serial_id"),
		},
		Unique: [][]string{{"recoup_uuid"}},
		ForeignKeys: []ForeignKey{
			references("known_coin_id", "known_coins", "known_coin_id"),
			references("reserve_out_serial_id", "reserves_out", "reserve_out_serial_id"),
		},
		Replicated: true,
	}
}
