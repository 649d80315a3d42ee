package simulator

import (
	"container/heap"

	"auditor/internal/taler"
)

// What is to happen waits in a queue: what was planned first comes first among
// events of the same second. Whatever happens may plan more.

type event struct {
	at    taler.Timestamp
	order uint64
	do    func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(e any)   { *q = append(*q, e.(event)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	old[len(old)-1] = event{}
	*q = old[:len(old)-1]
	return last
}

// schedule plans what happens at a time that has not come yet.
func (x *Exchange) schedule(at taler.Timestamp, do func()) {
	x.planned++
	heap.Push(&x.upcoming, event{at: at, order: x.planned, do: do})
}

// playUntil makes happen what is planned before that time.
func (x *Exchange) playUntil(until taler.Timestamp) {
	for len(x.upcoming) > 0 && x.upcoming[0].at < until {
		heap.Pop(&x.upcoming).(event).do()
	}
}
