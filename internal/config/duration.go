package config

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"auditor/internal/nearest"
)

// units are the lengths of the units of time. Months are none: nobody knows how long they are.
func units() map[string]time.Duration {
	return map[string]time.Duration{
		"us": time.Microsecond,
		"ms": time.Millisecond,
		"s":  time.Second, "sec": time.Second, "second": time.Second, "seconds": time.Second,
		"m": time.Minute, "min": time.Minute, "minute": time.Minute, "minutes": time.Minute,
		"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
		"d": day, "day": day, "days": day,
		"week": week, "weeks": week,
		"a": year, "year": year, "years": year,
	}
}

const durationExample = "write it like \"4 weeks\" or \"1 day 12 hours\""

// ParseDuration reads a length of time as people write it: whole numbers with units, "4 weeks", "45 s",
// which are added up, "1 week 2 days". A week has 7 days, a day 24 hours, a year 365 days. The space between
// number and unit may be missing. The result is not negative and below 2^63 nanoseconds (292 years).
func ParseDuration(s string) (time.Duration, error) {
	rest := strings.TrimSpace(s)
	if rest == "" {
		return 0, fmt.Errorf("the duration is empty, %s", durationExample)
	}
	var sum time.Duration
	for rest != "" {
		end := span(rest, isDigit)
		if end == 0 {
			return 0, fmt.Errorf("duration %.60q has no whole number before %.20q, %s", s, rest, durationExample)
		}
		number := rest[:end]
		rest = strings.TrimLeft(rest[end:], " \t")
		end = span(rest, func(c byte) bool { return !isDigit(c) && c != ' ' && c != '\t' })
		unit, err := parseUnit(s, rest[:end])
		if err != nil {
			return 0, err
		}
		rest = strings.TrimLeft(rest[end:], " \t")
		count, err := strconv.ParseInt(number, 10, 64)
		if err != nil || count > int64(math.MaxInt64-sum)/int64(unit) {
			return 0, fmt.Errorf("duration %.60q is longer than 292 years, shorten it", s)
		}
		sum += time.Duration(count) * unit
	}
	return sum, nil
}

func parseUnit(whole, name string) (time.Duration, error) {
	known := units()
	if unit, ok := known[name]; ok {
		return unit, nil
	}
	if name == "" {
		return 0, fmt.Errorf("duration %.60q lacks a unit, %s", whole, durationExample)
	}
	if strings.HasPrefix(name, "month") {
		return 0, fmt.Errorf("duration %.60q is in months, which differ in length: use days or weeks", whole)
	}
	if guess := nearest.Of(name, slices.Sorted(maps.Keys(known))); guess != "" {
		return 0, fmt.Errorf("duration %.60q has the unknown unit %.20q, did you mean %q?", whole, name, guess)
	}
	return 0, fmt.Errorf("duration %.60q has the unknown unit %.20q, %s", whole, name, durationExample)
}

// span returns the length of the longest prefix of s whose bytes all satisfy in.
func span(s string, in func(byte) bool) int {
	for i := range len(s) {
		if !in(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
