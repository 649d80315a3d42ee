package catalogue

import (
	"fmt"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// honestTimes are oddities of dates, serials and keys that an honest exchange can
// show. Nothing may be found.
func honestTimes() []Entry {
	nothing := func(do func(*deed)) func(*deed) []Expectation {
		return func(d *deed) []Expectation { do(d); return nil }
	}
	return []Entry{
		{Name: "withdrawals-at-the-very-ends", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-03"},
			Story: "A coin is withdrawn in the first second in which its denomination is offered, another one in the last.",
			deed: nothing(func(d *deed) {
				c, key := d.newDenomination()
				c.ValidFrom, c.ExpireWithdraw = d.ago(9*time.Minute), d.ago(5*time.Minute)
				d.offer(c, key)
				r := d.newReserve("customer", d.money("20"), accomplice, d.ago(2*day))
				d.withdraw(r, c, withdrawal{at: c.ValidFrom})
				d.withdraw(r, c, withdrawal{at: c.ExpireWithdraw})
			})},
		{Name: "clock-a-little-ahead", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-29"},
			Story: "The exchange's clock is half an hour ahead of the auditor's.",
			deed:  nothing(func(d *deed) { d.withdraw(d.open(), d.offered(), withdrawal{at: d.ago(-30 * time.Minute)}) })},
		{Name: "commit-out-of-order", Area: AreaHonest, Culprit: Nobody, Refs: []string{"S3", "H-12"},
			Story: "A transaction that drew its serial early commits late: its row appears below rows that were audited.",
			deed: nothing(func(d *deed) {
				hole := d.hole("reserves_out")
				var at int64
				var denomination int64
				d.read(`select execution_date, denominations_serial from :"schema".reserves_out where reserve_out_serial_id = $1`, []any{hole + 1}, &at, &denomination)
				c := d.denomination(func(c *exchange.Denomination) bool { return c.Serial == denomination })
				r := d.newReserve("customer", d.price(c), accomplice, d.ago(day))
				w := d.withdraw(r, c, withdrawal{at: taler.Timestamp(at)})
				d.update("reserves_out", w, fields{"reserve_out_serial_id": hole})
			})},
		{Name: "envelope-padded-by-the-wallet", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-20"},
			Story: "A wallet sends its envelope as many bytes as the key has, zeros in front.",
			deed: nothing(func(d *deed) {
				c, key := d.newDenomination()
				d.offer(c, key)
				r := d.newReserve("customer", d.money("20"), accomplice, d.ago(day))
				// Envelopes are numbers as long as the key, but for one in some hundred.
				for range 1000 {
					next := d.nextSerial("reserves_out") + 1
					if d.err != nil {
						return
					}
					envelope, err := key.Public().Blind(d.Play.CoinKey(next).Public(), d.Play.CoinBlinding(next))
					if err != nil {
						d.fail(err)
						return
					}
					if short := (key.Public().Bits()+7)/8 - len(envelope); short > 0 {
						d.withdraw(r, c, withdrawal{padded: short})
						return
					}
				}
				d.fail(fmt.Errorf("%w: no short envelope", ErrNoVictim))
			})},
		{Name: "denomination-revoked", Area: AreaHonest, Culprit: Nobody, Refs: []string{"K-07", "R-06", "R-07", "R-26", "R-28"},
			Story: "The exchange revokes a denomination as it should, and a customer has his coin paid back.",
			deed: nothing(func(d *deed) {
				c, r, w, _ := d.revoked(d.Play.MasterKey())
				d.recoup(r, c, w, recoup{})
			})},
		{Name: "sign-key-revoked", Area: AreaHonest, Culprit: Nobody, Refs: []string{"K-08"},
			Story: "The exchange revokes a sign key as it should.",
			deed:  nothing(func(d *deed) { d.revokeSignKey(&d.signKeys[len(d.signKeys)-1], d.Play.MasterKey()) })},
		{Name: "fees-announced", Area: AreaHonest, Culprit: Nobody, Refs: []string{"K-10", "K-11"},
			Story: "The exchange announces the wire fees of the period that follows the last one.",
			deed:  nothing(func(d *deed) { d.setFee(d.later("iban", 0), d.Play.MasterKey()) })},
		{Name: "denomination-announced", Area: AreaHonest, Culprit: Nobody, Refs: []string{"K-05", "K-13"},
			Story: "A new denomination is offered, with all signatures.",
			deed:  nothing(func(d *deed) { d.offer(d.newDenomination()) })},
		{Name: "auditor-renamed", Area: AreaHonest, Culprit: Nobody, Refs: []string{"C-01", "K-17"},
			Story: "The exchange updates the name under which it lists this auditor, which is no part of any signature.",
			deed: nothing(func(d *deed) {
				auditor, _ := d.Play.Auditor()
				d.exec(`update :"schema".auditors set auditor_name = 'New name' where auditor_pub = $1`, auditor[:])
			})},
		{Name: "old-reserve-collected", Area: AreaHonest, Culprit: Nobody, Refs: []string{"S9", "R-14"},
			Story: "The exchange deletes a reserve that was closed, is empty and past the time for which it must be kept.",
			deed: nothing(func(d *deed) {
				r := d.expired("5")
				d.close(r, r.balance, d.dueFee(r), r.origins[0], d.now())
				fee := steps(d.dueFee(r))
				d.remove("reserves", r.serial)
				// The bank's history of that time is gone as well.
				a := d.accountFor(r.origins[0])
				a.Credits, a.Debits = a.Credits[:len(a.Credits)-1], a.Debits[:len(a.Debits)-1]
				d.book(r, 0, -fee)
			})},
	}
}

// honestMoney are oddities of amounts and accounts that an honest exchange can
// show. Nothing may be found.
func honestMoney() []Entry {
	nothing := func(do func(*deed)) func(*deed) []Expectation {
		return func(d *deed) []Expectation { do(d); return nil }
	}
	return []Entry{
		{Name: "closing-to-the-second-sender", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-12", "I-14"},
			Story: "Two people paid into a reserve; it is closed to the account of the second. That the money was his cannot be told from the database, nor that it was not.",
			deed: nothing(func(d *deed) {
				r := d.expired("10")
				const second = "payto://x-taler-bank/bank.example/second"
				d.credit(r, d.money("5"), second, r.credited-taler.Timestamp(time.Minute.Microseconds()))
				d.close(r, r.balance, d.dueFee(r), second, d.now())
			})},
		{Name: "closing-after-a-fee-change", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-09", "I-05"},
			Story: "Fees changed between the expiration of a reserve and its closing. The exchange charges the old one, as it should.",
			deed: nothing(func(d *deed) {
				r, old, _ := d.acrossFeeChange()
				d.close(r, r.balance, old, r.origins[0], d.now())
			})},
		{Name: "closing-of-less-than-the-fee", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-09", "I-05", "B-13"},
			Story: "What is left in a reserve is less than the closing fee: it takes all, and nothing is wired.",
			deed: nothing(func(d *deed) {
				r := d.expired("0.01")
				d.close(r, r.balance, r.balance, r.origins[0], d.now())
			})},
		{Name: "closing-rounded-down", Area: AreaHonest, Culprit: Nobody, Refs: []string{"I-05", "W-14", "W-16", "test 19"},
			Story: "A reserve of an amount with a fraction of a cent is closed. The bank wires whole cents.",
			deed: nothing(func(d *deed) {
				r := d.expired("5.015")
				d.close(r, r.balance, d.dueFee(r), r.origins[0], d.now())
			})},
		{Name: "dust-left-in-an-expired-reserve", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-16"},
			Story: "A reserve expired with less in it than closing it costs, and was not closed.",
			deed: nothing(func(d *deed) {
				d.newReserve("customer", d.money("0.01"), "payto://x-taler-bank/bank.example/customer", d.ago(d.idleTime()+3*day))
			})},
		{Name: "reserve-within-the-grace-period", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-16"},
			Story: "A reserve expired some hours ago and was not closed yet.",
			deed:  nothing(func(d *deed) { d.expired("30") })},
		{Name: "reserve-emptied-to-the-last-step", Area: AreaHonest, Culprit: Nobody, Refs: []string{"R-13", "R-15"},
			Story: "A customer pays in exactly what his coin costs and withdraws it in the same second.",
			deed: nothing(func(d *deed) {
				c := d.offered()
				at := d.ago(time.Minute)
				d.withdraw(d.newReserve("customer", d.price(c), accomplice, at), c, withdrawal{at: at})
			})},
	}
}

// acrossFeeChange opens a reserve that expired two hours before the closing fee
// changed, and returns the fees before and after.
func (d *deed) acrossFeeChange() (r *reserve, before, after taler.Amount) {
	var change *exchange.WireFee
	for i := range d.fees {
		f := &d.fees[i]
		if f.Method == "x-taler-bank" && f.Start < d.ago(3*time.Hour) && f.Start > d.ago(d.Play.Clock().Sub(d.Play.Scenario().Start)) {
			change = f
		}
	}
	if change == nil {
		d.fail(fmt.Errorf("%w: fees never changed", ErrNoVictim))
		return &reserve{balance: d.money("0"), origins: []string{""}}, d.money("0"), d.money("0")
	}
	r = d.newReserve("customer", d.money("6"), "payto://x-taler-bank/bank.example/customer", change.Start.Add(-2*time.Hour-d.idleTime()))
	return r, d.dueFee(r), change.ClosingFee
}
