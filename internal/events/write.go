package events

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// WriteAnswer writes what a node answers to a query with that challenge: up to 65,535 events.
func WriteAnswer(w io.Writer, challenge [challengeLen]byte, events []Event) error {
	if len(events) > math.MaxUint16 {
		return fmt.Errorf("an answer cannot hold %d events, but %d: ask for less time", len(events), math.MaxUint16)
	}
	b := append(make([]byte, 0, challengeLen+2+len(events)*eventSize+len(trailer)), challenge[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(events)))
	for i := range events {
		var err error
		if b, err = events[i].AppendBinary(b); err != nil {
			return err
		}
	}
	_, err := w.Write(append(b, trailer...))
	return err
}

// WriteText writes the lines that nodes print.
func WriteText(w io.Writer, events []Event) error {
	return writeLines(w, events, (*Event).appendText)
}

// WriteCSV writes a header and a line per event.
func WriteCSV(w io.Writer, events []Event) error {
	if _, err := io.WriteString(w, csvHeader+"\n"); err != nil {
		return err
	}
	return writeLines(w, events, (*Event).appendCSV)
}

func writeLines(w io.Writer, events []Event, line func(*Event, []byte) []byte) error {
	out := bufio.NewWriter(w)
	var b []byte
	for i := range events {
		b = append(line(&events[i], b[:0]), '\n')
		if _, err := out.Write(b); err != nil {
			return err
		}
	}
	return out.Flush()
}
