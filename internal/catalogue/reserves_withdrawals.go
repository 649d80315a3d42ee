package catalogue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// simulated wraps a fraud that the simulator itself can commit.
func simulated(name string, refs []string, expect func(simulator.Effect, *Scene) ([]Expectation, error)) Entry {
	e := Entry{Name: name, Area: AreaReserves, Culprit: Operator, Refs: refs}
	for _, f := range simulator.Frauds() {
		if f.Name != name {
			continue
		}
		e.Story = f.Description
		e.apply = func(ctx context.Context, s *Scene) ([]Expectation, error) {
			effect, err := f.Apply(ctx, s.Conn, s.Schema, s.Play)
			if errors.Is(err, simulator.ErrNoVictim) {
				return nil, fmt.Errorf("%w: %w", ErrNoVictim, err)
			}
			if err != nil {
				return nil, err
			}
			return expect(effect, s)
		}
	}
	return e
}

// reserveOf returns the key of the reserve that a row belongs to.
func (s *Scene) reserveOf(ctx context.Context, table string, serial int64) (*reserve, error) {
	d := &deed{Scene: s, ctx: ctx}
	var pub []byte
	query := fmt.Sprintf("select reserve_pub from %s join %s using (reserve_uuid) where %s = $1", d.table(table), d.table("reserves"), serialOf(table))
	err := s.Conn.QueryRow(ctx, query, serial).Scan(&pub)
	r := &reserve{}
	copy(r.pub[:], pub)
	return r, err
}

// withdrawals are deeds to single withdrawals.
func withdrawals() []Entry {
	return []Entry{
		simulated("withdrawal-without-consent", []string{"R-04", "R-15"}, func(e simulator.Effect, s *Scene) ([]Expectation, error) {
			r, err := s.reserveOf(context.Background(), e.Table, e.Serial)
			return []Expectation{{Check: e.Check, Table: e.Table, Serial: e.Serial, Loss: e.Amount},
				{Check: "R-15", Table: "reserves", Subject: r.pub.String(), Gain: e.Amount}}, err
		}),
		{Name: "withdrawal-signature-replaced", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-04", "R-15", "S5", "test 7", "I-04"},
			Story: "The reserve's signature on a withdrawal is replaced by that of another withdrawal. Done after an audit, only replication can notice.",
			deed: func(d *deed) []Expectation {
				a, b := d.withdrawalOf(d.spender()), &d.withdrawals[0]
				d.update("reserves_out", a.Serial, fields{"reserve_sig": b.ReserveSig})
				c := d.denomination(func(c *exchange.Denomination) bool { return c.Serial == a.Denomination })
				d.Bookings = append(d.Bookings, Booking{When: Before, Reserve: a.Reserve, Amount: steps(a.AmountWithFee), Fee: -steps(c.FeeWithdraw)})
				return []Expectation{
					{Check: "R-04", Table: "reserves_out", Serial: a.Serial, Loss: a.AmountWithFee, When: Before},
					{Check: "R-15", Table: "reserves", Subject: a.Reserve.String(), Gain: a.AmountWithFee, When: Before},
					{Check: "S5", Table: "reserves_out", Serial: a.Serial, When: Between},
				}
			}},
		{Name: "reserve-with-a-key-of-small-order", Area: AreaReserves, Culprit: Customer, Refs: []string{"R-04", "R-15"},
			Story: "A reserve has a key of small order, under which careless programs accept one and the same signature for every message: anybody could withdraw.",
			deed: func(d *deed) []Expectation {
				weak := taler.EddsaPublicKey{1} // the neutral element
				c := d.offered()
				r := d.newReserve("customer", d.money("20"), accomplice, d.ago(day))
				r.pub = weak
				d.update("reserves", r.serial, fields{"reserve_pub": weak})
				d.Bookings = []Booking{{Reserve: weak, Amount: 20 * taler.FractionBase}}
				a := d.accountFor(accomplice)
				a.Credits[len(a.Credits)-1].ReservePub = weak
				w := d.withdraw(r, c, withdrawal{})
				d.update("reserves_out", w, fields{"reserve_sig": taler.EddsaSignature{1}}) // R neutral, S zero
				d.book(r, steps(d.price(c)), -steps(c.FeeWithdraw))
				return []Expectation{lossOf("R-04", "reserves_out", w, d.price(c)), d.wrongBalance(r, -steps(d.price(c)))}
			}},
		{Name: "withdrawal-of-a-denomination-made-unreadable", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-02", "K-14", "C-03", "C-01", "R-15"},
			Story: "The operator withdraws a coin, then spoils the denomination's row so that the price of the coin can no longer be told.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				ours, theirs := d.affirm(c, 0, d.Play.AuditorKey(0)), d.affirm(c, 1, d.Play.AuditorKey(1))
				r := d.newReserve("accomplice", d.money("10"), accomplice, d.ago(time.Hour))
				w := d.withdraw(r, c, withdrawal{})
				d.book(r, steps(d.price(c)), -steps(c.FeeWithdraw))
				d.update("denominations", c.Serial, fields{"coin_frac": int32(-1)})
				return append(about("C-01", "auditor_denom_sigs", ours, theirs),
					Expectation{Check: "K-14", Table: "denominations", Serial: c.Serial, Subject: "coin_val"},
					Expectation{Check: "R-02", Table: "reserves_out", Serial: w, Exposure: d.price(c)},
					d.wrongBalance(r, -steps(d.price(c))))
			}},
		{Name: "withdrawal-too-early", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-03"},
			Story: "The operator issues a coin of a denomination that begins next week only.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.ValidFrom = d.ago(-7 * day)
				d.offer(c, key)
				return about("R-03", "reserves_out", d.withdraw(d.newReserve("accomplice", d.money("10"), accomplice, d.ago(time.Hour)), c, withdrawal{}))
			}},
		{Name: "withdrawal-too-late", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-03"},
			Story: "The operator issues a coin of a denomination one second after the time in which it could be withdrawn.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.ValidFrom, c.ExpireWithdraw = d.ago(20*day), d.ago(5*time.Minute)
				d.offer(c, key)
				r := d.newReserve("accomplice", d.money("10"), accomplice, d.ago(day))
				return about("R-03", "reserves_out", d.withdraw(r, c, withdrawal{at: c.ExpireWithdraw.Add(time.Second)}))
			}},
		{Name: "withdrawal-too-dear", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-05", "R-15", "I-09"},
			Story: "The wallet is told a higher fee than the published one, and the customer signs. What was taken too much the exchange keeps.",
			deed:  func(d *deed) []Expectation { return d.misprice("customer", 100, 0) }},
		{Name: "withdrawal-too-cheap", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-05", "R-15", "I-09"},
			Story: "The operator sells a coin to a friend for less than its value.",
			deed:  func(d *deed) []Expectation { return d.misprice("accomplice", 0, 9) }},
		{Name: "blind-signature-worthless", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-20", "H-09"},
			Story: "The exchange takes the customer's money and answers with a number that is no signature.",
			deed:  func(d *deed) []Expectation { return d.cheat(func(*exchange.Denomination) []byte { return []byte{0} }) }},
		{Name: "blind-signature-of-another-withdrawal", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-20", "H-09"},
			Story: "The exchange answers a withdrawal with the signature that it made for another one.",
			deed: func(d *deed) []Expectation {
				return d.cheat(func(c *exchange.Denomination) []byte {
					for _, w := range d.withdrawals {
						if w.Denomination == c.Serial {
							return w.BlindSig
						}
					}
					d.fail(fmt.Errorf("%w: no other withdrawal of denomination %d", ErrNoVictim, c.Serial))
					return nil
				})
			}},
		{Name: "withdrawal-after-revocation", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-28", "H-10"},
			Story: "The operator revokes a denomination because its key was stolen, and goes on issuing coins of it.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.offer(c, key)
				d.revoke(c, d.Play.MasterKey())
				r := d.newReserve("accomplice", d.money("10"), accomplice, d.ago(time.Hour))
				return []Expectation{{Check: "R-28", Table: "reserves_out", Serial: d.withdraw(r, c, withdrawal{at: d.ago(-30 * time.Minute)}), Exposure: c.Value}}
			}},
		{Name: "withdrawal-backdated", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-34", "R-03", "R-28", "H-15"},
			Story: "The operator who knows the auditor's rules dates a withdrawal back to a time when its denomination was still offered, or not yet revoked. Nothing signs that date; but the row stands between others.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				c.ValidFrom, c.ExpireWithdraw = d.ago(20*day), d.ago(5*day)
				d.offer(c, key)
				d.withdraw(d.open(), d.offered(), withdrawal{})
				r := d.newReserve("accomplice", d.money("10"), accomplice, d.ago(10*day))
				return about("R-34", "reserves_out", d.withdraw(r, c, withdrawal{at: d.ago(6 * day)}))
			}},
		{Name: "withdrawal-between-two-seconds", Area: AreaReserves, Culprit: Intruder, Refs: []string{"R-33"},
			Story: "A row is dated to the microsecond. No program of the exchange does so.",
			deed: func(d *deed) []Expectation {
				return about("R-33", "reserves_out", d.withdraw(d.open(), d.offered(), withdrawal{at: d.ago(time.Minute) + 7}))
			}},
		{Name: "withdrawal-in-the-future", Area: AreaReserves, Culprit: Accident, Refs: []string{"R-29", "H-15"},
			Story: "The exchange's clock is a day ahead.",
			deed: func(d *deed) []Expectation {
				w := d.withdraw(d.open(), d.offered(), withdrawal{at: d.ago(-day)})
				return about("R-29", "reserves_out", w)
			}},
		{Name: "withdrawal-dated-never", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-29", "R-03", "H-15"},
			Story: "A withdrawal bears the date that stands for never.",
			deed: func(d *deed) []Expectation {
				w := d.withdraw(d.open(), d.offered(), withdrawal{at: taler.Forever})
				return append(about("R-29", "reserves_out", w), about("R-03", "reserves_out", w)...)
			}},
	}
}

// withdrawalOf is the latest withdrawal of a reserve.
func (d *deed) withdrawalOf(r *reserve) *exchange.Withdrawal {
	for i := len(d.withdrawals) - 1; i >= 0; i-- {
		if d.withdrawals[i].Reserve == r.pub {
			return &d.withdrawals[i]
		}
	}
	d.fail(ErrNoVictim)
	return &exchange.Withdrawal{AmountWithFee: d.money("0")}
}

// misprice withdraws a coin for too much or too little, in cents.
func (d *deed) misprice(who string, more, less int64) []Expectation {
	c := d.offered()
	r := d.newReserve(who, d.money("20"), accomplice, d.ago(time.Hour))
	by := (more - less) * taler.FractionBase / 100
	w := d.withdraw(r, c, withdrawal{amount: d.ofSteps(steps(d.price(c)) + by)})
	e := Expectation{Check: "R-05", Table: "reserves_out", Serial: w}
	if by > 0 {
		e.Gain = d.ofSteps(by)
	} else {
		e.Loss = d.ofSteps(-by)
	}
	return []Expectation{e, d.wrongBalance(r, -by)}
}

// cheat answers a customer's withdrawal with a given signature.
func (d *deed) cheat(answer func(*exchange.Denomination) []byte) []Expectation {
	c := d.offered()
	w := d.withdraw(d.newReserve("customer", d.money("20"), accomplice, d.ago(time.Hour)), c, withdrawal{blindSig: answer(c)})
	return []Expectation{{Check: "R-20", Table: "reserves_out", Serial: w, Gain: d.price(c)}}
}
