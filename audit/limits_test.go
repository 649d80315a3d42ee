package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"auditor/internal/auditordb"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// TestStatements counts the statements of an audit: there are as many for ten
// times as many rows.
func TestStatements(t *testing.T) {
	count := func(reserves int) int {
		scenario := simulator.DefaultScenario(1)
		scenario.Reserves = reserves
		s := simulated(t, scenario)
		var counter pg.Counter
		s.opt.Exchange = connectTo(s.exchange, pg.ReadOnly(), pg.Trace(&counter))
		s.opt.Auditor = connectTo(s.auditor, pg.Trace(&counter))
		s.audit()
		return counter.Count()
	}
	few, many := count(10), count(100)
	if few == 0 || few != many {
		t.Errorf("%d statements for 10 reserves, %d for 100", few, many)
	}
}

// TestKilled kills audits, as kill -9 does, at many moments. The auditor's
// database is then what it was, and the next audit says what it would have said
// anyway.
func TestKilled(t *testing.T) {
	s := simulated(t, simulator.DefaultScenario(1))
	s.audit()
	s.advance(20)
	before := s.state()
	const moments = 25
	took := time.Duration(0)
	killed := 0
	for i := range moments {
		child := s.child()
		start := time.Now()
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if took == 0 {
			took = s.untilBegun(start)
		}
		time.Sleep(took * time.Duration(i) / moments)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if child.Wait() == nil || s.runs() == 2 {
			break // it was complete before it was killed
		}
		killed++
		if got := s.state(); got != before {
			t.Fatalf("an audit that was killed left a trace")
		}
	}
	if killed < 5 {
		t.Errorf("only %d audits were killed", killed)
	}
	s.untilFree()
	rep := s.audit()
	s.agrees(rep)
	if got := s.surprises(rep); got != nil {
		t.Errorf("after the kills the audit says %q", got)
	}
}

// runs counts the audits that are complete.
func (b *bench) runs() (n int) {
	b.Helper()
	if err := pgtest.Connect(b, b.auditor).QueryRow(context.Background(), "select count(*) from auditor.runs").Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

// state is a digest of everything in the auditor's database.
func (b *bench) state() string {
	b.Helper()
	conn := pgtest.Connect(b, b.auditor)
	digest := sha256.New()
	for _, table := range auditordb.Tables() {
		fmt.Fprintln(digest, table.Name)
		query := fmt.Sprintf("copy (select t::text from auditor.%s as t order by 1) to stdout", table.Name)
		if _, err := conn.PgConn().CopyTo(context.Background(), digest, query); err != nil {
			b.Fatal(err)
		}
	}
	return fmt.Sprintf("%x", digest.Sum(nil))
}

// TestArithmetic makes the books of each area hold more than there can be, by rows that
// are no finding each: the audit ends with the status that scripts know, and stores nothing.
func TestArithmetic(t *testing.T) {
	for _, test := range []struct{ area, deed string }{
		{areaReserves, `insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
			select 1000 + n, 4503599627370496, 0, 'payto://x-taler-bank/localhost/9', 'exchange-account-1', 1612440000000000, 1 from generate_series(1, 2) as n`},
		{areaCoins, `insert into public.deposits (amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline,
				merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
			select 4503599627370496, 0, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id
			from public.deposits limit 2`},
		{areaAggregation, `insert into public.wire_out (execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
			select max(w.execution_date), sha256(n::text::bytea), min(w.wire_target), min(w.exchange_account_section), 4503599627370496, 0
			from public.wire_out as w, generate_series(1, 2) as n group by n`},
	} {
		t.Run(test.area, func(t *testing.T) {
			b := real(t, "small-wired")
			b.opt.Areas = []string{test.area}
			b.audit()
			before := b.state()
			b.exec(test.deed)
			_, err := Run(context.Background(), b.opt)
			if e, ok := errors.AsType[*ArithmeticError](err); !ok || e.ExitStatus() != 42 {
				t.Errorf("got %v, want an arithmetic error", err)
			}
			if b.state() != before {
				t.Error("an audit that failed left a trace")
			}
		})
	}
}

// TestBusy starts an audit while another one of the same exchange is going on.
func TestBusy(t *testing.T) {
	b := real(t, "small")
	conn := pgtest.Connect(t, b.auditor)
	if _, err := openStore(context.Background(), conn, b.opt.Policy, b.opt.AsOf); err != nil {
		t.Fatal(err)
	}
	_, err := Run(context.Background(), b.opt)
	if _, ok := errors.AsType[*BusyError](err); !ok {
		t.Errorf("got %v, want that another audit is going on", err)
	}
}

// TestOtherCurrency audits an exchange in another currency than before.
func TestOtherCurrency(t *testing.T) {
	b := real(t, "small")
	b.audit()
	b.opt.Policy.Currency = "EUR"
	_, err := Run(context.Background(), b.opt)
	if _, ok := errors.AsType[*UsageError](err); !ok {
		t.Errorf("got %v, want a refusal", err)
	}
}
