// Package nearest guesses which known word somebody meant who typed another one.
package nearest

import (
	"strings"

	"github.com/xrash/smetrics"
)

const (
	maxLength = 64 // a longer word, in bytes, is not a misspelling
	minPart   = 3  // a shorter part of a word tells nothing
)

// Of returns the candidate that is closest to word, or "" if none resembles it. Letter case and the
// difference between '-' and '_' do not count. Of two equally close candidates the first one wins.
//
// A candidate resembles the word if one contains the other, be it not too short for that, or if at most half
// of the longer one has to be changed. The cost is one edit distance per candidate.
func Of(word string, candidates []string) string {
	if word == "" || len(word) > maxLength {
		return ""
	}
	typed := fold(word)
	best, bestDistance := "", maxLength
	for _, candidate := range candidates {
		known := fold(candidate)
		distance := smetrics.WagnerFischer(typed, known, 1, 1, 1)
		alike := 2*distance <= max(len(typed), len(known)) || isPart(typed, known) || isPart(known, typed)
		if alike && distance < bestDistance {
			best, bestDistance = candidate, distance
		}
	}
	return best
}

func fold(s string) string { return strings.ReplaceAll(strings.ToLower(s), "-", "_") }

func isPart(part, whole string) bool { return len(part) >= minPart && strings.Contains(whole, part) }
