package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/bank"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/sql"
)

// The area "wire" holds the books against the bank, in both directions: what the
// exchange says that it received and paid, and what its banks say. Each transfer
// should be there twice, as a booking and as a transfer of the bank. Those that belong
// together have their group in common: transfers from the exchange have a subject;
// transfers to it a row of the bank, which the books name, or, where statements are
// all there is, the reserve. Within a group they are matched by what else they have in
// common, whatever order they came in and whenever they came: each group of which
// something is new is matched again as a whole.
//
// The exchange's snapshot is older than what the banks are asked for. So a credit that
// was booked had arrived, and if the bank does not know it, it never came. What the
// exchange ordered may take its time, and so may what it has to book: that is wrong
// only when the grace for transfers is over.

// Sides of a transfer.
const (
	sideBooked   = 1 // in reserves_in or wire_out
	sideClosing  = 2 // in reserves_close
	sideMade     = 3 // by the bank
	sideReturned = 4 // by the bank: it took back a transfer of the opposite direction
)

// statementDays is how many days later a bank may book a transfer than it was ordered,
// where statements tell days only: weekends and holidays lie between.
const statementDays = 4

// wireAudit is the state of comparing books and banks.
type wireAudit struct {
	*run
	conn     *pgx.Conn // to the exchange's database
	items    *pg.Copier
	wires    *wires
	accounts map[string]*bankAccount // by section
}

// auditWire stages what is new in the books and at the banks, matches it, and evaluates
// everything that has no other half or one that differs.
func auditWire(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/wire_staging.sql")); err != nil {
		return err
	}
	a := &wireAudit{run: r, conn: conn, wires: new(wires),
		items: r.store.copier("staged_wire_items",
			"direction", "side", "section", "id", "grp", "key", "party", "account", "amount_val", "amount_frac", "at", "day_only", "run")}
	if err := a.openAccounts(ctx, r.banks); err != nil {
		return err
	}
	if err := a.stageBooks(ctx); err != nil {
		return err
	}
	if len(a.accounts) == 0 {
		r.leave(areaWire, "whether the bank knows of the exchange's transfers",
			"the configuration names no bank account; docs/bank.md tells how to connect one")
	}
	for _, step := range []func(context.Context) error{
		a.readBanks,
		a.match,
		a.auditAccounts,
		a.auditTransfers,
		a.stateBanks,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// stageBooks stages what the exchange has booked since the last run.
func (a *wireAudit) stageBooks(ctx context.Context) error {
	err := judgeReadable(ctx, a, exchange.Credits, func(*exchange.Credit, *verdict) {}, func(c *exchange.Credit) error {
		return a.stage(ctx, &transfer{direction: bank.Incoming, side: sideBooked, section: c.Section, id: c.Serial,
			group: a.groupOf(c.Section, c.WireReference, c.Reserve), key: c.Reserve[:], party: c.Sender, amount: c.Amount, at: c.ExecutionDate})
	})
	if err != nil {
		return err
	}
	err = judgeReadable(ctx, a, exchange.WireTransfers, func(*exchange.WireTransfer, *verdict) {}, func(w *exchange.WireTransfer) error {
		return a.stage(ctx, &transfer{direction: bank.Outgoing, side: sideBooked, section: w.Section, id: w.Serial,
			group: w.WTID, party: a.wires.of(w.Target).uri, amount: w.Amount, at: w.ExecutionDate})
	})
	if err != nil {
		return err
	}
	return judgeReadable(ctx, a, exchange.Closings, a.verifyClosing, func(c *exchange.Closing) error {
		wired, err := c.Amount.Sub(c.Fee)
		if err != nil {
			return nil // W-01 says so, and nothing can have been wired
		}
		if !a.policy.RoundUnit.IsZero() {
			if wired, err = wired.RoundDown(a.policy.RoundUnit); err != nil {
				return err
			}
		}
		if wired.IsZero() {
			return nil
		}
		return a.stage(ctx, &transfer{direction: bank.Outgoing, side: sideClosing, id: c.Serial,
			group: c.WTID, party: c.Receiver, amount: wired, at: c.ExecutionDate})
	})
}

// judgeReadable is judge for the rows that can be read. Of the others, the area whose
// books they belong into says which they are.
func judgeReadable[T any, P rowOf[T]](ctx context.Context, a *wireAudit, rel exchange.Relation[T], verify func(P, *verdict), settle func(P) error) error {
	unreadable := 0
	err := judgeAll(ctx, a.run, a.conn, areaWire, rel, verify, func(row P, v *verdict) error {
		if row.Head().Malformed != nil {
			unreadable++
			return nil
		}
		return settle(row)
	})
	if unreadable > 0 {
		a.leave(areaWire, fmt.Sprintf("%d rows of %s", unreadable, rel.Table), "they cannot be read; the areas "+areaReserves+" and "+areaAggregation+" say which they are")
	}
	return err
}

// verifyClosing checks that a closing is worth its fee (W-01). What the fee should have
// been is a matter of the reserve.
func (a *wireAudit) verifyClosing(c *exchange.Closing, v *verdict) {
	if c.Amount.Cmp(c.Fee) < 0 {
		v.find(finding("W-01", row(exchange.Closings.Table, c.Serial), none, closingEvidence(c),
			"closing %d of %v has a fee of %v, so nothing can have been wired", c.Serial, c.Amount, c.Fee))
	}
}

// match matches each group of which this run has staged something.
func (a *wireAudit) match(ctx context.Context) error {
	if err := a.items.Flush(ctx); err != nil {
		return err
	}
	if err := a.store.exec(ctx, "analyze pg_temp.staged_wire_items"); err != nil {
		return err
	}
	if err := a.store.exec(ctx, sql.Text("audit/wire_gather.sql"), a.store.exchange); err != nil {
		return err
	}
	for likeness := range 6 {
		var left bool
		if err := a.store.row(ctx, sql.Text("audit/wire_left.sql"), nil, &left); err != nil {
			return err
		}
		if !left {
			break
		}
		if err := a.store.exec(ctx, sql.Text("audit/wire_match.sql"), likeness); err != nil {
			return fmt.Errorf("match transfers, pass %d: %w", likeness, err)
		}
	}
	if err := a.store.exec(ctx, sql.Text("audit/wire_keep.sql"), a.store.exchange, a.policy.ExecutionTolerance.Microseconds(), statementDays); err != nil {
		return err
	}
	return a.store.collectStatistics(ctx, "wire_items")
}
