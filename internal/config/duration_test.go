package config

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	tests := []struct {
		text string
		want time.Duration
	}{
		{"4 weeks", 672 * time.Hour},
		{"30 days", 720 * time.Hour},
		{"1 year", 8760 * time.Hour},
		{"2 a", 17520 * time.Hour},
		{"45 s", 45 * time.Second},
		{"45s", 45 * time.Second},
		{"1 week 2 days", 216 * time.Hour},
		{"1week2days", 216 * time.Hour},
		{"1 h 30 min", 90 * time.Minute},
		{" 1\thour ", time.Hour},
		{"1 s 1 s", 2 * time.Second},
		{"0 s", 0},
		{"007 ms", 7 * time.Millisecond},
		{"5 us", 5 * time.Microsecond},
		{"9223372036854775 us", 9223372036854775 * time.Microsecond},
	}
	for _, test := range tests {
		if got, err := ParseDuration(test.text); err != nil || got != test.want {
			t.Errorf("%q: got %v, %v; want %v", test.text, got, err, test.want)
		}
	}
}

func TestParseDurationRefuses(t *testing.T) {
	const hint = `write it like "4 weeks" or "1 day 12 hours"`
	tests := []struct{ text, want string }{
		{"", "the duration is empty, " + hint},
		{" \t", "the duration is empty, " + hint},
		{"4", `duration "4" lacks a unit, ` + hint},
		{"1 week 2", `duration "1 week 2" lacks a unit, ` + hint},
		{"weeks", `duration "weeks" has no whole number before "weeks", ` + hint},
		{"-1 day", `duration "-1 day" has no whole number before "-1 day", ` + hint},
		{"1.5 days", `duration "1.5 days" has the unknown unit ".", ` + hint},
		{"1 day, 2 h", `duration "1 day, 2 h" has the unknown unit "day,", did you mean "day"?`},
		{"4 Weeks", `duration "4 Weeks" has the unknown unit "Weeks", did you mean "weeks"?`},
		{"2 fortnights", `duration "2 fortnights" has the unknown unit "fortnights", ` + hint},
		{"1 month", `duration "1 month" is in months, which differ in length: use days or weeks`},
		{"293 years", `duration "293 years" is longer than 292 years, shorten it`},
		{"292 years 365 days", `duration "292 years 365 days" is longer than 292 years, shorten it`},
		{"9223372036854775808 s", `duration "9223372036854775808 s" is longer than 292 years, shorten it`},
	}
	for _, test := range tests {
		if d, err := ParseDuration(test.text); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, %v\nwant %s", test.text, d, err, test.want)
		}
	}
}

// Whatever is written as a sum of units is read as their sum.
func TestDurationsAddUp(t *testing.T) {
	known := units()
	var names []string
	for name := range known {
		names = append(names, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		var parts []string
		var want time.Duration
		for range rapid.IntRange(1, 6).Draw(t, "parts") {
			unit := rapid.SampledFrom(names).Draw(t, "unit")
			count := rapid.IntRange(0, 40).Draw(t, "count")
			gap := rapid.SampledFrom([]string{"", " ", "  "}).Draw(t, "gap")
			parts = append(parts, fmt.Sprint(count)+gap+unit)
			want += time.Duration(count) * known[unit]
		}
		text := strings.Join(parts, " ")
		if got, err := ParseDuration(text); err != nil || got != want {
			t.Fatalf("%q: got %v, %v; want %v", text, got, err, want)
		}
	})
}

func FuzzParseDuration(f *testing.F) {
	for _, text := range []string{"4 weeks", "1 week 2 days", "9223372036854775807 us", "1.5 h", "", "1month", "１ day"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDuration(text)
		if err != nil {
			if err.Error() == "" || d != 0 {
				t.Errorf("%q: %v, %q", text, d, err)
			}
			return
		}
		if d < 0 {
			t.Fatalf("%q is negative: %v", text, d)
		}
		if d == math.MaxInt64 || d%time.Microsecond != 0 {
			t.Fatalf("%q: %v is no whole number of microseconds", text, d)
		}
		again, err := ParseDuration(fmt.Sprint(d.Microseconds(), " us"))
		if err != nil || again != d {
			t.Errorf("%q: %v, written in microseconds %v, %v", text, d, again, err)
		}
	})
}
