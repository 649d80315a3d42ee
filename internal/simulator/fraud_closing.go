package simulator

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// closingFeeOvercharged: the operator closes a reserve when it is due, to the
// right account, but keeps half of the money as his fee.
func closingFeeOvercharged() Fraud {
	return Fraud{
		Name: "closing-fee-overcharged",
		Description: "The exchange closes an expired reserve and wires the rest back to where it came from, " +
			"but keeps half of it as closing fee instead of the published one.",
		Apply: func(ctx context.Context, conn *pgx.Conn, schema string, x *Exchange) (Effect, error) {
			victim, ok := x.richestExpiredReserve()
			if !ok {
				return Effect{}, fmt.Errorf("%w: no reserve has expired with money left; simulate more days than reserves take to expire (%s)",
					ErrNoVictim, x.scenario.IdleReserveExpiration)
			}
			r := x.reserves[victim]
			due := x.closingFeeAt(r.account, r.expiration)
			c := closing{reserve: victim, at: x.clock, amount: r.booked(), fee: r.booked() / 2}
			if c.fee <= due {
				return Effect{}, fmt.Errorf("%w: the richest expired reserve holds only %s; simulate more reserves",
					ErrNoVictim, r.booked().amount(x.scenario.Currency))
			}
			err := x.fraudulently(ctx, conn, schema, func(tx pgx.Tx) (err error) {
				if c.serial, err = takeSerial(ctx, tx, schema, "reserves_close", "close_uuid"); err != nil {
					return err
				}
				if err := insert(ctx, tx, schema, "reserves_close", x.closingRow(c)); err != nil {
					return err
				}
				after := r
				after.owed -= c.amount
				return setReserve(ctx, tx, schema, after)
			})
			if err != nil {
				return Effect{}, fmt.Errorf("overcharged closing fee: %w", err)
			}
			return Effect{
				Check: "R-09", Table: "reserves_close", Serial: c.serial,
				Amount: (c.fee - due).amount(x.scenario.Currency),
				adopt: func(x *Exchange) {
					x.reserves[victim].owed -= c.amount
					x.income += c.fee
					wired := c.amount - c.fee
					x.books.closingRounding += wired % cent
					x.debit(r.account, c.at, r.origin, wired-wired%cent, taler.WTID(x.reserveKey(victim).Public()))
				},
			}, nil
		},
	}
}

// richestExpiredReserve returns the reserve with most money among those that are
// due to be closed and whose closing fee did not change since they expired.
func (x *Exchange) richestExpiredReserve() (victim int, ok bool) {
	var most money
	for _, i := range x.bySerial {
		r := &x.reserves[i]
		if r.expiration < x.clock && r.booked() > most &&
			x.closingFeeAt(r.account, r.expiration) == x.closingFeeAt(r.account, x.clock) {
			victim, most = i, r.booked()
		}
	}
	return victim, most > 0
}
