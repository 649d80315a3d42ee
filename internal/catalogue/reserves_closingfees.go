package catalogue

import (
	"context"
	"time"

	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// closingFees are deeds to the fees for closing reserves.
func closingFees() []Entry {
	return []Entry{
		simulated("closing-fee-overcharged", []string{"R-09", "H-17"}, func(e simulator.Effect, s *Scene) ([]Expectation, error) {
			d := &deed{Scene: s, ctx: context.Background()}
			r, err := s.reserveOf(d.ctx, e.Table, e.Serial)
			if err != nil {
				return nil, err
			}
			amount, fee := d.money("0"), d.money("0")
			err = s.Conn.QueryRow(d.ctx, "select amount_val, amount_frac, closing_fee_val, closing_fee_frac from "+d.table(e.Table)+" where close_uuid = $1", e.Serial).
				Scan(&amount.Value, &amount.Fraction, &fee.Value, &fee.Fraction)
			d.book(r, -steps(amount), steps(fee))
			if err != nil {
				return nil, err
			}
			var receiver string
			var at int64
			err = s.Conn.QueryRow(d.ctx, "select receiver_account, execution_date from "+d.table(e.Table)+" where close_uuid = $1", e.Serial).Scan(&receiver, &at)
			d.pay(taler.WTID(r.pub), d.minus(amount, fee), receiver, taler.Timestamp(at))
			return []Expectation{{Check: e.Check, Table: e.Table, Serial: e.Serial, Gain: e.Amount}}, err
		}),
		{Name: "closing-fee-above-the-amount", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-09", "W-01", "B-16", "B-19", "H-17"},
			Story: "The fee for closing a reserve is higher than what is in it. The earlier auditor repeated the finding for ever and could not print it.",
			deed: func(d *deed) []Expectation {
				r := d.expired("1")
				serial := d.close(r, r.balance, d.money("100"), r.origins[0], d.now())
				return []Expectation{{Check: "R-09", Table: "reserves_close", Serial: serial, Gain: d.minus(d.money("100"), d.dueFee(r))},
					{Check: "W-01", Table: "reserves_close", Serial: serial}}
			}},
		{Name: "closing-fee-waived", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-09"},
			Story: "A friend of the operator has his reserve closed without a fee.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				serial := d.close(r, r.balance, d.money("0"), r.origins[0], d.now())
				return []Expectation{{Check: "R-09", Table: "reserves_close", Serial: serial, Loss: d.dueFee(r)}}
			}},
		{Name: "closing-fee-of-execution", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-09", "I-05"},
			Story: "Fees rose after a reserve expired. The exchange waits with the closing and charges the new fee instead of the one in force at the expiration.",
			deed: func(d *deed) []Expectation {
				r, old, fee := d.acrossFeeChange()
				serial := d.close(r, r.balance, fee, r.origins[0], d.now())
				e := Expectation{Check: "R-09", Table: "reserves_close", Serial: serial}
				if fee.Cmp(old) > 0 {
					e.Gain = d.minus(fee, old)
				} else {
					e.Loss = d.minus(old, fee)
				}
				return []Expectation{e}
			}},
		{Name: "closing-without-a-published-fee", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-10", "I-09"},
			Story: "The exchange takes money by a payment method for which it has published no fees, and charges half of it when it closes the reserve.",
			deed: func(d *deed) []Expectation {
				r := d.newReserve("customer", d.money("30"), "payto://ach/bank.example/1", d.ago(d.idleTime()+3*day))
				serial := d.close(r, r.balance, d.money("15"), r.origins[0], d.now())
				return []Expectation{{Check: "R-10", Table: "reserves_close", Serial: serial, Exposure: d.money("15")}}
			}},
		{Name: "closing-fee-of-two-that-are-published", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-10", "K-10", "H-19", "I-09"},
			Story: "The operator publishes, with his signature, a second and much higher closing fee for the same time, and charges it: " +
				"an overcharge would be a loss, but a fee that cannot be told looks harmless.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				f := d.later("x-taler-bank", 0)
				f.Start, f.End, f.ClosingFee = r.expiration.Add(-time.Second), r.expiration.Add(time.Second), d.money("25")
				serial := d.setFee(f, d.Play.MasterKey())
				closing := d.close(r, r.balance, f.ClosingFee, r.origins[0], d.now())
				return append(about("K-10", "wire_fee", serial), Expectation{Check: "R-10", Table: "reserves_close", Serial: closing, Exposure: d.money("25")})
			}},
		{Name: "closing-to-no-account", Area: AreaReserves, Culprit: Operator, Refs: []string{"R-10", "R-12"},
			Story: "A reserve is closed to something that is no account, and the fee is kept.",
			deed: func(d *deed) []Expectation {
				r := d.expired("40")
				amount, fee := r.balance, d.dueFee(r)
				serial := d.close(r, amount, fee, "garbage", d.now())
				return []Expectation{{Check: "R-12", Table: "reserves_close", Serial: serial, Loss: amount},
					{Check: "R-10", Table: "reserves_close", Serial: serial, Exposure: fee}}
			}},
	}
}
