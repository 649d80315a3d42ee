package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// fold adds the events of this run to the balances and states what came in and
// went out, what all reserves together should hold and what they have earned the
// exchange.
func (a *reserveAudit) fold(ctx context.Context) error {
	var credited, fees, closed, rounding string
	if err := a.store.row(ctx, sql.Text("audit/reserves_flows.sql"), []any{decimal(a.policy.RoundUnit)}, &credited, &fees, &closed, &rounding); err != nil {
		return arithmetic("what moved in and out of reserves", err)
	}
	if err := a.store.exec(ctx, sql.Text("audit/reserves_merge.sql"), a.store.exchange); err != nil {
		return arithmetic("the balance of a reserve", err)
	}
	var escrow, overdrawn string
	if err := a.store.row(ctx, sql.Text("audit/reserves_escrow.sql"), []any{a.store.exchange}, &escrow, &overdrawn); err != nil {
		return arithmetic("the balance of all reserves", err)
	}
	for _, t := range []struct {
		name, title, text string
		grows             bool
	}{
		{"total_escrow_balance", "held for all reserves", escrow, false},
		{"total_overdraft", "paid out of reserves that did not hold it", overdrawn, false},
		{"total_credits", "received from customers", credited, true},
		{"total_closings", "wired back out of closed reserves", closed, true},
		{"total_withdraw_fee_income", "withdraw and closing fees earned", fees, true},
		{"total_closing_rounding", "left to the exchange by rounding closings down", rounding, true},
	} {
		if err := a.total(ctx, areaReserves, t.name, t.title, t.text, t.grows); err != nil {
			return err
		}
	}
	return nil
}

// holding is a reserve with an amount that it holds or lacks.
type holding struct {
	reserve taler.EddsaPublicKey
	amount  taler.Amount
	at      taler.Timestamp // of what the query asks for
	origins []string
}

// eachHolding runs a query whose rows are a reserve, an amount, a time that may
// be missing, and accounts, and records the finding that take makes of each.
func (a *reserveAudit) eachHolding(ctx context.Context, query string, take func(holding) *report.Finding, args ...any) error {
	return each(ctx, a.store, sql.Text("audit/"+query+".sql"), append([]any{a.store.exchange}, args...),
		func(row pgx.CollectableRow) (holding, error) {
			var h holding
			var reserve []byte
			var amount string
			var at *int64
			if err := row.Scan(&reserve, &amount, &at, &h.origins); err != nil {
				return h, err
			}
			copy(h.reserve[:], reserve)
			if at != nil {
				h.at = fromStored(*at)
			}
			var err error
			h.amount, err = a.store.amount("the balance of reserve "+h.reserve.String(), amount)
			return h, err
		},
		func(h holding) error {
			if f := take(h); f != nil {
				return a.find(ctx, *f)
			}
			return nil
		})
}

// reserveSubject is the subject of a finding about a reserve as such.
func reserveSubject(reserve taler.EddsaPublicKey) subject {
	return subject{table: exchange.ReserveBalances.Table, key: reserve.String()}
}

// auditOverdrafts finds reserves that paid out more than they were paid.
func (a *reserveAudit) auditOverdrafts(ctx context.Context) error {
	return a.eachHolding(ctx, "reserves_overdrawn", func(h holding) *report.Finding {
		evidence := []report.Evidence{with("reserve_pub", h.reserve), withText("expected", "a balance of at least "+taler.Zero(h.amount.Currency).String()), withText("found", "-"+h.amount.String())}
		return new(finding("R-13", reserveSubject(h.reserve), loss(h.amount), evidence,
			"reserve %v paid out %v more than it was paid", h.reserve, h.amount))
	})
}

// auditLeftovers finds reserves that were closed, not credited since, and still
// hold money.
func (a *reserveAudit) auditLeftovers(ctx context.Context) error {
	return a.eachHolding(ctx, "reserves_left_over", func(h holding) *report.Finding {
		return new(finding("R-24", reserveSubject(h.reserve), exposure(h.amount),
			[]report.Evidence{with("reserve_pub", h.reserve), with("balance", h.amount), with("last closing", h.at)},
			"reserve %v was closed, but %v was left in it", h.reserve, h.amount))
	})
}

// auditIdle finds reserves that expired longer ago than the grace period and hold
// more than the fee for closing them, or for which that fee cannot be told
// . It looks at every open reserve, whether or not this run touched it.
func (a *reserveAudit) auditIdle(ctx context.Context) error {
	before := a.now - min(a.now, taler.Timestamp(a.policy.ClosingGrace.Microseconds()))
	return a.eachHolding(ctx, "reserves_idle", func(h holding) *report.Finding {
		evidence := []report.Evidence{with("reserve_pub", h.reserve), with("balance", h.amount), with("expiration", h.at)}
		var reason error = errNoFee
		for _, origin := range h.origins {
			fee, err := a.closingFee(origin, h.at)
			if err != nil {
				reason = err
				continue
			}
			if h.amount.Cmp(fee) <= 0 {
				return nil
			}
			return new(finding("R-16", reserveSubject(h.reserve), exposure(h.amount), append(evidence, with("closing fee", fee)),
				"reserve %v expired %v and still holds %v", h.reserve, h.at, h.amount))
		}
		return new(finding("R-17", reserveSubject(h.reserve), exposure(h.amount), append(evidence, withText("reason", reason.Error())),
			"reserve %v expired %v and still holds %v; the fee for closing it cannot be told: %v", h.reserve, h.at, h.amount, reason))
	}, stored(before))
}
