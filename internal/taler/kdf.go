package taler

import (
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
)

// Key derivation: HKDF that extracts with SHA-512 and expands with SHA-256.

// maxKDF is the longest output that HKDF allows, 255 blocks of SHA-256.
const maxKDF = 255 * sha256.Size

// maxExpandInfo is up to which length of the context derivation needs no memory.
const maxExpandInfo = 96

// KDF derives n bytes from the source key material skm and the salt xts. The
// context parts are concatenated. It panics if n is above 8160.
func KDF(n int, xts, skm []byte, ctx ...[]byte) []byte {
	var info []byte
	for _, part := range ctx {
		info = append(info, part...)
	}
	return expand(n, extract(xts, skm), string(info))
}

func extract(xts, skm []byte) []byte {
	key, err := hkdf.Extract(sha512.New, skm, xts)
	if err != nil {
		panic(err) // only in FIPS 140 mode, with short keys
	}
	return key
}

// expand is HKDF-Expand with SHA-256, written out since it is what the derivation of
// coins and envelopes spends its time on. The key is an output of extract.
func expand(n int, key []byte, info string) []byte {
	if n > maxKDF || len(key) != sha256.BlockSize {
		panic("key derivation of too many bytes, or from a key of a wrong length")
	}
	var inner, outer [sha256.BlockSize + maxExpandInfo]byte
	for i, b := range key {
		inner[i], outer[i] = b^0x36, b^0x5c
	}
	out := make([]byte, 0, n+sha256.Size)
	var previous []byte
	for counter := byte(1); len(out) < n; counter++ {
		message := append(append(append(inner[:sha256.BlockSize], previous...), info...), counter)
		sum := sha256.Sum256(message)
		sum = sha256.Sum256(append(outer[:sha256.BlockSize], sum[:]...))
		out = append(out, sum[:]...)
		previous = out[len(out)-sha256.Size:]
	}
	return out[:n]
}

// KDFMod derives a number in [0, n): the first candidate below n among those of
// n's bit length that a counter yields. On average it takes fewer than two. The
// modulus must be positive and of at most 65280 bits.
func KDFMod(n *big.Int, xts, skm []byte, label string) *big.Int {
	key := extract(xts, skm)
	size := (n.BitLen() + 7) / 8
	surplus := uint(8*size - n.BitLen())
	info := append([]byte(label), 0, 0)
	for counter := uint16(0); ; counter++ {
		binary.BigEndian.PutUint16(info[len(label):], counter)
		candidate := expand(size, key, string(info))
		candidate[0] &= 0xff >> surplus
		if v := new(big.Int).SetBytes(candidate); v.Cmp(n) < 0 {
			return v
		}
	}
}
