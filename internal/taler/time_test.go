package taler

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTimestampFromDB(t *testing.T) {
	for _, test := range []struct {
		stored int64
		want   Timestamp
		text   string
		whole  bool
	}{
		{0, 0, "1970-01-01T00:00:00Z", true},
		{1610355247000000, 1610355247000000, "2021-01-11T08:54:07Z", true},
		{1610355247000001, 1610355247000001, "2021-01-11T08:54:07.000001Z", false},
		{1610355247500000, 1610355247500000, "2021-01-11T08:54:07.5Z", false},
		{math.MaxInt64 - 1, math.MaxInt64 - 1, "294247-01-10T04:00:54.775806Z", false},
		{math.MaxInt64, Forever, "never", true},
		{-1, Forever, "never", true},
	} {
		got, err := TimestampFromDB(test.stored)
		if err != nil || got != test.want || got.String() != test.text || got.WholeSecond() != test.whole {
			t.Errorf("TimestampFromDB(%d) = %d, %v, %s, whole %v", test.stored, uint64(got), err, got, got.WholeSecond())
		}
	}
	for _, stored := range []int64{-2, -1000000, math.MinInt64} {
		var wrong *RangeError
		if got, err := TimestampFromDB(stored); !errors.As(err, &wrong) || wrong.Value != stored {
			t.Errorf("TimestampFromDB(%d) = %s, %v, want a range error", stored, got, err)
		}
	}
	if got := Forever.DB(); got != -1 {
		t.Errorf("forever is stored as %d", got)
	}
}

func TestTimestampConversions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Timestamp(rapid.Uint64Range(0, math.MaxInt64/1_000_000*1_000_000-1).Draw(t, "at"))
		if got := TimestampOf(at.Time()); got != at {
			t.Fatalf("TimestampOf(%s) = %s", at.Time(), got)
		}
		if parsed, err := time.Parse(time.RFC3339Nano, at.String()); err == nil && TimestampOf(parsed) != at {
			t.Fatalf("%s read back is %s", at, TimestampOf(parsed))
		}
		if got, err := TimestampFromDB(at.DB()); err != nil || got != at {
			t.Fatalf("stored and read back %s = %s, %v", at, got, err)
		}
		cut := at.Truncate()
		if !cut.WholeSecond() || cut > at || at-cut >= 1_000_000 || (cut == at) != at.WholeSecond() {
			t.Fatalf("%s cut to seconds is %s", at, cut)
		}
		d := time.Duration(rapid.Int64().Draw(t, "d"))
		want := int64(at) + d.Microseconds() // cannot overflow: d has at most 2^63 nanoseconds
		if d > 0 && want < 0 {
			t.Skip("beyond 63 bits")
		}
		if got := at.Add(d); got != Timestamp(max(0, want)) {
			t.Fatalf("%s + %s = %s", at, d, got)
		}
	})
}

func TestTimestampLimits(t *testing.T) {
	for name, ok := range map[string]bool{
		"forever later":        Forever.Add(time.Hour) == Forever,
		"forever earlier":      Forever.Add(-time.Hour) == Forever,
		"forever in seconds":   Forever.Truncate() == Forever,
		"up to forever":        (Forever - 1).Add(time.Second) == Forever,
		"down to 1970":         Timestamp(5).Add(-time.Second) == 0,
		"least duration":       Timestamp(5).Add(math.MinInt64) == 0,
		"before 1970":          TimestampOf(time.Unix(-1, 0)) == 0,
		"far future":           TimestampOf(time.Unix(math.MaxInt64/1_000_000, 0)) == Forever,
		"forever and back":     TimestampOf(Forever.Time()) == Forever,
		"zero time":            TimestampOf(time.Time{}) == 0,
		"forever is late":      Forever.Time().After(time.Now()),
		"fraction of a second": TimestampOf(time.Unix(1, 1999)) == 1_000_001,
		"unsigned later":       Timestamp(math.MaxInt64).Add(time.Microsecond) == math.MaxInt64+1,
	} {
		if !ok {
			t.Error(name)
		}
	}
}
