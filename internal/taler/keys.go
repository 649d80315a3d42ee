package taler

import (
	"crypto/sha512"
	"fmt"
	"log/slog"

	"filippo.io/edwards25519"
)

// The fixed-size byte strings of Taler. Their text form is base 32, of which
// 32 bytes take 52 characters and 64 bytes take 103.

type (
	// EddsaPublicKey is an Ed25519 public key: a reserve, a coin, a merchant,
	// a sign key of the exchange, its master key, or an auditor.
	EddsaPublicKey [32]byte
	// EddsaPrivateKey is the seed of an Ed25519 key pair. It never prints
	// itself; MarshalText is the one way to its text form.
	EddsaPrivateKey [32]byte
	// EddsaSignature is an Ed25519 signature, R followed by S.
	EddsaSignature [64]byte
	// Hash is a SHA-512 hash.
	Hash [64]byte
	// WTID is the subject that identifies a wire transfer.
	WTID [32]byte
	// BlindingSecret is the secret from which a coin's blinding factor is made.
	BlindingSecret [32]byte
	// TransferPublicKey is an X25519 public key of a refresh.
	TransferPublicKey [32]byte
	// TransferPrivateKey is an X25519 private key of a refresh. Two of three
	// are revealed, so it prints as any other value.
	TransferPrivateKey [32]byte
)

// HashOf returns the SHA-512 hash over the concatenated parts.
func HashOf(parts ...[]byte) Hash {
	if len(parts) == 1 {
		return sha512.Sum512(parts[0])
	}
	h := sha512.New()
	for _, p := range parts {
		h.Write(p)
	}
	var sum Hash
	h.Sum(sum[:0])
	return sum
}

// hashText hashes a string together with the zero byte that ends it in C.
func hashText(s string) Hash { return HashOf(terminated(s)) }

func terminated(s string) []byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return b
}

// Public returns the public half of the key pair.
func (k EddsaPrivateKey) Public() EddsaPublicKey {
	expanded := sha512.Sum512(k[:])
	return EddsaPublicKey(new(edwards25519.Point).ScalarBaseMult(clamped(expanded[:32])).Bytes())
}

// clamped turns the secret half of a key pair into a number, as both Ed25519 and
// X25519 do.
func clamped(secret []byte) *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetBytesWithClamping(secret)
	if err != nil {
		panic(err) // every 32 bytes are a number
	}
	return s
}

const hiddenKey = "(private key)"

// String hides the key.
func (k EddsaPrivateKey) String() string { return hiddenKey }

// Format hides the key whatever the verb.
func (k EddsaPrivateKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hiddenKey)) }

// LogValue hides the key.
func (k EddsaPrivateKey) LogValue() slog.Value { return slog.StringValue(hiddenKey) }

// decodeText fills b from its base 32 form.
func decodeText(b []byte, text, what string) error {
	decoded, err := DecodeBase32(text, len(b))
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	copy(b, decoded)
	return nil
}
