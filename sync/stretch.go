package sync

import "math"

// A stretch is a range of serials, both ends included.
type stretch struct{ from, to int64 }

func (s stretch) holds(serial int64) bool { return s.from <= serial && serial <= s.to }

// size returns how many serials the stretch has, MaxInt64 if that many or more.
func (s stretch) size() int64 {
	n := uint64(s.to) - uint64(s.from)
	return int64(min(n, math.MaxInt64-1)) + 1
}

// gaps returns the stretches between ascending serials, all above after, beginning
// with the one above after. Serials begin with 1: nothing below is missing.
func gaps(after int64, serials []int64) []stretch {
	after = max(after, 0)
	var missing []stretch
	for _, s := range serials {
		if s > after+1 {
			missing = append(missing, stretch{after + 1, s - 1})
		}
		after = max(after, s)
	}
	return missing
}

// without returns what is left of a stretch after ascending serials were taken out.
func (s stretch) without(serials []int64) []stretch {
	var rest []stretch
	from := s.from
	for _, n := range serials {
		if n < from || n > s.to {
			continue
		}
		if n > from {
			rest = append(rest, stretch{from, n - 1})
		}
		if n == s.to {
			return rest
		}
		from = n + 1
	}
	return append(rest, stretch{from, s.to})
}
