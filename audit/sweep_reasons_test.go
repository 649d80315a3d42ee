package audit

import (
	"fmt"
	"slices"
	"strings"
)

// silence is a kind of change that nobody notices, and the reason why.
type silence struct {
	columns []string // table.column; table.* stands for all columns of the table
	kinds   []kind   // nil: every kind
	moment  moment   // "": always
	some    bool     // whether somebody notices depends on the row
	why     string
}

func (s silence) String() string {
	return fmt.Sprintf("%v %v %s", s.columns, s.kinds, s.moment)
}

func (s *silence) covers(name cellName) bool {
	table, _, _ := strings.Cut(name.column, ".")
	return (slices.Contains(s.columns, name.column) || slices.Contains(s.columns, table+".*")) &&
		(s.moment == "" || s.moment == name.moment) && (s.kinds == nil || slices.Contains(s.kinds, name.kind))
}

// reasonFor returns the first reason for which a cell may be silent, or nil.
func reasonFor(name cellName) *silence {
	for _, s := range silences() {
		if s.covers(name) {
			return &s
		}
	}
	return nil
}

// Reasons that hold for several columns.
const (
	onlyOrders  = "a number that no row refers to only orders the rows, and numbers are left out at will"
	orderUnkept = "the order of the master key that it follows from is not kept, it may be given at any time, and nothing depends on it"
	noList      = "nothing says which rows there should be: what the exchange signed to others is not in its database"
	bankKnows   = "only the bank knows, and where only a part of an exchange is swept, no bank is asked"
	bySeconds   = "the exchange's clock is its own: nobody can tell it by the second"
)

// silences lists everything that goes unnoticed. The first one that covers a cell counts.
func silences() []silence {
	seconds := []kind{secondLater, secondEarlier}
	return []silence{
		// Keys. All of it is signed or remembered, but for what follows.
		{columns: []string{"auditors.auditor_name"}, why: "it is for people: wallets know an auditor by its key and its address"},
		{columns: []string{"auditors.is_active"}, some: true, why: "of auditors other than ours, " + orderUnkept},
		{columns: []string{"auditors.last_change", "wire_accounts.last_change", "wire_accounts.is_active"}, why: orderUnkept},
		{columns: []string{"wire_accounts.(row)"}, kinds: []kind{rowDeleted}, some: true, why: bankKnows},
		{columns: []string{"wire_accounts.(row)"}, kinds: []kind{rowDuplicated}, why: "an account that is listed twice is one account"},
		{columns: []string{"exchange_sign_keys.(row)", "auditor_denom_sigs.(row)", "signkey_revocations.(row)", "denomination_revocations.(row)", "wire_fee.(row)"},
			kinds: []kind{rowDeleted}, moment: first, some: true, why: noList},
		{columns: []string{"signkey_revocations.signkey_revocations_serial_id", "denomination_revocations.denom_revocations_serial_id",
			"auditor_denom_sigs.auditor_denom_serial", "wire_fee.wire_fee_serial"}, moment: first, why: onlyOrders},
		{columns: []string{"exchange_sign_keys.esk_serial"}, moment: first, some: true, why: "of keys that were not revoked, " + onlyOrders},

		// Reserves, before they are audited.
		{columns: []string{"reserves.gc_date"}, kinds: []kind{secondLater, monthLater, swapped, bitFlipped, huge}, some: true,
			why: "to be kept longer harms nobody, and withdrawals that require it may have been collected before the first audit"},
		{columns: []string{"reserves_in.reserve_in_serial_id"}, moment: first, why: onlyOrders},
		{columns: []string{"reserves_out.reserve_out_serial_id", "reserves_close.close_uuid", "recoup.recoup_uuid"}, moment: first, some: true,
			why: "within the tolerance of clocks, " + onlyOrders},
		{columns: []string{"reserves_in.wire_reference", "reserves_in.exchange_account_section", "reserves_in.execution_date",
			"reserves_in.sender_account_details"}, moment: first, some: true, why: bankKnows},
		{columns: []string{"reserves_out.execution_date", "reserves_close.execution_date"}, kinds: seconds, moment: first, some: true, why: bySeconds},
		{columns: []string{"reserves_out.execution_date", "reserves_close.execution_date", "recoup.timestamp"}, kinds: []kind{swapped}, moment: first, some: true,
			why: "of rows of about the same time, " + bySeconds},

		// Deposits and refunds.
		{columns: []string{"deposits.deposit_serial_id"}, moment: first, some: true, why: "within the tolerance of clocks, " + onlyOrders},
		{columns: []string{"refunds.refund_serial_id"}, moment: first, why: onlyOrders},
		{columns: []string{"deposits.(row)", "refunds.(row)"}, kinds: []kind{rowDeleted}, moment: first, some: true, why: noList},
		{columns: []string{"deposits.exchange_timestamp"}, kinds: []kind{secondLater, secondEarlier, swapped}, moment: first, some: true,
			why: "of rows of about the same time, " + bySeconds},

		// Melts and recoups of fresh coins.
		{columns: []string{"refresh_transfer_keys.rtc_serial"}, moment: first, why: onlyOrders},
		{columns: []string{"refresh_transfer_keys.transfer_privs"}, kinds: []kind{bitFlipped}, moment: first, some: true,
			why: "five bits of each private key take no part in anything"},
		{columns: []string{"refresh_revealed_coins.rrc_serial"}, moment: first, some: true, why: "of fresh coins that were not recouped, " + onlyOrders},
		{columns: []string{"refresh_commitments.melt_serial_id"}, moment: first, some: true, why: "of melts that were not answered, " + onlyOrders},
		{columns: []string{"refresh_commitments.noreveal_index"}, moment: first, some: true, why: "the choice for a melt that was not answered binds nobody"},
		{columns: []string{"refresh_commitments.(row)"}, kinds: []kind{rowDeleted}, moment: first, some: true, why: "of melts that were not answered, " + noList},
		{columns: []string{"recoup_refresh.(row)"}, kinds: []kind{rowDeleted}, moment: first, some: true, why: noList},
		{columns: []string{"recoup_refresh.(row)"}, kinds: []kind{rowDeleted}, moment: again, some: true,
			why: "rows of denominations whose legal expiration has passed may have been collected as garbage"},
		{columns: []string{"recoup_refresh.recoup_refresh_uuid"}, moment: first, some: true, why: "within the tolerance of clocks, " + onlyOrders},
		{columns: []string{"recoup_refresh.amount_val", "recoup_refresh.amount_frac"}, moment: first, some: true,
			why: "nobody signs the amount of a recoup, which only moves its owner's money: what the coin holds bounds it"},
		{columns: []string{"recoup_refresh.timestamp"}, moment: first, some: true, why: "of few recoups, " + bySeconds},

		// Payments.
		{columns: []string{"deposits.wire_deadline"}, moment: first, some: true, why: "nobody signs it, and within reason it may be any time"},
		{columns: []string{"deposits.tiny"}, some: true, why: "nothing depends on it when the deposit was paid, or is tiny, and an external audit does not see it change"},
		{columns: []string{"aggregation_tracking.aggregation_serial_id"}, moment: first, why: onlyOrders},
		{columns: []string{"wire_out.wireout_uuid"}, moment: first, some: true, why: "within the tolerance of clocks, " + onlyOrders},
		{columns: []string{"wire_out.execution_date"}, kinds: seconds, moment: first, some: true, why: bySeconds},
		{columns: []string{"wire_out.execution_date"}, kinds: []kind{swapped}, moment: first, some: true, why: "of transfers of about the same time, " + bySeconds},
		{columns: []string{"wire_out.exchange_account_section"}, moment: first, some: true, why: bankKnows},
		{columns: []string{"prewire.prewire_uuid"}, why: onlyOrders},
		{columns: []string{"prewire.type"}, why: "it names the program that pays, not what is paid"},
		{columns: []string{"prewire.finished"}, why: "an order that has its booking is right before and after it is carried out, which the bank tells"},
		{columns: []string{"prewire.buf"}, kinds: []kind{bitFlipped}, some: true, why: "the number of the request and the exchange's address move no money"},
		{columns: []string{"prewire.buf"}, kinds: []kind{swapped}, why: "the same orders stand in another order"},
		{columns: []string{"prewire.(row)"}, kinds: []kind{rowDeleted}, why: "an order may be given later, and is removed at some time after it was carried out"},
	}
}
