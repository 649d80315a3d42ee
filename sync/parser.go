package sync

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"auditor/internal/exchange"
)

// copyHeader opens a binary COPY: the signature, no flags, no extension. Flags
// and extensions exist on paper only; a server that sends some is not PostgreSQL.
const copyHeader = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// copyTrailer ends a binary COPY: a tuple of -1 fields.
const copyTrailer = "\xff\xff"

// A parser reads the binary COPY of one range of rows and hands on each row that
// is well formed, in order, until the first one that is not.
//
// It trusts nothing about the stream: not that a message holds one row, not the
// number of fields, not a length, not the order of serials, not that the stream
// ends. It holds at most one unfinished row, whose values it refuses by their
// announced length before it takes them in.
//
// A lenient parser reads rows that were copied before, of which only the framing
// and the order of serials count: what is in them is compared, not judged.
//
// After a violation it swallows the rest of the stream, so that the source's
// session stays usable; the caller bounds the time that this may take.
type parser struct {
	shape        *shape
	after, until int64     // serials are expected in (after, until], ascending
	most         int       // rows that were asked for
	each         func(Row) // receives each well-formed row
	only         []int64   // ascending serials that were asked for; nil = all in the range
	lenient      bool      // rows need only be readable, with values that are not too long

	rows      int
	last      int64 // serial of the last well-formed row, after if there is none
	pending   []byte
	values    []span
	opened    bool
	ended     bool
	violation *Violation
}

func newParser(s *shape, after, until int64, most int, each func(Row)) *parser {
	return &parser{shape: s, after: after, until: until, most: most, each: each, last: after, values: make([]span, len(s.columns))}
}

// Write takes in one message of the stream. It never fails: what is wrong with
// the stream becomes the violation.
func (p *parser) Write(message []byte) (int, error) {
	if p.violation != nil {
		return len(message), nil
	}
	data := message
	if len(p.pending) > 0 {
		p.pending = append(p.pending, message...)
		data = p.pending
	}
	used := 0
	for p.violation == nil {
		n := p.step(data[used:])
		if n == 0 {
			break
		}
		used += n
	}
	if p.violation != nil {
		p.pending = nil
		return len(message), nil
	}
	if used > 0 || len(p.pending) == 0 {
		p.pending = append(p.pending[:0], data[used:]...)
	}
	return len(message), nil
}

// Close says that the source has nothing more to send. A stream without trailer
// was cut off, whatever the server claims.
func (p *parser) Close() {
	if p.violation == nil && !p.ended {
		p.lie("binary COPY ends with its trailer", fmt.Sprintf("the end after %d rows and %d bytes of another", p.rows, len(p.pending)), "the trailer")
	}
	p.pending = nil
}

// step consumes the header, one row or the trailer from the start of data, and
// returns how many bytes that was; 0 asks for more bytes.
func (p *parser) step(data []byte) int {
	if len(data) == 0 {
		return 0
	}
	if !p.opened {
		return p.header(data)
	}
	if p.ended {
		p.lie("binary COPY ends with its trailer", "bytes after it", "nothing")
		return 0
	}
	if len(data) < 2 {
		return 0
	}
	fields := int(int16(binary.BigEndian.Uint16(data)))
	switch {
	case fields == -1:
		p.ended = true
		return 2
	case fields != len(p.shape.columns):
		p.lie("each row has the columns that were asked for", fmt.Sprintf("%d fields", fields), fmt.Sprintf("%d fields", len(p.shape.columns)))
		return 0
	}
	return p.row(data)
}

func (p *parser) header(data []byte) int {
	n := min(len(data), len(copyHeader))
	if !bytes.Equal(data[:n], []byte(copyHeader[:n])) {
		p.lie("binary COPY starts with its header", fmt.Sprintf("%x", data[:n]), fmt.Sprintf("%x", copyHeader))
		return 0
	}
	if n < len(copyHeader) {
		return 0
	}
	p.opened = true
	return n
}

// row frames one row, judges it once it is complete, and hands it on.
func (p *parser) row(data []byte) int {
	at := 2
	var serial int64
	for i, c := range p.shape.columns {
		if len(data) < at+4 {
			return 0
		}
		length := int(int32(binary.BigEndian.Uint32(data[at:])))
		at += 4
		if length < -1 {
			p.lie("each field has a length", fmt.Sprint(length), "-1 or more")
			return 0
		}
		if b := p.checkLength(i, c, length); b != nil {
			p.breach(serial, c, b)
			return 0
		}
		if length == -1 {
			p.values[i] = span{-1, -1}
			continue
		}
		if len(data)-at < length {
			return 0
		}
		p.values[i] = span{at, at + length}
		if i == 0 {
			serial = int64(binary.BigEndian.Uint64(data[at:]))
		}
		at += length
	}
	r := Row{Serial: serial, Image: data[:at:at], shape: p.shape, values: p.values}
	if !p.wellFormed(&r) {
		return 0
	}
	p.rows++
	p.last = serial
	p.each(r)
	return at
}

func (p *parser) checkLength(i int, c exchange.Column, length int) *breach {
	if p.lenient && i > 0 {
		c = exchange.Column{Name: c.Name, Nullable: true}
	}
	return checkLength(c, length, p.shape.maxValue)
}

func (p *parser) wellFormed(r *Row) bool {
	serial := p.shape.columns[0]
	if r.Serial <= p.last || r.Serial > p.until {
		b := &breach{RuleOrder, serial.Name + " is unique and ascends", fmt.Sprint(r.Serial), fmt.Sprintf("more than %d, at most %d", p.last, p.until)}
		if r.Serial == p.last {
			b.rule = RuleUnique
		}
		p.breach(r.Serial, serial, b)
		return false
	}
	if p.rows == p.most {
		p.lie("no more rows than were asked for", fmt.Sprintf("more than %d rows", p.most), fmt.Sprintf("at most %d rows", p.most))
		return false
	}
	if _, asked := slices.BinarySearch(p.only, r.Serial); p.only != nil && !asked {
		p.lie("no rows but those that were asked for", fmt.Sprintf("serial %d", r.Serial), "one of the serials that were asked for")
		return false
	}
	if p.lenient {
		return true
	}
	for i, c := range p.shape.columns {
		if v := r.Value(i); v != nil {
			if b := checkValue(c, v); b != nil {
				p.breach(r.Serial, c, b)
				return false
			}
		}
	}
	return true
}

func (p *parser) breach(serial int64, c exchange.Column, b *breach) {
	p.violation = p.shape.violation(serial, p.last, c, b.rule, b.constraint, b.have, b.want)
}

// lie reports a stream that no PostgreSQL server sends.
func (p *parser) lie(constraint, have, want string) {
	p.violation = p.shape.violation(0, p.last, exchange.Column{}, RuleStream, constraint, have, want)
}
