package taler

import "math/big"

// Coins: the full-domain hash that a denomination signs, and the signature.

const fdhLabel = "RSA-FDA FTpsW!"

// FDH maps a hash to the number in [0, n) that is signed for it. It fails with
// [ErrMaliciousKey] if that number is not invertible.
func (k *RSAPublicKey) FDH(h Hash) (*big.Int, error) {
	m := KDFMod(k.n, k.encoded, h[:], fdhLabel)
	if !k.invertible(m) {
		return nil, ErrMaliciousKey
	}
	return m, nil
}

// VerifyCoin reports whether sig is this denomination's signature on a coin. As
// in the reference, sig is a number of any size and may exceed the modulus; an
// empty one is zero, which is never a signature.
func (k *RSAPublicKey) VerifyCoin(coinPub EddsaPublicKey, sig []byte) bool {
	h := HashOf(coinPub[:])
	m := KDFMod(k.n, k.encoded, h[:], fdhLabel)
	signed := trimZeros(k.power(sig))
	return m.Cmp(new(big.Int).SetBytes(signed)) == 0 && k.invertible(m)
}

func (k *RSAPublicKey) invertible(m *big.Int) bool {
	return new(big.Int).GCD(nil, nil, m, k.n).Cmp(big.NewInt(1)) == 0
}
