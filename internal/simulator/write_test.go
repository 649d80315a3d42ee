package simulator

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// TestAdvanceAppends checks that the second Write leaves all rows as they were,
// but for the columns of reserves that an exchange changes.
func TestAdvanceAppends(t *testing.T) {
	x, conn := written(t, smallScenario(1))
	before := make(map[string]map[string]bool)
	contents := func(table *exchange.Table) []string {
		var fixed []string
		for _, c := range table.Columns {
			if !c.Mutable {
				fixed = append(fixed, c.Name)
			}
		}
		r, _ := conn.Query(t.Context(), "select row("+strings.Join(fixed, ", ")+")::text from "+table.Name)
		list, err := pgx.CollectRows(r, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	for _, table := range exchange.Layout2021().Tables {
		before[table.Name] = make(map[string]bool)
		for _, row := range contents(table) {
			before[table.Name][row] = true
		}
	}
	balances := number(t, conn, "select sum(hashtext(reserves::text)::bigint) from reserves")
	highest := number(t, conn, "select max(reserve_uuid) from reserves")

	advance(t, x, 25)
	write(t, x, conn)
	for _, table := range exchange.Layout2021().Tables {
		after := contents(table)
		kept := 0
		for _, row := range after {
			if before[table.Name][row] {
				kept++
			}
		}
		if kept != len(before[table.Name]) {
			t.Errorf("table %s: %d of %d rows are unchanged", table.Name, kept, len(before[table.Name]))
		}
		if grows := strings.HasPrefix(table.Name, "reserves"); grows && len(after) <= kept {
			t.Errorf("table %s did not grow", table.Name)
		}
	}
	if number(t, conn, "select sum(hashtext(reserves::text)::bigint) from reserves where reserve_uuid <= $1", highest) == balances {
		t.Error("no older reserve changed")
	}
	late := number(t, conn, `select count(*) from reserves_in where reserve_uuid <= $1 and execution_date >= $2`,
		highest, x.start.Add(60*day).DB())
	if late == 0 {
		t.Error("no older reserve was credited again")
	}
}

// TestWriteNothingNew writes twice without playing in between.
func TestWriteNothingNew(t *testing.T) {
	x, conn := written(t, smallScenario(1))
	before := digests(t, conn)
	write(t, x, conn)
	if digests(t, conn)["all"] != before["all"] {
		t.Error("a Write with nothing to write changed the database")
	}
}

func TestWriteRefuses(t *testing.T) {
	one, conn := written(t, smallScenario(1))
	ctx := t.Context()
	if err := newExchange(t, smallScenario(2)).Write(ctx, conn, schema); !errors.Is(err, ErrNotOurs) {
		t.Errorf("first Write into another exchange's database: %v", err)
	}
	_, foreign := written(t, smallScenario(2))
	if err := one.Write(ctx, foreign, schema); !errors.Is(err, ErrNotOurs) || !strings.Contains(err.Error(), "sign key") {
		t.Errorf("second Write into another exchange's database: %v", err)
	}
	exec(t, conn, "insert into reserves_in select 5000, wire_reference + 9000, credit_val, credit_frac, sender_account_details,"+
		" exchange_account_section, execution_date, reserve_uuid from reserves_in limit 1")
	if err := one.Write(ctx, conn, schema); !errors.Is(err, ErrNotOurs) || !strings.Contains(err.Error(), "reserves_in") {
		t.Errorf("Write into a database with a foreign row: %v", err)
	}
	filled := emptyDatabase(t)
	exec(t, filled, "insert into prewire (type, buf) values ('iban', '')")
	if err := newExchange(t, smallScenario(2)).Write(ctx, filled, schema); !errors.Is(err, ErrNotOurs) || !strings.Contains(err.Error(), "prewire") {
		t.Errorf("Write into a database with one row: %v", err)
	}
	none := pgtest.Connect(t, pgtest.NewDatabase(t))
	if err := newExchange(t, smallScenario(2)).Write(ctx, none, schema); err == nil || !strings.Contains(err.Error(), "initialise") {
		t.Errorf("Write into a database without tables: %v", err)
	}
}

// TestWriteRepeats breaks off a Write and tries again: nothing is there twice.
func TestWriteRepeats(t *testing.T) {
	x, conn := newExchange(t, smallScenario(1)), emptyDatabase(t)
	exec(t, conn, "alter table reserves_close add constraint never check (close_uuid < 2)")
	if err := x.Write(t.Context(), conn, schema); err == nil || !strings.Contains(err.Error(), "reserves_close") {
		t.Fatalf("Write against a constraint: %v", err)
	}
	if n := number(t, conn, "select count(*) from reserves"); n != 0 {
		t.Fatalf("%d reserves are left of a Write that failed", n)
	}
	exec(t, conn, "alter table reserves_close drop constraint never")
	write(t, x, conn)
	_, other := written(t, smallScenario(1))
	if digests(t, conn)["all"] != digests(t, other)["all"] {
		t.Error("the repeated Write gave another database")
	}
}

// TestSequences lets the database go on by itself: the next row gets the next serial.
func TestSequences(t *testing.T) {
	x, conn := written(t, smallScenario(1))
	l := x.Ledger()
	for _, table := range tables {
		if table.serial == "" {
			continue
		}
		next := number(t, conn, "select nextval(pg_get_serial_sequence($1, $2))", table.name, table.serial)
		if want := l.Tables[table.name].Highest + 1; next != want {
			t.Errorf("next serial of %s is %d, want %d", table.name, next, want)
		}
	}
}

func exec(t tester, conn *pgx.Conn, statement string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func TestWriteCancelled(t *testing.T) {
	x, conn := newExchange(t, smallScenario(1)), emptyDatabase(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Write(ctx, conn, schema); !errors.Is(err, context.Canceled) {
		t.Errorf("Write with a cancelled context: %v", err)
	}
}
