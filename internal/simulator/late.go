package simulator

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Serials are taken when a transaction begins and rows become visible when it
// ends, so a reader of a busy database sees rows whose predecessors are missing.

// WriteEarly writes as Write does, but as if some transactions were still open:
// their rows are missing, and so are their effects on reserves. The next Write
// delivers them, with the serials that they took long ago. Only such transactions
// are late that nothing visible builds on, in the database, at the bank or at the
// auditor, and none that has the highest serial of a table. It returns how many
// rows are missing, by table.
func (x *Exchange) WriteEarly(ctx context.Context, conn *pgx.Conn, schema string) (missing map[string]int, err error) {
	whole := x.batch
	late := x.withhold()
	err = x.Write(ctx, conn, schema)
	for _, i := range x.bySerial {
		if r := &x.reserves[i]; r.held {
			r.held, r.changed = false, true
		}
	}
	if err != nil {
		x.batch = whole
		return nil, err
	}
	x.batch.reserves, x.batch.credits, x.batch.withdrawals = late.reserves, late.credits, late.withdrawals
	x.batch.deposits, x.batch.refunds, x.batch.melts = late.deposits, late.refunds, late.melts
	x.batch.reveals, x.batch.freshCoins, x.batch.transferKeys = late.reveals, late.freshCoins, late.transferKeys
	return map[string]int{
		"reserves": len(late.reserves), "reserves_in": len(late.credits), "reserves_out": len(late.withdrawals),
		"deposits": len(late.deposits), "refunds": len(late.refunds), "refresh_commitments": len(late.melts),
		"refresh_revealed_coins": len(late.freshCoins), "refresh_transfer_keys": len(late.transferKeys),
	}, nil
}

// withhold takes late transactions out of the batch and returns them.
func (x *Exchange) withhold() (late batch) {
	b := &x.batch
	b.credits, late.credits = part(b.credits, func(i int, c *credit) bool {
		r := &x.reserves[c.reserve]
		isLate := r.last == x.change(changeOfCredits, i) && x.late("reserves_in", c.serial) && r.serial != x.serials["reserves"].last
		r.held = r.held || isLate
		return isLate
	})
	// The first credit makes the reserve.
	b.reserves, late.reserves = part(b.reserves, func(_ int, number *int) bool {
		r := &x.reserves[*number]
		return r.held && r.was.expiration == 0
	})
	b.withdrawals, late.withdrawals = part(b.withdrawals, func(i int, w *withdrawal) bool {
		r := &x.reserves[w.reserve]
		isLate := r.last == x.change(changeOfWithdrawals, i) && x.coins[w.coin].serial == 0 && x.late("reserves_out", w.serial)
		r.held = r.held || isLate
		return isLate
	})
	b.deposits, late.deposits = part(b.deposits, func(i int, n *int) bool {
		d := &x.deposits[*n]
		return x.coins[d.coin].last == x.change(changeOfDeposits, i) && !d.done && !d.tiny && !d.reported && d.refunds == 0 &&
			x.late("deposits", d.serial)
	})
	b.refunds, late.refunds = part(b.refunds, func(i int, r *refund) bool {
		d := &x.deposits[r.deposit]
		return x.coins[d.coin].last == x.change(changeOfRefunds, i) && !d.done && !d.tiny && x.late("refunds", r.serial)
	})
	b.melts, late.melts = part(b.melts, func(i int, n *int) bool {
		m := &x.melts[*n]
		return x.coins[m.coin].last == x.change(changeOfMelts, i) && !m.revealed && x.late("refresh_commitments", m.serial)
	})
	hidden := make(map[int]bool) // melts
	b.transferKeys, late.transferKeys = part(b.transferKeys, func(i int, t *transferKeys) bool {
		hidden[t.melt] = x.unused(b.reveals[i]) && x.late("refresh_transfer_keys", t.serial)
		return hidden[t.melt]
	})
	b.reveals, late.reveals = part(b.reveals, func(_ int, r *reveal) bool { return hidden[r.melt] })
	b.freshCoins, late.freshCoins = part(b.freshCoins, func(_ int, f *freshCoin) bool { return hidden[f.melt] })
	return late
}

// late tells whether the transaction that took this serial takes its time.
func (x *Exchange) late(table string, serial int64) bool {
	return serial != x.serials[table].last && x.scenario.secret("late "+table, uint64(serial))[0]%3 == 0
}

// unused tells whether no coin of a reveal was seen again, nor is the last one
// that the exchange signed.
func (x *Exchange) unused(r reveal) bool {
	for i := range x.melts[r.melt].fresh {
		c := &x.coins[r.first+i]
		if c.serial != 0 || c.issue == x.serials["refresh_revealed_coins"].last {
			return false
		}
	}
	return true
}

// part splits a list without touching it.
func part[T any](list []T, isLate func(i int, entry *T) bool) (now, late []T) {
	for i := range list {
		if isLate(i, &list[i]) {
			late = append(late, list[i])
		} else {
			now = append(now, list[i])
		}
	}
	return now, late
}
