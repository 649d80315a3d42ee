package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// openMelt is a melt that is not as it should be, or not yet.
type openMelt struct {
	serial   int64
	coinPub  taler.EddsaPublicKey
	amount   taler.Amount
	paid     *taler.Amount // without the fee; nil if that is not known
	cost     taler.Amount  // of the fresh coins
	booked   bool
	choice   int32
	keys     bool // there are transfer keys
	surplus  int32
	fresh    int32
	unusable int32
	proven   *int32 // number of fresh coins that the commitment is about
	gap      bool
}

// auditOpenMelts evaluates every melt that is not in order, whether or not this run
// touched it: those that were not answered (C-16), answers that are not what was
// committed to (C-34), and those of another value than was paid for (C-19, C-38). It
// states what is owed to owners of melted coins.
func (a *refreshAudit) auditOpenMelts(ctx context.Context) error {
	hanging := taler.Zero(a.policy.Currency)
	err := each(ctx, a.store, sql.Text("audit/refresh_open.sql"), []any{a.store.exchange}, a.scanOpenMelt, func(m openMelt) error {
		var err error
		if m.hanging() {
			if hanging, err = hanging.Add(m.amount); err != nil {
				return &ArithmeticError{Figure: "the amount of melts without an answer", Err: err}
			}
		}
		if a.unrevealed, err = a.unrevealed.Add(m.owed()); err != nil {
			return &ArithmeticError{Figure: "what is owed for melts", Err: err}
		}
		return a.find(ctx, m.findings()...)
	})
	if err != nil {
		return err
	}
	a.amount("total_refresh_hanging", "melted without an answer", hanging)
	a.amount("total_unrevealed", "of what was melted, not answered yet and owed to its owners", a.unrevealed)
	return nil
}

func (a *refreshAudit) scanOpenMelt(row pgx.CollectableRow) (openMelt, error) {
	var m openMelt
	var coinPub []byte
	var amount, cost string
	var paid *string
	err := row.Scan(&m.serial, &coinPub, &amount, &paid, &cost, &m.booked, &m.choice, &m.keys, &m.surplus, &m.fresh, &m.unusable, &m.proven, &m.gap)
	if err != nil {
		return m, err
	}
	copy(m.coinPub[:], coinPub)
	if m.amount, err = a.store.amount("the amount of a melt", amount); err != nil {
		return m, err
	}
	if m.cost, err = a.store.amount("the cost of the fresh coins of a melt", cost); err != nil || paid == nil {
		return m, err
	}
	p, err := a.store.amount("what a melt paid for", *paid)
	m.paid = &p
	return m, err
}

// unanswered tells whether the melt has no complete answer. Where there are several
// sets of transfer keys, nobody can tell what a complete one is.
func (m *openMelt) unanswered() bool {
	return !m.keys || m.fresh == 0 || m.surplus == 0 && m.proven == nil && m.gap
}

// hanging tells whether the melt took money for which there is no complete answer.
func (m *openMelt) hanging() bool {
	return m.unanswered() && m.booked && m.paid != nil && !m.paid.IsZero()
}

// owed is what the melt paid for and its owner did not get.
func (m *openMelt) owed() taler.Amount {
	if m.booked && m.paid != nil {
		if less, err := m.paid.Sub(m.cost); err == nil {
			return less
		}
	}
	return taler.Zero(m.amount.Currency)
}

// misfit says why the answer is not what the melt committed to, "" if it is.
func (m *openMelt) misfit() string {
	switch {
	case m.choice < 0 || m.choice >= taler.RefreshSets:
		return "there is no such set of envelopes as was chosen"
	case m.surplus > 0:
		return "there is more than one set of transfer keys"
	case m.unanswered():
		return ""
	case m.proven != nil && *m.proven != m.fresh:
		return "there are fresh coins beside those that it committed to"
	case m.proven == nil && m.unusable == 0:
		return "its commitment is to other fresh coins"
	}
	return ""
}

func (m *openMelt) findings() []report.Finding {
	var findings []report.Finding
	about := meltRow(m.serial)
	evidence := []report.Evidence{with("coin_pub", m.coinPub), with("amount", m.amount)}
	if m.hanging() {
		findings = append(findings, finding("C-16", about, exposure(m.amount), append(evidence, number("fresh coins", int64(m.fresh))),
			"melt %d of %v is without a complete answer", m.serial, m.amount))
	}
	if why := m.misfit(); why != "" {
		amounts := none
		if (m.proven == nil || m.surplus > 0) && !m.cost.IsZero() {
			amounts = exposure(m.cost)
		}
		findings = append(findings, finding("C-34", about, amounts,
			append(evidence, number("noreveal_index", int64(m.choice)), number("fresh coins", int64(m.fresh)), withText("reason", why)),
			"the answer to melt %d of %v does not fit it: %s", m.serial, m.amount, why))
	}
	if m.paid == nil {
		return findings
	}
	evidence = append(evidence, with("paid", *m.paid), with("cost", m.cost))
	if more, err := m.cost.Sub(*m.paid); err == nil && !more.IsZero() {
		findings = append(findings, finding("C-19", about, loss(more), evidence,
			"melt %d paid %v for fresh coins that cost %v", m.serial, *m.paid, m.cost))
	}
	if less := m.owed(); !less.IsZero() && !m.unanswered() && m.unusable == 0 {
		findings = append(findings, finding("C-38", about, gain(less), evidence,
			"melt %d paid %v, but its fresh coins cost only %v", m.serial, *m.paid, m.cost))
	}
	return findings
}
