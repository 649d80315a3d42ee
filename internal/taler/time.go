package taler

import (
	"math"
	"time"
)

// Timestamp is a time as the exchange holds it: microseconds since 1970 UTC.
// What an exchange stores or signs is cut down to whole seconds.
type Timestamp uint64

// Forever is the timestamp of what never happens or never ends.
const Forever Timestamp = math.MaxUint64

const microsecondsPerSecond = 1_000_000

// TimestampFromDB reads a time column. Both spellings of forever, -1 and 2^63-1,
// give [Forever]; another negative number gives a *[RangeError].
func TimestampFromDB(v int64) (Timestamp, error) {
	if v == -1 || v == math.MaxInt64 {
		return Forever, nil
	}
	if v < 0 {
		return 0, &RangeError{Quantity: "time", Value: v, Rule: "-1 (never) or microseconds since 1970"}
	}
	return Timestamp(v), nil
}

// TimestampOf converts a time, cut down to microseconds. Times before 1970 give
// 0, times after the year 294246 give [Forever].
func TimestampOf(t time.Time) Timestamp {
	seconds := t.Unix()
	if seconds < 0 {
		return 0
	}
	if seconds >= math.MaxInt64/microsecondsPerSecond {
		return Forever
	}
	return Timestamp(t.UnixMicro())
}

// DB returns the number to store in a time column; forever is -1.
func (t Timestamp) DB() int64 { return int64(t) }

// IsForever reports whether t is [Forever].
func (t Timestamp) IsForever() bool { return t == Forever }

// WholeSecond reports whether t is what an exchange may store: a whole second,
// or forever.
func (t Timestamp) WholeSecond() bool {
	return t == Forever || t%microsecondsPerSecond == 0
}

// Truncate cuts t down to a whole second; forever stays.
func (t Timestamp) Truncate() Timestamp {
	if t == Forever {
		return t
	}
	return t - t%microsecondsPerSecond
}

// Time converts to UTC. Forever, and whatever else lies beyond 2^63-1
// microseconds, becomes the last time of that range.
func (t Timestamp) Time() time.Time {
	return time.UnixMicro(int64(min(t, math.MaxInt64))).UTC()
}

// String gives ISO 8601 in UTC with as many digits of a second as are needed,
// or "never".
func (t Timestamp) String() string {
	if t == Forever {
		return "never"
	}
	return t.Time().Format(time.RFC3339Nano)
}

// Add returns t later (or earlier) by d, cut down to microseconds. It stops at
// 1970 and at [Forever]; forever stays forever.
func (t Timestamp) Add(d time.Duration) Timestamp {
	if t == Forever {
		return t
	}
	us := d.Microseconds()
	if us < 0 {
		return t - min(t, Timestamp(-us))
	}
	return t + min(Forever-t, Timestamp(us))
}
