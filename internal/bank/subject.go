package bank

import (
	"strings"

	"auditor/internal/taler"
)

// This file finds the key in the subject of a transfer, as people and banks write it. A wire gateway does that
// for us; camt.053 tells what the sender wrote.

// keyLength is the number of characters of 32 bytes in base 32.
const keyLength = 52

// subject is what a remittance information means.
type subject struct {
	key   [32]byte
	found bool
	kyc   bool   // incoming: the key is marked as one of an account
	url   string // what follows the key; outgoing: the exchange
}

// parseSubject looks for exactly one key. Words that are keys count first. If there is none, the text may be a
// key that was broken into lines or groups: then it must be nothing but a key, with what may stand around
// it: "KYC:" in front, a URL behind. Two different keys mean nothing.
func parseSubject(text string) subject {
	if words := strings.Fields(text); len(words) > 1 {
		s, keys := subject{}, 0
		for i, word := range words {
			key, kyc, ok := parseKey(word)
			if !ok || s.found && key == s.key {
				continue
			}
			s = subject{key: key, found: true, kyc: kyc}
			if i+1 < len(words) && isURL(words[i+1]) {
				s.url = strings.Join(words[i+1:], "")
			}
			keys++
		}
		if keys == 1 {
			return s
		}
		if keys > 1 {
			return subject{}
		}
	}
	joined := strings.Join(strings.Fields(text), "")
	end := 0
	for end < len(joined) && !isURL(joined[end:]) {
		end++
	}
	key, kyc, ok := parseKey(joined[:end])
	if !ok {
		return subject{}
	}
	return subject{key: key, found: true, kyc: kyc, url: joined[end:]}
}

// parseKey reads a key, with the mark of a key of an account or without.
func parseKey(word string) (key [32]byte, kyc, ok bool) {
	if len(word) > 4 && strings.EqualFold(word[:4], "KYC:") {
		word, kyc = word[4:], true
	}
	if len(word) != keyLength {
		return key, false, false
	}
	decoded, err := taler.DecodeBase32(word, len(key))
	if err != nil {
		return key, false, false
	}
	return [32]byte(decoded), kyc, true
}

func isURL(s string) bool {
	lower := strings.ToLower(s[:min(len(s), len("https://"))])
	return strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://")
}
