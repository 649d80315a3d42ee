package audit

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// repeatedCredit is a credit for a bank transfer that was booked before.
type repeatedCredit struct {
	serial, first int64
	reserve       taler.EddsaPublicKey
	section       string
	reference     int64
	amount        taler.Amount
}

// auditRepeatedCredits finds bank transfers that were credited more than once
// in this run or across runs.
func (a *reserveAudit) auditRepeatedCredits(ctx context.Context) error {
	if err := a.store.exec(ctx, sql.Text("audit/reserves_credits.sql"), a.store.exchange); err != nil {
		return err
	}
	return each(ctx, a.store, sql.Text("audit/reserves_credited_twice.sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (repeatedCredit, error) {
			var c repeatedCredit
			var reserve []byte
			c.amount.Currency = a.policy.Currency
			err := row.Scan(&c.serial, &c.first, &reserve, &c.section, &c.reference, &c.amount.Value, &c.amount.Fraction)
			copy(c.reserve[:], reserve)
			return c, err
		},
		func(c repeatedCredit) error {
			return a.find(ctx, finding("R-27", row(exchange.Credits.Table, c.serial), loss(c.amount),
				[]report.Evidence{with("reserve_pub", c.reserve), withText("account_section", c.section),
					number("wire_reference", c.reference), number("first booked in row", c.first)},
				"credit %d of %v books the bank transfer %d of %s once more: it was booked in row %d",
				c.serial, c.amount, c.reference, c.section, c.first))
		})
}

// rememberOrigins keeps the accounts from which reserves were credited.
func (a *reserveAudit) rememberOrigins(ctx context.Context) error {
	return a.store.exec(ctx, sql.Text("audit/reserves_origins.sql"), a.store.exchange)
}

// closing is a closing with what was known of its reserve when it took place.
type closing struct {
	serial      int64
	reserve     taler.EddsaPublicKey
	at          taler.Timestamp
	receiver    string
	amount, fee taler.Amount
	expiration  *int64 // of the reserve; nil if it was never credited
	lastCredit  *int64 // before the closing, or later if the closing is late
	lastClosing *int64 // before the closing
}

// auditClosings judges the closings of this run in the light of their reserves:
// the time, whether it repeats another,
// and the fee.
func (a *reserveAudit) auditClosings(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/reserves_closings.sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (closing, error) {
			var c closing
			var reserve []byte
			var at int64
			c.amount.Currency, c.fee.Currency = a.policy.Currency, a.policy.Currency
			err := row.Scan(&c.serial, &reserve, &at, &c.receiver, &c.amount.Value, &c.amount.Fraction, &c.fee.Value, &c.fee.Fraction,
				&c.expiration, &c.lastCredit, &c.lastClosing)
			copy(c.reserve[:], reserve)
			c.at = fromStored(at)
			return c, err
		},
		func(c closing) error { return a.find(ctx, a.judgeClosing(&c)...) })
}

func (c *closing) evidence() []report.Evidence {
	return slices.Clip([]report.Evidence{with("reserve_pub", c.reserve), with("execution_date", c.at), withText("receiver", c.receiver), with("amount", c.amount)})
}

// auditReceivers finds closings that went elsewhere than the money came from (R-11,
// R-12), whenever either was booked.
func (a *reserveAudit) auditReceivers(ctx context.Context) error {
	if err := a.store.exec(ctx, sql.Text("audit/reserves_misdirected_keep.sql"), a.store.exchange); err != nil {
		return err
	}
	type misdirected struct {
		closing
		origin *string // an account that the reserve was credited from
	}
	return each(ctx, a.store, sql.Text("audit/reserves_misdirected.sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (misdirected, error) {
			var m misdirected
			var reserve []byte
			var at int64
			m.amount.Currency = a.policy.Currency
			err := row.Scan(&m.serial, &reserve, &at, &m.receiver, &m.amount.Value, &m.amount.Fraction, &m.origin)
			copy(m.reserve[:], reserve)
			m.at = fromStored(at)
			return m, err
		},
		func(m misdirected) error {
			about := row(exchange.Closings.Table, m.serial)
			if m.origin == nil {
				return a.find(ctx, finding("R-11", about, exposure(m.amount), m.evidence(),
					"closing %d wires %v out of a reserve that was never credited", m.serial, m.amount))
			}
			return a.find(ctx, finding("R-12", about, loss(m.amount), append(m.evidence(), withText("origin", *m.origin)),
				"closing %d wires %v to an account that the reserve was not credited from", m.serial, m.amount))
		})
}

func (a *reserveAudit) judgeClosing(c *closing) []report.Finding {
	about := row(exchange.Closings.Table, c.serial)
	evidence := c.evidence()
	var findings []report.Finding

	// A closing that shows up after a later credit was judged cannot be compared
	// with what the reserve was like before it.
	late := c.lastCredit != nil && fromStored(*c.lastCredit) > c.at
	expiration := c.at
	if c.expiration != nil {
		expiration = min(fromStored(*c.expiration), c.at)
		if early := fromStored(*c.expiration); early > c.at && !late {
			findings = append(findings, finding("R-23", about, none, append(evidence, with("expiration", early)),
				"closing %d took place before the reserve expired", c.serial))
		}
	}
	if c.lastClosing != nil && (c.lastCredit == nil || *c.lastClosing > *c.lastCredit) {
		findings = append(findings, finding("R-25", about, gain(c.fee), append(evidence, with("closed before", fromStored(*c.lastClosing))),
			"closing %d closes a reserve that was closed before and not credited since", c.serial))
	}

	// The exchange takes the fee in force when the reserve expired, and at most
	// what there is.
	expected, err := a.closingFee(c.receiver, expiration)
	if err != nil {
		charged := none
		if !c.fee.IsZero() {
			charged = exposure(c.fee)
		}
		return append(findings, finding("R-10", about, charged, append(evidence, with("found", c.fee)), "the fee of closing %d cannot be told: %v", c.serial, err))
	}
	if expected.Cmp(c.amount) > 0 {
		expected = c.amount
	}
	fee := append(evidence, with("expected", expected), with("found", c.fee))
	if more, err := c.fee.Sub(expected); err == nil && !more.IsZero() {
		findings = append(findings, finding("R-09", about, gain(more), fee,
			"closing %d charged a fee of %v instead of %v", c.serial, c.fee, expected))
	} else if less, err := expected.Sub(c.fee); err == nil && !less.IsZero() {
		f := finding("R-09", about, loss(less), fee, "closing %d charged a fee of only %v instead of %v", c.serial, c.fee, expected)
		f.Severity = report.Inconsistency
		findings = append(findings, f)
	}
	return findings
}

// errNoFee says why a closing fee cannot be told.
var errNoFee = errors.New("no single fee was set for that payment method and time")

// closingFee is what closing a reserve towards an account costs at a time.
func (a *reserveAudit) closingFee(account string, at taler.Timestamp) (taler.Amount, error) {
	payto, err := taler.ParsePayto(account)
	if err != nil {
		return taler.Amount{}, err
	}
	fee, ok := a.keys.fees.closingFee(payto.Method, at)
	if !ok {
		return taler.Amount{}, errNoFee
	}
	return fee, nil
}
