package exchange_test

import (
	"strings"
	"testing"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

func TestInspectFindsNothingInWhatWeCreate(t *testing.T) {
	differences, err := exchange.Inspect(t.Context(), newExchange(t), "public", exchange.Layout2021())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		t.Error(d)
	}
}

func TestRealDatabasesAreLayout2021(t *testing.T) {
	for _, folder := range []string{"small", "small-wired", "revoked", "revoked-wired", "mixed"} {
		t.Run(folder, func(t *testing.T) {
			conn := pgtest.Connect(t, pgtest.LoadExchange(t, folder))
			layout, err := exchange.Recognize(t.Context(), conn, "public")
			if err != nil {
				t.Fatal(err)
			}
			if layout.Name != "2021" {
				t.Errorf("layout %s, want 2021", layout.Name)
			}
			differences, err := exchange.Inspect(t.Context(), conn, "public", layout)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Error(d)
			}
		})
	}
}

func TestInspect(t *testing.T) {
	for _, test := range []struct {
		name, change string
		want         []string // differences; the harmless ones begin with "~"
	}{
		{"a view of the same columns",
			`alter table public.refunds rename to r; create view public.refunds as select * from public.r`,
			[]string{
				`refunds: kind of relation: expected ordinary table, found view`,
				`refunds.refund_serial_id: not null: expected not null, found null allowed`,
				`~refunds.refund_serial_id: default: expected sequence, found none`,
				`refunds.merchant_sig: not null: expected not null, found null allowed`,
				`refunds.rtransaction_id: not null: expected not null, found null allowed`,
				`refunds.amount_with_fee_val: not null: expected not null, found null allowed`,
				`refunds.amount_with_fee_frac: not null: expected not null, found null allowed`,
				`refunds.deposit_serial_id: not null: expected not null, found null allowed`,
				`~refunds: unique constraint: expected (refund_serial_id), found missing`,
				`~refunds.merchant_sig: check constraint: expected (length(merchant_sig) = 64), found missing`,
				`~refunds.deposit_serial_id: foreign key: expected (deposit_serial_id) references deposits (deposit_serial_id) on delete cascade, found missing`,
			}},
		{"a missing table", `drop table public.recoup`,
			[]string{`recoup: table: expected present, found missing`}},
		{"a missing table that is not replicated", `drop table public.prewire`,
			[]string{`~prewire: table: expected present, found missing`}},
		{"row-level security", `alter table public.wire_out enable row level security`,
			[]string{`wire_out: row-level security: expected off, found on`}},
		{"a table that inherits", `create table public.more () inherits (public.wire_fee)`,
			[]string{`wire_fee: inheriting tables: expected none, found some`}},
		{"a missing column", `alter table public.reserves_in drop column wire_reference`,
			[]string{`reserves_in.wire_reference: column: expected bigint, found missing`}},
		{"a renamed column", `alter table public.reserves_in rename column wire_reference to reference`,
			[]string{
				`reserves_in.wire_reference: column: expected bigint, found missing`,
				`~reserves_in.reference: additional column: expected none, found bigint not null`,
			}},
		{"the column of early databases", `alter table public.denominations add column master_pub bytea not null check (length(master_pub) = 32)`,
			[]string{`~denominations.master_pub: additional column: expected none, found bytea not null`}},
		{"a floating-point amount", `alter table public.reserves_in alter column credit_val type float8`,
			[]string{`reserves_in.credit_val: type: expected bigint, found double precision`}},
		{"a time with a type of its own", `alter table public.reserves_in alter column execution_date type timestamptz using to_timestamp(execution_date)`,
			[]string{`reserves_in.execution_date: type: expected bigint, found timestamp with time zone`}},
		{"text in place of bytes", `alter table public.known_coins alter column denom_sig type text using ''`,
			[]string{`known_coins.denom_sig: type: expected bytea, found text`}},
		{"a type modifier", `alter table public.wire_fee alter column wire_method type varchar(7)`,
			[]string{`wire_fee.wire_method: type: expected character varying, found character varying(7)`}},
		{"a domain", `create domain public.amount as bigint; alter table public.reserves_in alter column credit_val type public.amount`,
			[]string{`reserves_in.credit_val: type: expected bigint, found amount`}},
		{"a type that is called like another", `create domain public."bigint" as numeric; set search_path = public;
			alter table public.reserves_in alter column credit_val type public."bigint"`,
			[]string{`reserves_in.credit_val: type: expected bigint, found "bigint"`}},
		{"NULL accepted", `alter table public.deposits alter column wire drop not null`,
			[]string{`deposits.wire: not null: expected not null, found null allowed`}},
		{"NULL refused", `alter table public.aggregation_tracking alter column wtid_raw set not null`,
			[]string{`~aggregation_tracking.wtid_raw: not null: expected null allowed, found not null`}},
		{"a computed column", `alter table public.wire_out drop column amount_frac; alter table public.wire_out add column amount_frac integer not null generated always as (7) stored`,
			[]string{`wire_out.amount_frac: computed column: expected stored as written, found 7`}},
		{"another default", `alter table public.deposits alter column tiny set default true; alter table public.deposits alter column done drop default`,
			[]string{
				`~deposits.tiny: default: expected false, found true`,
				`~deposits.done: default: expected false, found none`,
			}},
		{"an identity in place of a sequence", `alter table public.recoup alter column recoup_uuid drop default;
			alter table public.recoup alter column recoup_uuid add generated always as identity`, nil},
		{"missing keys", `alter table public.reserves drop constraint reserves_pkey; alter table public.refresh_revealed_coins drop constraint refresh_revealed_coins_coin_ev_key`,
			[]string{
				`~reserves: primary key: expected (reserve_pub), found missing`,
				`~refresh_revealed_coins: unique constraint: expected (coin_ev), found missing`,
			}},
		{"a foreign key that was not validated", `alter table public.refunds drop constraint refunds_deposit_serial_id_fkey;
			alter table public.refunds add foreign key (deposit_serial_id) references public.deposits (deposit_serial_id) on delete cascade not valid`,
			[]string{`~refunds.deposit_serial_id: foreign key: expected (deposit_serial_id) references deposits (deposit_serial_id) on delete cascade, found missing`}},
		{"a foreign key that does not cascade", `alter table public.refunds drop constraint refunds_deposit_serial_id_fkey;
			alter table public.refunds add foreign key (deposit_serial_id) references public.deposits (deposit_serial_id)`,
			[]string{`~refunds.deposit_serial_id: foreign key: expected (deposit_serial_id) references deposits (deposit_serial_id) on delete cascade, found missing`}},
		{"a foreign key into another schema", `create schema other; create table other.deposits (deposit_serial_id bigint primary key);
			alter table public.refunds drop constraint refunds_deposit_serial_id_fkey;
			alter table public.refunds add foreign key (deposit_serial_id) references other.deposits (deposit_serial_id) on delete cascade`,
			[]string{`~refunds.deposit_serial_id: foreign key: expected (deposit_serial_id) references deposits (deposit_serial_id) on delete cascade, found missing`}},
		{"a foreign key checked at once", `alter table public.aggregation_tracking alter constraint wire_out_ref not deferrable`,
			[]string{`~aggregation_tracking.wtid_raw: foreign key: expected (wtid_raw) references wire_out (wtid_raw) on delete cascade deferrable, found missing`}},
		{"another length", `alter table public.wire_out drop constraint wire_out_wtid_raw_check; alter table public.wire_out add check (length(wtid_raw) = 33)`,
			[]string{`~wire_out.wtid_raw: check constraint: expected (length(wtid_raw) = 32), found missing`}},
		{"a missing index", `drop index public.reserves_in_exchange_account_serial; create index on public.reserves_in (exchange_account_section, reserve_in_serial_id)`,
			[]string{`~reserves_in: index: expected (exchange_account_section, reserve_in_serial_id desc), found missing`}},
		{"an index over part of the rows", `drop index public.reserves_gc_index; create index on public.reserves (gc_date) where gc_date > 7`,
			[]string{`~reserves: index: expected (gc_date), found missing`}},
		{"additions", `create table public.merchants (m text primary key);
			create index on public.deposits (known_coin_id);
			alter table public.refunds add unique (deposit_serial_id, rtransaction_id);
			alter table public.reserves_in add check (credit_val >= 0)`, nil},
		{"columns in another order", `alter table public.reserves_close drop column wtid; alter table public.reserves_close add column wtid bytea not null check (length(wtid) = 32)`, nil},
		{"a name that writes on the terminal", "alter table public.refunds add column \"x\x1b[2J\" text",
			[]string{`~"refunds.x\x1b[2J": additional column: expected none, found text`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := newExchange(t)
			mustExec(t, conn, test.change)
			differences, err := exchange.Inspect(t.Context(), conn, "public", exchange.Layout2021())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range differences {
				line := d.String()
				if d.Harmless {
					line = "~" + line
				}
				got = append(got, line)
			}
			if got, want := strings.Join(got, "\n"), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}

			_, err = exchange.Recognize(t.Context(), conn, "public")
			if harmful := len(exchange.Harmful(differences)) > 0; (err != nil) != harmful {
				t.Errorf("recognizing it: %v, want an error: %v", err, harmful)
			}
		})
	}
}

// Inspect finds all that the registry names in a real database; here nothing of a
// real database is missing from the registry.
func TestRegistryIsComplete(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.LoadExchange(t, "small"))
	var want, got int
	if err := conn.QueryRow(t.Context(), `select count(*) from pg_catalog.pg_tables where schemaname = 'public'`).Scan(&want); err != nil {
		t.Fatal(err)
	}
	l := exchange.Layout2021()
	if got := len(l.Tables); got != want {
		t.Errorf("%d tables in the registry, %d in the database", got, want)
	}
	for _, table := range l.Tables {
		constraints := len(table.Unique) + len(table.ForeignKeys) + min(1, len(table.PrimaryKey))
		for _, c := range table.Columns {
			if c.Checked {
				constraints++
			}
		}
		for _, part := range []struct {
			name, query string
			registry    int
		}{
			{"columns", `select count(*) from pg_catalog.pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`, len(table.Columns)},
			{"constraints", `select count(*) from pg_catalog.pg_constraint where conrelid = $1::regclass`, constraints},
			{"indexes", `select count(*) from pg_catalog.pg_index where indrelid = $1::regclass`, len(table.Indexes) + len(table.Unique) + min(1, len(table.PrimaryKey))},
		} {
			if err := conn.QueryRow(t.Context(), part.query, "public."+table.Name).Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != part.registry {
				t.Errorf("%s: %d %s in the registry, %d in the database", table.Name, part.registry, part.name, got)
			}
		}
	}
}
