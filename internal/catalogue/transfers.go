package catalogue

import (
	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

// wired is a transfer with what its deposits earn.
type wired struct {
	serial        int64
	target        string
	amount, total int64 // in steps of 10^-8
}

// transfersBy lists the transfers of a method in the period of a fee.
func (d *deed) transfersBy(f *exchange.WireFee) []wired {
	if d.err != nil {
		return nil
	}
	rows, err := d.tx.Query(d.ctx, sql.InSchema(`
		select w.wireout_uuid, w.wire_target, w.amount_val * 100000000 + w.amount_frac, sum(
			p.amount_with_fee_val * 100000000 + p.amount_with_fee_frac
			- coalesce((select sum(r.amount_with_fee_val * 100000000 + r.amount_with_fee_frac) from :"schema".refunds as r where r.deposit_serial_id = p.deposit_serial_id),
				c.fee_deposit_val * 100000000 + c.fee_deposit_frac))::bigint
		from :"schema".wire_out as w
		join :"schema".aggregation_tracking as t on t.wtid_raw = w.wtid_raw
		join :"schema".deposits as p on p.deposit_serial_id = t.deposit_serial_id
		join :"schema".known_coins as k on k.known_coin_id = p.known_coin_id
		join :"schema".denominations as c on c.denominations_serial = k.denominations_serial
		where w.execution_date >= $1 and w.execution_date < $2
		group by w.wireout_uuid
		order by w.wireout_uuid`, d.Schema), f.Start.DB(), f.End.DB())
	if err != nil {
		d.fail(err)
		return nil
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (wired, error) {
		var w wired
		return w, row.Scan(&w.serial, &w.target, &w.amount, &w.total)
	})
	if err != nil {
		d.fail(err)
	}
	var of []wired
	for _, w := range all {
		if payingMethod(w.target) == f.Method {
			of = append(of, w)
		}
	}
	return of
}

// refee says what is found of transfers if the fee for them is not the one that the
// exchange charged.
func (d *deed) refee(f *exchange.WireFee, fee taler.Amount) []Expectation {
	cent := steps(d.Play.RoundUnit())
	var expected []Expectation
	for _, w := range d.transfersBy(f) {
		right := w.total - steps(fee)
		if right < 0 {
			right = w.total
		}
		right -= right % cent
		if w.total > 0 && w.total < steps(fee) {
			expected = append(expected, lossOf("A-26", "wire_out", w.serial, d.ofSteps(min(right, w.amount))))
		}
		e := Expectation{Check: "A-27", Table: "wire_out", Serial: w.serial}
		switch {
		case w.amount > right:
			e.Loss = d.ofSteps(w.amount - right)
		case w.amount < right:
			e.Gain = d.ofSteps(right - w.amount)
		default:
			continue
		}
		expected = append(expected, e)
	}
	return expected
}
