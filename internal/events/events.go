// Package events knows the event log of a network of token servers: what happened on a server, one record of
// fixed size per event, and what is told of it beside, one record per detail.
//
// [Read] takes files apart as a stream, whatever form they have: a saved answer of a node, plain sequences of
// records, lines of text, or CSV. A record that is broken is told with its place, and does not keep out the
// others. The forms are written by the AppendBinary methods and by [WriteAnswer], [WriteText] and [WriteCSV].
//
// What the design leaves open is decided here:
//
//   - Reserved bytes are written as zeros and ignored when read.
//   - An execution time of 65,535 ns means that much or more ([Slowest]).
//   - An answer is saved without the header of its transport, so its status (250, 251) is not in the file.
//   - Times in text are UTC.
//   - A detail belongs to the event with its number; it may lie in another file, and there may be none.
//   - Text of 8 bits is UTF-8, padded with zeros. Text of 5 bits begins in the byte after the marker. It has
//     neither a space nor an end of its own, so zeros at the end are padding. The marker is written as 1; a
//     file of details is recognised by markers below 32.
package events

import (
	"encoding/hex"
	"fmt"
	"iter"
	"maps"
	"net/netip"
	"strconv"
	"time"
)

// Slowest is the highest execution time that a record holds, in nanoseconds: so many, or more.
const Slowest = 65535

// Earliest is the time before which no event can have happened: there were no such networks.
var Earliest = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// Event is one thing that a server did for somebody.
type Event struct {
	ID          uint32     // unique at a node
	Time        time.Time  // UTC, whole seconds, until 2106
	IP          netip.Addr // IPv4 addresses are not mapped into IPv6, and there are no zones
	User        UserID
	Service     Service
	Amount      uint32 // processed
	Nanoseconds uint16 // of execution, up to [Slowest]
	Status      uint16 // of the response
}

// checkTime refuses times that cannot be true; latest is the clock of whoever reads, with some leeway.
func (e *Event) checkTime(latest time.Time) error {
	switch {
	case e.Time.Before(Earliest):
		return fmt.Errorf("event %d happened at %s, before there were such networks", e.ID, e.Time.Format(time.RFC3339))
	case e.Time.After(latest):
		return fmt.Errorf("event %d happened at %s, which is in the future", e.ID, e.Time.Format(time.RFC3339))
	}
	return nil
}

// UserID is a UUID. It makes an event traceable to a person.
type UserID [16]byte

// String gives the usual form, in lower case.
func (u UserID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
}

// ParseUserID reads the usual form, in whatever case.
func ParseUserID(text string) (u UserID, err error) {
	err = fmt.Errorf("%q is no UUID like e004af90-7a34-454d-af17-6aec64584fe7", text)
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return UserID{}, err
	}
	digits := text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	if _, bad := hex.Decode(u[:], []byte(digits)); bad != nil {
		return UserID{}, err
	}
	return u, nil
}

// Service is the number of a command that servers know.
type Service uint16

// String is the name of the service, or its number if it has none.
func (s Service) String() string {
	if name, known := serviceNames[s]; known {
		return name
	}
	return strconv.Itoa(int(s))
}

// Services returns the services that have names.
func Services() iter.Seq2[Service, string] { return maps.All(serviceNames) }

var serviceNames = map[Service]string{
	0: "echo", 10: "detect", 20: "pown", 30: "pown with checksum and add", 40: "get ticket", 50: "validate ticket", 60: "find",
	80: "fix", 81: "put in locker", 82: "get from locker", 83: "read meta", 90: "fix with remote key", 100: "show stats",
	120: "get available serial numbers", 130: "create coins", 140: "delete coins", 150: "audit coins", 200: "put key",
	210: "get key", 220: "exchange key",
}
