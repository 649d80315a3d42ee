package audit

import (
	"context"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// The exchange marks each deposit as done when it has paid it, and as tiny when it was
// due and too little to be wired. Its payments follow from these marks and from the
// wire deadline, so an internal audit compares them with the books. It reads the
// deposits that are not marked as done, which are few.

// auditMarks finds marks and deadlines that are wrong.
func (a *aggregationAudit) auditMarks(ctx context.Context) error {
	if err := a.stageUnpaid(ctx); err != nil {
		return err
	}
	if err := a.eachDebt(ctx, "marked_paid", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		if p == nil {
			return nil // the row itself is gone, as garbage
		}
		return new(finding("A-38", d.about(), none, append(d.evidence(p), with("due", d.due)),
			"the exchange believes that it has paid deposit %d, but no transfer did; %v is owed for it", d.deposit, d.owed))
	}); err != nil {
		return err
	}
	if err := a.eachDebt(ctx, "marked_unpaid", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		again := none
		if !d.owed.IsZero() {
			again = exposure(d.owed)
		}
		return new(finding("A-39", d.about(), again, d.evidence(p),
			"the exchange believes that it must still pay deposit %d, but transfer %d did", d.deposit, *d.transfer))
	}); err != nil {
		return err
	}
	least := a.tiny()
	highest := a.keys.fees.highestWireFee("", 0, taler.Forever, taler.Zero(a.policy.Currency))
	if sum, err := least.Add(highest); err == nil {
		least = sum
	}
	if err := a.eachDebt(ctx, "marked_tiny", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		return new(finding("A-40", d.about(), none, append(d.evidence(p), with("not below", least)),
			"the exchange calls deposit %d tiny, but %v is owed for it", d.deposit, d.owed))
	}, decimal(least)); err != nil {
		return err
	}
	return a.eachDebt(ctx, "moved_deadlines", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		return new(finding("A-41", d.about(), none, append(d.evidence(p), with("at first sight", fromStored(d.number))),
			"the wire deadline of deposit %d is no longer what it was at first sight: %v", d.deposit, fromStored(d.number)))
	})
}

// stageUnpaid stages the deposits that the exchange believes it must still pay.
func (a *aggregationAudit) stageUnpaid(ctx context.Context) error {
	unpaid := a.store.copier("staged_unpaid_deposits", "deposit", "wire_deadline", "tiny")
	err := exchange.UnpaidDeposits.All(ctx, a.conn, a.source, func(d exchange.UnpaidDeposit) error {
		unpaid.Begin()
		unpaid.Int64(d.Serial)
		if d.Malformed != nil {
			if err := a.find(ctx, malformed(areaAggregation, exchange.UnpaidDeposits.Table, &d.Row)); err != nil {
				return err
			}
			nulls(unpaid, 2)
		} else {
			unpaid.Int64(stored(d.WireDeadline))
			unpaid.Bool(d.Tiny)
		}
		return unpaid.End(ctx)
	})
	if err != nil {
		return err
	}
	if err := unpaid.Flush(ctx); err != nil {
		return err
	}
	return a.store.exec(ctx, "analyze pg_temp.staged_unpaid_deposits")
}
