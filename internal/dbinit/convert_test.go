package dbinit_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// populated is a database with rows in all tables that the exchange's first patch has.
func populated(t *testing.T) string {
	t.Helper()
	play, err := simulator.New(simulator.DefaultScenario(4)) // with a revocation
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.NewDatabase(t)
	conn := pgtest.Connect(t, url)
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	if err := play.Write(t.Context(), conn, "public"); err != nil {
		t.Fatal(err)
	}
	return url
}

func firstPatch(t *testing.T, url string) {
	t.Helper()
	script, err := os.ReadFile("testdata/first-patch.sql")
	if err != nil {
		t.Fatal(err)
	}
	exec(t, url, string(script))
}

// newTables are those that the second patch adds.
const newTables = "auditor_denom_sigs auditors signkey_revocations exchange_sign_keys wire_accounts"

// meaning returns what each row of a table says, with the rows that it refers to in
// place of their serials, however these are numbered.
func meaning(t *testing.T, conn *pgx.Conn, table *exchange.Table) []string {
	t.Helper()
	layout := exchange.Layout2021()
	said := "to_jsonb(t)"
	if renumbered := map[string]bool{"reserves": true, "denominations": true, "wire_fee": true, "refresh_revealed_coins": true, "refresh_transfer_keys": true}; renumbered[table.Name] {
		said += fmt.Sprintf(" - '%s'", table.Serial)
	}
	joins := ""
	for i, fk := range table.ForeignKeys {
		parent := layout.Table(fk.Table)
		key := map[string]string{
			"reserves": "reserve_pub", "denominations": "denom_pub_hash", "known_coins": "coin_pub", "reserves_out": "h_blind_ev",
			"refresh_revealed_coins": "h_coin_ev", "refresh_commitments": "rc", "deposits": "deposit_serial_id", "wire_out": "wtid_raw",
		}[parent.Name]
		said += fmt.Sprintf(" - '%s' || jsonb_build_object('%s', p%d.%s)", fk.Column, fk.Column, i, key)
		joins += fmt.Sprintf(" join public.%s as p%d on p%d.%s = t.%s", parent.Name, i, i, fk.References, fk.Column)
	}
	rows, err := conn.Query(t.Context(), fmt.Sprintf("select (%s)::text from public.%s as t%s order by 1", said, table.Name, joins))
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestDataMovesFromTheFirstPatch: an exchange's own database, full of rows, becomes
// one of layout 2021 in which every row refers to the row that it referred to before.
func TestDataMovesFromTheFirstPatch(t *testing.T) {
	for name, make := range map[string]func(*testing.T) string{
		"simulated": populated,
		"real":      func(t *testing.T) string { return pgtest.LoadExchange(t, "revoked") },
	} {
		t.Run(name, func(t *testing.T) {
			original, url := make(t), make(t)
			exec(t, original, "alter table public.denominations drop column if exists master_pub")
			firstPatch(t, url)
			b := newBench(url, "")
			b.Convert = true
			b.DryRun = true
			b.expect(t, b.Upgrade(t.Context()), `exchange: database "X": would apply
  the move of all references from keys and hashes to serial numbers
  exchange-0002  `+migrate.Exchange("public").Patches[1].About()+`
replica: database "X": would be left out, because the exchange's own tools created the tables
nothing was changed, because this is a dry run
`)
			b.DryRun = false
			b.expect(t, b.Upgrade(t.Context()), `exchange: database "X": applied exchange-0002
replica: database "X": left out, because the exchange's own tools created the tables
`)
			before, after := pgtest.Connect(t, original), pgtest.Connect(t, url)
			for _, table := range exchange.Layout2021().Tables {
				if strings.Contains(newTables, table.Name) {
					continue
				}
				want, got := meaning(t, before, table), meaning(t, after, table)
				if len(want) == 0 && name == "simulated" && table.Name != "prewire" {
					t.Errorf("%s has no rows, so nothing is proved about it", table.Name)
				}
				if len(got) != len(want) {
					t.Errorf("%s: %d rows became %d", table.Name, len(want), len(got))
					continue
				}
				for i := range want {
					if got[i] != want[i] {
						t.Errorf("%s: a row said\n%s, now\n%s", table.Name, want[i], got[i])
						break
					}
				}
			}
			differences, err := exchange.Inspect(t.Context(), after, "public", exchange.Layout2021())
			if err != nil || len(differences) > 0 {
				t.Errorf("the tables differ: %v (%v)", differences, err)
			}
			b.expect(t, b.Upgrade(t.Context()), `exchange: database "X": is current
replica: database "X": left out, because the exchange's own tools created the tables
`)
			// Serials go on where they ended.
			exec(t, url, `insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
				values (sha256('new'), '', 0, 0, 0, 0)`)
		})
	}
}

// Without permission, or if anything is not as expected, nothing is changed.
func TestConversionIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, change string
		convert      bool
		want         string
	}{
		{"without permission", "", false, "run auditor-dbinit upgrade --convert exchange"},
		{"another column", "alter table public.refresh_commitments rename old_coin_pub to melted", true,
			"these are not the tables of the exchange's own first patch: refresh_commitments.old_coin_pub is no column of bytes"},
		{"another type", "alter table public.deposits drop constraint deposits_coin_pub_fkey, alter coin_pub type text using encode(coin_pub, 'hex')", true, "deposits.coin_pub is no column of bytes"},
		{"half upgraded", "alter table public.recoup add known_coin_id bigint", true, "recoup.known_coin_id exists already"},
		{"a refund of nothing", "update public.refunds set h_contract_terms = sha512('') where refund_serial_id = (select min(refund_serial_id) from public.refunds)", true,
			"1 rows of refunds refer to no row of deposits"},
		{"two deposits", `alter table public.deposits drop constraint deposits_coin_pub_merchant_pub_h_contract_terms_key;
			update public.deposits as d set (coin_pub, merchant_pub, h_contract_terms) = (r.coin_pub, r.merchant_pub, r.h_contract_terms)
			from public.refunds as r where d.deposit_serial_id = (select max(deposit_serial_id) from public.deposits) and r.refund_serial_id = (select min(refund_serial_id) from public.refunds)`, true,
			" rows of refunds refer to several rows of deposits"},
		{"two exchanges", "update public.denominations set master_pub = sha256('') where denom_pub_hash = (select denom_pub_hash from public.denominations limit 1)", true, "the denominations belong to 2 exchanges"},
		{"no key where one must be", "alter table public.wire_fee drop constraint wire_fee_pkey", true, "wire_fee: primary key: expected (wire_method, start_date), found missing"},
		{"a view", "create view public.coins as select coin_pub from public.deposits", true, "cannot drop column coin_pub of table public.deposits because other objects depend on it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := pgtest.LoadExchange(t, "mixed")
			firstPatch(t, url)
			if test.change != "" {
				exec(t, url, test.change)
			}
			catalog := `select count(*) from pg_attribute where attrelid::regclass::text !~ '^pg_' and not attisdropped`
			before := count(t, url, catalog)
			b := newBench(url, "")
			b.Convert = test.convert
			err := b.Upgrade(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if after := count(t, url, catalog); after != before {
				t.Errorf("%d columns became %d", before, after)
			}
		})
	}
}

// Init never converts: it is run by people who think of a database of their own.
func TestInitDoesNotConvert(t *testing.T) {
	url := pgtest.NewDatabase(t)
	exec(t, url, strings.Replace(originalRecord, "('exchange-0001', 'exchange'), ('exchange-0002', 'exchange')", "('exchange-0001', 'exchange')", 1))
	b := newBench(url, "")
	b.Convert = true
	if e, ok := errors.AsType[*migrate.ForeignTablesError](b.Init(t.Context())); !ok || e.Patch != "exchange-0002" || e.ExitStatus() != 2 {
		t.Errorf("got %v", e)
	}
}
