package simulator

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"

	"auditor/internal/taler"
)

// A KeyPool remembers denominations' keys, which take longer to make than the
// rest of a small exchange. A key is a function of its seed, size and number: a
// pool changes how long a simulation takes and nothing else. Safe for concurrent
// use.
type KeyPool struct {
	folder string
	mu     sync.Mutex
	keys   map[keyID]*taler.RSAPrivateKey
}

type keyID struct {
	seed   uint64
	bits   int
	number uint64
}

// processKeys serves the scenarios that name no pool. Nobody can tell from any
// result whether it is shared, since keys follow from their identity alone.
var processKeys = NewKeyPool("")

// NewKeyPool returns an empty pool. If folder is not empty, keys are also kept in
// files there, unprotected: they are good for simulations only.
func NewKeyPool(folder string) *KeyPool {
	return &KeyPool{folder: folder, keys: make(map[keyID]*taler.RSAPrivateKey)}
}

// CacheFolder returns the place in the user's cache directory for a pool that
// outlives the process.
func CacheFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place to keep simulated keys: %w; keep them in memory", err)
	}
	return filepath.Join(cache, "auditor", "simulated-keys"), nil
}

// Key returns the key with this number of the series that the seed begins.
func (p *KeyPool) Key(seed uint64, bits int, number uint64) (*taler.RSAPrivateKey, error) {
	id := keyID{seed, bits, number}
	p.mu.Lock()
	key := p.keys[id]
	p.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := p.load(id)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.keys[id] = key
	p.mu.Unlock()
	return key, nil
}

// load takes the key from its file, or makes it and writes the file.
func (p *KeyPool) load(id keyID) (*taler.RSAPrivateKey, error) {
	if p.folder == "" {
		return id.generate()
	}
	file := filepath.Join(p.folder, fmt.Sprintf("rsa-%d-%d-%d", id.bits, id.seed, id.number))
	if stored, err := os.ReadFile(file); err == nil {
		if key, err := taler.ParseRSAPrivateKey(stored); err == nil && key.Public().Bits() == id.bits {
			return key, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := id.generate()
	if err != nil {
		return nil, err
	}
	return key, store(file, key)
}

func (id keyID) generate() (*taler.RSAPrivateKey, error) {
	chance := rand.NewChaCha8(secret(id.seed, "denomination key", uint64(id.bits), id.number))
	key, err := taler.GenerateRSA(chance, id.bits)
	if err != nil {
		return nil, fmt.Errorf("denomination key %d: %w", id.number, err)
	}
	return key, nil
}

// store writes the key's file in one step, so that no reader sees half a key.
func store(file string, key *taler.RSAPrivateKey) error {
	encoded, err := key.MarshalBinary()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(encoded)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}
