// Package confirmation takes in what merchants report to the auditor: the
// exchange's signed word that it has accepted a deposit.
//
// A report comes in one of two forms. [Read] takes them apart as a stream, and
// [Confirmation.Verify] tells what is worth keeping; [Import] puts that into the
// auditor's database, numbered per exchange. Anybody can send anything, so each
// entry is judged by itself, and one that is refused does not keep out the others.
//
// Whether the exchange has kept its word is for the audit to find out.
package confirmation

import (
	"errors"

	"auditor/internal/taler"
)

// Confirmation is one deposit confirmation with the exchange's signature.
type Confirmation struct {
	taler.DepositConfirmation
	ExchangePub taler.EddsaPublicKey // the sign key
	Signature   taler.EddsaSignature // by ExchangePub
	Key         *Key                 // nil if the report does not vouch for the sign key
}

// Key is the master key's word for the sign key of a confirmation.
type Key struct {
	Start       taler.Timestamp
	ExpireSign  taler.Timestamp
	ExpireLegal taler.Timestamp
	MasterSig   taler.EddsaSignature
}

// Validity is what the master key signed.
func (k *Key) Validity(pub taler.EddsaPublicKey) taler.SignKeyValidity {
	return taler.SignKeyValidity{Start: k.Start, ExpireSign: k.ExpireSign, ExpireLegal: k.ExpireLegal, ExchangePub: pub}
}

// Reasons to refuse a confirmation.
var (
	errNotSigned  = errors.New("exchange_sig is no signature of exchange_pub on this confirmation")
	errNotVouched = errors.New("master_sig is no signature of this exchange's master key on exchange_pub and its times")
)

// Verify checks the signature on the confirmation and, where the report has it, the
// master key's signature on the sign key.
func (c *Confirmation) Verify(master taler.EddsaPublicKey) error {
	if !taler.Verify(c.ExchangePub, c.DepositConfirmation, c.Signature) {
		return errNotSigned
	}
	if c.Key != nil && !taler.Verify(master, c.Key.Validity(c.ExchangePub), c.Key.MasterSig) {
		return errNotVouched
	}
	return nil
}
