package taler

import "fmt"

// Hashes over bank accounts. Mind that the two derivations take the account in
// different places.

// HashWire returns the hash by which deposits name the merchant's account. Both
// strings enter with a zero byte at the end.
func HashWire(salt, payto string) Hash {
	return Hash(KDF(len(Hash{}), terminated(salt), terminated(payto), []byte("merchant-wire-signature")))
}

// appendExchangeAccount appends the 64 bytes by which the master key names an
// account of the exchange.
func appendExchangeAccount(b []byte, payto string) []byte {
	return append(b, KDF(len(Hash{}), terminated(payto), []byte("exchange-wire-signature"))...)
}

// WireDetails is a merchant's account as stored with a deposit or a transfer.
type WireDetails struct {
	PaytoURI string
	Salt     string // as text; normally 103 characters
}

// ParseWireDetails reads the JSON object of a wire column. Its members payto_uri
// and salt must be strings, further ones are ignored. The URI must begin with
// payto:// and, if its method is iban, hold an IBAN with a correct check number.
func ParseWireDetails(text string) (WireDetails, error) {
	members, err := stringMembers(text)
	if err != nil {
		return WireDetails{}, fmt.Errorf("wire details: %w", err)
	}
	uri, found := members["payto_uri"]
	if !found {
		return WireDetails{}, fmt.Errorf("wire details lack a string named payto_uri")
	}
	salt, found := members["salt"]
	if !found {
		return WireDetails{}, fmt.Errorf("wire details lack a string named salt")
	}
	if !hasPrefixFold(uri, paytoScheme) {
		return WireDetails{}, fmt.Errorf("wire details name %.100q, which does not begin with payto://", uri)
	}
	if hasPrefixFold(uri, paytoScheme+"iban/") {
		if err := checkIBAN(lastSegment(uri)); err != nil {
			return WireDetails{}, fmt.Errorf("wire details name %.100q: %w", uri, err)
		}
	}
	return WireDetails{PaytoURI: uri, Salt: salt}, nil
}

// Hash is [HashWire] of the account.
func (w WireDetails) Hash() Hash { return HashWire(w.Salt, w.PaytoURI) }
