package audit

import (
	"context"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// fold adds the events of this run to the balances of coins and denominations.
func (a *coinAudit) fold(ctx context.Context) error {
	for _, step := range []string{"coins_denominations", "coins_fees_returned", "coins_fees_waived", "coins_merge", "coins_denominations_merge"} {
		if err := a.store.exec(ctx, sql.Text("audit/"+step+".sql"), a.store.exchange); err != nil {
			return arithmetic("the balance of a coin", err)
		}
	}
	return nil
}

// stateBalances states what the exchange owes to the owners of coins, and what it
// risks. A denomination that expired longer ago than the grace period has left its
// coins' worth to the exchange.
func (a *coinAudit) stateBalances(ctx context.Context) error {
	expired := a.now - min(a.now, taler.Timestamp(a.policy.DenominationGrace.Microseconds()))
	var outstanding, left, overdrawn, issued string
	err := a.store.row(ctx, sql.Text("audit/coins_balances.sql"), []any{a.store.exchange, stored(expired)}, &outstanding, &left, &overdrawn, &issued)
	if err != nil {
		return arithmetic("what coins hold", err)
	}
	held, err := a.store.amount("what coins hold", outstanding)
	if err != nil {
		return err
	}
	escrow, err := held.Add(a.unrevealed)
	if err != nil {
		return &ArithmeticError{Figure: "total_escrow_balance", Err: err}
	}
	a.amount("total_escrow_balance", "held for the owners of coins", escrow)
	for _, f := range []struct{ name, title, text string }{
		{"total_active_risk", "can be lost if keys are stolen: what coins hold", outstanding},
		{"total_issued_value", "issued and given back, of denominations that have not expired", issued},
		{"total_expired_balance", "left in coins that expired, now the exchange's", left},
		{"total_overdraft", "spent of denominations that did not hold it", overdrawn},
	} {
		if err := a.total(ctx, areaCoins, f.name, f.title, f.text, false); err != nil {
			return err
		}
	}
	return nil
}

// stateIncome states what coins have earned the exchange, and what recoups cost it.
// Where more deposit fees were forgone than were due, because there were few deposits
// without refunds, or some were left out of the books, nothing was earned.
func (a *coinAudit) stateIncome(ctx context.Context) error {
	growing := []struct{ name, title string }{
		{"total_deposit_fees", "deposit fees, forgone or not"},
		{"total_deposit_fees_waived", "of these, spared to merchants because of refunds"},
		{"total_deposit_fees_returned", "of these, given back to refunded coins"},
		{"total_melt_fee_income", "melt fees earned"},
		{"total_refund_fee_income", "refund fees earned"},
		{"total_fresh_fee_income", "withdraw fees of fresh coins earned"},
		{"total_recouped", "recouped into reserves"},
		{"total_recouped_refresh", "recouped into melted coins"},
	}
	texts := make([]string, len(growing))
	targets := make([]any, len(growing))
	for i := range texts {
		targets[i] = &texts[i]
	}
	err := a.store.row(ctx, sql.Text("audit/coins_income.sql"), nil, targets...)
	if err != nil {
		return arithmetic("the fees of coins", err)
	}
	sums := make(map[string]taler.Amount)
	for i, g := range growing {
		amount, err := a.grown(ctx, areaCoins, g.name, texts[i])
		if err != nil {
			return err
		}
		sums[g.name] = amount
		a.amount(g.name, g.title, amount)
	}
	income := sums["total_deposit_fees"]
	for _, forgone := range []string{"total_deposit_fees_waived", "total_deposit_fees_returned"} {
		if income, err = income.Sub(sums[forgone]); err != nil {
			income = taler.Zero(a.policy.Currency)
			break
		}
	}
	a.amount("total_deposit_fee_income", "deposit fees earned", income)
	lost, err := sums["total_recouped"].Add(sums["total_recouped_refresh"])
	if err != nil {
		return &ArithmeticError{Figure: "total_recoup_loss", Err: err}
	}
	a.amount("total_recoup_loss", "recouped", lost)
	return nil
}

// amount states a figure of the area.
func (a *coinAudit) amount(name, title string, amount taler.Amount) {
	a.figure(report.Figure{Area: areaCoins, Name: name, Title: title, Amount: amount, Provenance: report.AppendOnly})
}
