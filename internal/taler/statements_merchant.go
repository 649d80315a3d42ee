package taler

import (
	"encoding/binary"
	"time"
)

// What merchants sign, the exchange's answer to a refund, and what the
// exchange's security modules sign.

// RefundRequest asks the exchange to give a part of a deposit back to the coin.
// Signed by the merchant.
type RefundRequest struct {
	ContractTermsHash Hash
	CoinPub           EddsaPublicKey
	MerchantPub       EddsaPublicKey
	TransactionID     uint64 // the stored bits, taken as unsigned
	Amount            Amount // refund fee included
}

// AppendSigned appends the 168 signed bytes.
func (s RefundRequest) AppendSigned(b []byte) []byte {
	return s.appendBody(PurposeRefund.header(b, 168))
}

func (s *RefundRequest) appendBody(b []byte) []byte {
	b = append(b, s.ContractTermsHash[:]...)
	b = append(b, s.CoinPub[:]...)
	b = append(b, s.MerchantPub[:]...)
	b = binary.BigEndian.AppendUint64(b, s.TransactionID)
	return s.Amount.AppendNBO(b)
}

// RefundConfirmation says of the same facts that they happened. Signed by a sign
// key of the exchange.
type RefundConfirmation RefundRequest

// AppendSigned appends the 168 signed bytes.
func (s RefundConfirmation) AppendSigned(b []byte) []byte {
	return (*RefundRequest)(&s).appendBody(PurposeRefundConfirmation.header(b, 168))
}

// Contract offers a contract. Signed by the merchant.
type Contract struct{ ContractTermsHash Hash }

// AppendSigned appends the 72 signed bytes.
func (s Contract) AppendSigned(b []byte) []byte {
	return append(PurposeContract.header(b, 72), s.ContractTermsHash[:]...)
}

// TrackTransaction asks which transfer paid for a deposit. Signed by the
// merchant.
type TrackTransaction struct {
	ContractTermsHash Hash
	WireHash          Hash
	MerchantPub       EddsaPublicKey
	CoinPub           EddsaPublicKey
}

// AppendSigned appends the 200 signed bytes.
func (s TrackTransaction) AppendSigned(b []byte) []byte {
	b = append(PurposeTrack.header(b, 200), s.ContractTermsHash[:]...)
	b = append(b, s.WireHash[:]...)
	b = append(b, s.MerchantPub[:]...)
	return append(b, s.CoinPub[:]...)
}

// PaymentOK tells a customer that a contract is paid. Signed by the merchant.
type PaymentOK struct{ ContractTermsHash Hash }

// AppendSigned appends the 72 signed bytes.
func (s PaymentOK) AppendSigned(b []byte) []byte {
	return append(PurposePaymentOK.header(b, 72), s.ContractTermsHash[:]...)
}

// PaySession ties a payment to a browser session. Unlike other texts, its two
// are hashed without a zero byte at the end.
type PaySession struct{ OrderID, SessionID string }

// AppendSigned appends the 136 signed bytes.
func (s PaySession) AppendSigned(b []byte) []byte {
	order, session := HashOf([]byte(s.OrderID)), HashOf([]byte(s.SessionID))
	b = append(PurposePaySession.header(b, 136), order[:]...)
	return append(b, session[:]...)
}

// MerchantWire announces a merchant's bank account. Signed by the merchant.
type MerchantWire struct{ WireHash Hash }

// AppendSigned appends the 72 signed bytes.
func (s MerchantWire) AppendSigned(b []byte) []byte {
	return append(PurposeMerchantWire.header(b, 72), s.WireHash[:]...)
}

// RSAHelperKey announces a denomination key that the security module made.
// Signed by the module.
type RSAHelperKey struct {
	DenomPubHash Hash
	Section      string // of the configuration
	Anchor       Timestamp
	Duration     time.Duration
}

// AppendSigned appends the 152 signed bytes.
func (s RSAHelperKey) AppendSigned(b []byte) []byte {
	b = append(PurposeRSAHelper.header(b, 152), s.DenomPubHash[:]...)
	section := hashText(s.Section)
	b = append(b, section[:]...)
	b = appendTime(b, s.Anchor)
	return binary.BigEndian.AppendUint64(b, uint64(s.Duration.Microseconds()))
}

// EddsaHelperKey announces a sign key that the security module made. Signed by
// the module.
type EddsaHelperKey struct {
	ExchangePub EddsaPublicKey
	Anchor      Timestamp
	Duration    time.Duration
}

// AppendSigned appends the 56 signed bytes.
func (s EddsaHelperKey) AppendSigned(b []byte) []byte {
	b = append(PurposeEddsaHelper.header(b, 56), s.ExchangePub[:]...)
	b = appendTime(b, s.Anchor)
	return binary.BigEndian.AppendUint64(b, uint64(s.Duration.Microseconds()))
}
