package taler

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// RSA private keys, for programs that play an exchange in tests. They are made
// from a given stream of bytes, so the same stream gives the same key, and they
// sign in variable time.

const rsaExponent = 65537

// RSAPrivateKey is a denomination's key pair. It is immutable and safe for
// concurrent use.
type RSAPrivateKey struct {
	public *RSAPublicKey
	p, q   *big.Int
	dp, dq *big.Int // private exponent modulo p-1 and q-1
	qInv   *big.Int // 1/q modulo p
}

// GenerateRSA makes a key pair whose modulus has exactly the given number of
// bits ([MinRSABits] to [MaxRSABits]) from the bytes of rand alone.
func GenerateRSA(rand io.Reader, bits int) (*RSAPrivateKey, error) {
	if bits < MinRSABits || bits > MaxRSABits {
		return nil, fmt.Errorf("cannot make an RSA key of %d bits, choose %d to %d", bits, MinRSABits, MaxRSABits)
	}
	for {
		p, err := findPrime(rand, (bits+1)/2)
		if err != nil {
			return nil, err
		}
		q, err := findPrime(rand, bits/2)
		if err != nil {
			return nil, err
		}
		if p.Cmp(q) != 0 {
			return newRSAPrivateKey(p, q, rsaExponent)
		}
	}
}

func newRSAPrivateKey(p, q *big.Int, e uint64) (*RSAPrivateKey, error) {
	public, err := newRSAPublicKey(new(big.Int).Mul(p, q), e)
	if err != nil {
		return nil, err
	}
	one := big.NewInt(1)
	k := &RSAPrivateKey{
		public: public,
		p:      p,
		q:      q,
		dp:     new(big.Int).ModInverse(public.e, new(big.Int).Sub(p, one)),
		dq:     new(big.Int).ModInverse(public.e, new(big.Int).Sub(q, one)),
		qInv:   new(big.Int).ModInverse(q, p),
	}
	if k.dp == nil || k.dq == nil || k.qInv == nil {
		return nil, errors.New("the factors of an RSA key do not fit its exponent, make another key")
	}
	return k, nil
}

// Public returns the public half.
func (k *RSAPrivateKey) Public() *RSAPublicKey { return k.public }

// SignBlinded returns envelope^d mod n without leading zeros. The envelope is a
// big-endian number of any size.
func (k *RSAPrivateKey) SignBlinded(envelope []byte) []byte {
	m := new(big.Int).SetBytes(envelope)
	sp := new(big.Int).Mod(m, k.p)
	sp.Exp(sp, k.dp, k.p)
	sq := m.Mod(m, k.q)
	sq.Exp(sq, k.dq, k.q)
	h := sp.Sub(sp, sq)
	h.Mul(h, k.qInv)
	h.Mod(h, k.p)
	h.Mul(h, k.q)
	return h.Add(h, sq).Bytes()
}

// rsaPrivateHeaderSize is the length of exponent, length of p and length of q.
const rsaPrivateHeaderSize = 8 + 2 + 2

// MarshalBinary gives the exponent (8 bytes), the lengths of both factors
// (2 bytes each), and the factors.
func (k *RSAPrivateKey) MarshalBinary() ([]byte, error) {
	p, q := k.p.Bytes(), k.q.Bytes()
	b := binary.BigEndian.AppendUint64(nil, uint64(k.public.short))
	b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(q)))
	return append(append(b, p...), q...), nil
}

// ParseRSAPrivateKey reads the form of [RSAPrivateKey.MarshalBinary]. It checks
// that the key signs, which it does not if a factor is no prime.
func ParseRSAPrivateKey(b []byte) (*RSAPrivateKey, error) {
	if len(b) < rsaPrivateHeaderSize {
		return nil, fmt.Errorf("RSA private key is shorter than its %d-byte header", rsaPrivateHeaderSize)
	}
	e := binary.BigEndian.Uint64(b)
	size, other := int(binary.BigEndian.Uint16(b[8:])), int(binary.BigEndian.Uint16(b[10:]))
	b = b[rsaPrivateHeaderSize:]
	if size+other != len(b) || len(b) > MaxRSABits/8+1 || size == 0 || other == 0 || b[0] == 0 || b[size] == 0 {
		return nil, errors.New("RSA private key is damaged, its factors do not have the announced lengths")
	}
	p, q := new(big.Int).SetBytes(b[:size]), new(big.Int).SetBytes(b[size:])
	k, err := newRSAPrivateKey(p, q, e)
	if err != nil {
		return nil, err
	}
	if two := []byte{2}; !k.public.SameResidue(k.public.Envelope(k.SignBlinded(two)), two) {
		return nil, errors.New("RSA private key does not sign, a factor of it is no prime")
	}
	return k, nil
}
