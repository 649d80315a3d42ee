package dbinit_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/office"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// seen is every column that an office sees in the trusted copy, by view.
var seen = map[office.Role]map[string]string{
	office.Auditor: {
		"uses":      "relation serial use at denomination value amount fee",
		"merchants": "account deposits spent refunds refunded first last",
		"transfers": "serial at account account_section amount",
	},
	office.Treasurer: {
		"denominations": "denomination denom_pub_hash value valid_from expire_withdraw expire_deposit expire_legal " +
			"fee_withdraw fee_deposit fee_refresh fee_refund revoked issued issued_amount spent_amount recouped_amount outstanding_amount",
		"revocations": "what serial key_serial",
		"sign_keys":   "serial exchange_pub valid_from expire_sign expire_legal revoked",
		"wire_fees":   "serial wire_method start_date end_date wire_fee closing_fee",
		"movements":   "relation serial movement at amount fee",
	},
	office.Performance: {
		"operations":  "operation at",
		"lags":        "paid seconds",
		"replication": "pass started finished seconds rows",
		"tables":      "table_name state highest open_holes given_up_holes chunks verified changed",
	},
}

// Each office sees its views and nothing else, and nothing in them tells of a customer.
func TestOfficesOfTheTrustedCopy(t *testing.T) {
	scenario := simulator.DefaultScenario(4) // which revokes a denomination
	scenario.Days, scenario.KeySeed = 50, 1
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	url := pgtest.NewDatabase(t)
	owner := pgtest.Connect(t, url)
	if _, err := migrate.Upgrade(t.Context(), owner, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	if err := play.Write(t.Context(), owner, "public"); err != nil {
		t.Fatal(err)
	}
	trustedCopy(t, url)
	r := testRoles(t)
	grant(t, newBench(url, ""), r)
	people := customers(t, owner)
	for _, o := range office.Roles() {
		t.Run(string(o), func(t *testing.T) {
			conn := as(t, url, r.Offices[o])
			views := map[string]string{}
			for _, c := range readable(t, conn) {
				schema, view, column := c[0], c[1], c[2]
				if schema != o.Schema() {
					t.Errorf("sees %s of %s.%s", column, schema, view)
					continue
				}
				views[view] = strings.TrimSpace(views[view] + " " + column)
			}
			if !maps.Equal(views, seen[o]) {
				t.Errorf("sees\n%v, want\n%v", views, seen[o])
			}
			for _, view := range slices.Sorted(maps.Keys(views)) {
				relation := o.Schema() + "." + view
				if got := count(t, url, "select count(*) from "+relation); got == 0 && view != "replication" && view != "tables" {
					t.Errorf("%s is empty, which proves nothing", relation)
				}
				noneOf(t, conn, relation, people)
				for _, statement := range []string{"insert into %s default values", "update %s set " + strings.Fields(views[view])[0] + " = null", "delete from %s"} {
					if err := attempt(t, conn, fmt.Sprintf(statement, relation)); err == nil {
						t.Errorf("%s may be done", fmt.Sprintf(statement, relation))
					}
				}
			}
			for _, table := range exchange.Layout2021().Tables {
				if err := attempt(t, conn, "select from public."+table.Name); !isDenied(err) {
					t.Errorf("%s can be read: %v", table.Name, err)
				}
			}
			if err := attempt(t, conn, "select from auditor_sync.evidence"); !isDenied(err) {
				t.Errorf("auditor_sync.evidence can be read: %v", err)
			}
		})
	}
	outstanding(t, as(t, url, r.Offices[office.Treasurer]), play)
}

// readable lists what a role can select outside the catalogs: schema, relation, column.
func readable(t *testing.T, conn *pgx.Conn) [][3]string {
	t.Helper()
	rows, err := conn.Query(t.Context(), `select n.nspname, c.relname, a.attname
		from pg_class as c join pg_namespace as n on n.oid = c.relnamespace join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
		where c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') and has_column_privilege(c.oid, a.attnum, 'select')
		order by 1, 2, a.attnum`)
	if err != nil {
		t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c [3]string, err error) {
		return c, row.Scan(&c[0], &c[1], &c[2])
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// customers lists all that could tell customers apart: keys of reserves and coins,
// signatures, envelopes, blinding secrets, and the accounts that money came from.
func customers(t *testing.T, conn *pgx.Conn) map[string]bool {
	t.Helper()
	secret := make(map[string]bool)
	for _, column := range []string{
		"reserves.reserve_pub", "reserves.account_details", "reserves_in.sender_account_details", "reserves_out.h_blind_ev", "reserves_out.reserve_sig",
		"reserves_close.receiver_account", "known_coins.coin_pub", "known_coins.denom_sig", "deposits.coin_sig", "deposits.h_contract_terms",
		"refresh_commitments.old_coin_sig", "refresh_commitments.rc", "refresh_transfer_keys.transfer_pub", "refresh_revealed_coins.h_coin_ev", "recoup.coin_blind",
	} {
		table, name, _ := strings.Cut(column, ".")
		rows, err := conn.Query(t.Context(), fmt.Sprintf("select %s::text from public.%s", name, table))
		if err != nil {
			t.Fatal(err)
		}
		values, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(values) == 0 {
			t.Fatalf("%s: %d values, %v", column, len(values), err)
		}
		for _, v := range values {
			secret[v] = true
		}
	}
	return secret
}

// noneOf looks at every value of a view.
func noneOf(t *testing.T, conn *pgx.Conn, relation string, secret map[string]bool) {
	t.Helper()
	rows, err := conn.Query(t.Context(), "select e.key, e.value from "+relation+" as v, lateral jsonb_each_text(to_jsonb(v)) as e where e.value is not null")
	if err != nil {
		t.Fatal(err)
	}
	var column, value string
	_, err = pgx.ForEachRow(rows, []any{&column, &value}, func() error {
		if secret[value] {
			return fmt.Errorf("%s.%s shows %s, which tells of a customer", relation, column, value)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// outstanding compares what the treasurer sees with the books of the simulator.
func outstanding(t *testing.T, conn *pgx.Conn, play *simulator.Exchange) {
	t.Helper()
	for _, d := range play.Ledger().Denominations {
		var issued int64
		var less string
		err := conn.QueryRow(t.Context(), "select issued, trim_scale($2::numeric - outstanding_amount)::text from office_treasurer.denominations where denomination = $1",
			d.Serial, strings.TrimPrefix(d.Outstanding.String(), string(d.Outstanding.Currency)+":")).Scan(&issued, &less)
		if err != nil || issued != d.Issued || less != "0" {
			t.Errorf("denomination %d: issued %d, outstanding less by %s, want %+v; %v", d.Serial, issued, less, d, err)
		}
	}
}
