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

// rememberOrigins keeps the accounts from which reserves were credited, and when.
func (a *reserveAudit) rememberOrigins(ctx context.Context) error {
	if err := a.store.exec(ctx, sql.Text("audit/reserves_origins.sql"), a.store.exchange); err != nil {
		return err
	}
	return a.store.collectStatistics(ctx, "reserve_credits", "reserve_origins")
}

// closing is a closing with what happened to its reserve before.
type closing struct {
	serial      int64
	reserve     taler.EddsaPublicKey
	at          taler.Timestamp
	receiver    string
	amount      taler.Amount
	fee         *taler.Amount // nil: an audit of an earlier version judged all but the receiver
	due         *taler.Amount // the fee in force when the reserve expired; nil if nobody could tell so far
	wrong       bool          // so far
	expiration  *int64        // of the reserve; nil if it was not credited
	lastCredit  *int64
	lastClosing *int64
	origin      *string // an account that the reserve was credited from, whenever
	returned    bool    // it was credited from the receiver's
}

// auditClosings judges, in the light of all that happened to their reserves, the
// closings that may be other than they were: the receiver, the time
// whether it repeats another, and the fee.
func (a *reserveAudit) auditClosings(ctx context.Context) error {
	if err := a.store.exec(ctx, sql.Text("audit/reserves_closings_keep.sql"), a.store.exchange); err != nil {
		return err
	}
	if err := a.store.collectStatistics(ctx, "closings"); err != nil {
		return err
	}
	return batches(ctx, a.store, sql.Text("audit/reserves_closings.sql"), []any{a.store.exchange}, a.scanClosing, func(closings []closing) error {
		var serials []int64
		var wrong []bool
		var value, fraction []*int64
		for i := range closings {
			c := &closings[i]
			findings := a.judgeClosing(c)
			if err := a.find(ctx, findings...); err != nil {
				return err
			}
			serials, wrong = append(serials, c.serial), append(wrong, len(findings) > 0)
			if c.due == nil {
				value, fraction = append(value, nil), append(fraction, nil)
			} else {
				value, fraction = append(value, new(int64(c.due.Value))), append(fraction, new(int64(c.due.Fraction)))
			}
		}
		return a.store.exec(ctx, sql.Text("audit/reserves_closings_judged.sql"), a.store.exchange, serials, wrong, value, fraction)
	})
}

func (a *reserveAudit) scanClosing(row pgx.CollectableRow) (closing, error) {
	c := closing{amount: taler.Zero(a.policy.Currency)}
	var reserve []byte
	var at int64
	var feeValue, dueValue *uint64
	var feeFraction, dueFraction *uint32
	err := row.Scan(&c.serial, &reserve, &at, &c.receiver, &c.amount.Value, &c.amount.Fraction, &feeValue, &feeFraction, &dueValue, &dueFraction, &c.wrong,
		&c.expiration, &c.lastCredit, &c.lastClosing, &c.origin, &c.returned)
	copy(c.reserve[:], reserve)
	c.at = fromStored(at)
	amount := func(value *uint64, fraction *uint32) *taler.Amount {
		if value == nil || fraction == nil {
			return nil
		}
		return &taler.Amount{Currency: a.policy.Currency, Value: *value, Fraction: *fraction}
	}
	c.fee, c.due = amount(feeValue, feeFraction), amount(dueValue, dueFraction)
	return c, err
}

func (c *closing) evidence() []report.Evidence {
	return slices.Clip([]report.Evidence{with("reserve_pub", c.reserve), with("execution_date", c.at), withText("receiver", c.receiver), with("amount", c.amount)})
}

func (a *reserveAudit) judgeClosing(c *closing) []report.Finding {
	about := row(exchange.Closings.Table, c.serial)
	evidence := c.evidence()
	var findings []report.Finding
	switch {
	case c.origin == nil:
		findings = append(findings, finding("R-11", about, exposure(c.amount), evidence,
			"closing %d wires %v out of a reserve that was never credited", c.serial, c.amount))
	case !c.returned:
		findings = append(findings, finding("R-12", about, loss(c.amount), append(evidence, withText("origin", *c.origin)),
			"closing %d wires %v to an account that the reserve was not credited from", c.serial, c.amount))
	}
	if c.fee == nil {
		return findings
	}
	expiration := c.at
	if c.expiration != nil {
		expiration = min(fromStored(*c.expiration), c.at)
		if early := fromStored(*c.expiration); early > c.at {
			findings = append(findings, finding("R-23", about, none, append(evidence, with("expiration", early)),
				"closing %d took place before the reserve expired", c.serial))
		}
	}
	if c.lastClosing != nil && (c.lastCredit == nil || *c.lastClosing > *c.lastCredit) {
		findings = append(findings, finding("R-25", about, gain(*c.fee), append(evidence, with("closed before", fromStored(*c.lastClosing))),
			"closing %d closes a reserve that was closed before and not credited since", c.serial))
	}
	return append(findings, a.judgeClosingFee(c, expiration)...)
}

// judgeClosingFee compares the fee of a closing with the one in force when the reserve
// expired, if there is one. The exchange takes at most what there is. What
// was due once stays so when the announcement of fees was collected as garbage.
func (a *reserveAudit) judgeClosingFee(c *closing, expiration taler.Timestamp) []report.Finding {
	about := row(exchange.Closings.Table, c.serial)
	evidence := c.evidence()
	due, err := a.closingFee(c.receiver, expiration)
	switch {
	case err == nil:
		c.due = &due
	case c.due == nil:
		charged := none
		if !c.fee.IsZero() {
			charged = exposure(*c.fee)
		}
		return []report.Finding{finding("R-10", about, charged, append(evidence, with("found", *c.fee)), "the fee of closing %d cannot be told: %v", c.serial, err)}
	}
	expected := *c.due
	if expected.Cmp(c.amount) > 0 {
		expected = c.amount
	}
	evidence = append(evidence, with("expected", expected), with("found", *c.fee))
	if more, err := c.fee.Sub(expected); err == nil && !more.IsZero() {
		return []report.Finding{finding("R-09", about, gain(more), evidence, "closing %d charged a fee of %v instead of %v", c.serial, *c.fee, expected)}
	}
	if less, err := expected.Sub(*c.fee); err == nil && !less.IsZero() {
		f := finding("R-09", about, loss(less), evidence, "closing %d charged a fee of only %v instead of %v", c.serial, *c.fee, expected)
		f.Severity = report.Inconsistency
		return []report.Finding{f}
	}
	return nil
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
