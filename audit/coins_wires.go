package audit

import (
	"sync"

	"auditor/internal/taler"
)

// Deposits name the accounts of merchants, of whom there are few: what an account's
// text comes to is remembered.

const (
	// cachedWires is how many accounts are remembered at the same time.
	cachedWires = 4096
	// cachedWireSize is the longest text that is remembered, in bytes.
	cachedWireSize = 1024
)

// wireCache remembers hashes of accounts. The zero value is ready to use.
type wireCache struct {
	mu     sync.RWMutex
	hashes map[string]taler.Hash
}

// hash returns the hash of the account that a JSON text names, or why it names none.
func (w *wireCache) hash(text string) (taler.Hash, error) {
	w.mu.RLock()
	hash, ok := w.hashes[text]
	w.mu.RUnlock()
	if ok {
		return hash, nil
	}
	details, err := taler.ParseWireDetails(text)
	if err != nil {
		return taler.Hash{}, err
	}
	hash = details.Hash()
	if len(text) <= cachedWireSize {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.hashes == nil || len(w.hashes) == cachedWires {
			w.hashes = make(map[string]taler.Hash)
		}
		w.hashes[text] = hash
	}
	return hash, nil
}
