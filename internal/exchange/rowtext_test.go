package exchange_test

import (
	"strings"
	"testing"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
)

// Rows are shown whatever is in them.
func TestRowText(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	_, err := conn.PgConn().Exec(t.Context(), `set session_replication_role = replica;
		insert into deposits (deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
			wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
		values (7, -1, 2, 1612526410000000, -1, 0, 5, decode(repeat('ff', 32), 'hex'), decode(repeat('00', 64), 'hex'), sha512(''), sha512(''), repeat('é', 5000), 0);
		insert into known_coins (known_coin_id, coin_pub, denom_sig, denominations_serial) values (3, sha256(''), '\xdead', 0)`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table, column string
		serial        int64
		want          string
	}{
		{"deposits", "amount_with_fee_val", 7, "-1"},
		{"deposits", "wallet_timestamp", 7, "2021-02-05T12:00:10Z (1612526410000000)"},
		{"deposits", "exchange_timestamp", 7, "never (-1)"},
		{"deposits", "merchant_pub", 7, strings.Repeat("Z", 51) + "G"},
		{"deposits", "wire", 7, strings.Repeat("é", 4096) + " …"},
		{"deposits", "done", 7, "false"},
		{"known_coins", "denom_sig", 3, "dead"},
	} {
		row, err := exchange.RowText(t.Context(), conn, "public", exchange.Layout2021().Table(c.table), c.serial)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, v := range row {
			if v.Column == c.column {
				got = v.Text
			}
		}
		if got != c.want {
			t.Errorf("%s.%s is shown as %.60q, want %.60q", c.table, c.column, got, c.want)
		}
	}
	if row, err := exchange.RowText(t.Context(), conn, "public", exchange.Layout2021().Table("deposits"), 8); row != nil || err != nil {
		t.Errorf("a row that is not there is shown as %v, %v", row, err)
	}
}
