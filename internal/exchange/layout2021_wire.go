package exchange

// Money that leaves the exchange: transfers, which deposits each one pays, and
// the exchange's own working tables, which are not replicated.

func wireOut2021() *Table {
	return &Table{
		Name:   "wire_out",
		Serial: "wireout_uuid",
		Columns: []Column{
			serial("wireout_uuid"),
			instant("execution_date"),
			transfer("wtid_raw"),
			text("wire_target"),
			text("exchange_account_section"),
			value("amount_val"),
			fraction("amount_frac"),
		},
		PrimaryKey: []string{"wireout_uuid"},
		Unique:     [][]string{{"wtid_raw"}},
		Replicated: true,
	}
}

func aggregationTracking2021() *Table {
	return &Table{
		Name:   "aggregation_tracking",
		Serial: "aggregation_serial_id",
		Columns: []Column{
			serial("aggregation_serial_id"),
			reference("deposit_serial_id"),
			nullable(unchecked(transfer("wtid_raw"), 32)),
		},
		PrimaryKey: []string{"deposit_serial_id"},
		Unique:     [][]string{{"aggregation_serial_id"}},
		ForeignKeys: []ForeignKey{
			references("deposit_serial_id", "deposits", "deposit_serial_id"),
			{Column: "wtid_raw", Table: "wire_out", References: "wtid_raw", Deferrable: true},
		},
		Indexes:    [][]string{{"wtid_raw"}},
		Replicated: true,
	}
}

func prewire2021() *Table {
	return &Table{
		Name:   "prewire",
		Serial: "prewire_uuid",
		Columns: []Column{
			serial("prewire_uuid"),
			text("type"),
			mutable(falseByDefault(flag("finished"))),
			blob("buf"),
			mutable(falseByDefault(flag("failed"))),
		},
		PrimaryKey: []string{"prewire_uuid"},
		Indexes:    [][]string{{"failed", "finished"}, {"finished"}},
		Mutable:    true,
	}
}

func wireAccounts2021() *Table {
	return &Table{
		Name: "wire_accounts",
		Columns: []Column{
			varchar("payto_uri"),
			mutable(nullable(signature("master_sig"))),
			mutable(flag("is_active")),
			mutable(instant("last_change")),
		},
		PrimaryKey: []string{"payto_uri"},
		Mutable:    true,
	}
}
