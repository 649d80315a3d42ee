package simulator

import (
	"math/rand/v2"

	"auditor/internal/taler"
)

// A batch is what was played since the last Write: everything that is appended
// to the database, by table. What is costly about a row, its keys and signatures,
// is only made while it is written.
type batch struct {
	denominations, signKeys, wireFees int   // those before are written
	reserves                          []int // that are new, numbers of lives
	credits                           []credit
	withdrawals                       []withdrawal
	closings                          []closing

	revocations, signKeyRevocations []revocation
	known                           int   // position in Exchange.known
	deposits                        []int // positions in Exchange.deposits
	flagged                         []int // of those in the database, whose marks changed
	refunds                         []refund
	melts                           []int // positions in Exchange.melts
	reveals                         []reveal
	freshCoins                      []freshCoin
	transferKeys                    []transferKeys // one for each of reveals
	recoups, recoupsRefresh         []recoup
	transfers                       []transfer
	trackings                       []tracking
}

type credit struct {
	serial, reference int64
	reserve           int
	at                taler.Timestamp
	amount            money
	sender, section   string
}

type withdrawal struct {
	serial       int64
	reserve      int
	denomination int
	coin         int // that it paid for
	at           taler.Timestamp
}

type closing struct {
	serial      int64
	reserve     int
	at          taler.Timestamp
	amount, fee money
}

// A counter hands out serials as a sequence does that some transactions took
// numbers from before they were rolled back. Even a short table has a hole.
type counter struct {
	last, rows int64
	stored     int64 // the last one in the database
	chance     *rand.Rand
}

func (c *counter) next() int64 {
	c.last++
	c.rows++
	if c.rows == 7 || c.chance.IntN(40) == 0 {
		c.last += c.chance.Int64N(3) + 1
	}
	return c.last
}

// happen makes one planned event of a reserve happen: the exchange's books and the ledger change
// by the rules of the exchange.
func (x *Exchange) happen(e reserveEvent) {
	switch e.kind {
	case credits:
		x.credit(e)
	case withdraws:
		x.withdraw(e)
	case expires:
		x.close(e)
	}
}

func (x *Exchange) credit(e reserveEvent) {
	r := &x.reserves[e.reserve]
	sender := customerAccount(x.scenario, e.customer)
	number, account := x.account(e.customer)
	expiration := e.at.Add(x.scenario.IdleReserveExpiration)
	if r.serial == 0 {
		r.serial = x.serials["reserves"].next()
		r.account, r.origin = number, sender
		x.bySerial = append(x.bySerial, e.reserve)
		x.batch.reserves = append(x.batch.reserves, e.reserve)
	}
	r.before(x.change(changeOfCredits, len(x.batch.credits)))
	r.owed += e.amount
	r.expiration = max(r.expiration, expiration)
	r.collection = max(r.collection, r.expiration)
	r.changed = true
	reference := x.references[number].next()
	x.credits[number] = append(x.credits[number], bankCredit{
		row: reference, reserve: e.reserve, at: e.at, amount: e.amount, sender: sender,
	})
	x.batch.credits = append(x.batch.credits, credit{
		serial:    x.serials["reserves_in"].next(),
		reference: reference,
		reserve:   e.reserve, at: e.at, amount: e.amount, sender: sender, section: account.Section,
	})
}

// withdraw is refused, as at a real exchange, if the denomination was revoked, or
// if the books do not show enough money: after a theft they may not.
func (x *Exchange) withdraw(e reserveEvent) {
	r, d := &x.reserves[e.reserve], &x.denominations[e.denomination]
	price := d.value + d.feeWithdraw
	if r.booked() < price || d.revoked != 0 {
		return
	}
	r.before(x.change(changeOfWithdrawals, len(x.batch.withdrawals)))
	r.owed -= price
	r.collection = max(r.collection, e.at.Add(x.scenario.LegalReserveExpiration))
	r.changed = true
	x.income += d.feeWithdraw
	w := withdrawal{
		serial:  x.serials["reserves_out"].next(),
		reserve: e.reserve, denomination: e.denomination, coin: len(x.coins), at: e.at,
	}
	x.batch.withdrawals = append(x.batch.withdrawals, w)
	x.issued(coin{
		denomination: e.denomination, issue: w.serial, melt: withdrawn, reserve: e.reserve, account: r.account,
	}, e.at)
}

// close wires what is left in an expired reserve back to where it came from, less
// the fee at its expiration, which takes no more than there is. Whole cents are
// wired, yet the books show the whole balance as gone.
func (x *Exchange) close(e reserveEvent) {
	r := &x.reserves[e.reserve]
	left := r.booked()
	if left <= 0 || e.at <= r.expiration {
		return
	}
	fee := min(x.closingFeeAt(r.account, r.expiration), left)
	r.before(x.change(changeOfClosings, len(x.batch.closings)))
	r.owed -= left
	r.changed = true
	x.income += fee
	x.batch.closings = append(x.batch.closings, closing{
		serial:  x.serials["reserves_close"].next(),
		reserve: e.reserve, at: e.at, amount: left, fee: fee,
	})
	rounding := (left - fee) % cent
	x.books.closingRounding += rounding
	x.order(r.account, e.at, r.origin, left-fee-rounding, taler.WTID(x.reserveKey(e.reserve).Public()), &x.books.closingsPending)
}
