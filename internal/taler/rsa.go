package taler

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"filippo.io/bigmod"
)

// RSA public keys of denominations: encoding and the raw public operation.
// Coins and envelopes are in fdh.go and blind.go.

const (
	// MinRSABits and MaxRSABits bound the modulus. Real keys have 1024 to 4096
	// bits; a larger one would only burn the auditor's time.
	MinRSABits = 512
	MaxRSABits = 8192
	// MaxRSAExponentBits bounds the public exponent, which is 65537 in practice.
	MaxRSAExponentBits = 64

	rsaHeaderSize = 4
)

// RSAPublicKey is the public key of a denomination. It is immutable and safe for
// concurrent use.
type RSAPublicKey struct {
	n       *big.Int
	e       *big.Int
	short   uint            // e
	modulus *bigmod.Modulus // nil where math/big is the quicker one
	encoded []byte          // canonical
	hash    Hash            // of encoded
}

// ParseRSAPublicKey reads two 16-bit lengths, the modulus and the exponent. The
// numbers may have leading zeros; nothing may follow. It refuses a modulus that
// is even or not of [MinRSABits] to [MaxRSABits] bits, and an exponent that is
// even, below 3, or longer than [MaxRSAExponentBits].
func ParseRSAPublicKey(b []byte) (*RSAPublicKey, error) {
	if len(b) < rsaHeaderSize {
		return nil, errors.New("denomination key is shorter than its 4-byte header")
	}
	size := int(binary.BigEndian.Uint16(b))
	exponentSize := int(binary.BigEndian.Uint16(b[2:]))
	if want := rsaHeaderSize + size + exponentSize; len(b) != want {
		return nil, fmt.Errorf("denomination key has %d bytes, but its header announces %d", len(b), want)
	}
	n := trimZeros(b[rsaHeaderSize : rsaHeaderSize+size])
	e := trimZeros(b[rsaHeaderSize+size:])
	if len(e) > MaxRSAExponentBits/8 {
		return nil, fmt.Errorf("denomination key has an exponent of %d bytes, the limit is %d", len(e), MaxRSAExponentBits/8)
	}
	return newRSAPublicKey(new(big.Int).SetBytes(n), new(big.Int).SetBytes(e).Uint64())
}

func newRSAPublicKey(n *big.Int, e uint64) (*RSAPublicKey, error) {
	if length := n.BitLen(); length < MinRSABits || length > MaxRSABits {
		return nil, fmt.Errorf("denomination key has a modulus of %d bits, expected %d to %d", length, MinRSABits, MaxRSABits)
	}
	if n.Bit(0) == 0 {
		return nil, errors.New("denomination key has an even modulus, so it is no RSA key")
	}
	if e < 3 || e%2 == 0 {
		return nil, fmt.Errorf("denomination key has the exponent %d, expected an odd number from 3", e)
	}
	k := &RSAPublicKey{n: n, e: new(big.Int).SetUint64(e), short: uint(e)}
	nb, eb := n.Bytes(), k.e.Bytes()
	k.encoded = binary.BigEndian.AppendUint16(nil, uint16(len(nb)))
	k.encoded = binary.BigEndian.AppendUint16(k.encoded, uint16(len(eb)))
	k.encoded = append(append(k.encoded, nb...), eb...)
	k.hash = HashOf(k.encoded)
	if bigmodIsQuicker(n.BitLen()) {
		k.useBigmod()
	}
	return k, nil
}

func (k *RSAPublicKey) useBigmod() {
	modulus, err := bigmod.NewModulus(k.n.Bytes())
	if err != nil {
		panic(err) // only for an even modulus
	}
	k.modulus = modulus
}

// bigmodIsQuicker chooses the engine of the public operation by the length of
// the modulus. At the lengths for which bigmod has assembly it takes half the
// time of math/big; at others as much or twice as much (BenchmarkEngines).
func bigmodIsQuicker(length int) bool {
	return length == 1024 || length == 1536 || length == 2048
}

// Encode returns the canonical encoding, which enters hashes and key
// derivations. The caller must not change it.
func (k *RSAPublicKey) Encode() []byte { return k.encoded }

// Hash returns the hash of the canonical encoding, which names the denomination.
func (k *RSAPublicKey) Hash() Hash { return k.hash }

// Canonical reports whether b is the canonical encoding of k.
func (k *RSAPublicKey) Canonical(b []byte) bool { return bytes.Equal(b, k.encoded) }

// Bits returns the length of the modulus.
func (k *RSAPublicKey) Bits() int { return k.n.BitLen() }

// Envelope returns s^e mod n without leading zeros, for a big-endian number s of
// any size. If s is a blind signature, that is the envelope which was signed.
func (k *RSAPublicKey) Envelope(blindSig []byte) []byte {
	return trimZeros(k.power(blindSig))
}

// power returns s^e mod n, possibly with leading zeros.
func (k *RSAPublicKey) power(s []byte) []byte {
	s = trimZeros(s)
	if k.modulus == nil {
		x := k.reduce(s)
		return x.Exp(x, k.e, k.n).Bytes()
	}
	var x bigmod.Nat
	if _, err := x.SetBytes(s, k.modulus); err != nil {
		if _, err := x.SetBytes(k.reduce(s).Bytes(), k.modulus); err != nil {
			panic(err) // a residue is below its modulus
		}
	}
	return new(bigmod.Nat).ExpShortVarTime(&x, k.short, k.modulus).Bytes(k.modulus)
}

// reduce returns s mod n. It goes through s in chunks, which keeps the time
// proportional to its length; a single division, let alone an exponentiation,
// would take minutes over a number of some megabytes.
func (k *RSAPublicKey) reduce(s []byte) *big.Int {
	const chunk = 2 * MaxRSABits / 8
	first := len(s) % chunk
	rest := new(big.Int).SetBytes(s[:first])
	rest.Mod(rest, k.n)
	next := new(big.Int)
	for s = s[first:]; len(s) > 0; s = s[chunk:] {
		rest.Lsh(rest, 8*chunk)
		rest.Add(rest, next.SetBytes(s[:chunk]))
		rest.Mod(rest, k.n)
	}
	return rest
}

// SameResidue reports whether the big-endian numbers a and b are equal modulo n.
// An envelope that a customer sent need not be reduced, so compare with this
// what [RSAPublicKey.Envelope] gives.
func (k *RSAPublicKey) SameResidue(a, b []byte) bool {
	a, b = trimZeros(a), trimZeros(b)
	if bytes.Equal(a, b) {
		return true
	}
	return k.reduce(a).Cmp(k.reduce(b)) == 0
}

// trimZeros cuts off leading zero bytes.
func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[0] == 0 {
		b = b[1:]
	}
	return b
}
