package events

import (
	"encoding/binary"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Detail is what is told of an event beside its record.
type Detail struct {
	Event  uint32 // the event's ID
	Text   string // up to 251 bytes, without a zero; packed, up to 401 characters of the alphabet, not ending in 0
	Packed bool   // 5 bits per character rather than 8
}

const (
	alphabet   = "0123456789ABCDEFGHJKLMNPQRSTVWYZ"
	textSize   = detailSize - 4 - 1 // after the ID and the marker
	packedMost = textSize * 8 / 5
)

// AppendBinary appends the record of 256 bytes. It fails if the text has no place in it. In packed text, O is
// written as 0 and I as 1.
func (d *Detail) AppendBinary(b []byte) ([]byte, error) {
	var record [detailSize]byte
	binary.BigEndian.PutUint32(record[:], d.Event)
	var err error
	if d.Packed {
		record[4] = 1
		err = pack(record[5:], d.Text)
	} else if err = checkText(d.Text); err == nil {
		copy(record[5:], d.Text)
	}
	if err != nil {
		return b, fmt.Errorf("detail of event %d: %w", d.Event, err)
	}
	return append(b, record[:]...), nil
}

func checkText(text string) error {
	switch {
	case len(text) > textSize:
		return fmt.Errorf("the text has %d bytes, which are more than %d", len(text), textSize)
	case strings.Contains(text, "\x00"):
		return fmt.Errorf("a zero lies within the text")
	case !utf8.ValidString(text):
		return fmt.Errorf("the text is no UTF-8")
	}
	return nil
}

// pack writes 5 bits per character, the most significant bit first.
func pack(to []byte, text string) error {
	if len(text) > packedMost {
		return fmt.Errorf("the text has %d characters, which are more than %d", len(text), packedMost)
	}
	text = strings.NewReplacer("O", "0", "I", "1").Replace(text)
	if strings.HasSuffix(text, "0") {
		return fmt.Errorf("packed text cannot end in 0, which would be taken for padding: use 8 bits")
	}
	for i, c := range []byte(text) {
		value := strings.IndexByte(alphabet, c)
		if value < 0 {
			return fmt.Errorf("packed text cannot hold the character %q: use 8 bits", c)
		}
		at := 5 * i
		word := uint16(value) << (11 - at%8)
		to[at/8] |= byte(word >> 8)
		if low := byte(word); low != 0 {
			to[at/8+1] |= low
		}
	}
	return nil
}

// unpack reads 5 bits per character.
func unpack(from []byte) string {
	text := make([]byte, packedMost)
	for i := range text {
		at := 5 * i
		word := uint16(from[at/8]) << 8
		if at/8+1 < len(from) {
			word |= uint16(from[at/8+1])
		}
		text[i] = alphabet[word>>(11-at%8)&31]
	}
	return strings.TrimRight(string(text), "0")
}

// decodeDetail reads a record of 256 bytes.
func decodeDetail(b []byte) (Detail, error) {
	d := Detail{Event: binary.BigEndian.Uint32(b), Packed: b[4] != 0}
	if d.Packed {
		d.Text = unpack(b[5:])
		return d, nil
	}
	d.Text = strings.TrimRight(string(b[5:]), "\x00")
	if err := checkText(d.Text); err != nil {
		return Detail{}, fmt.Errorf("detail of event %d: %w", d.Event, err)
	}
	return d, nil
}
