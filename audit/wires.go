package audit

import (
	"encoding/json"
	"sync"

	"auditor/internal/taler"
)

// maxWires is how many accounts are remembered, and maxWireSize how long one may be
// in bytes to be remembered.
const (
	maxWires    = 4096
	maxWireSize = 2048
)

// wire is a merchant's account as a row names it.
type wire struct {
	hash   taler.Hash
	method string
	uri    string // empty if it names no account
	payto  bool   // it names an account with a method, though it may lack what makes a hash
	err    error  // why it cannot be used
}

// wires reads accounts and remembers the latest ones: merchants are few and their
// accounts stand in every deposit. It serves many readers at a time.
type wires struct {
	mu    sync.Mutex
	known map[string]wire
}

func (w *wires) of(text string) wire {
	w.mu.Lock()
	account, ok := w.known[text]
	w.mu.Unlock()
	if ok {
		return account
	}
	account = readWire(text)
	if len(text) <= maxWireSize {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.known == nil || len(w.known) == maxWires {
			w.known = make(map[string]wire)
		}
		w.known[text] = account
	}
	return account
}

func readWire(text string) wire {
	details, err := taler.ParseWireDetails(text)
	if err != nil {
		var named struct {
			URI string `json:"payto_uri"`
		}
		if json.Unmarshal([]byte(text), &named) != nil {
			return wire{err: err}
		}
		if _, unnamed := taler.ParsePayto(named.URI); unnamed != nil {
			return wire{err: err}
		}
		return wire{uri: named.URI, payto: true, err: err}
	}
	payto, err := taler.ParsePayto(details.PaytoURI)
	if err != nil {
		return wire{err: err}
	}
	return wire{hash: details.Hash(), method: payto.Method, uri: payto.URI, payto: true}
}
