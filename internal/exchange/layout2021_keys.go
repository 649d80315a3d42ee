package exchange

// Keys, fees and who vouches for them: everything that the master key or an
// auditor signed.

func exchangeSignKeys2021() *Table {
	return &Table{
		Name:   "exchange_sign_keys",
		Serial: "esk_serial",
		Columns: []Column{
			serial("esk_serial"),
			key("exchange_pub"),
			signature("master_sig"),
			instant("valid_from"),
			instant("expire_sign"),
			instant("expire_legal"),
		},
		PrimaryKey: []string{"exchange_pub"},
		Unique:     [][]string{{"esk_serial"}},
		Replicated: true,
	}
}

func signkeyRevocations2021() *Table {
	return &Table{
		Name:   "signkey_revocations",
		Serial: "signkey_revocations_serial_id",
		Columns: []Column{
			serial("signkey_revocations_serial_id"),
			reference("esk_serial"),
			signature("master_sig"),
		},
		PrimaryKey:  []string{"esk_serial"},
		Unique:      [][]string{{"signkey_revocations_serial_id"}},
		ForeignKeys: []ForeignKey{references("esk_serial", "exchange_sign_keys", "esk_serial")},
		Replicated:  true,
	}
}

func auditors2021() *Table {
	return &Table{
		Name:   "auditors",
		Serial: "auditor_uuid",
		Columns: []Column{
			serial("auditor_uuid"),
			key("auditor_pub"),
			mutable(varchar("auditor_name")),
			mutable(varchar("auditor_url")),
			mutable(flag("is_active")),
			mutable(instant("last_change")),
		},
		PrimaryKey: []string{"auditor_pub"},
		Unique:     [][]string{{"auditor_uuid"}},
		Replicated: true,
	}
}

// denominations.master_pub, which databases created in early January 2021 still
// have, is not part of the layout: it repeats the key from the configuration.
func denominations2021() *Table {
	return &Table{
		Name:   "denominations",
		Serial: "denominations_serial",
		Columns: []Column{
			hash("denom_pub_hash"),
			blob("denom_pub"),
			signature("master_sig"),
			instant("valid_from"),
			instant("expire_withdraw"),
			instant("expire_deposit"),
			instant("expire_legal"),
			value("coin_val"),
			fraction("coin_frac"),
			value("fee_withdraw_val"),
			fraction("fee_withdraw_frac"),
			value("fee_deposit_val"),
			fraction("fee_deposit_frac"),
			value("fee_refresh_val"),
			fraction("fee_refresh_frac"),
			value("fee_refund_val"),
			fraction("fee_refund_frac"),
			serial("denominations_serial"),
		},
		PrimaryKey: []string{"denom_pub_hash"},
		Unique:     [][]string{{"denominations_serial"}},
		Indexes:    [][]string{{"expire_legal"}},
		Replicated: true,
	}
}

func denominationRevocations2021() *Table {
	return &Table{
		Name:   "denomination_revocations",
		Serial: "denom_revocations_serial_id",
		Columns: []Column{
			serial("denom_revocations_serial_id"),
			signature("master_sig"),
			reference("denominations_serial"),
		},
		PrimaryKey:  []string{"denominations_serial"},
		Unique:      [][]string{{"denom_revocations_serial_id"}},
		ForeignKeys: []ForeignKey{references("denominations_serial", "denominations", "denominations_serial")},
		Replicated:  true,
	}
}

func auditorDenomSigs2021() *Table {
	return &Table{
		Name:   "auditor_denom_sigs",
		Serial: "auditor_denom_serial",
		Columns: []Column{
			serial("auditor_denom_serial"),
			reference("auditor_uuid"),
			reference("denominations_serial"),
			nullable(signature("auditor_sig")),
		},
		PrimaryKey: []string{"denominations_serial", "auditor_uuid"},
		Unique:     [][]string{{"auditor_denom_serial"}},
		ForeignKeys: []ForeignKey{
			references("auditor_uuid", "auditors", "auditor_uuid"),
			references("denominations_serial", "denominations", "denominations_serial"),
		},
		Replicated: true,
	}
}

func wireFee2021() *Table {
	return &Table{
		Name:   "wire_fee",
		Serial: "wire_fee_serial",
		Columns: []Column{
			varchar("wire_method"),
			instant("start_date"),
			instant("end_date"),
			value("wire_fee_val"),
			fraction("wire_fee_frac"),
			value("closing_fee_val"),
			fraction("closing_fee_frac"),
			signature("master_sig"),
			serial("wire_fee_serial"),
		},
		PrimaryKey: []string{"wire_method", "start_date"},
		Unique:     [][]string{{"wire_fee_serial"}},
		Indexes:    [][]string{{"end_date"}},
		Replicated: true,
	}
}
