package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// Text from a database that its owner may have filled in order to deceive or
// to damage is made harmless here, and only here: what leaves this file moves
// no cursor, changes no colour, hides nothing, and reads from left to right in
// the order in which it was stored.

const (
	// maxEscaped is the length in bytes beyond which text is cut.
	maxEscaped = 1000
	// maxMarks is how many combining marks may sit on one letter. Three are
	// enough for every living orthography, hundreds bury the lines above.
	maxMarks = 3
	// brailleBlank looks like a space and is none.
	brailleBlank = '\u2800'
)

// Escape returns s in a form that is safe to print to a terminal: valid UTF-8
// on one line. A backslash begins the description of what cannot be shown:
// \\ for itself, \n, \r, \t, \xHH for other control bytes, bytes that are not
// UTF-8 and spaces that would go unnoticed, \uHHHH and \UHHHHHHHH for
// characters that are invisible or that rearrange a line. Of text longer than
// 1000 bytes the rest is counted instead of shown.
func Escape(s string) string {
	var b strings.Builder
	marks := maxMarks // at the beginning there is no letter to sit on
	for i, size := 0, 0; i < len(s); i += size {
		if b.Len() >= maxEscaped {
			fmt.Fprintf(&b, "… (%s more bytes)", group(uint64(len(s)-i)))
			break
		}
		var r rune
		r, size = utf8.DecodeRuneInString(s[i:])
		if unicode.IsMark(r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case r == '\\':
			b.WriteString(`\\`)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == ' ' && unnoticed(s, i):
			b.WriteString(`\x20`)
		case harmless(r) && marks <= maxMarks:
			b.WriteRune(r)
			continue
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		marks = maxMarks // nor is there one after a description
	}
	return b.String()
}

// unnoticed tells whether nobody would see the space at s[i].
func unnoticed(s string, i int) bool {
	return i == 0 || i == len(s)-1 || s[i-1] == ' '
}

// harmless tells whether r can be seen and leaves its surroundings alone.
func harmless(r rune) bool {
	if !unicode.IsPrint(r) || r == brailleBlank ||
		unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
		return false
	}
	properties, _ := bidi.LookupRune(r)
	switch properties.Class() {
	case bidi.R, bidi.AL, bidi.AN:
		return false
	}
	return true
}

// escapeJSON rewrites every character of a JSON text that is not harmless as
// the escape sequence that means the same to a reader of JSON. Beyond ASCII
// such characters occur in strings only, so the value stays the same.
func escapeJSON(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i, size := 0, 0; i < len(text); i += size {
		var r rune
		r, size = utf8.DecodeRune(text[i:])
		switch {
		case r == '\n' || harmless(r):
			out = append(out, text[i:i+size]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// formulaSigns begin what spreadsheets take for a formula; the wide ones where the
// user writes Chinese, Japanese or Korean.
const formulaSigns = "=+-@|%\uff1d\uff0b\uff0d\uff20"

// escapeCell makes text harmless for a cell of a spreadsheet: as [Escape] does, and
// with an apostrophe in front of what would be a formula. A negative number is none.
func escapeCell(s string) string {
	text := Escape(s)
	if first, _ := utf8.DecodeRuneInString(text); text != "" && strings.ContainsRune(formulaSigns, first) {
		if _, err := strconv.ParseInt(text, 10, 64); err != nil || first != '-' {
			return "'" + text
		}
	}
	return text
}
