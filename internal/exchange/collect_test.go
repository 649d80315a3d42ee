package exchange_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/testdata"
)

func collection(idle time.Duration) exchange.Collection {
	return exchange.Collection{Layout: exchange.Layout2021(), Schema: "public",
		IdleReserveExpiration: idle, LegalReserveExpiration: 7 * 365 * 24 * time.Hour}
}

func TestWhatGarbageCollectionTouches(t *testing.T) {
	c := collection(time.Hour)
	var never []string
	for _, table := range c.Layout.Tables {
		if !c.Touches(table.Name) {
			never = append(never, table.Name)
		}
		// A query follows references by serials.
		for _, fk := range table.ForeignKeys {
			if parent := c.Layout.Table(fk.Table); c.Touches(fk.Table) && fk.References != parent.Serial {
				t.Errorf("%s.%s refers to %s.%s, which is no serial", table.Name, fk.Column, fk.Table, fk.References)
			}
		}
	}
	want := []string{"exchange_sign_keys", "signkey_revocations", "auditors", "wire_out", "prewire", "wire_accounts"}
	if !slices.Equal(never, want) {
		t.Errorf("never touched: %q, want %q", never, want)
	}
}

// What is computed of reserves is what real exchanges keep of them.
func TestReserveStatesAreThoseOfTheExchange(t *testing.T) {
	for _, folder := range []string{"small", "revoked", "mixed"} {
		conn := pgtest.Connect(t, pgtest.LoadExchange(t, folder))
		if _, err := migrate.Upgrade(t.Context(), conn, migrate.Replica("public")); err != nil {
			t.Fatal(err)
		}
		c := collection(testdata.Info(t, folder).IdleReserveExpirationTime.Duration())
		var reserves, same int
		err := conn.QueryRow(t.Context(), `select count(*), count(*) filter (
				where s.balance = r.current_balance_val + r.current_balance_frac * 0.00000001
				and s.expiration_date = r.expiration_date and s.gc_date = r.gc_date)
			from public.reserves as r left join (`+c.ReserveStates()+`) as s using (reserve_uuid)`).Scan(&reserves, &same)
		if err != nil {
			t.Fatal(err)
		}
		if reserves == 0 || same != reserves {
			t.Errorf("%s: %d of %d reserves are as the exchange says", folder, same, reserves)
		}
	}
}

// Times that stand for never, and absurd ones, neither overflow nor make garbage.
func TestNeverIsNoGarbage(t *testing.T) {
	conn := newExchange(t)
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Replica("public")); err != nil {
		t.Fatal(err)
	}
	const reserve = `insert into public.reserves values (sha256('NAME'), '', 0, 0, 0, 0, SERIAL);
		insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
		values (1, 1, 50000000, '', '', DATE, SERIAL);
		insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
		values (0, sha256(''), '', 1, 50000000, 0, 0, SERIAL);`
	for i, date := range []string{"0", "-1", "9223372036854775807", "9223372036854775806"} {
		serial := strconv.Itoa(i + 1)
		mustExec(t, conn, strings.NewReplacer("NAME", serial, "SERIAL", serial, "DATE", date).Replace(reserve))
	}
	mustExec(t, conn, `
		insert into public.reserves values (sha256('nothing'), '', 0, 0, 0, 0, 5);
		insert into public.wire_fee (wire_method, start_date, end_date, wire_fee_val, wire_fee_frac, closing_fee_val, closing_fee_frac, master_sig)
		select 'iban', d, d, 0, 0, 0, 0, sha512('') from unnest(array[-1, 0, 1000, 9223372036854775807]) as d`)
	c := collection(time.Hour)
	for _, test := range []struct {
		table string
		at    int64
		want  []int64
	}{
		{"reserves", time.Hour.Microseconds(), nil},
		{"reserves", time.Hour.Microseconds() + 1, []int64{1}},
		{"reserves", 1 << 62, []int64{1}},
		{"reserves_in", 1 << 62, []int64{1}},
		{"wire_fee", exchange.KeepWireFees.Microseconds() + 1000, []int64{2}},
		{"wire_fee", exchange.KeepWireFees.Microseconds() + 1001, []int64{2, 3}},
		{"wire_out", 1 << 62, nil},
	} {
		rows, _ := conn.Query(t.Context(), c.Query(test.table), test.at)
		got, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatalf("%s: %v", test.table, err)
		}
		slices.Sort(got)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s at %d: %d may be gone, want %d", test.table, test.at, got, test.want)
		}
	}
}
