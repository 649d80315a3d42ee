// Package tokennet simulates a network of token servers, as far as its event log tells of it.
package tokennet

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"auditor/internal/events"
)

const (
	users          = 40 // per 10,000 events, and never fewer
	administrators = 2
)

// weights say how often services are used, and busy how busy each hour is.
var (
	weights = []struct {
		service events.Service
		weight  int
		median  float64 // nanoseconds of execution
	}{
		{0, 60, 900}, {10, 240, 4_000}, {20, 300, 5_600}, {30, 60, 9_000}, {40, 40, 3_000}, {50, 40, 3_500}, {60, 30, 12_000},
		{80, 20, 20_000}, {81, 80, 7_000}, {82, 70, 7_500}, {100, 20, 2_000}, {120, 10, 40_000}, {200, 6, 4_500}, {4711, 2, 1_000},
		{130, 3, 15_000}, {140, 2, 14_000},
	}
	busy = [24]int{2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 11, 10, 12, 11, 9, 9, 10, 12, 14, 13, 10, 8, 5, 3}
)

// Statuses of responses: almost all requests succeed.
const (
	succeeded = 250
	failed    = 251
	partly    = 241
)

// Day returns so many events of one day (UTC) in the order of their numbers and times, and details of the
// administrative ones. The same seed gives the same day.
func Day(seed uint64, day time.Time, count int) ([]events.Event, []events.Detail) {
	n := &network{rand.New(rand.NewPCG(seed, 1))}
	people := n.people(max(users, users*count/10_000))
	times := make([]int64, count)
	for i := range times {
		times[i] = n.second(day)
	}
	slices.Sort(times)
	list := make([]events.Event, count)
	var details []events.Detail
	for i := range list {
		e := n.event(people)
		e.ID, e.Time = uint32(i+1), time.Unix(times[i], 0).UTC()
		list[i] = e
		if e.Service == 130 || e.Service == 140 {
			details = append(details, events.Detail{Event: e.ID, Text: fmt.Sprintf("order %d of the board", 100+i)})
		}
	}
	return list, details
}

// Record is what a file can hold a sequence of.
type Record[T any] interface {
	*T
	AppendBinary([]byte) ([]byte, error)
}

// Records returns events or details one after the other, as nodes save them.
func Records[T any, R Record[T]](list []T) ([]byte, error) {
	var file []byte
	for i := range list {
		var err error
		if file, err = R(&list[i]).AppendBinary(file); err != nil {
			return nil, err
		}
	}
	return file, nil
}

type network struct{ *rand.Rand }

// person is a user with the address that they come from.
type person struct {
	id events.UserID
	ip netip.Addr
}

func (n *network) people(count int) []person {
	list := make([]person, count)
	for i := range list {
		p := &list[i]
		binary.BigEndian.PutUint64(p.id[:], n.Uint64())
		binary.BigEndian.PutUint64(p.id[8:], n.Uint64())
		p.id[6], p.id[8] = p.id[6]&0x0f|0x40, p.id[8]&0x3f|0x80 // a random UUID
		p.ip = netip.AddrFrom4([4]byte{203, 0, 113, byte(1 + n.IntN(60))})
		if n.IntN(5) == 0 {
			p.ip = netip.AddrFrom16([16]byte{0x20, 0x01, 0x0d, 0xb8, 15: byte(1 + n.IntN(20))})
		}
	}
	return list
}

func (n *network) second(day time.Time) int64 {
	at := n.pick(len(busy), func(i int) int { return busy[i] })
	return day.Unix() + int64(at)*3600 + int64(n.IntN(3600))
}

func (n *network) event(people []person) events.Event {
	kind := weights[n.pick(len(weights), func(i int) int { return weights[i].weight })]
	who := people[administrators+n.IntN(len(people)-administrators)]
	e := events.Event{Service: kind.service, Status: succeeded}
	switch kind.service {
	case 130, 140:
		who = people[n.IntN(administrators)]
		e.Amount = uint32(1000 * (1 + n.IntN(25)))
	case 10, 20, 30, 60, 80, 81, 82:
		e.Amount = uint32(1 + n.ExpFloat64()*20)
	}
	e.User, e.IP = who.id, who.ip
	e.Nanoseconds = uint16(min(events.Slowest, kind.median*math.Exp(0.6*n.NormFloat64())))
	switch n.IntN(100) {
	case 0:
		e.Status = failed
	case 1, 2:
		e.Status = partly
	}
	return e
}

// pick chooses one of count things by their weights.
func (n *network) pick(count int, weight func(int) int) int {
	total := 0
	for i := range count {
		total += weight(i)
	}
	at := n.IntN(total)
	for i := range count {
		if at -= weight(i); at < 0 {
			return i
		}
	}
	return count - 1
}
