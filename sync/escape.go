package sync

import (
	"strconv"
	"strings"
)

// How many bytes of a value or of a server's message an error or a log line
// repeats at most.
const (
	shownValue   = 200
	shownMessage = 2000
)

// escape makes text from the source safe for a terminal or a log: bytes that are
// not printable, among them control characters and marks that change the
// direction of writing, become escape sequences, and what exceeds most bytes is
// cut.
func escape(s string, most int) string {
	tail := ""
	if len(s) > most {
		s, tail = s[:most], "…"
	}
	quoted := strconv.Quote(s)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + tail
}
