package simulator

import (
	"time"

	"auditor/internal/taler"
)

// Revocations: the master key declares a denomination void, for instance because
// its private key was stolen. From then on the exchange neither issues nor takes
// its coins; owners get what their coins hold back to where it came from. Sign
// keys can be revoked as well.

type revocation struct{ serial, of int64 } // of: serial of the denomination, or of the sign key

type recoup struct {
	serial int64
	coin   int
	at     taler.Timestamp
	amount money
}

// planRevocations plans what the scenario wants to be revoked.
func (x *Exchange) planRevocations() {
	if after := x.scenario.RevokeSignKeyAfter; after > 0 {
		at := x.start.Add(after)
		x.schedule(at, func() { x.revokeSignKey(at) })
	}
	if after := x.scenario.RevokeDenominationAfter; after > 0 {
		at := x.start.Add(after)
		x.schedule(at, func() { x.revokeDenomination(at) })
	}
}

// revokeSignKey revokes the oldest of several valid sign keys. A lone key stays.
func (x *Exchange) revokeSignKey(at taler.Timestamp) {
	for i := range x.signKeys[:x.signKeyAt(at)] {
		if k := &x.signKeys[i]; k.sign >= at {
			k.revoked = at
			x.batch.signKeyRevocations = append(x.batch.signKeyRevocations,
				revocation{serial: x.serials["signkey_revocations"].next(), of: k.serial})
			return
		}
	}
}

// signKeyAt is the sign key in use: the youngest that is valid.
func (x *Exchange) signKeyAt(at taler.Timestamp) int {
	youngest := 0
	for i, k := range x.signKeys {
		if k.start <= at && (k.revoked == 0 || k.revoked > at) {
			youngest = i
		}
	}
	return youngest
}

// revokeDenomination revokes the denomination whose coins will bring most of both
// kinds of recoups. Most of their owners hear of it.
func (x *Exchange) revokeDenomination(at taler.Timestamp) {
	type unspent struct{ withdrawn, fresh int }
	found := make([]unspent, len(x.denominations))
	for i := range x.coins {
		c := &x.coins[i]
		switch {
		case c.left == 0:
		case c.melt == withdrawn:
			found[c.denomination].withdrawn++
		default:
			found[c.denomination].fresh++
		}
	}
	worst := -1
	for i, u := range found {
		if !x.denominations[i].offered(at, at) {
			continue
		}
		if worst < 0 || min(u.withdrawn, u.fresh) > min(found[worst].withdrawn, found[worst].fresh) {
			worst = i
		}
	}
	if worst < 0 {
		return
	}
	d := &x.denominations[worst]
	d.revoked = at
	x.batch.revocations = append(x.batch.revocations,
		revocation{serial: x.serials["denomination_revocations"].next(), of: d.serial})
	for i := range x.coins {
		if c := &x.coins[i]; c.denomination == worst && c.left > 0 && i%5 != 0 && !x.reserves[c.reserve].deaf {
			x.ownerOf(i, "recoup", at).recoups(time.Minute, 9*day)
		}
	}
}

// recoups plans that the owner gets the coin's money back.
func (w *owner) recoups(from, to time.Duration) {
	w.later(from, to, func() {
		if w.x.coins[w.coin].melt == withdrawn {
			w.recoup()
		} else {
			w.recoupRefresh()
		}
	})
}

// recoup pays what is left of a withdrawn coin into the reserve that it was
// withdrawn from, which lives on. Its owner may withdraw again.
func (w *owner) recoup() {
	x, c := w.x, &w.x.coins[w.coin]
	amount := c.left
	if amount == 0 || c.recouped {
		return
	}
	x.know(w.coin)
	r := &x.reserves[c.reserve]
	x.batch.recoups = append(x.batch.recoups, recoup{
		serial: x.serials["recoup"].next(), coin: w.coin, at: w.now, amount: amount,
	})
	c.left, c.recouped = 0, true
	c.last = x.change(changeOfRecoups, len(x.batch.recoups))
	x.books.recouped += amount
	r.before(c.last)
	r.owed += amount
	r.expiration = max(r.expiration, w.now.Add(x.scenario.IdleReserveExpiration))
	r.collection = max(r.collection, r.expiration, w.now.Add(x.scenario.LegalReserveExpiration))
	r.changed = true
	reserve := c.reserve
	closer := r.expiration.Add(seconds(w.rng, time.Hour, closerWithin))
	x.schedule(closer, func() { x.close(reserveEvent{at: closer, reserve: reserve}) })
	w.later(time.Minute, 5*day, func() {
		if offers := x.offers(w.now, w.now); len(offers) > 0 {
			x.withdraw(reserveEvent{at: w.now, reserve: reserve, denomination: offers[w.rng.IntN(len(offers))]})
		}
	})
}

// recoupRefresh gives what is left of a fresh coin back to the coin that was
// melted for it, whose owner spends it, or has it recouped in turn.
func (w *owner) recoupRefresh() {
	x, c := w.x, &w.x.coins[w.coin]
	amount := c.left
	if amount == 0 || c.recouped {
		return
	}
	x.know(w.coin)
	x.batch.recoupsRefresh = append(x.batch.recoupsRefresh, recoup{
		serial: x.serials["recoup_refresh"].next(), coin: w.coin, at: w.now, amount: amount,
	})
	c.left, c.recouped = 0, true
	c.last = x.change(changeOfRecoups, len(x.batch.recoupsRefresh))
	x.books.recoupedRefresh += amount
	old := x.melts[c.melt].coin
	x.coins[old].left += amount
	x.coins[old].last = c.last
	next := x.ownerOf(w.coin, "after recoup", w.now)
	next.coin = old
	if x.denominationOf(&x.coins[old]).revoked != 0 {
		next.recoups(time.Hour, 3*day)
		return
	}
	next.later(time.Hour, 3*day, func() {
		if next.rng.IntN(2) == 0 {
			next.change(time.Second, time.Minute)
		}
		next.pay(next.left(), next.hours(50))
	})
}
