package exchange

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"auditor/internal/taler"
)

// PaymentOrder is what an exchange tells its bank to pay.
type PaymentOrder struct {
	Amount  taler.Amount
	WTID    [32]byte // the subject
	Payee   string   // payto URI
	BaseURL string   // of the exchange
}

// The parts of an order: a random number of the request, the amount, the subject, the
// lengths of the two texts, which end in a zero each.
const (
	orderAmount  = 64
	orderSubject = 88
	orderLengths = 120
	orderTexts   = 128
)

// ParsePaymentOrder reads an order in the form in which exchanges keep it.
func ParsePaymentOrder(b []byte) (o PaymentOrder, err error) {
	if len(b) < orderTexts {
		return o, fmt.Errorf("it has %d bytes, fewer than %d", len(b), orderTexts)
	}
	if o.Amount, err = taler.ParseAmountNBO(b[orderAmount:orderSubject]); err != nil {
		return o, err
	}
	copy(o.WTID[:], b[orderSubject:])
	payee, url := uint64(binary.BigEndian.Uint32(b[orderLengths:])), uint64(binary.BigEndian.Uint32(b[orderLengths+4:]))
	if uint64(len(b)) != orderTexts+payee+url {
		return o, fmt.Errorf("it has %d bytes, but announces %d", len(b), orderTexts+payee+url)
	}
	texts := b[orderTexts:]
	for text, part := range map[*string][]byte{&o.Payee: texts[:payee], &o.BaseURL: texts[payee:]} {
		content, ended := strings.CutSuffix(string(part), "\x00")
		if !ended || strings.Contains(content, "\x00") || !utf8.ValidString(content) {
			return o, errors.New("one of its texts is none")
		}
		*text = content
	}
	return o, nil
}

// AppendBinary is the inverse of [ParsePaymentOrder], with zeros for the number of the request.
func (o PaymentOrder) AppendBinary(b []byte) []byte {
	b = append(b, make([]byte, orderAmount)...)
	b = o.Amount.AppendNBO(b)
	b = append(b, o.WTID[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(o.Payee)+1))
	b = binary.BigEndian.AppendUint32(b, uint32(len(o.BaseURL)+1))
	return append(append(b, o.Payee+"\x00"...), o.BaseURL+"\x00"...)
}
