package simulator

import (
	"auditor/internal/taler"
)

// A table is how one table of the database is written. Rows are made on demand,
// by several goroutines at once, so row functions only read.
type table struct {
	name, serial string // serial: its serial column, "" if it has none
	columns      []string
	rows         func(x *Exchange) (count int, row func(i int) ([]any, error)) // those not written yet
}

// tables lists what is written, each table after those that it refers to.
var tables = []table{
	{"auditors", "auditor_uuid",
		[]string{"auditor_uuid", "auditor_pub", "auditor_name", "auditor_url", "is_active", "last_change"},
		auditorRows},
	{"denominations", "denominations_serial",
		[]string{"denominations_serial", "denom_pub_hash", "denom_pub", "master_sig",
			"valid_from", "expire_withdraw", "expire_deposit", "expire_legal",
			"coin_val", "coin_frac", "fee_withdraw_val", "fee_withdraw_frac", "fee_deposit_val", "fee_deposit_frac",
			"fee_refresh_val", "fee_refresh_frac", "fee_refund_val", "fee_refund_frac"},
		denominationRows},
	{"auditor_denom_sigs", "auditor_denom_serial",
		[]string{"auditor_denom_serial", "auditor_uuid", "denominations_serial", "auditor_sig"},
		affirmationRows},
	{"exchange_sign_keys", "esk_serial",
		[]string{"esk_serial", "exchange_pub", "master_sig", "valid_from", "expire_sign", "expire_legal"},
		signKeyRows},
	{"wire_fee", "wire_fee_serial",
		[]string{"wire_fee_serial", "wire_method", "start_date", "end_date",
			"wire_fee_val", "wire_fee_frac", "closing_fee_val", "closing_fee_frac", "master_sig"},
		wireFeeRows},
	{"wire_accounts", "",
		[]string{"payto_uri", "master_sig", "is_active", "last_change"},
		wireAccountRows},
	{"reserves", "reserve_uuid",
		[]string{"reserve_uuid", "reserve_pub", "account_details", "current_balance_val", "current_balance_frac",
			"expiration_date", "gc_date"},
		reserveRows},
	{"reserves_in", "reserve_in_serial_id",
		[]string{"reserve_in_serial_id", "wire_reference", "credit_val", "credit_frac", "sender_account_details",
			"exchange_account_section", "execution_date", "reserve_uuid"},
		creditRows},
	{"reserves_out", "reserve_out_serial_id",
		[]string{"reserve_out_serial_id", "h_blind_ev", "denom_sig", "reserve_sig", "execution_date",
			"amount_with_fee_val", "amount_with_fee_frac", "reserve_uuid", "denominations_serial"},
		withdrawalRows},
	{"reserves_close", "close_uuid",
		[]string{"close_uuid", "execution_date", "wtid", "receiver_account", "amount_val", "amount_frac",
			"closing_fee_val", "closing_fee_frac", "reserve_uuid"},
		closingRows},
	{"denomination_revocations", "denom_revocations_serial_id",
		[]string{"denom_revocations_serial_id", "master_sig", "denominations_serial"},
		revocationRows},
	{"signkey_revocations", "signkey_revocations_serial_id",
		[]string{"signkey_revocations_serial_id", "esk_serial", "master_sig"},
		signKeyRevocationRows},
	{"known_coins", "known_coin_id",
		[]string{"known_coin_id", "coin_pub", "denom_sig", "denominations_serial"},
		knownCoinRows},
	{"deposits", "deposit_serial_id",
		[]string{"deposit_serial_id", "amount_with_fee_val", "amount_with_fee_frac",
			"wallet_timestamp", "exchange_timestamp", "refund_deadline", "wire_deadline",
			"merchant_pub", "h_contract_terms", "h_wire", "coin_sig", "wire", "tiny", "done", "known_coin_id"},
		depositRows},
	{"refunds", "refund_serial_id",
		[]string{"refund_serial_id", "merchant_sig", "rtransaction_id", "amount_with_fee_val", "amount_with_fee_frac",
			"deposit_serial_id"},
		refundRows},
	{"refresh_commitments", "melt_serial_id",
		[]string{"melt_serial_id", "rc", "old_coin_sig", "amount_with_fee_val", "amount_with_fee_frac",
			"noreveal_index", "old_known_coin_id"},
		meltRows},
	{"refresh_revealed_coins", "rrc_serial",
		[]string{"rrc_serial", "freshcoin_index", "link_sig", "coin_ev", "h_coin_ev", "ev_sig",
			"denominations_serial", "melt_serial_id"},
		freshCoinRows},
	{"refresh_transfer_keys", "rtc_serial",
		[]string{"rtc_serial", "transfer_pub", "transfer_privs", "melt_serial_id"},
		transferKeyRows},
	{"recoup", "recoup_uuid",
		[]string{"recoup_uuid", "coin_sig", "coin_blind", "amount_val", "amount_frac", "timestamp",
			"known_coin_id", "reserve_out_serial_id"},
		recoupRows},
	{"recoup_refresh", "recoup_refresh_uuid",
		[]string{"recoup_refresh_uuid", "coin_sig", "coin_blind", "amount_val", "amount_frac", "timestamp",
			"known_coin_id", "rrc_serial"},
		recoupRefreshRows},
	{"wire_out", "wireout_uuid",
		[]string{"wireout_uuid", "execution_date", "wtid_raw", "wire_target", "exchange_account_section",
			"amount_val", "amount_frac"},
		transferRows},
	{"aggregation_tracking", "aggregation_serial_id",
		[]string{"aggregation_serial_id", "deposit_serial_id", "wtid_raw"},
		trackingRows},
}

type rowFunc = func(i int) ([]any, error)

func auditorRows(x *Exchange) (int, rowFunc) {
	if x.written {
		return 0, nil
	}
	return len(x.auditors), func(i int) ([]any, error) {
		a := x.auditors[i]
		public := a.key.Public()
		return []any{a.serial, public[:], a.name, a.url, true, x.start.DB()}, nil
	}
}

func denominationRows(x *Exchange) (int, rowFunc) {
	first := x.batch.denominations
	return len(x.denominations) - first, func(i int) ([]any, error) {
		d := &x.denominations[first+i]
		signature := x.SignAsMaster(x.validity(d))
		row := []any{d.serial, d.hash[:], d.public.Encode(), signature[:],
			d.start.DB(), d.withdraw.DB(), d.deposit.DB(), d.legal.DB()}
		for _, m := range []money{d.value, d.feeWithdraw, d.feeDeposit, d.feeRefresh, d.feeRefund} {
			value, fraction := m.columns()
			row = append(row, value, fraction)
		}
		return row, nil
	}
}

func affirmationRows(x *Exchange) (int, rowFunc) {
	first, each := x.batch.denominations, len(x.auditors)
	return (len(x.denominations) - first) * each, func(i int) ([]any, error) {
		d, a := &x.denominations[first+i/each], x.auditors[i%each]
		signature := x.SignAsAuditor(i%each, taler.AuditorDenominationValidity{
			AuditorURL: a.url, DenominationValidity: x.validity(d),
		})
		return []any{d.affirmations[i%each], a.serial, d.serial, signature[:]}, nil
	}
}

// validity is what the master key and the auditors sign about a denomination.
func (x *Exchange) validity(d *denomination) taler.DenominationValidity {
	c := x.scenario.Currency
	return taler.DenominationValidity{
		MasterPub: x.master.Public(),
		Start:     d.start, ExpireWithdraw: d.withdraw, ExpireDeposit: d.deposit, ExpireLegal: d.legal,
		Value:       d.value.amount(c),
		FeeWithdraw: d.feeWithdraw.amount(c), FeeDeposit: d.feeDeposit.amount(c),
		FeeRefresh: d.feeRefresh.amount(c), FeeRefund: d.feeRefund.amount(c),
		DenomPubHash: d.hash,
	}
}

func signKeyRows(x *Exchange) (int, rowFunc) {
	first := x.batch.signKeys
	return len(x.signKeys) - first, func(i int) ([]any, error) {
		k := x.signKeys[first+i]
		public := x.signKey(k.number).Public()
		signature := x.SignAsMaster(taler.SignKeyValidity{
			Start: k.start, ExpireSign: k.sign, ExpireLegal: k.legal, ExchangePub: public,
		})
		return []any{k.serial, public[:], signature[:], k.start.DB(), k.sign.DB(), k.legal.DB()}, nil
	}
}

func wireFeeRows(x *Exchange) (int, rowFunc) {
	first, c := x.batch.wireFees, x.scenario.Currency
	return len(x.wireFees) - first, func(i int) ([]any, error) {
		f := x.wireFees[first+i]
		signature := x.SignAsMaster(taler.WireFee{
			Method: f.method, Start: f.start, End: f.end,
			WireFee: f.wire.amount(c), ClosingFee: f.closing.amount(c),
		})
		wireValue, wireFraction := f.wire.columns()
		closingValue, closingFraction := f.closing.columns()
		return []any{f.serial, f.method, f.start.DB(), f.end.DB(),
			wireValue, wireFraction, closingValue, closingFraction, signature[:]}, nil
	}
}

func wireAccountRows(x *Exchange) (int, rowFunc) {
	if x.written {
		return 0, nil
	}
	return len(x.accounts), func(i int) ([]any, error) {
		signature := x.SignAsMaster(taler.WireAccount{PaytoURI: x.accounts[i].PaytoURI})
		return []any{x.accounts[i].PaytoURI, signature[:], true, x.start.DB()}, nil
	}
}
