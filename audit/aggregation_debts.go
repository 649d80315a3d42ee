package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// debt is a deposit as what a merchant is owed.
type debt struct {
	deposit  int64
	amount   taler.Amount // with the fee; zero if the deposit cannot be read
	refunded taler.Amount
	owed     taler.Amount
	due      taler.Timestamp
	transfer *int64 // that pays it

	sum    taler.Amount // what the merchant is owed on that account, if the query asks for it
	number int64        // what else the query asks for
	method string       // by which the merchant is paid, if the query asks for it and it is known
}

// eachDebt runs a query whose rows are debts, reads their deposits once more, and
// records the finding that take makes of each, if it makes any. The deposit is nil if
// it is gone or cannot be read.
func (a *aggregationAudit) eachDebt(ctx context.Context, query string, take func(*debt, *exchange.PayableDeposit) *report.Finding, args ...any) error {
	return batches(ctx, a.store, sql.Text("audit/aggregation_"+query+".sql"), append([]any{a.store.exchange}, args...), a.scanDebt,
		func(debts []debt) error {
			serials := make([]int64, len(debts))
			for i := range debts {
				serials[i] = debts[i].deposit
			}
			deposits, err := reread(ctx, a, exchange.PayableDeposits, serials)
			if err != nil {
				return err
			}
			for i := range debts {
				if f := take(&debts[i], deposits[debts[i].deposit]); f != nil {
					if err := a.find(ctx, *f); err != nil {
						return err
					}
				}
			}
			return nil
		})
}

func (a *aggregationAudit) scanDebt(row pgx.CollectableRow) (debt, error) {
	d := debt{amount: taler.Zero(a.policy.Currency), sum: taler.Zero(a.policy.Currency)}
	var amount, sum, method *string
	var refunded, owed string
	var due, number *int64
	if err := row.Scan(&d.deposit, &amount, &refunded, &owed, &due, &d.transfer, &sum, &number, &method); err != nil {
		return d, err
	}
	if due != nil {
		d.due = fromStored(*due)
	}
	if number != nil {
		d.number = *number
	}
	if method != nil {
		d.method = *method
	}
	for _, text := range []struct {
		into *taler.Amount
		text *string
	}{{&d.amount, amount}, {&d.refunded, &refunded}, {&d.owed, &owed}, {&d.sum, sum}} {
		if text.text == nil {
			continue
		}
		var err error
		if *text.into, err = a.store.amount("what a merchant is owed", *text.text); err != nil {
			return d, err
		}
	}
	return d, nil
}

// about is the subject of a finding about the deposit.
func (d *debt) about() subject { return row(exchange.PayableDeposits.Table, d.deposit) }

// evidence is what is known of a debt, and of its deposit if that is still there.
func (d *debt) evidence(p *exchange.PayableDeposit) []report.Evidence {
	evidence := []report.Evidence{with("owed", d.owed), with("refunded", d.refunded)}
	if d.transfer != nil {
		evidence = append(evidence, number("transfer", *d.transfer))
	}
	if p != nil {
		evidence = append(evidence, with("amount", p.AmountWithFee), with("wire_deadline", p.WireDeadline), with("coin_pub", p.CoinPub),
			with("merchant_pub", p.MerchantPub), withText("wire", p.Wire))
	}
	return evidence
}

// auditDebts finds deposits that a transfer to another account paid, of which
// more was refunded than was deposited, that are part of transfers more than
// once, or of a transfer that does not exist.
func (a *aggregationAudit) auditDebts(ctx context.Context) error {
	if err := a.eachDebt(ctx, "diverted", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		lost := none
		if !d.owed.IsZero() {
			lost = loss(d.owed)
		}
		return new(finding("A-20", row(exchange.TrackedDeposits.Table, d.number), lost, append(d.evidence(p), number("deposit", d.deposit)),
			"deposit %d was paid by transfer %d to another account than its merchant's", d.deposit, *d.transfer))
	}); err != nil {
		return err
	}
	if err := a.eachDebt(ctx, "refunded_too_much", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		excess := none
		if more, err := d.refunded.Sub(d.amount); err == nil {
			excess = loss(more)
		}
		return new(finding("A-29", d.about(), excess, append(d.evidence(p), with("expected", d.amount), with("found", d.refunded)),
			"%v of deposit %d was refunded, which is of %v only", d.refunded, d.deposit, d.amount))
	}); err != nil {
		return err
	}
	if err := a.eachDebt(ctx, "paid_twice", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		return new(finding("A-30", d.about(), none, append(d.evidence(p), number("times", d.number)),
			"deposit %d is %d times part of a transfer; it is counted once", d.deposit, d.number))
	}); err != nil {
		return err
	}
	return a.eachDebt(ctx, "dangling_list", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		return new(finding("A-31", row(exchange.TrackedDeposits.Table, d.number), none, append(d.evidence(p), number("deposit", d.deposit)),
			"deposit %d is said to be part of a transfer that does not exist", d.deposit))
	})
}

// auditOverdue finds deposits that were due and that no transfer paid (W-17), touched
// by this run or not. Those of a merchant whose overdue deposits on one account are
// together smaller than the wire fee and a tiny amount may wait for more (W-18),
// whatever the exchange calls tiny. The fee is the highest one since the last of
// them was due, which is when the exchange decided to wait.
func (a *aggregationAudit) auditOverdue(ctx context.Context) error {
	tiny := a.tiny()
	return a.eachDebt(ctx, "overdue", func(d *debt, p *exchange.PayableDeposit) *report.Finding {
		evidence := append(d.evidence(p), with("due", d.due), withText("overdue for", a.age(d.due)), with("owed to the merchant", d.sum))
		if p != nil && a.internal {
			evidence = append(evidence, withText("claimed_done", map[bool]string{false: "no", true: "yes"}[p.Done]))
		}
		if p != nil && d.method == "" {
			d.method = a.wires.of(p.Wire).method
		}
		fee := a.keys.fees.highestWireFee(d.method, fromStored(d.number), a.now, taler.Zero(a.policy.Currency))
		if least, err := fee.Add(tiny); err == nil && d.sum.Cmp(least) < 0 {
			return nil
		}
		return new(finding("W-17", d.about(), exposure(d.owed), evidence, "%v is owed for deposit %d since %v", d.owed, d.deposit, d.due))
	}, a.overdueBefore(), decimal(tiny))
}

// tiny is the sum below which nothing need be wired: what the policy says, or what
// rounding leaves nothing of.
func (a *aggregationAudit) tiny() taler.Amount {
	tiny := taler.Zero(a.policy.Currency)
	for _, limit := range []taler.Amount{a.policy.TinyAmount, a.policy.RoundUnit} {
		if limit.Currency != "" && limit.Cmp(tiny) > 0 {
			tiny = limit
		}
	}
	return tiny
}

// age tells how long ago something was, in days and hours.
func (a *aggregationAudit) age(since taler.Timestamp) string {
	hours := int64(a.now.Time().Sub(since.Time()) / time.Hour)
	if hours < 48 {
		return fmt.Sprintf("%d hours", hours)
	}
	return fmt.Sprintf("%d days", hours/24)
}
