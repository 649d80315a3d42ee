package audit

import (
	"context"

	"auditor/internal/bank"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// banked is what the banks have, as far as all of it was read.
type banked struct {
	balance  balance
	pending  taler.Amount // ordered, not executed yet
	received taler.Amount // within the grace for transfers: not booked yet
	paid     taler.Amount // likewise
}

// stateBanks states what the banks have moved and what they have not done yet. If all
// accounts were read by asking the banks, it leaves to the books as a whole what there is.
func (a *wireAudit) stateBanks(ctx context.Context) error {
	var transfers, closings, received, paid string
	mature := stored(a.now.Add(-a.policy.TransferGrace))
	err := a.store.row(ctx, sql.Text("audit/wire_unsettled.sql"), []any{a.store.exchange, mature}, &transfers, &closings, &received, &paid)
	if err != nil {
		return err
	}
	if len(a.accounts) == 0 {
		return nil
	}
	all := banked{}
	for _, part := range []struct {
		into *taler.Amount
		text string
	}{{&all.received, received}, {&all.paid, paid}} {
		if *part.into, err = a.store.amount("what was not booked yet", part.text); err != nil {
			return err
		}
	}
	var open [2]taler.Amount
	for i, f := range []struct{ name, title, text string }{
		{"total_transfers_pending", "ordered for merchants and not seen at the banks", transfers},
		{"total_closings_pending", "ordered for closed reserves and not seen at the banks", closings},
	} {
		if open[i], err = a.store.amount(f.name, f.text); err != nil {
			return err
		}
		a.stateBank(f.name, f.title, open[i])
	}
	if all.pending, err = open[0].Add(open[1]); err != nil {
		return &ArithmeticError{Figure: "total_transfers_pending", Err: err}
	}
	complete := true
	in, out := taler.Zero(a.policy.Currency), taler.Zero(a.policy.Currency)
	for _, account := range a.sections() {
		complete = complete && !account.Saved
		read := true
		for direction, h := range account.halves {
			read = read && h.read
			into := &in
			if direction == bank.Outgoing {
				into = &out
			}
			if *into, err = into.Add(h.total); err != nil {
				return &ArithmeticError{Figure: "what the banks moved", Err: err}
			}
		}
		complete = complete && read
		if read {
			a.run.accounts = append(a.run.accounts, account.Section)
		}
	}
	a.stateBank("total_bank_credits", "received by the banks", in)
	a.stateBank("total_bank_debits", "paid by the banks", out)
	if !complete {
		return nil
	}
	if all.balance, err = sums(a.policy.Currency, balance{in, false}, balance{out, true}); err != nil {
		return &ArithmeticError{Figure: "bank_balance", Err: err}
	}
	a.banked = &all
	return nil
}

func (a *wireAudit) stateBank(name, title string, amount taler.Amount) {
	a.figure(report.Figure{Area: areaWire, Name: name, Title: title, Amount: amount, Provenance: report.Bank})
}
