package simulator

import (
	"auditor/internal/taler"
)

// Melts and reveals: a coin is spent for fresh coins. The customer prepares three
// sets of envelopes from three transfer keys and commits to them; the exchange
// names the set that is to stay secret; the customer reveals the other two keys
// and gets the envelopes of the first signed.

// A melt spends a part of a coin for fresh ones.
type melt struct {
	serial   int64
	coin     int
	amount   money // the melt fee and what the fresh coins cost
	fresh    []int // denominations of the fresh coins, positions in Exchange.denominations
	revealed bool
}

type freshCoin struct {
	serial      int64
	melt, index int
}

// A reveal is one transaction: fresh coins and transfer keys of one melt.
type reveal struct {
	melt  int
	first int // of its coins, position in Exchange.coins
}

type transferKeys struct {
	serial int64
	melt   int
}

// noReveal is the set of a melt that stays secret, as the exchange chose it.
func (x *Exchange) noReveal(serial int64) int {
	return int(x.scenario.secret("choice", uint64(serial))[0]) % taler.RefreshSets
}

func (x *Exchange) transferKey(serial int64, set int) taler.TransferPrivateKey {
	return x.scenario.secret("transfer key", uint64(serial), uint64(set))
}

// cost is what a coin of the denomination takes from a reserve or a melted coin.
func (d *denomination) cost() money { return d.value + d.feeWithdraw }

// melt spends a coin for fresh coins of the given denominations. It returns the
// position in Exchange.melts, and false if the exchange refuses.
func (x *Exchange) melt(at taler.Timestamp, number int, fresh []int) (int, bool) {
	c := &x.coins[number]
	d := x.denominationOf(c)
	amount := d.feeRefresh + x.costOf(fresh)
	if len(fresh) == 0 || amount > c.left || !d.accepted(at) {
		return 0, false
	}
	x.know(number)
	c.left -= amount
	x.books.meltFees += d.feeRefresh
	x.books.unrevealed += amount - d.feeRefresh
	n := len(x.melts)
	x.melts = append(x.melts, melt{
		serial: x.serials["refresh_commitments"].next(), coin: number, amount: amount, fresh: fresh,
	})
	c.last = x.change(changeOfMelts, len(x.batch.melts))
	x.batch.melts = append(x.batch.melts, n)
	return n, true
}

func (x *Exchange) costOf(fresh []int) (sum money) {
	for _, d := range fresh {
		sum += x.denominations[d].cost()
	}
	return sum
}

// reveal answers the exchange's choice and gets the fresh coins. The exchange
// refuses if it no longer issues coins of one of their denominations.
func (x *Exchange) reveal(at taler.Timestamp, number int) {
	m := &x.melts[number]
	for _, d := range m.fresh {
		if !x.denominations[d].offered(at, at) {
			return
		}
	}
	m.revealed = true
	x.books.unrevealed -= x.costOf(m.fresh)
	old := x.coins[m.coin]
	x.batch.reveals = append(x.batch.reveals, reveal{melt: number, first: len(x.coins)})
	x.batch.transferKeys = append(x.batch.transferKeys, transferKeys{
		serial: x.serials["refresh_transfer_keys"].next(), melt: number,
	})
	for i, d := range m.fresh {
		f := freshCoin{serial: x.serials["refresh_revealed_coins"].next(), melt: number, index: i}
		x.batch.freshCoins = append(x.batch.freshCoins, f)
		x.books.freshFees += x.denominations[d].feeWithdraw
		x.issued(coin{
			denomination: d, issue: f.serial, melt: number, index: i,
			reserve: old.reserve, account: old.account, depth: old.depth + 1,
		}, at)
	}
}
