package audit

import (
	"math"

	"auditor/internal/exchange"
)

// progress is how far one area has come in one table: every serial below next
// was judged or lies in a hole. A hole is a serial that no run has seen yet;
// its transaction was aborted, or had not committed, or is being kept back.
type progress struct {
	next  int64           // the first serial not yet judged
	holes []exchange.Span // ascending, disjoint, below next
	rows  int64           // judged in all runs
}

// beginning is the progress before the first run. All serials are ahead, also
// those below 1, which no honest sequence gives.
func beginning() progress { return progress{next: math.MinInt64} }

// advance notes that the row with this serial, at or above next, was judged.
// Serials must come in ascending order.
func (p *progress) advance(serial int64) {
	if serial > p.next {
		p.holes = append(p.holes, exchange.Span{From: p.next, To: serial})
	}
	p.next = serial + 1
	p.rows++
}

// fill returns the holes without the given serials, which lie in holes and
// come in ascending order.
func fill(holes []exchange.Span, serials []int64) []exchange.Span {
	var left []exchange.Span
	for _, h := range holes {
		for len(serials) > 0 && serials[0] < h.To {
			if h.From < serials[0] {
				left = append(left, exchange.Span{From: h.From, To: serials[0]})
			}
			h.From = serials[0] + 1
			serials = serials[1:]
		}
		if h.From < h.To {
			left = append(left, h)
		}
	}
	return left
}

// missing counts the serials from 1 that lie in holes.
func (p *progress) missing() int64 {
	var n int64
	for _, h := range p.holes {
		if from := max(h.From, 1); from < h.To {
			n += h.To - from
		}
	}
	return n
}

// point is next as reports show it: 0 before the first row.
func (p *progress) point() int64 {
	if p.next == math.MinInt64 {
		return 0
	}
	return p.next
}
