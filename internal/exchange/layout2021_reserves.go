package exchange

// Reserves: money that came in, what was withdrawn from it, and what went back.

func reserves2021() *Table {
	return &Table{
		Name:   "reserves",
		Serial: "reserve_uuid",
		Columns: []Column{
			key("reserve_pub"),
			text("account_details"),
			mutable(value("current_balance_val")),
			mutable(fraction("current_balance_frac")),
			mutable(instant("expiration_date")),
			mutable(instant("gc_date")),
			serial("reserve_uuid"),
		},
		PrimaryKey: []string{"reserve_pub"},
		Unique:     [][]string{{"reserve_uuid"}},
		Indexes: [][]string{
			{"expiration_date", "current_balance_val", "current_balance_frac"},
			{"gc_date"},
		},
		Replicated: true,
	}
}

func reservesOut2021() *Table {
	return &Table{
		Name:   "reserves_out",
		Serial: "reserve_out_serial_id",
		Columns: []Column{
			serial("reserve_out_serial_id"),
			hash("h_blind_ev"),
			blob("denom_sig"),
			signature("reserve_sig"),
			instant("execution_date"),
			value("amount_with_fee_val"),
			fraction("amount_with_fee_frac"),
			reference("reserve_uuid"),
			reference("denominations_serial"),
		},
		PrimaryKey: []string{"h_blind_ev"},
		Unique:     [][]string{{"reserve_out_serial_id"}},
		ForeignKeys: []ForeignKey{
			references("denominations_serial", "denominations", "denominations_serial"),
			references("reserve_uuid", "reserves", "reserve_uuid"),
		},
		Indexes:    [][]string{{"execution_date"}},
		Replicated: true,
	}
}

// wire_reference is the bank's number of the transfer, 64 bits without a sign:
// a negative one is legal.
func reservesIn2021() *Table {
	return &Table{
		Name:   "reserves_in",
		Serial: "reserve_in_serial_id",
		Columns: []Column{
			serial("reserve_in_serial_id"),
			number("wire_reference"),
			value("credit_val"),
			fraction("credit_frac"),
			text("sender_account_details"),
			text("exchange_account_section"),
			instant("execution_date"),
			reference("reserve_uuid"),
		},
		Unique:      [][]string{{"reserve_in_serial_id"}},
		ForeignKeys: []ForeignKey{references("reserve_uuid", "reserves", "reserve_uuid")},
		Indexes: [][]string{
			{"exchange_account_section", "reserve_in_serial_id desc"},
			{"exchange_account_section", "execution_date"},
		},
		Replicated: true,
	}
}

func reservesClose2021() *Table {
	return &Table{
		Name:   "reserves_close",
		Serial: "close_uuid",
		Columns: []Column{
			serial("close_uuid"),
			instant("execution_date"),
			transfer("wtid"),
			text("receiver_account"),
			value("amount_val"),
			fraction("amount_frac"),
			value("closing_fee_val"),
			fraction("closing_fee_frac"),
			reference("reserve_uuid"),
		},
		PrimaryKey:  []string{"close_uuid"},
		ForeignKeys: []ForeignKey{references("reserve_uuid", "reserves", "reserve_uuid")},
		Replicated:  true,
	}
}
