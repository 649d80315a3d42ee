package taler

import "math/big"

// Blind signatures, seen from the customer: a coin is hidden in an envelope, the
// exchange signs the envelope, and what it answers is turned into a signature
// on the coin.

const (
	blindingLabel = "Blinding KDF"
	blindingSalt  = "Blinding KDF extractor HMAC key"
)

// BlindingFactor returns r, the number in [0, n) that hides a coin. It fails
// with [ErrMaliciousKey] if r is not invertible.
func (k *RSAPublicKey) BlindingFactor(bks BlindingSecret) (*big.Int, error) {
	r := KDFMod(k.n, []byte(blindingSalt), bks[:], blindingLabel)
	if !k.invertible(r) {
		return nil, ErrMaliciousKey
	}
	return r, nil
}

// Blind returns the envelope of a coin, without leading zeros: its full-domain
// hash times r^e. It fails with [ErrMaliciousKey].
func (k *RSAPublicKey) Blind(coinPub EddsaPublicKey, bks BlindingSecret) ([]byte, error) {
	envelope := k.blind(coinPub, bks)
	if !k.invertible(envelope) {
		return nil, ErrMaliciousKey
	}
	return envelope.Bytes(), nil
}

// blind is Blind without the test. The envelope is invertible if, and only if, both
// the hash and r are.
func (k *RSAPublicKey) blind(coinPub EddsaPublicKey, bks BlindingSecret) *big.Int {
	h := HashOf(coinPub[:])
	m := KDFMod(k.n, k.encoded, h[:], fdhLabel)
	r := KDFMod(k.n, []byte(blindingSalt), bks[:], blindingLabel)
	envelope := new(big.Int).SetBytes(k.power(r.Bytes()))
	envelope.Mul(envelope, m)
	return envelope.Mod(envelope, k.n)
}

// Unblind returns the coin's signature, without leading zeros: the signature of
// the envelope divided by r. It fails with [ErrMaliciousKey].
func (k *RSAPublicKey) Unblind(blindSig []byte, bks BlindingSecret) ([]byte, error) {
	r, err := k.BlindingFactor(bks)
	if err != nil {
		return nil, err
	}
	s := k.reduce(blindSig)
	s.Mul(s, r.ModInverse(r, k.n))
	return s.Mod(s, k.n).Bytes(), nil
}

// Reblind is the inverse of [RSAPublicKey.Unblind]: it returns the signature of
// the envelope from which a coin's signature was made, without leading zeros.
func (k *RSAPublicKey) Reblind(coinSig []byte, bks BlindingSecret) ([]byte, error) {
	r, err := k.BlindingFactor(bks)
	if err != nil {
		return nil, err
	}
	s := k.reduce(coinSig)
	s.Mul(s, r)
	return s.Mod(s, k.n).Bytes(), nil
}
