package taler

import "fmt"

// The base 32 text form of keys, hashes and signatures: Crockford's alphabet,
// most significant bit first, no padding characters, surplus bits at the end.

const base32Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// EncodeBase32 gives the text form of b, which has ceil(8n/5) characters.
func EncodeBase32(b []byte) string {
	text := make([]byte, 0, base32Length(len(b)))
	var window, held uint
	for _, c := range b {
		window = window<<8 | uint(c)
		for held += 8; held >= 5; {
			held -= 5
			text = append(text, base32Alphabet[window>>held&31])
		}
	}
	if held > 0 {
		text = append(text, base32Alphabet[window<<(5-held)&31])
	}
	return string(text)
}

func base32Length(size int) int { return (8*size + 4) / 5 }

// DecodeBase32 reads a text that stands for size bytes; a negative size takes as
// many whole bytes as the text holds. Case is ignored, O is read as 0, I and L
// as 1, U as V. Surplus bits of the last character are ignored, so several texts
// give the same bytes.
func DecodeBase32(s string, size int) ([]byte, error) {
	if size < 0 {
		size = 5 * len(s) / 8
	}
	if len(s) != base32Length(size) {
		return nil, fmt.Errorf("base 32 text of %d characters cannot stand for %d bytes, which take %d", len(s), size, base32Length(size))
	}
	b := make([]byte, 0, size)
	var window, held uint
	for i := range len(s) {
		digit, ok := base32Digit(s[i])
		if !ok {
			return nil, fmt.Errorf("character %d of a base 32 text is %q, expected a digit or a letter", i+1, s[i])
		}
		window = window<<5 | digit
		held += 5
		if held >= 8 {
			held -= 8
			b = append(b, byte(window>>held))
		}
	}
	return b, nil
}

func base32Digit(c byte) (uint, bool) {
	switch c = lower(c); {
	case '0' <= c && c <= '9':
		return uint(c - '0'), true
	case c == 'o':
		return 0, true
	case c == 'i' || c == 'l':
		return 1, true
	case c == 'u':
		return 27, true
	case c < 'a' || c > 'z':
		return 0, false
	}
	value := 10 + uint(c-'a')
	for _, skipped := range [...]byte{'i', 'l', 'o', 'u'} {
		if c > skipped {
			value--
		}
	}
	return value, true
}
