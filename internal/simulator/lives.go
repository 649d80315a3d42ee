package simulator

import (
	"math/rand/v2"
	"slices"
	"time"

	"auditor/internal/taler"
)

// Each reserve has a life, planned when it begins: credits, withdrawals, and an
// attempt of the exchange to close it some hours after it expired. What lies
// beyond the clock waits for Advance.

type eventKind uint8

const (
	credits eventKind = iota
	withdraws
	expires
)

type reserveEvent struct {
	at           taler.Timestamp
	reserve      int
	kind         eventKind
	customer     uint64 // credits: who paid
	amount       money  // credits
	denomination int    // withdraws: position in Exchange.denominations, published by then
}

// A style of life decides what is left in the reserve at its end.
type style int

const (
	spender    style = iota // withdraws all
	saver                   // leaves some
	absentee                // never withdraws
	regular                 // is credited twice, leaves some
	careless                // leaves less than the closing fee
	family                  // a second account pays in, all is withdrawn
	returner                // is credited again after the reserve was closed
	hurried                 // like spender, within an hour
	styles                  // how many there are
	lastMinute              // planned: expires right before the days played end
	feeChanger              // planned: expires before and is closed after a change of wire fees
)

// closerWithin bounds how long after expiration the exchange closes a reserve.
const closerWithin = 20 * time.Hour

// arrive plans the lives of count reserves that are opened from now until the end
// of the days to play, those of each style evenly spread over this time.
func (x *Exchange) arrive(count int, until taler.Timestamp) {
	rng := x.scenario.chance("arrivals", uint64(len(x.reserves)))
	window := since(x.clock, until)
	for n := range count {
		b := x.newLife(n)
		arrival := x.clock.Add(between(rng, n/int(styles), (count-1)/int(styles)+1, window))
		switch n {
		case 1, 9:
			expiration := until.Add(-seconds(rng, time.Hour, 6*time.Hour))
			if start := expiration.Add(-x.scenario.IdleReserveExpiration); start >= x.clock && start < expiration {
				b.style, arrival, b.closerTakes = lastMinute, start, closerWithin
				x.reserves[b.reserve].deaf = true
			}
		case 2:
			if start, wait, ok := x.beforeFeeChange(rng, until); ok {
				b.style, arrival, b.closerTakes = feeChanger, start, wait
			}
		}
		b.live(arrival)
		for _, e := range b.events {
			x.schedule(e.at, func() { x.happen(e) })
		}
	}
}

// beforeFeeChange finds when to open a reserve so that it expires up to three
// hours before wire fees change, and how long the closer must then take.
func (x *Exchange) beforeFeeChange(rng *rand.Rand, until taler.Timestamp) (start taler.Timestamp, wait time.Duration, ok bool) {
	change := x.start
	for change.Add(closerWithin) < until {
		change = change.Add(x.scenario.WireFeePeriod)
		before := seconds(rng, time.Hour, 3*time.Hour)
		life := x.scenario.IdleReserveExpiration + before
		if since(x.start, change) < life || change.Add(-life) < x.clock || change.Add(closerWithin) >= until {
			continue
		}
		return change.Add(-life), before + time.Hour, true
	}
	return 0, 0, false
}

// A life under construction.
type life struct {
	x           *Exchange
	rng         *rand.Rand
	reserve     int
	customer    uint64
	style       style
	closerTakes time.Duration
	events      []reserveEvent
}

func (x *Exchange) newLife(n int) *life {
	number := uint64(len(x.reserves))
	x.reserves = append(x.reserves, reserve{})
	rng := x.scenario.chance("life", number)
	return &life{
		x: x, rng: rng, reserve: int(number),
		customer:    rng.Uint64N(uint64(2 + x.scenario.Reserves/3)),
		style:       style(n) % styles,
		closerTakes: seconds(rng, time.Hour, closerWithin),
	}
}

// live plans the events from the first credit on.
func (l *life) live(arrival taler.Timestamp) {
	idle := l.x.scenario.IdleReserveExpiration
	last := arrival
	switch l.style {
	case spender:
		l.creditFor(arrival, 5*day, 0, l.customer)
	case hurried:
		l.creditFor(arrival, time.Hour, 0, l.customer)
	case saver, feeChanger:
		l.creditFor(arrival, 5*day, l.leftover(), l.customer)
	case lastMinute:
		l.creditFor(arrival, 5*day, 20*unit+l.leftover(), l.customer)
	case absentee:
		l.credit(arrival, 10*unit+l.leftover(), l.customer)
	case careless:
		l.creditFor(arrival, 5*day, cent, l.customer)
	case regular, family:
		again := arrival.Add(seconds(l.rng, idle/2, idle-time.Hour))
		second, left := l.customer, l.leftover()
		if l.style == family {
			second, left = l.customer+2, 0
		}
		l.creditFor(arrival, 5*day, left, l.customer)
		l.creditFor(again, 5*day, 0, second)
		last = again
	case returner:
		l.creditFor(arrival, 5*day, l.leftover(), l.customer)
		l.close(arrival.Add(idle))
		last = arrival.Add(idle + 2*day + seconds(l.rng, 0, 5*day))
		l.creditFor(last, 5*day, l.leftover(), l.customer)
	}
	l.close(last.Add(idle))
}

// creditFor plans a credit that pays for some withdrawals within the given time
// and leaves the given rest.
func (l *life) creditFor(at taler.Timestamp, within time.Duration, rest money, customer uint64) {
	within = min(within, l.x.scenario.IdleReserveExpiration/4)
	var times []taler.Timestamp
	if w := l.x.scenario.WithdrawalsPerReserve; w > 0 {
		for range 1 + l.rng.IntN(2*w-1) {
			times = append(times, at.Add(seconds(l.rng, time.Minute, within)))
		}
	}
	slices.Sort(times)
	total := rest
	credit := len(l.events)
	l.credit(at, 0, customer)
	for _, t := range times {
		total += l.withdraw(t)
	}
	if total == 0 {
		total = cent
	}
	l.events[credit].amount = total
}

func (l *life) credit(at taler.Timestamp, amount money, customer uint64) {
	l.events = append(l.events, reserveEvent{at: at, reserve: l.reserve, kind: credits, amount: amount, customer: customer})
}

// withdraw plans a withdrawal of a random value, of one of the generations valid
// at that time, and returns what it takes from the reserve.
func (l *life) withdraw(at taler.Timestamp) money {
	generation := l.x.youngestGeneration(at)
	if generation > 0 && at <= l.x.generationStart(generation-1).Add(l.x.scenario.DenominationSpan) && l.rng.IntN(2) == 0 {
		generation--
	}
	v := l.rng.IntN(len(l.x.values))
	l.events = append(l.events, reserveEvent{
		at: at, reserve: l.reserve, kind: withdraws, denomination: generation*len(l.x.values) + v,
	})
	return l.x.values[v] + withdrawFee(generation, v)
}

func (l *life) close(expiration taler.Timestamp) {
	l.events = append(l.events, reserveEvent{at: expiration.Add(l.closerTakes), reserve: l.reserve, kind: expires})
}

// leftover is from half a unit to 30 units, at the demonstration bank with a
// fraction that cannot be wired where cents are the smallest unit.
func (l *life) leftover() money {
	left := 50*cent + cent*money(l.rng.IntN(2950))
	if l.customer%2 == 1 {
		left += 5 * mill
	}
	return left
}

// between returns a random time in one of several equal parts of a window.
func between(rng *rand.Rand, part, parts int, window time.Duration) time.Duration {
	length := window / time.Duration(parts)
	return seconds(rng, time.Duration(part)*length, time.Duration(part+1)*length-time.Second)
}

// seconds returns a random time between the two, whole seconds, both included.
func seconds(rng *rand.Rand, from, to time.Duration) time.Duration {
	if to <= from {
		return from.Truncate(time.Second)
	}
	return (from + time.Duration(rng.Int64N(int64(to-from)+1))).Truncate(time.Second)
}
