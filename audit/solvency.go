package audit

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// The area "solvency" puts the books of all other areas together. What customers
// paid in, less what was paid out again, must be at the banks once they have executed
// all orders. It is what the exchange owes to owners of reserves and coins and to
// merchants, and what it has earned: nothing else can have become of the money. Each
// fraud that costs money makes a gap here, also one that nobody has thought of.

// entry is a figure of another area, as a part of a sum.
type entry struct{ area, name string }

// balanceSheet says which figures make up the balance. Together they take each unit
// of money into account once. What was forgone belongs to what was earned, and may be
// more, as long as business is small.
func balanceSheet() (paidIn, paidOut, owed, earned, forgone []entry) {
	paidIn = []entry{{areaReserves, "total_credits"}}
	paidOut = []entry{{areaReserves, "total_closings"}, {areaAggregation, "total_wired"}}
	owed = []entry{{areaReserves, "total_escrow_balance"}, {areaCoins, "total_escrow_balance"}, {areaAggregation, "total_unpaid_deposits"}}
	earned = []entry{
		{areaReserves, "total_withdraw_fee_income"}, {areaReserves, "total_closing_rounding"},
		{areaCoins, "total_deposit_fees"}, {areaCoins, "total_melt_fee_income"}, {areaCoins, "total_refund_fee_income"},
		{areaCoins, "total_fresh_fee_income"}, {areaCoins, "total_expired_balance"},
		{areaAggregation, "total_aggregation_fee_income"},
	}
	forgone = []entry{{areaCoins, "total_deposit_fees_waived"}, {areaCoins, "total_deposit_fees_returned"}}
	return paidIn, paidOut, owed, earned, forgone
}

// auditSolvency states what the exchange owes, what it has earned and what must be at
// its banks, and finds that it owes more (L-01), that the sums disagree (L-02), or that
// the banks have something else (L-03). The findings cost nothing themselves: other
// findings say what was lost and how, and where they do, L-02 and L-03 are no news.
func auditSolvency(ctx context.Context, r *run, _ *pgx.Conn) error {
	var sums [5]taler.Amount
	paidIn, paidOut, owed, earned, forgone := balanceSheet()
	for i, entries := range [][]entry{paidIn, paidOut, owed, earned, forgone} {
		var err error
		if sums[i], err = r.add(entries); err != nil {
			return err
		}
	}
	in, out, liabilities, gains, losses := sums[0], sums[1], sums[2], sums[3], sums[4]
	due, err := liabilities.Add(gains)
	if err != nil {
		return &ArithmeticError{Figure: "what is owed and earned", Err: err}
	}
	zero := taler.Zero(r.policy.Currency)
	income, _ := signedDifference(gains, losses, zero)
	expected, overdrawn := signedDifference(in, out, zero)
	there, err := expected.Add(losses)
	if err != nil {
		return &ArithmeticError{Figure: "what is there and was forgone", Err: err}
	}
	surplus, gap := signedDifference(there, due, zero)
	if gap, err = gap.Add(overdrawn); err != nil {
		return &ArithmeticError{Figure: "total_gap", Err: err}
	}
	_, shortfall := signedDifference(expected, liabilities, zero)
	if shortfall, err = shortfall.Add(overdrawn); err != nil {
		return &ArithmeticError{Figure: "total_shortfall", Err: err}
	}
	for _, f := range []struct {
		name, title string
		amount      taler.Amount
	}{
		{"expected_bank_balance", "must be at the banks when all orders are executed", expected},
		{"total_liabilities", "owed to customers and merchants", liabilities},
		{"total_income", "earned by fees, rounding and expired coins, which the exchange may take", income},
		{"total_shortfall", "owed, but not there", shortfall},
		{"total_gap", "owed or earned, but not there", gap},
		{"total_surplus", "there, but neither owed nor earned", surplus},
	} {
		r.figure(report.Figure{Area: areaSolvency, Name: f.name, Title: f.title, Amount: f.amount, Provenance: report.AppendOnly})
	}

	if err := r.auditBanked(ctx, expected, overdrawn); err != nil {
		return err
	}
	evidence := []report.Evidence{with("expected bank balance", expected), with("liabilities", liabilities), with("income", income)}
	books := subject{key: "books"}
	if !shortfall.IsZero() {
		err := r.find(ctx, finding("L-01", books, none, beyond(append(evidence, with("shortfall", shortfall)), "at least", liabilities, expected),
			"the exchange owes %v, which is %v more than it can have at its banks", liabilities, shortfall))
		if err != nil {
			return err
		}
	}
	if gap.IsZero() && surplus.IsZero() {
		return nil
	}
	if explained, err := r.store.explained(ctx); err != nil || explained {
		return err
	}
	what := fmt.Sprintf("%v too little", gap)
	if gap.IsZero() {
		what = fmt.Sprintf("%v too much", surplus)
	}
	return r.find(ctx, finding("L-02", books, none, append(evidence, with("too little", gap), with("too much", surplus)),
		"the books do not balance: for what the exchange owes and has earned, %s came in", what))
}

// auditBanked states what is at the banks, if all of them were asked, and compares it
// with what must be there once all orders are executed: the orders on their way are
// still there, what the bank did a moment ago may not be booked yet.
func (r *run) auditBanked(ctx context.Context, expected, overdrawn taler.Amount) error {
	if r.banked == nil {
		return nil
	}
	b := r.banked
	must, err := sums(r.policy.Currency, balance{expected, false}, balance{overdrawn, true},
		balance{b.pending, false}, balance{b.received, false}, balance{b.paid, true})
	if err != nil {
		return &ArithmeticError{Figure: "what must be at the banks", Err: err}
	}
	gap, err := sums(r.policy.Currency, must, b.balance.negated())
	if err != nil {
		return &ArithmeticError{Figure: "bank_balance_gap", Err: err}
	}
	zero := taler.Zero(r.policy.Currency)
	there, missing, tooMuch := b.balance.amount, gap.amount, zero
	if b.balance.below {
		there = zero
	}
	if gap.below {
		missing, tooMuch = zero, gap.amount
	}
	for _, f := range []struct {
		name, title string
		amount      taler.Amount
	}{
		{"bank_balance", "at the banks", there},
		{"total_bank_gap", "not at the banks, though the books say so", missing},
		{"total_bank_surplus", "at the banks, though the books do not say so", tooMuch},
	} {
		r.figure(report.Figure{Area: areaSolvency, Name: f.name, Title: f.title, Amount: f.amount, Provenance: report.Bank})
	}
	if gap.amount.IsZero() {
		return nil
	}
	if explained, err := r.store.explained(ctx); err != nil || explained {
		return err
	}
	what := fmt.Sprintf("%v too little", missing)
	if gap.below {
		what = fmt.Sprintf("%v too much", tooMuch)
	}
	return r.find(ctx, finding("L-03", subject{key: "banks"}, none,
		[]report.Evidence{with("found", b.balance), with("expected", must), with("not executed yet", b.pending),
			with("received and not booked yet", b.received), with("paid and not booked yet", b.paid)},
		"the banks have %v, which is %s", b.balance, what))
}

// explained tells whether any other finding states what was lost, gained or is at
// stake, so that an imbalance is no news. The figures state it all the same.
func (s *store) explained(ctx context.Context) (explained bool, err error) {
	if err := s.findings.Flush(ctx); err != nil {
		return false, err
	}
	err = s.row(ctx, sql.Text("audit/findings_explain.sql"), []any{s.exchange}, &explained)
	return explained, err
}

// signedDifference returns by how much a exceeds b, and b exceeds a: one of them is zero.
func signedDifference(a, b, zero taler.Amount) (more, less taler.Amount) {
	if more, err := a.Sub(b); err == nil {
		return more, zero
	}
	less, err := b.Sub(a)
	if err != nil {
		panic(err) // two amounts of one currency
	}
	return zero, less
}

// add adds up figures of this run, all of which must have been stated.
func (r *run) add(entries []entry) (taler.Amount, error) {
	total := taler.Zero(r.policy.Currency)
	for _, e := range entries {
		stated := false
		for _, f := range r.figures {
			if f.Area != e.area || f.Name != e.name {
				continue
			}
			stated = true
			var err error
			if total, err = total.Add(f.Amount); err != nil {
				return total, &ArithmeticError{Figure: e.area + " " + e.name, Err: err}
			}
		}
		if !stated {
			return total, &DefectError{fmt.Sprintf("the figure %s of the area %s was not stated", e.name, e.area)}
		}
	}
	return total, nil
}
