package events

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Form is how a file holds events or details.
type Form string

// The forms.
const (
	Answer  Form = "answer of a node"
	Events  Form = "sequence of events"
	Details Form = "sequence of details"
	Text    Form = "text"
	CSV     Form = "CSV"
)

const (
	headSize   = 64 << 10 // bytes, by which a form is recognised
	answerHead = challengeLen + 2
)

// recognize tells the form of a file by its first bytes, up to [headSize]; whole says that there are no more.
// It returns "" if it is none.
//
// Lines are told by their first one, a whole answer by its length and its end. Details have a small number where
// an event has the upper byte of its time. What is left, such as a file that was cut off or is too large for its
// end to be seen, is what has more plausible times in the places of times.
func recognize(head []byte, whole bool, latest time.Time) Form {
	switch first := firstLine(head); {
	case first == csvHeader:
		return CSV
	case strings.Count(first, "|") == fields-1 && utf8.ValidString(first) && !strings.ContainsFunc(first, unicode.IsControl):
		return Text
	case whole && len(head)%eventSize == (answerHead+len(trailer))%eventSize && bytes.HasSuffix(head, []byte(trailer)):
		return Answer
	case areDetails(head):
		return Details
	}
	plain, answered := plausible(head, latest), plausible(head[min(answerHead, len(head)):], latest)
	switch {
	case plain == 0 && answered == 0:
		return ""
	case whole && len(head)%eventSize == 0, plain >= answered:
		return Events
	}
	return Answer
}

func firstLine(head []byte) string {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	return strings.TrimSpace(string(line))
}

// plausible counts the events that have a time that can be true.
func plausible(b []byte, latest time.Time) (count int) {
	for ; len(b) >= eventSize; b = b[eventSize:] {
		if at := timeOf(b[4:]); !at.Before(Earliest) && !at.After(latest) {
			count++
		}
	}
	return count
}

// areDetails tells whether most records can be details. An event with so small a number in the place of the marker
// would have happened before 1987.
func areDetails(b []byte) bool {
	const small = 0x20
	yes, no := 0, 0
	for ; len(b) >= detailSize; b = b[detailSize:] {
		if _, err := decodeDetail(b[:detailSize]); b[4] < small && err == nil {
			yes++
		} else {
			no++
		}
	}
	return yes > 0 && yes >= no
}
