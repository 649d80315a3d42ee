package pg

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxPrintable bounds text of the server in an error message, in bytes.
const maxPrintable = 1000

// printable makes text of a server safe to show: what is no graphic character, such as a terminal's control
// sequence, is spelled out, and text that is too long is cut.
func printable(s string) string {
	cut := ""
	if len(s) > maxPrintable {
		s, cut = s[:maxPrintable], "..."
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x` + strconv.FormatUint(uint64(s[0]), 16))
		case strconv.IsGraphic(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String() + cut
}
