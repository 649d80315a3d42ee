package taler

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"math/big"
	"testing"

	"filippo.io/edwards25519"
	"pgregory.net/rapid"
)

// torsion returns the eight points of small order.
func torsion(t *testing.T) []*edwards25519.Point {
	t.Helper()
	// A point of order 8, from the table under test; that its multiples are
	// eight different ones shows that it is.
	generator, err := new(edwards25519.Point).SetBytes(smallOrderY[2][:])
	if err != nil {
		t.Fatal(err)
	}
	points := []*edwards25519.Point{edwards25519.NewIdentityPoint()}
	for range 7 {
		points = append(points, new(edwards25519.Point).Add(points[len(points)-1], generator))
	}
	for i, p := range points {
		for _, q := range points[:i] {
			if p.Equal(q) == 1 {
				t.Fatal("the generator has an order below 8")
			}
		}
		if new(edwards25519.Point).MultByCofactor(p).Equal(points[0]) != 1 {
			t.Fatal("the generator has an order above 8")
		}
	}
	return points
}

// TestPointEncodings goes through all encodings that are not canonical and
// through all points of small order, and asks a library that knows the curve.
func TestPointEncodings(t *testing.T) {
	for _, p := range torsion(t) {
		if !smallOrder((*[32]byte)(p.Bytes())) {
			t.Errorf("%x has small order, but is not recognised", p.Bytes())
		}
	}
	found := 0
	for low := range 256 {
		for _, high := range []byte{0x7f, 0xff} {
			encoding := EddsaPublicKey(filled(32, 0xff))
			encoding[0], encoding[31] = byte(low), high
			if got, want := canonicalPoint(&encoding), low < 0xed; got != want {
				t.Errorf("canonicalPoint(%x) = %v, want %v", encoding[:], got, want)
			}
			p, err := new(edwards25519.Point).SetBytes(encoding[:])
			if err != nil {
				continue
			}
			small := new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1
			if got := smallOrder((*[32]byte)(&encoding)); got != small {
				t.Errorf("smallOrder(%x) = %v, want %v", encoding[:], got, small)
			}
			found++
		}
	}
	for i := 1; i < 31; i++ {
		encoding := EddsaPublicKey(filled(32, 0xff))
		if encoding[i] = 0xfe; !canonicalPoint(&encoding) {
			t.Errorf("%x is below the prime, but is not taken for canonical", encoding[:])
		}
	}
	if found < 20 {
		t.Errorf("only %d of these encodings are points", found)
	}
	rapid.Check(t, func(t *rapid.T) {
		key := EddsaPrivateKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed")).Public()
		if smallOrder((*[32]byte)(&key)) || !canonicalPoint(&key) {
			t.Errorf("an ordinary key %x is refused", key[:])
		}
	})
}

// TestForgeries makes signatures that everybody could make. The standard library
// accepts many of them.
func TestForgeries(t *testing.T) {
	points, forged := torsion(t), 0
	for i := range uint32(16) {
		msg := binary.BigEndian.AppendUint32([]byte("a message that nobody signed, number "), i)
		for _, a := range points {
			// With S = 0 the equation is R = -k*A, where k depends on R; so try
			// all R of small order.
			for _, r := range points {
				var sig EddsaSignature
				copy(sig[:32], r.Bytes())
				pub := EddsaPublicKey(a.Bytes())
				if ed25519.Verify(pub[:], msg, sig[:]) {
					forged++
				}
				if VerifyBytes(pub, msg, sig) {
					t.Errorf("a forgery under the key %x is accepted", pub[:])
				}
			}
		}
	}
	if forged < 32 {
		t.Errorf("the standard library accepts %d forgeries, the test expected more", forged)
	}
}

// TestMixedOrderKey is about a key that is neither of small nor of prime order.
// libsodium takes it, so do we.
func TestMixedOrderKey(t *testing.T) {
	expanded := sha512.Sum512([]byte("seed"))
	s, err := edwards25519.NewScalar().SetBytesWithClamping(expanded[:32])
	if err != nil {
		t.Fatal(err)
	}
	two := torsion(t)[4] // of order 2, so every second k hides it
	pub := new(edwards25519.Point).ScalarBaseMult(s)
	pub.Add(pub, two)
	accepted := 0
	for i := range uint32(16) {
		msg := binary.BigEndian.AppendUint32(nil, i)
		r, _ := edwards25519.NewScalar().SetUniformBytes(expanded[:])
		R := new(edwards25519.Point).ScalarBaseMult(r)
		digest := sha512.Sum512(bytes.Join([][]byte{R.Bytes(), pub.Bytes(), msg}, nil))
		k, _ := edwards25519.NewScalar().SetUniformBytes(digest[:])
		S := edwards25519.NewScalar().MultiplyAdd(k, s, r)
		sig := EddsaSignature(append(R.Bytes(), S.Bytes()...))
		want := k.Bytes()[0]%2 == 0
		if got := VerifyBytes(EddsaPublicKey(pub.Bytes()), msg, sig); got != want {
			t.Errorf("message %d: VerifyBytes = %v, want %v", i, got, want)
		}
		if want {
			accepted++
		}
	}
	if accepted == 0 || accepted == 16 {
		t.Errorf("%d of 16 accepted, want some", accepted)
	}
}

// TestMalleability adds the group order to S, which must not give a second valid
// signature.
func TestMalleability(t *testing.T) {
	key := EddsaPrivateKey{7}
	s := DenominationRevocation{}
	sig := Sign(key, s)
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	reversed := func(b []byte) []byte {
		r := make([]byte, len(b))
		for i := range b {
			r[len(b)-1-i] = b[i]
		}
		return r
	}
	S := new(big.Int).SetBytes(reversed(sig[32:]))
	for range 3 {
		S.Add(S, order)
		var twin EddsaSignature
		copy(twin[:32], sig[:32])
		copy(twin[32:], reversed(S.FillBytes(make([]byte, 32))))
		if Verify(key.Public(), s, twin) {
			t.Errorf("S = %d is accepted", S)
		}
	}
}
