package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Text is broken into lines here. Lines break at spaces. A word that is wider
// than a line (a hash has 103 characters) is broken too, so that no line is
// ever too wide; each part but the last then ends in a backslash. Escaped text
// never ends in a single backslash, hence the mark cannot be forged.

// continued marks the end of a line whose last word goes on in the next.
const continued = `\`

// cells returns how many columns of a terminal s takes. Characters of
// ambiguous width take one, whatever the environment says.
func cells(s string) int { return twwidth.WidthWithOptions(s, twwidth.Options{}) }

// wrap breaks escaped text into lines of at most width columns. It returns at
// least one line.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && cells(line)+1+cells(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for cells(word) > width {
			n := fitting(word, width-cells(continued))
			lines = append(lines, word[:n]+continued)
			word = word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// fitting returns the length in bytes of the longest beginning of word that
// takes at most width columns and does not end within a character or within
// an escape sequence. It is never zero.
func fitting(word string, width int) int {
	n := 0
	for n < len(word) {
		next := n + unit(word[n:])
		if n > 0 && cells(word[:next]) > width {
			break
		}
		n = next
	}
	return n
}

// unit returns the length of what must stay together at the beginning of s: an
// escape sequence, or a character with its combining marks.
func unit(s string) int {
	if len(s) > 1 && s[0] == '\\' {
		size := 2
		switch s[1] {
		case 'x':
			size = len(`\x00`)
		case 'u':
			size = len(`\u0000`)
		case 'U':
			size = len(`\U00000000`)
		}
		return min(size, len(s))
	}
	_, n := utf8.DecodeRuneInString(s)
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !unicode.IsMark(r) {
			break
		}
		n += size
	}
	return n
}
