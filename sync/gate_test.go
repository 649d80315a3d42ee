package sync

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/sql"
)

// S7: each change of the source's tables is refused with a list of all differences
// before a row is read.
func TestSchemaGateRefusesTheSource(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, change string
		want         []string // table.column: aspect, expected, found
	}{
		{
			"type changed to one of the same size", "alter table public.deposits alter amount_with_fee_val type float8",
			[]string{"deposits.amount_with_fee_val: type", "bigint", "double precision"},
		}, {
			"time as timestamptz", "alter table public.wire_out alter execution_date type timestamptz using to_timestamp(execution_date / 1000000)",
			[]string{"wire_out.execution_date: type", "bigint", "timestamp with time zone"},
		}, {
			"type modifier", "alter table public.wire_fee alter wire_method type varchar(80)",
			[]string{"wire_fee.wire_method: type", "character varying", "character varying(80)"},
		}, {
			"text as bytea", "alter table public.reserves alter account_details type bytea using account_details::bytea",
			[]string{"reserves.account_details: type", "text", "bytea"},
		}, {
			"view in place of a table", "alter table public.refunds rename to hidden; create view public.refunds as select * from public.hidden",
			[]string{"refunds: kind of relation", "ordinary table", "view"},
		}, {
			"table missing", "drop table public.recoup_refresh",
			[]string{"recoup_refresh: table", "present", "missing"},
		}, {
			"column missing", "alter table public.known_coins drop denom_sig",
			[]string{"known_coins.denom_sig: column", "bytea", "missing"},
		}, {
			"column accepts NULL", "alter table public.reserves_in alter credit_val drop not null",
			[]string{"reserves_in.credit_val: not null", "not null", "null allowed"},
		}, {
			"row-level security", "alter table public.recoup enable row level security",
			[]string{"recoup: row-level security", "off", "on"},
		}, {
			"rows in an heir", "create table public.heir () inherits (public.wire_fee)",
			[]string{"wire_fee: inheriting tables", "none", "some"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
			execute(t, source, test.change+`; alter table public.denominations alter coin_frac type bigint`)
			read := int64(0)
			o := options(t, source, destination)
			o.Progress = func(p Progress) { read += int64(p.Rows) }
			_, err := Run(t.Context(), o)
			e, ok := errors.AsType[*SchemaError](err)
			if !ok {
				t.Fatalf("got %v, want a schema error", err)
			}
			if e.Side != Source || e.ExitStatus() != 3 || len(e.Differences) < 2 {
				t.Errorf("got %d differences of the %s, exit status %d", len(e.Differences), e.Side, e.ExitStatus())
			}
			for _, want := range [][]string{test.want, {"denominations.coin_frac: type", "integer", "bigint"}} {
				if !listed(e.Error(), want) {
					t.Errorf("%q is not listed in\n%v", want, e)
				}
			}
			if open := openAlerts(t, destination); len(open) != len(e.Differences) || !slices.Contains(open, "schema/denominations/coin_frac/type") {
				t.Errorf("alerts %v, want one for each difference", open)
			}
			if rows := number(t, destination, "select count(*) from public.exchange_sign_keys") + read; rows != 0 {
				t.Errorf("%d rows were read", rows)
			}
		})
	}
}

// listed says whether a line of the list has exactly these columns.
func listed(list string, columns []string) bool {
	for line := range strings.Lines(list) {
		rest := strings.TrimSpace(line)
		found := true
		for _, c := range columns {
			var ok bool
			rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), c)
			found = found && ok && (rest == "" || rest[0] == ' ')
		}
		if found && rest == "" {
			return true
		}
	}
	return false
}

// What the server announces for the columns counts too: a catalog that answers as
// it should proves nothing about what is sent.
func TestSchemaGateComparesTheStatement(t *testing.T) {
	conn := pgtest.Connect(t, pgtest.LoadExchange(t, "small"))
	table := exchange.Layout2021().Table("deposits")
	for i := range table.Columns {
		if table.Columns[i].Name == "done" {
			table.Columns[i].Type = exchange.Integer
		}
	}
	ds, err := statementTypes(t.Context(), conn, "public", newShape(table, 1))
	if err != nil || len(ds) != 1 || ds[0].Column != "done" || ds[0].Expected != "integer" || ds[0].Harmless {
		t.Errorf("got %v, %v; want one difference in column done", ds, err)
	}
}

// A table cannot be changed between the first look at the catalog and the end of
// the pass.
func TestTablesAreLockedDuringAPass(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	other := pgtest.Connect(t, source)
	tries := 0
	try := func(string) {
		tries++
		for _, change := range []string{
			"alter table public.deposits alter amount_with_fee_val type float8",
			"truncate public.reserves cascade",
		} {
			_, err := other.PgConn().Exec(t.Context(), "set lock_timeout = '50ms'; "+change).ReadAll()
			if sqlState(err) != "55P03" {
				t.Errorf("%s: got %v, want to wait for a lock in vain", change, err)
			}
		}
	}
	o := options(t, source, destination)
	o.Source = func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: source}, pg.Trace(beforeStatement{sql.Text("catalog/relations.sql"), try}))
	}
	o.Progress = func(p Progress) { try(p.Table) }
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if tries < 3 {
		t.Errorf("tried %d times, want before the inspection and after each batch", tries)
	}
}

// beforeStatement calls a function before one statement is sent.
type beforeStatement struct {
	statement string
	call      func(statement string)
}

func (b beforeStatement) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	if d.SQL == b.statement {
		b.call(d.SQL)
	}
	return ctx
}

func (b beforeStatement) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// In the destination a missing constraint is a hole in the last wall.
func TestSchemaGateRefusesTheDestination(t *testing.T) {
	t.Parallel()
	for _, change := range []string{
		"alter table public.deposits drop constraint deposits_known_coin_id_fkey",
		"alter table public.reserves drop constraint reserves_reserve_pub_check",
		"alter table public.known_coins alter denom_sig drop not null",
	} {
		source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
		execute(t, destination, change)
		o := options(t, source, destination)
		_, err := Run(t.Context(), o)
		_, unrecognized := errors.AsType[*exchange.UnrecognizedError](err)
		e, ok := errors.AsType[*SchemaError](err)
		if !unrecognized && (!ok || e.Side != Destination || e.ExitStatus() != 2) {
			t.Errorf("%s: got %v", change, err)
		}
	}
}

func TestDestinationIsNotInitialised(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), pgtest.NewDatabase(t)
	_, err := Run(t.Context(), options(t, source, destination))
	if err == nil || !strings.Contains(err.Error(), "auditor-dbinit") {
		t.Errorf("got %v, want a hint at auditor-dbinit", err)
	}
}

func TestSameDatabaseIsRefused(t *testing.T) {
	url := pgtest.LoadExchange(t, "small")
	_, err := Run(t.Context(), options(t, url, url))
	e, ok := errors.AsType[*SameDatabaseError](err)
	if !ok || e.ExitStatus() != 1 {
		t.Fatalf("got %v, want a refusal", err)
	}
}

// The identity of a database can be asked for without any privilege.
func TestIdentityNeedsNoPrivilege(t *testing.T) {
	url := pgtest.NewDatabase(t)
	conn := pgtest.Connect(t, url)
	if _, err := conn.Exec(t.Context(), "create role nobody_special; set role nobody_special"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Exec(context.Background(), "reset role; drop role nobody_special") })
	if _, err := identify(t.Context(), Source, conn); err != nil {
		t.Error(err)
	}
}

// Even with a role that may do anything the session on the source changes nothing.
func TestSourceSessionIsReadOnly(t *testing.T) {
	url := pgtest.LoadExchange(t, "small")
	o := options(t, url, url)
	o.Source = func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, url) }
	if err := o.complete(); err != nil {
		t.Fatal(err)
	}
	r := &replication{Options: o}
	conn, err := r.openSource(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(conn)
	if _, err := conn.Exec(t.Context(), "delete from public.refunds"); sqlState(err) != "25006" {
		t.Errorf("got %v, want a refusal to write", err)
	}
	for setting, want := range map[string]string{"search_path": `""`, "statement_timeout": "10min", "client_encoding": "UTF8"} {
		var got string
		if err := conn.QueryRow(t.Context(), "select pg_catalog.current_setting($1)", setting).Scan(&got); err != nil || strings.Trim(got, `"`) != strings.Trim(want, `"`) {
			t.Errorf("%s is %s (%v), want %s", setting, got, err, want)
		}
	}
}
