package taler

import (
	"crypto/ecdh"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"filippo.io/edwards25519"
)

// A refresh melts one coin for several fresh ones. The customer prepares three
// sets of envelopes, each derived from a transfer key, commits to all of them
// with one hash, and reveals two of the three keys. From those the auditor
// derives the envelopes again, and with the third set as stored, the commitment.

// RefreshSets is the number of sets of which all but one are revealed.
const RefreshSets = 3

// ErrWeakKey says that a key takes no part in a key agreement since anybody
// could compute the outcome.
var ErrWeakKey = errors.New("the key lies outside of the group of prime order, so no secret can be agreed upon with it")

// Public returns the public half of a transfer key.
func (k TransferPrivateKey) Public() TransferPublicKey {
	// X25519 works on the same curve, in other coordinates; for Edwards coordinates
	// there are tables of multiples of the base point.
	return TransferPublicKey(new(edwards25519.Point).ScalarBaseMult(clamped(k[:])).BytesMontgomery())
}

// Secret returns the transfer secret that the key shares with a coin. It fails
// with [ErrWeakKey], or if coin is no Ed25519 key at all.
func (k TransferPrivateKey) Secret(coin EddsaPublicKey) (Hash, error) {
	old, err := OldCoin(coin)
	if err != nil {
		return Hash{}, err
	}
	return old.secret(k), nil
}

// MeltedCoin is a coin that was melted, ready for the agreement upon transfer
// secrets with several transfer keys.
type MeltedCoin struct{ point *edwards25519.Point }

// OldCoin returns the melted coin with the given key. It fails with [ErrWeakKey], or
// if it is no Ed25519 key at all.
func OldCoin(coin EddsaPublicKey) (MeltedCoin, error) {
	p, err := new(edwards25519.Point).SetBytes(coin[:])
	if err != nil {
		return MeltedCoin{}, fmt.Errorf("coin key %s is no point of the curve", coin)
	}
	// With the scalar -1 = order-1 this is order*p.
	one, _ := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	minusOne := edwards25519.NewScalar().Negate(one)
	product := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(minusOne, p, edwards25519.NewScalar())
	product.Add(product, p)
	if smallOrder((*[32]byte)(&coin)) || product.Equal(edwards25519.NewIdentityPoint()) != 1 {
		return MeltedCoin{}, ErrWeakKey
	}
	return MeltedCoin{p}, nil
}

// secret is X25519 of the transfer key and the coin, hashed. The coin has prime order,
// so that the product is never zero. The time it takes depends on the transfer key,
// which whoever calls this has been told or has made up.
func (c MeltedCoin) secret(k TransferPrivateKey) Hash {
	shared := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(clamped(k[:]), c.point, edwards25519.NewScalar())
	return HashOf(shared.BytesMontgomery())
}

// TransferSecret is what the owner of the melted coin computes instead, given
// the public half of the transfer key.
func (k EddsaPrivateKey) TransferSecret(transfer TransferPublicKey) (Hash, error) {
	peer, err := ecdh.X25519().NewPublicKey(transfer[:])
	if err != nil {
		return Hash{}, fmt.Errorf("reading an X25519 key: %w", err)
	}
	expanded := sha512.Sum512(k[:])
	key, err := ecdh.X25519().NewPrivateKey(expanded[:32])
	if err != nil {
		panic(err) // every 32 bytes are a key
	}
	x, err := key.ECDH(peer)
	if err != nil {
		return Hash{}, ErrWeakKey // the only error: the outcome is zero
	}
	return HashOf(x), nil
}

// DeriveCoin returns the private key and the blinding secret of the fresh coin
// with the given index, from the transfer secret of its set.
func DeriveCoin(secret Hash, index uint32) (EddsaPrivateKey, BlindingSecret) {
	salt := binary.BigEndian.AppendUint32(nil, index)
	b := KDF(64, salt, secret[:], []byte("taler-coin-derivation"))
	return EddsaPrivateKey(b[:32]), BlindingSecret(b[32:])
}

// RefreshEnvelopes derives the set of envelopes that belongs to a transfer key:
// one for each of the fresh coins' denominations, in their order. It costs a
// signature check and a blinding per coin.
func RefreshEnvelopes(key TransferPrivateKey, old EddsaPublicKey, denoms []*RSAPublicKey) ([][]byte, error) {
	coin, err := OldCoin(old)
	if err != nil {
		return nil, err
	}
	return coin.Envelopes(key, denoms)
}

// Envelopes is [RefreshEnvelopes] for a coin that more than one set belongs to.
func (c MeltedCoin) Envelopes(key TransferPrivateKey, denoms []*RSAPublicKey) ([][]byte, error) {
	secret := c.secret(key)
	envelopes := make([][]byte, len(denoms))
	var check invertibility
	for i, denom := range denoms {
		coin, bks := DeriveCoin(secret, uint32(i))
		envelope := denom.blind(coin.Public(), bks)
		check.add(denom, envelope)
		envelopes[i] = envelope.Bytes()
	}
	return envelopes, check.err()
}

// invertibility gathers numbers of several denominations that must be invertible. A
// product is if all its factors are, so that one test is enough for each denomination.
type invertibility struct {
	denoms   []*RSAPublicKey
	products []*big.Int
}

func (c *invertibility) add(denom *RSAPublicKey, number *big.Int) {
	if i := slices.Index(c.denoms, denom); i >= 0 {
		c.products[i].Mul(c.products[i], number).Mod(c.products[i], denom.n)
		return
	}
	c.denoms = append(c.denoms, denom)
	c.products = append(c.products, new(big.Int).Set(number))
}

func (c *invertibility) err() error {
	for i, denom := range c.denoms {
		if !denom.invertible(c.products[i]) {
			return ErrMaliciousKey
		}
	}
	return nil
}

// Commitment returns the hash with which a melt commits to its three sets. There
// must be as many envelopes in each set as denominations. amount is what is
// melted, fee included.
func Commitment(transfer [RefreshSets]TransferPublicKey, denoms []*RSAPublicKey, old EddsaPublicKey, amount Amount, envelopes [RefreshSets][][]byte) Hash {
	h := sha512.New()
	for i := range transfer {
		h.Write(transfer[i][:])
	}
	for _, denom := range denoms {
		h.Write(denom.encoded)
	}
	h.Write(old[:])
	h.Write(amount.AppendNBO(nil))
	for _, set := range envelopes {
		for _, envelope := range set {
			h.Write(envelope)
		}
	}
	var sum Hash
	h.Sum(sum[:0])
	return sum
}
