package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// The area "reserves" proves that the exchange owes each reserve what was paid
// in and not yet taken out: credits and recoups on one side, withdrawals and
// closings on the other. Each new row is judged by itself while it streams past,
// and staged as an event; the events are then folded into the balances, and the
// rules about time are evaluated over every reserve that is still open.

// Kinds of events of a reserve, in the order in which events of one second count.
const (
	eventCredit     = 1
	eventRecoup     = 2
	eventWithdrawal = 3
	eventClosing    = 4
)

// reserveAudit is the state of auditing the reserves.
type reserveAudit struct {
	*run
	events *pg.Copier
}

// auditReserves judges all new rows about reserves and evaluates their balances.
func auditReserves(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/reserves_staging.sql")); err != nil {
		return err
	}
	a := &reserveAudit{run: r, events: r.store.reserveEvents()}
	order := func(table string) *chronology { return r.chronology("R-34", table) }
	withdrawals, recoups, closings := order(exchange.Withdrawals.Table), order(exchange.Recoups.Table), order(exchange.Closings.Table)
	if err := judge(ctx, r, conn, areaReserves, exchange.Credits, a.verifyCredit, func(c *exchange.Credit) error {
		return a.stage(ctx, event{kind: eventCredit, reserve: c.Reserve, serial: c.Serial, at: c.ExecutionDate, amount: c.Amount,
			expiration: c.ExecutionDate.Add(r.policy.IdleReserveExpiration), account: c.Sender, section: c.Section, reference: c.WireReference})
	}); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaReserves, exchange.Withdrawals, a.verifyWithdrawal, func(w *exchange.Withdrawal) error {
		d := r.keys.denominations[w.Denomination]
		withdrawals.note(w.Serial, w.ExecutionDate)
		return a.stage(ctx, event{kind: eventWithdrawal, reserve: w.Reserve, serial: w.Serial, at: w.ExecutionDate, amount: d.cost, fee: d.FeeWithdraw})
	}); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaReserves, exchange.Recoups, a.verifyRecoup, func(p *exchange.Recoup) error {
		recoups.note(p.Serial, p.Timestamp)
		return a.stage(ctx, event{kind: eventRecoup, reserve: p.Reserve, serial: p.Serial, at: p.Timestamp, amount: p.Amount,
			expiration: p.Timestamp.Add(r.policy.IdleReserveExpiration)})
	}); err != nil {
		return err
	}
	if err := judge(ctx, r, conn, areaReserves, exchange.Closings, a.verifyClosing, func(c *exchange.Closing) error {
		closings.note(c.Serial, c.ExecutionDate)
		return a.stage(ctx, event{kind: eventClosing, reserve: c.Reserve, serial: c.Serial, at: c.ExecutionDate, amount: c.Amount, fee: c.Fee,
			account: c.Receiver})
	}); err != nil {
		return err
	}
	if err := a.events.Flush(ctx); err != nil {
		return err
	}
	if err := r.store.exec(ctx, "analyze pg_temp.staged_reserve_events"); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		a.rememberOrigins,
		a.auditRepeatedCredits,
		a.auditClosings,
		a.fold,
		a.auditOverdrafts,
		a.auditLeftovers,
		a.auditIdle,
		withdrawals.audit,
		recoups.audit,
		closings.audit,
		func(ctx context.Context) error {
			_, err := auditStatements(ctx, r, exchange.Withdrawals.Table)
			return err
		},
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if r.internal {
		return a.auditNotes(ctx, conn)
	}
	return nil
}

// auditNotes compares what the exchange notes of each reserve with what it should.
func (a *reserveAudit) auditNotes(ctx context.Context, conn *pgx.Conn) error {
	if err := a.auditBalances(ctx, conn); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{a.auditDates, a.auditAccounts, a.auditCollected} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// event is what one row does to its reserve.
type event struct {
	kind       int16
	reserve    taler.EddsaPublicKey
	serial     int64
	at         taler.Timestamp
	expiration taler.Timestamp // of the reserve; 0 if it does not follow from this event
	amount     taler.Amount
	fee        taler.Amount // part of amount that the exchange earns
	account    string
	section    string
	reference  int64
}

// reserveEvents opens the way into the table of staged events.
func (s *store) reserveEvents() *pg.Copier {
	return s.copier("staged_reserve_events", "kind", "reserve_pub", "serial", "at", "expiration",
		"amount_val", "amount_frac", "fee_val", "fee_frac", "account", "account_section", "wire_reference")
}

func (a *reserveAudit) stage(ctx context.Context, e event) error {
	c := a.events
	c.Begin()
	c.Int16(e.kind)
	c.Bytes(e.reserve[:])
	c.Int64(e.serial)
	c.Int64(stored(e.at))
	if e.expiration == 0 {
		c.Null()
	} else {
		c.Int64(stored(e.expiration))
	}
	putAmount(c, e.amount)
	putAmount(c, e.fee)
	if e.kind == eventWithdrawal || e.kind == eventRecoup {
		c.Null()
	} else {
		c.Text(e.account)
	}
	if e.kind == eventCredit {
		c.Text(e.section)
		c.Int64(e.reference)
	} else {
		c.Null()
		c.Null()
	}
	return c.End(ctx)
}

// judgeDate makes the findings that a row about reserves is dated later than now,
// beyond what clocks may differ, or not to the second, as the exchange dates
// everything.
func (a *reserveAudit) judgeDate(v *verdict, table string, serial int64, at taler.Timestamp) {
	if at > a.now.Add(a.policy.FutureTolerance) {
		v.find(finding("R-29", row(table, serial), none, []report.Evidence{with("execution_date", at), with("now", a.now)},
			"row %d of %s is dated %v, which lies in the future", serial, table, at))
	}
	if !at.WholeSecond() {
		v.find(finding("R-33", row(table, serial), none, []report.Evidence{with("execution_date", at), number("microseconds", int64(at))},
			"row %d of %s is dated to a part of a second, which no exchange does", serial, table))
	}
}
