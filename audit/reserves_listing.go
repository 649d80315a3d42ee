package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// Besides the balance the exchange notes of each reserve when it expires, when it
// may be collected as garbage, and to which account a closing goes. The closing
// process and the garbage collection believe these notes, so an internal audit
// compares them with what they should follow from.

// datedReserve is a reserve with the dates that the exchange noted and ours.
type datedReserve struct {
	reserve                taler.EddsaPublicKey
	expiration, expected   taler.Timestamp
	collection, atEarliest taler.Timestamp
}

// auditDates finds reserves whose dates are wrong. The rows were staged by
// auditBalances.
func (a *reserveAudit) auditDates(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/reserves_dates.sql"), []any{a.store.exchange, a.policy.LegalReserveExpiration.Microseconds()},
		func(row pgx.CollectableRow) (datedReserve, error) {
			var d datedReserve
			var reserve []byte
			var dates [4]int64
			err := row.Scan(&reserve, &dates[0], &dates[1], &dates[2], &dates[3])
			copy(d.reserve[:], reserve)
			d.expiration, d.expected = fromStored(dates[0]), fromStored(dates[1])
			d.collection, d.atEarliest = fromStored(dates[2]), fromStored(dates[3])
			return d, err
		},
		func(d datedReserve) error {
			return a.find(ctx, finding("R-31", reserveSubject(d.reserve), none,
				[]report.Evidence{with("reserve_pub", d.reserve), with("expiration_date", d.expiration), with("expected", d.expected),
					with("gc_date", d.collection), with("not before", d.atEarliest)},
				"the exchange lets reserve %v expire %v and be collected from %v, but it expires %v and must be kept until %v",
				d.reserve, d.expiration, d.collection, d.expected, d.atEarliest))
		})
}

// divertedReserve is a reserve with the account that a closing would go to.
type divertedReserve struct {
	reserve taler.EddsaPublicKey
	account string
	balance taler.Amount
	origins []string
}

// auditAccounts finds reserves that would be closed to an account that they were
// not credited from. The rows were staged by auditBalances.
func (a *reserveAudit) auditAccounts(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/reserves_accounts.sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (divertedReserve, error) {
			d := divertedReserve{balance: taler.Zero(a.policy.Currency)}
			var reserve []byte
			err := row.Scan(&reserve, &d.account, &d.balance.Value, &d.balance.Fraction, &d.origins)
			copy(d.reserve[:], reserve)
			return d, err
		},
		func(d divertedReserve) error {
			evidence := []report.Evidence{with("reserve_pub", d.reserve), withText("account_details", d.account)}
			for _, origin := range d.origins {
				evidence = append(evidence, withText("origin", origin))
			}
			return a.find(ctx, finding("R-32", reserveSubject(d.reserve), exposure(d.balance), evidence,
				"reserve %v would be closed to an account that it was not credited from", d.reserve))
		})
}

// collectedReserve is a reserve that is gone.
type collectedReserve struct {
	reserve taler.EddsaPublicKey
	until   taler.Timestamp // when it might have been collected
}

// auditCollected finds reserves that are gone before they may be collected as
// garbage. The exchange's clock may be ahead of ours.
func (a *reserveAudit) auditCollected(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/reserves_collected.sql"),
		[]any{a.store.exchange, a.policy.LegalReserveExpiration.Microseconds(), stored(a.now.Add(a.policy.FutureTolerance))},
		func(row pgx.CollectableRow) (collectedReserve, error) {
			var c collectedReserve
			var reserve []byte
			var until int64
			err := row.Scan(&reserve, &until)
			copy(c.reserve[:], reserve)
			c.until = fromStored(until)
			return c, err
		},
		func(c collectedReserve) error {
			return a.find(ctx, finding("R-35", reserveSubject(c.reserve), none,
				[]report.Evidence{with("reserve_pub", c.reserve), with("to be kept until", c.until)},
				"the exchange no longer knows reserve %v, but had to keep it until %v", c.reserve, c.until))
		})
}
