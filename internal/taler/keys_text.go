package taler

// Text forms of the fixed-size byte strings, the same for all of them.

// String gives the base 32 form.
func (k EddsaPublicKey) String() string { return EncodeBase32(k[:]) }

// MarshalText gives the base 32 form.
func (k EddsaPublicKey) MarshalText() ([]byte, error) { return []byte(EncodeBase32(k[:])), nil }

// UnmarshalText reads the base 32 form.
func (k *EddsaPublicKey) UnmarshalText(text []byte) error {
	return decodeText(k[:], string(text), "Ed25519 public key")
}

// ParseEddsaPublicKey reads the base 32 form.
func ParseEddsaPublicKey(text string) (k EddsaPublicKey, err error) {
	err = decodeText(k[:], text, "Ed25519 public key")
	return k, err
}

// MarshalText gives the base 32 form.
func (k EddsaPrivateKey) MarshalText() ([]byte, error) { return []byte(EncodeBase32(k[:])), nil }

// UnmarshalText reads the base 32 form.
func (k *EddsaPrivateKey) UnmarshalText(text []byte) error {
	return decodeText(k[:], string(text), "Ed25519 private key")
}

// ParseEddsaPrivateKey reads the base 32 form.
func ParseEddsaPrivateKey(text string) (k EddsaPrivateKey, err error) {
	err = decodeText(k[:], text, "Ed25519 private key")
	return k, err
}

// String gives the base 32 form.
func (s EddsaSignature) String() string { return EncodeBase32(s[:]) }

// MarshalText gives the base 32 form.
func (s EddsaSignature) MarshalText() ([]byte, error) { return []byte(EncodeBase32(s[:])), nil }

// UnmarshalText reads the base 32 form.
func (s *EddsaSignature) UnmarshalText(text []byte) error {
	return decodeText(s[:], string(text), "Ed25519 signature")
}

// ParseEddsaSignature reads the base 32 form.
func ParseEddsaSignature(text string) (s EddsaSignature, err error) {
	err = decodeText(s[:], text, "Ed25519 signature")
	return s, err
}

// String gives the base 32 form.
func (h Hash) String() string { return EncodeBase32(h[:]) }

// MarshalText gives the base 32 form.
func (h Hash) MarshalText() ([]byte, error) { return []byte(EncodeBase32(h[:])), nil }

// UnmarshalText reads the base 32 form.
func (h *Hash) UnmarshalText(text []byte) error {
	return decodeText(h[:], string(text), "hash")
}

// ParseHash reads the base 32 form.
func ParseHash(text string) (h Hash, err error) {
	err = decodeText(h[:], text, "hash")
	return h, err
}

// String gives the base 32 form.
func (w WTID) String() string { return EncodeBase32(w[:]) }

// MarshalText gives the base 32 form.
func (w WTID) MarshalText() ([]byte, error) { return []byte(EncodeBase32(w[:])), nil }

// UnmarshalText reads the base 32 form.
func (w *WTID) UnmarshalText(text []byte) error {
	return decodeText(w[:], string(text), "wire transfer identifier")
}

// ParseWTID reads the base 32 form.
func ParseWTID(text string) (w WTID, err error) {
	err = decodeText(w[:], text, "wire transfer identifier")
	return w, err
}

// String gives the base 32 form.
func (s BlindingSecret) String() string { return EncodeBase32(s[:]) }

// MarshalText gives the base 32 form.
func (s BlindingSecret) MarshalText() ([]byte, error) { return []byte(EncodeBase32(s[:])), nil }

// UnmarshalText reads the base 32 form.
func (s *BlindingSecret) UnmarshalText(text []byte) error {
	return decodeText(s[:], string(text), "blinding secret")
}

// ParseBlindingSecret reads the base 32 form.
func ParseBlindingSecret(text string) (s BlindingSecret, err error) {
	err = decodeText(s[:], text, "blinding secret")
	return s, err
}

// String gives the base 32 form.
func (k TransferPublicKey) String() string { return EncodeBase32(k[:]) }

// MarshalText gives the base 32 form.
func (k TransferPublicKey) MarshalText() ([]byte, error) { return []byte(EncodeBase32(k[:])), nil }

// UnmarshalText reads the base 32 form.
func (k *TransferPublicKey) UnmarshalText(text []byte) error {
	return decodeText(k[:], string(text), "transfer public key")
}

// ParseTransferPublicKey reads the base 32 form.
func ParseTransferPublicKey(text string) (k TransferPublicKey, err error) {
	err = decodeText(k[:], text, "transfer public key")
	return k, err
}

// String gives the base 32 form.
func (k TransferPrivateKey) String() string { return EncodeBase32(k[:]) }

// MarshalText gives the base 32 form.
func (k TransferPrivateKey) MarshalText() ([]byte, error) { return []byte(EncodeBase32(k[:])), nil }

// UnmarshalText reads the base 32 form.
func (k *TransferPrivateKey) UnmarshalText(text []byte) error {
	return decodeText(k[:], string(text), "transfer private key")
}

// ParseTransferPrivateKey reads the base 32 form.
func ParseTransferPrivateKey(text string) (k TransferPrivateKey, err error) {
	err = decodeText(k[:], text, "transfer private key")
	return k, err
}
