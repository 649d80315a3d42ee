package taler

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// A transfer that the exchange has prepared but not yet ordered from its bank:
// the column prewire.buf.

// Prewire is a prepared transfer.
type Prewire struct {
	RequestID   Hash // random, lets the bank recognise a repeated order
	Amount      Amount
	WTID        WTID
	PaytoURI    string // receiver
	ExchangeURL string
}

const prewireHeaderSize = 128

// ParsePrewire reads the binary form: request id (64), amount (24), transfer
// identifier (32), the lengths of both strings (4 each), the strings with a zero
// byte at the end. Nothing may follow.
func ParsePrewire(b []byte) (Prewire, error) {
	if len(b) < prewireHeaderSize {
		return Prewire{}, fmt.Errorf("prepared transfer has %d bytes, less than its %d-byte header", len(b), prewireHeaderSize)
	}
	a, err := ParseAmountNBO(b[64:88])
	if err != nil {
		return Prewire{}, fmt.Errorf("prepared transfer: %w", err)
	}
	p := Prewire{RequestID: Hash(b[:64]), Amount: a, WTID: WTID(b[88:120])}
	uriSize := uint64(binary.BigEndian.Uint32(b[120:]))
	urlSize := uint64(binary.BigEndian.Uint32(b[124:]))
	text := b[prewireHeaderSize:]
	if uriSize+urlSize != uint64(len(text)) {
		return Prewire{}, errors.New("prepared transfer does not have the length that its header announces")
	}
	var okURI, okURL bool
	p.PaytoURI, okURI = unterminated(text[:uriSize])
	p.ExchangeURL, okURL = unterminated(text[uriSize:])
	if !okURI || !okURL {
		return Prewire{}, errors.New("prepared transfer holds a string without exactly one zero byte, at its end")
	}
	return p, nil
}

func unterminated(b []byte) (string, bool) {
	s, found := strings.CutSuffix(string(b), "\x00")
	return s, found && strings.IndexByte(s, 0) < 0
}

// Append appends the binary form.
func (p Prewire) Append(b []byte) []byte {
	b = append(b, p.RequestID[:]...)
	b = p.Amount.AppendNBO(b)
	b = append(b, p.WTID[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.PaytoURI)+1))
	b = binary.BigEndian.AppendUint32(b, uint32(len(p.ExchangeURL)+1))
	b = append(b, terminated(p.PaytoURI)...)
	return append(b, terminated(p.ExchangeURL)...)
}
