package taler

import (
	"errors"
	"testing"

	"filippo.io/edwards25519"
	"pgregory.net/rapid"
)

// TestTransferSecret expects both sides to agree.
func TestTransferSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) []byte { return rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, label) }
		coin, transfer := EddsaPrivateKey(draw("coin")), TransferPrivateKey(draw("transfer"))
		exchange, err := transfer.Secret(coin.Public())
		if err != nil {
			t.Fatal(err)
		}
		wallet, err := coin.TransferSecret(transfer.Public())
		if err != nil || wallet != exchange {
			t.Fatalf("the wallet computes %s, %v, the exchange %s", wallet, err, exchange)
		}
	})
}

func TestWeakKeys(t *testing.T) {
	honest, transfer := EddsaPrivateKey{1}.Public(), TransferPrivateKey{1}
	ordinary, err := new(edwards25519.Point).SetBytes(honest[:])
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range torsion(t) {
		if _, err := transfer.Secret(EddsaPublicKey(p.Bytes())); !errors.Is(err, ErrWeakKey) {
			t.Errorf("with the point %x of small order: %v", p.Bytes(), err)
		}
		mixed := new(edwards25519.Point).Add(ordinary, p)
		if _, err := transfer.Secret(EddsaPublicKey(mixed.Bytes())); errors.Is(err, ErrWeakKey) != (i > 0) {
			t.Errorf("with the point %x of mixed order: %v", mixed.Bytes(), err)
		}
		u := TransferPublicKey(p.BytesMontgomery())
		if _, err := (EddsaPrivateKey{1}).TransferSecret(u); !errors.Is(err, ErrWeakKey) {
			t.Errorf("with the transfer key %x of small order: %v", u[:], err)
		}
	}
	for y := range byte(20) {
		coin := EddsaPublicKey{y}
		_, onCurve := new(edwards25519.Point).SetBytes(coin[:])
		if _, err := transfer.Secret(coin); (onCurve != nil) != (err != nil && !errors.Is(err, ErrWeakKey)) {
			t.Errorf("y = %d: %v, on the curve: %v", y, err, onCurve)
		}
		if _, err := RefreshEnvelopes(transfer, coin, nil); onCurve != nil && err == nil {
			t.Errorf("y = %d: envelopes were derived from no key", y)
		}
	}
}

// TestRefresh plays a melt: three sets, each of which leads to coins that the
// denomination signs.
func TestRefresh(t *testing.T) {
	private := generate(t, "refresh", 1024)
	denoms := []*RSAPublicKey{private.Public(), private.Public(), private.Public()}
	old := EddsaPrivateKey{9}
	amount := mustAmount(t, "EUR:3.01")
	var transfer [RefreshSets]TransferPublicKey
	var envelopes [RefreshSets][][]byte
	for i := range RefreshSets {
		key := TransferPrivateKey{byte(8 * i)} // the lowest three bits do not count
		transfer[i] = key.Public()
		var err error
		if envelopes[i], err = RefreshEnvelopes(key, old.Public(), denoms); err != nil {
			t.Fatal(err)
		}
		secret, err := old.TransferSecret(transfer[i])
		if err != nil {
			t.Fatal(err)
		}
		for j, envelope := range envelopes[i] {
			coin, bks := DeriveCoin(secret, uint32(j))
			sig, err := denoms[j].Unblind(private.SignBlinded(envelope), bks)
			if err != nil || !denoms[j].VerifyCoin(coin.Public(), sig) {
				t.Errorf("set %d, coin %d: the owner of the old coin does not get the fresh one, %v", i, j, err)
			}
		}
	}
	rc := Commitment(transfer, denoms, old.Public(), amount, envelopes)
	for name, other := range map[string]Hash{
		"transfer keys": Commitment([3]TransferPublicKey{transfer[1], transfer[0], transfer[2]}, denoms, old.Public(), amount, envelopes),
		"denominations": Commitment(transfer, denoms[:2], old.Public(), amount, envelopes),
		"old coin":      Commitment(transfer, denoms, EddsaPublicKey{}, amount, envelopes),
		"amount":        Commitment(transfer, denoms, old.Public(), mustAmount(t, "EUR:3.02"), envelopes),
		"envelopes":     Commitment(transfer, denoms, old.Public(), amount, [3][][]byte{envelopes[0], envelopes[2], envelopes[1]}),
	} {
		if other == rc {
			t.Errorf("the commitment does not depend on the %s", name)
		}
	}
}

// TestMaliciousRefresh expects the error of a key to come through.
func TestMaliciousRefresh(t *testing.T) {
	n := filled(128, 0xff) // divisible by 3, 5, 17, ...
	k, err := ParseRSAPublicKey(encodeRSA(n, []byte{3}))
	if err != nil {
		t.Fatal(err)
	}
	denoms := make([]*RSAPublicKey, 20)
	for i := range denoms {
		denoms[i] = k
	}
	if _, err := RefreshEnvelopes(TransferPrivateKey{1}, EddsaPrivateKey{1}.Public(), denoms); !errors.Is(err, ErrMaliciousKey) {
		t.Errorf("error %v, want %v", err, ErrMaliciousKey)
	}
}
