package archive

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Key signs the notes of reports: Ed25519, in the text form of Go's package
// golang.org/x/mod/sumdb/note.
type Key struct {
	signer   note.Signer
	verifier string
}

// Verifier returns the public half, as those need it who verify reports:
// NAME+HASH+BASE64.
func (k *Key) Verifier() string { return k.verifier }

// KeyError says why a key cannot be used, and what to do.
type KeyError struct {
	File string
	Hint string
	Err  error
}

func (e *KeyError) Error() string { return fmt.Sprintf("report_key_file %q %s", e.File, e.Hint) }

// Unwrap returns what the operating system said, if anything.
func (e *KeyError) Unwrap() error { return e.Err }

// ExitStatus is that of a wrong configuration.
func (e *KeyError) ExitStatus() int { return 1 }

// maxKeyFile bounds a key file, in bytes.
const maxKeyFile = 4096

// LoadKey reads a key from a file that nobody but its owner and group may open.
func LoadKey(path string) (*Key, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, &KeyError{path, "cannot be opened; make one with auditor report keygen, or correct its owner", err}
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, &KeyError{path, "cannot be examined; name another file", err}
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return nil, &KeyError{path, fmt.Sprintf("is open to everybody (mode %04o), so it is no secret: make another key, and keep that one", mode), nil}
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, &KeyError{path, "cannot be read; name another file", err}
	}
	key, err := ParseKey(string(bytes.TrimSpace(text)))
	if err != nil {
		return nil, &KeyError{path, "holds no key; make one with auditor report keygen", err}
	}
	return key, nil
}

// ParseKey reads the text form of a key.
func ParseKey(text string) (*Key, error) {
	signer, err := note.NewSigner(text)
	if err != nil {
		return nil, errors.New("malformed signer key") // without its text
	}
	// NewSigner made sure of the form: PRIVATE+KEY+NAME+HASH+DATA.
	encoded := strings.SplitN(strings.TrimPrefix(text, "PRIVATE+KEY+"), "+", 3)[2]
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(data) != 1+ed25519.SeedSize {
		return nil, errors.New("malformed signer key")
	}
	public := ed25519.NewKeyFromSeed(data[1:]).Public().(ed25519.PublicKey)
	verifier, err := note.NewEd25519VerifierKey(signer.Name(), public)
	if err != nil {
		return nil, err
	}
	return &Key{signer, verifier}, nil
}

// CreateKey makes a key and writes it into a new file that only its owner may read.
// The name is that of the signatures, by custom the auditor's host name.
func CreateKey(random io.Reader, name, path string) (*Key, error) {
	text, _, err := note.GenerateKey(random, name)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%.100q cannot be the name of a key: it must not be empty nor hold spaces or a '+'", name)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.WriteString(text + "\n")
	return key, errors.Join(err, file.Sync(), file.Close())
}

// Verifiers reads the public halves of keys.
func Verifiers(texts ...string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, text := range texts {
		v, err := note.NewVerifier(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%.100q is no verifier key: give it as auditor report keygen printed it, NAME+HASH+BASE64", text)
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}
