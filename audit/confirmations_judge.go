package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// contradiction is a set of things in which a deposit is not what was confirmed.
type contradiction uint8

const (
	otherAccount contradiction = 1 << iota
	otherDeadline
	otherDate
)

// contradicts tells in what a deposit is not as it was confirmed, but for the amount.
func (p *promise) contradicts(d *exchange.ConfirmedDeposit) contradiction {
	var c contradiction
	if d.WireHash != p.WireHash {
		c |= otherAccount
	}
	if d.RefundDeadline != p.RefundDeadline {
		c |= otherDeadline
	}
	if d.ExchangeTimestamp != p.ExchangeTimestamp {
		c |= otherDate
	}
	return c
}

// stage keeps what was found for a confirmation.
func (a *confirmationAudit) stage(ctx context.Context, p *promise, c *candidates) error {
	s := a.states
	s.Begin()
	s.Int64(p.Serial)
	if c.count == 0 {
		s.Null()
		s.Int64(0)
		for range 10 {
			s.Null()
		}
		s.Bool(true)
		s.Bool(true)
		return s.End(ctx)
	}
	d := &c.best
	defect, until, amount := a.value(d)
	s.Int64(stored(until))
	s.Int64(c.count)
	s.Int64(d.Serial)
	s.Int64(d.Coin)
	s.Bytes(d.WireHash[:])
	s.Int64(stored(d.ExchangeTimestamp))
	s.Int64(stored(d.RefundDeadline))
	putAmount(s, d.AmountWithFee)
	if defect == "" {
		putAmount(s, amount)
		s.Null()
	} else {
		s.Null()
		s.Null()
		s.Text(defect)
	}
	s.Bool(false)
	s.Bool(c.count > 1 || defect != "" || p.contradicts(d) != 0 || amount != p.AmountWithoutFee)
	return s.End(ctx)
}

// value tells why a deposit is of no use, or else what it is worth to the merchant, and
// until when it must be kept: 0 if that cannot be told, since then nobody can say that
// it was removed too early either.
func (a *confirmationAudit) value(d *exchange.ConfirmedDeposit) (defect string, until taler.Timestamp, worth taler.Amount) {
	denomination := a.keys.denominations[d.Denomination]
	switch {
	case d.Malformed != nil && denomination == nil:
		return d.Malformed.Error(), 0, worth
	case d.Malformed != nil:
		return d.Malformed.Error(), denomination.ExpireLegal, worth
	case denomination == nil:
		return fmt.Sprintf("the coin is of denomination %d, which does not exist or cannot be read", d.Denomination), 0, worth
	}
	worth, err := d.AmountWithFee.Sub(denomination.FeeDeposit)
	if err != nil {
		worth = taler.Zero(a.policy.Currency)
	}
	return "", denomination.ExpireLegal, worth
}

// broken is a confirmation about which something is wrong.
type broken struct {
	promise
	missing  bool
	deposits int64         // that it is about
	worth    *taler.Amount // of the deposit; nil if it cannot be told
	defect   string
	counts   bool // no other confirmation of the same payment is of more
}

// judgePromises makes the findings about all confirmations about which something is
// wrong, and adds up what merchants lack.
func (a *confirmationAudit) judgePromises(ctx context.Context) error {
	var collected int64
	err := a.store.row(ctx, sql.Text("audit/confirmations_collected.sql"), []any{a.store.exchange, stored(a.now.Add(a.policy.FutureTolerance))}, &collected)
	if err != nil {
		return err
	}
	return each(ctx, a.store, sql.Text("audit/confirmations_wrong.sql"), []any{a.store.exchange}, a.scanBroken, func(b broken) error {
		for _, f := range a.judgePromise(&b, fromStored(collected)) {
			for _, amount := range []*taler.Amount{f.Loss, f.Exposure} {
				if amount == nil {
					continue
				}
				var err error
				if a.lacking, err = a.lacking.Add(*amount); err != nil {
					return &ArithmeticError{Figure: "missing_deposit_confirmation_total", Err: err}
				}
			}
			if err := a.find(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *confirmationAudit) scanBroken(row pgx.CollectableRow) (broken, error) {
	var b broken
	var serial, at, deadline *int64
	var wire []byte
	var worth, defect *string
	scan, fill := a.promised(&b.promise)
	if err := row.Scan(append(scan, &b.missing, &b.deposits, &serial, &wire, &at, &deadline, &worth, &defect, &b.counts)...); err != nil {
		return b, err
	}
	if defect != nil {
		b.defect = *defect
	}
	if err := fill(); err != nil || serial == nil {
		return b, err
	}
	b.deposit = &exchange.ConfirmedDeposit{Row: exchange.Row{Serial: *serial}, ExchangeTimestamp: fromStored(*at), RefundDeadline: fromStored(*deadline)}
	copy(b.deposit.WireHash[:], wire)
	if worth == nil {
		return b, nil
	}
	amount, err := a.store.amount("the amount of a deposit", *worth)
	b.worth = &amount
	return b, err
}

// judgePromise says what is wrong with a confirmation. Only the gravest of it
// states what the merchant lacks.
func (a *confirmationAudit) judgePromise(b *broken, collected taler.Timestamp) []report.Finding {
	if b.missing {
		return []report.Finding{a.judgeMissing(b, collected)}
	}
	var findings []report.Finding
	about, evidence := row(confirmations, b.Serial), append(b.evidence(), number("deposit", b.deposit.Serial))
	stated := false
	find := func(id string, amounts report.Amounts, more []report.Evidence, summary string, args ...any) {
		if stated {
			amounts = none
		}
		f := finding(id, about, amounts, append(evidence[:len(evidence):len(evidence)], more...), summary, args...)
		if amounts == none {
			f.Severity = report.Inconsistency
		}
		stated = stated || amounts != none
		findings = append(findings, f)
	}
	if b.deposits > 1 {
		find("D-07", none, []report.Evidence{number("deposits", b.deposits)}, "confirmation %d is about %d deposits", b.Serial, b.deposits)
	}
	if b.defect != "" {
		find("D-08", exposure(b.AmountWithoutFee), []report.Evidence{withText("defect", b.defect)},
			"deposit %d, which was confirmed, cannot be used: %s", b.deposit.Serial, b.defect)
		return findings
	}
	differs := b.contradicts(b.deposit)
	if differs&otherAccount != 0 {
		find("D-02", loss(b.AmountWithoutFee), []report.Evidence{with("found", b.deposit.WireHash)},
			"deposit %d is for another account than the one that was confirmed", b.deposit.Serial)
	}
	if *b.worth != b.AmountWithoutFee {
		amounts := none
		if less, err := b.AmountWithoutFee.Sub(*b.worth); err == nil {
			amounts = loss(less)
		}
		find("D-04", amounts, []report.Evidence{with("expected", b.AmountWithoutFee), with("found", *b.worth)},
			"deposit %d is worth %v to the merchant, but %v were confirmed", b.deposit.Serial, *b.worth, b.AmountWithoutFee)
	}
	if differs&otherDeadline != 0 {
		find("D-03", exposure(b.AmountWithoutFee), []report.Evidence{with("expected", b.RefundDeadline), with("found", b.deposit.RefundDeadline)},
			"deposit %d can be refunded until %v, but %v was confirmed", b.deposit.Serial, b.deposit.RefundDeadline, b.RefundDeadline)
	}
	if differs&otherDate != 0 {
		find("D-05", none, []report.Evidence{with("expected", b.ExchangeTimestamp), with("found", b.deposit.ExchangeTimestamp)},
			"deposit %d is dated %v, but %v was confirmed", b.deposit.Serial, b.deposit.ExchangeTimestamp, b.ExchangeTimestamp)
	}
	return findings
}

// judgeMissing says that a confirmed deposit is not there (D-01). That may be no
// loss yet: the copy of the exchange's database may lag behind, and a deposit that
// no audit has seen may have been collected as garbage.
func (a *confirmationAudit) judgeMissing(b *broken, collected taler.Timestamp) report.Finding {
	amounts, why := loss(b.AmountWithoutFee), ""
	switch {
	case b.deposit != nil:
		why = fmt.Sprintf(": it was deposit %d, which is gone", b.deposit.Serial)
	case a.now < b.ExchangeTimestamp.Add(a.policy.ConfirmationGrace):
		amounts, why = exposure(b.AmountWithoutFee), ": it may still come"
	case b.ExchangeTimestamp < collected:
		amounts, why = exposure(b.AmountWithoutFee), ", unless it was collected as garbage before the confirmation was reported"
	}
	if !b.counts {
		amounts = none
	}
	f := finding("D-01", row(confirmations, b.Serial), amounts, b.evidence(), "the deposit of %v that confirmation %d is about is not there%s", b.AmountWithoutFee, b.Serial, why)
	switch {
	case amounts == none:
		f.Severity = report.Inconsistency
	case amounts.Loss == nil:
		f.Severity = report.Exposure
	}
	return f
}
