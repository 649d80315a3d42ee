package events

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"time"
)

// Records as nodes keep and send them, big-endian.

const (
	eventSize    = 64 // bytes, of which the last 14 are reserved
	eventUsed    = 50
	detailSize   = 256
	challengeLen = 16
)

// AppendBinary appends the record of 64 bytes. It fails if the record cannot hold the time or the address.
func (e *Event) AppendBinary(b []byte) ([]byte, error) {
	seconds := e.Time.Unix()
	if seconds < 0 || seconds > math.MaxUint32 {
		return b, fmt.Errorf("event %d: a record cannot hold the time %s", e.ID, e.Time.UTC().Format(time.RFC3339))
	}
	if !e.IP.IsValid() {
		return b, fmt.Errorf("event %d has no IP address", e.ID)
	}
	b = binary.BigEndian.AppendUint32(b, e.ID)
	b = binary.BigEndian.AppendUint32(b, uint32(seconds))
	ip := e.IP.As16()
	b = append(b, ip[:]...)
	b = append(b, e.User[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(e.Service))
	b = binary.BigEndian.AppendUint32(b, e.Amount)
	b = binary.BigEndian.AppendUint16(b, e.Nanoseconds)
	b = binary.BigEndian.AppendUint16(b, e.Status)
	return append(b, make([]byte, eventSize-eventUsed)...), nil
}

// decodeEvent reads a record of 64 bytes.
func decodeEvent(b []byte) Event {
	return Event{
		ID:          binary.BigEndian.Uint32(b),
		Time:        timeOf(b[4:]),
		IP:          netip.AddrFrom16([16]byte(b[8:24])).Unmap(),
		User:        UserID(b[24:40]),
		Service:     Service(binary.BigEndian.Uint16(b[40:])),
		Amount:      binary.BigEndian.Uint32(b[42:]),
		Nanoseconds: binary.BigEndian.Uint16(b[46:]),
		Status:      binary.BigEndian.Uint16(b[48:]),
	}
}

func timeOf(b []byte) time.Time { return time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC() }

// Query asks a node for its events.
type Query struct {
	Challenge [challengeLen]byte
	Start     time.Time // UTC, whole seconds
	End       time.Time // zero: until now
	Service   Service   // 0: all, so that nobody can ask for echo alone
	Password  [16]byte
}

const querySize = challengeLen + 4 + 4 + 2 + 16 + len(trailer)

// trailer ends queries and answers.
const trailer = "\x3e\x3e"

// AppendBinary appends the query as it is sent. It fails if it cannot hold one of the times.
func (q *Query) AppendBinary(b []byte) ([]byte, error) {
	var end int64
	if !q.End.IsZero() {
		end = q.End.Unix()
	}
	for _, seconds := range []int64{q.Start.Unix(), end} {
		if seconds < 0 || seconds > math.MaxUint32 {
			return b, fmt.Errorf("a query cannot hold the time %s", time.Unix(seconds, 0).UTC().Format(time.RFC3339))
		}
	}
	b = append(b, q.Challenge[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(q.Start.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(end))
	b = binary.BigEndian.AppendUint16(b, uint16(q.Service))
	b = append(b, q.Password[:]...)
	return append(b, trailer...), nil
}

// UnmarshalBinary reads a query.
func (q *Query) UnmarshalBinary(b []byte) error {
	if len(b) != querySize {
		return fmt.Errorf("a query has %d bytes, not %d", querySize, len(b))
	}
	if string(b[querySize-len(trailer):]) != trailer {
		return fmt.Errorf("a query ends with 3e3e, not %x", b[querySize-len(trailer):])
	}
	*q = Query{Challenge: [challengeLen]byte(b), Start: timeOf(b[16:]), Service: Service(binary.BigEndian.Uint16(b[24:])), Password: [16]byte(b[26:])}
	if binary.BigEndian.Uint32(b[20:]) != 0 {
		q.End = timeOf(b[20:])
	}
	return nil
}
