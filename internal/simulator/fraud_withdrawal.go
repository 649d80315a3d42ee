package simulator

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// withdrawalWithoutConsent: the operator issues himself a coin at the expense of a
// customer. The coin is genuine, the books add up, but the request is signed with
// a key of the operator's, since the customer's is not in his hands.
func withdrawalWithoutConsent() Fraud {
	return Fraud{
		Name: "withdrawal-without-consent",
		Description: "The exchange withdraws a coin from a customer's reserve: the coin and the books are in order, " +
			"but the customer never signed the request.",
		Apply: func(ctx context.Context, conn *pgx.Conn, schema string, x *Exchange) (Effect, error) {
			victim, d, ok := x.richestOpenReserve()
			if !ok {
				return Effect{}, fmt.Errorf("%w: no open reserve can pay for a coin; simulate more reserves", ErrNoVictim)
			}
			price := x.denominations[d].value + x.denominations[d].feeWithdraw
			rob := func(r *reserve) {
				r.stolen += price
				r.collection = max(r.collection, x.clock.Add(x.scenario.LegalReserveExpiration))
			}
			w := withdrawal{reserve: victim, denomination: d, at: x.clock}
			err := x.fraudulently(ctx, conn, schema, func(tx pgx.Tx) (err error) {
				if w.serial, err = takeSerial(ctx, tx, schema, "reserves_out", "reserve_out_serial_id"); err != nil {
					return err
				}
				row, err := x.withdrawalRow(w, x.scenario.secret("thief"))
				if err != nil {
					return err
				}
				if err := insert(ctx, tx, schema, "reserves_out", row); err != nil {
					return err
				}
				after := x.reserves[victim]
				rob(&after)
				return setReserve(ctx, tx, schema, after)
			})
			if err != nil {
				return Effect{}, fmt.Errorf("withdrawal without consent: %w", err)
			}
			return Effect{
				Check: "R-04", Table: "reserves_out", Serial: w.serial,
				Amount: price.amount(x.scenario.Currency),
				adopt:  func(x *Exchange) { rob(&x.reserves[victim]) },
			}, nil
		},
	}
}

// richestOpenReserve returns the reserve with most money that has not expired, and
// the dearest denomination offered now that this money buys.
func (x *Exchange) richestOpenReserve() (victim, denomination int, ok bool) {
	var most money
	for _, i := range x.bySerial {
		if r := &x.reserves[i]; r.expiration > x.clock && r.booked() > most {
			victim, most = i, r.booked()
		}
	}
	var dearest money
	for i := range x.denominations {
		d := &x.denominations[i]
		price := d.value + d.feeWithdraw
		if d.offered(x.clock, x.clock) && price <= most && price > dearest {
			denomination, dearest = i, price
		}
	}
	return victim, denomination, dearest > 0
}
