package bank

import "time"

// What tests outside of the package look at.

// ParseSubject gives the parts of a subject.
func ParseSubject(text string) (key [32]byte, found, kyc bool, url string) {
	s := parseSubject(text)
	return s.key, s.found, s.kyc, s.url
}

// RetryAfter is retryAfter.
func RetryAfter(header string, now time.Time) time.Duration { return retryAfter(header, now) }

// Endless gives the violation of a history that goes on after the largest number of records.
func Endless() error {
	o := newOrder(0)
	o.count = maxRecords
	return o.next(1)
}
