package taler

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// What is written out here because the standard library does more than is needed
// must give what the standard library gives.

func secretBytes(t *rapid.T, label string) [32]byte {
	return [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, label))
}

func TestPublicKeysEqualTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := secretBytes(t, "seed")
		if got, want := EddsaPrivateKey(seed).Public(), ed25519.NewKeyFromSeed(seed[:])[32:]; !bytes.Equal(got[:], want) {
			t.Errorf("Ed25519: %x, want %x", got[:], want)
		}
		key, err := ecdh.X25519().NewPrivateKey(seed[:])
		if err != nil {
			t.Fatal(err)
		}
		if got, want := TransferPrivateKey(seed).Public(), key.PublicKey().Bytes(); !bytes.Equal(got[:], want) {
			t.Errorf("X25519: %x, want %x", got[:], want)
		}
	})
}

func TestTransferSecretsEqualTheOwners(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coin, transfer := EddsaPrivateKey(secretBytes(t, "coin")), TransferPrivateKey(secretBytes(t, "transfer"))
		got, err := transfer.Secret(coin.Public())
		if err != nil {
			t.Fatal(err)
		}
		want, err := coin.TransferSecret(transfer.Public())
		if err != nil || got != want {
			t.Errorf("%v, want %v, %v", got, want, err)
		}
	})
}

func TestExpandEqualsTheLibrarys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), sha256.BlockSize, sha256.BlockSize).Draw(t, "key")
		info := string(rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "info"))
		n := rapid.IntRange(0, maxKDF).Draw(t, "n")
		want, err := hkdf.Expand(sha256.New, key, info, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := expand(n, key, info); !bytes.Equal(got, want) {
			t.Errorf("%x, want %x", got, want)
		}
	})
}

// TestInvertibility takes a modulus with a small factor: whatever is a multiple of
// it must be noticed among many.
func TestInvertibility(t *testing.T) {
	n := new(big.Int).Lsh(big.NewInt(1), MinRSABits-1)
	n.Add(n, big.NewInt(1))
	n.Sub(n, new(big.Int).Mod(n, big.NewInt(3)))
	if n.Bit(0) == 0 {
		n.Add(n, big.NewInt(3))
	}
	denom, err := newRSAPublicKey(n, 3)
	if err != nil {
		t.Fatal(err)
	}
	other := generate(t, "engines", 1024).Public()
	for _, at := range []int{-1, 0, 1, 4} {
		var c invertibility
		for i := range 5 {
			number := big.NewInt(int64(3*i + 1))
			if i == at {
				number.SetInt64(9)
			}
			c.add(denom, number)
			c.add(other, big.NewInt(3))
		}
		if got := c.err() != nil; got != (at >= 0) {
			t.Errorf("a multiple of a factor at %d: found %v", at, got)
		}
	}
}
