package pg

// This file bounds what a server can send without being asked. pgx remembers every ParameterStatus, and reads
// past any number of notices while it waits for an answer, so an endless stream of them fills the memory or keeps
// a statement waiting for ever. The bound on the length of a message does not help: these are many small ones.
// On demand it bounds answers, too: whoever gathers the few rows that a query should have is in the server's hands.

import (
	"bytes"
	"encoding/binary"
	"io"

	"github.com/jackc/pgx/v5/pgproto3"
)

const (
	// maxParameters bounds the ParameterStatus messages of a connection's life, in bytes. A server sends about
	// 500 bytes at the start, and 40 when a setting such as the time zone changes.
	maxParameters = 1 << 20

	// maxNotices bounds notices and notifications between two answers, in bytes.
	maxNotices = 1 << 20
)

// protocolViolation is the SQLSTATE of the error that ends a connection whose server floods it.
const protocolViolation = "08P01"

// types of messages of the protocol
const (
	dataRow              = 'D'
	noticeResponse       = 'N'
	notificationResponse = 'A'
	parameterStatus      = 'S'
	readyForQuery        = 'Z'
)

const headerSize = 5 // type and length of a message

// A guard passes on what a server sends. Once the server has sent too much unasked, the guard ends the stream with
// a fatal error of its own in the server's place, since that is what pgx reports in every state of a connection.
// It follows the headers of messages and leaves their contents, and lengths that make no sense, to pgproto3.
type guard struct {
	source     io.Reader
	header     [headerSize]byte
	have       int   // bytes of the header so far
	body       int64 // bytes of the message's body still to come
	parameters int64
	notices    int64
	rows       int64         // bytes of the answer so far, those of a COPY not counted
	maxRows    int64         // 0 = any number
	verdict    *bytes.Reader // what to read instead of the source, once it has sent too much
}

// guarded returns what makes the frontend of a connection whose answers have at most so many bytes.
func guarded(maxRows int64) func(r io.Reader, w io.Writer) *pgproto3.Frontend {
	return func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		return pgproto3.NewFrontend(&guard{source: r, maxRows: maxRows}, w)
	}
}

// flooded returns the error that ends the stream.
func (g *guard) flooded() *pgproto3.ErrorResponse {
	message := "too many messages that nobody asked for"
	if g.tooManyRows() {
		message = "the answer has more rows than make sense"
	}
	return &pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: protocolViolation, Message: message}
}

func (g *guard) tooManyRows() bool { return g.maxRows > 0 && g.rows > g.maxRows }

func (g *guard) Read(p []byte) (int, error) {
	if g.verdict != nil {
		return g.verdict.Read(p)
	}
	n, err := g.source.Read(p)
	kept := g.follow(p[:n])
	if kept == n {
		return n, err
	}
	verdict, err := g.flooded().Encode(nil)
	if err != nil {
		return 0, err
	}
	g.verdict = bytes.NewReader(verdict)
	if kept > 0 {
		return kept, nil
	}
	return g.verdict.Read(p)
}

// follow returns how many bytes of p to pass on: all, or those before the first message that follows too many
// unasked ones, or too many rows.
func (g *guard) follow(p []byte) (kept int) {
	for kept < len(p) {
		if g.body > 0 {
			skip := min(g.body, int64(len(p)-kept))
			g.body -= skip
			kept += int(skip)
			continue
		}
		if g.have == 0 && (g.parameters > maxParameters || g.notices > maxNotices || g.tooManyRows()) {
			return kept
		}
		n := copy(g.header[g.have:], p[kept:])
		g.have += n
		kept += n
		if g.have < headerSize {
			return kept
		}
		g.have = 0
		g.count(g.header[0], int64(binary.BigEndian.Uint32(g.header[1:])))
	}
	return kept
}

// count takes note of a message; its length counts itself, not the type.
func (g *guard) count(kind byte, length int64) {
	g.body = max(length-4, 0)
	switch kind {
	case parameterStatus:
		g.parameters += length
	case noticeResponse, notificationResponse:
		g.notices += length
	case dataRow:
		g.rows += length
	case readyForQuery:
		g.notices, g.rows = 0, 0
	}
}
