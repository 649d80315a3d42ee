// Package fakebank is a bank for tests and demonstrations: a wire gateway that serves given histories over HTTP, in
// the form of 2021 or in the later one, with passwords, pages, and faults that can be switched on.
//
// Call [New] with accounts, which come from a simulated exchange ([Simulated]), from files ([Load]) or from
// anywhere; then [Bank.Start], or hand the bank as a handler to a server of your own. [Bank.Inject] spoils the
// next answers. [WriteCamt] writes the same histories as statements.
package fakebank

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"

	"auditor/internal/bank"
)

// Form is one of the two forms of a wire gateway.
type Form uint8

// The forms.
const (
	Early Form = iota + 1 // of 2021
	Later                 // of 2024
)

// An Account is an account with its transfers, ascending by row in each direction.
type Account struct {
	Name     string // in URLs
	PaytoURI string
	Incoming []bank.Record
	Outgoing []bank.Record
}

// records returns one direction.
func (a *Account) records(direction string) []bank.Record {
	if direction == bank.Outgoing.String() {
		return a.Outgoing
	}
	return a.Incoming
}

// A Bank serves accounts. Its methods may be called at any time, also while it serves.
type Bank struct {
	form Form

	mu       sync.Mutex
	accounts map[string]*Account
	faults   []injected
	requests int
	login    func(*http.Request) bool
}

// New returns a bank with these accounts, open to everybody.
func New(form Form, accounts ...Account) *Bank {
	b := &Bank{form: form, accounts: map[string]*Account{}, login: func(*http.Request) bool { return true }}
	for _, a := range accounts {
		b.accounts[a.Name] = &a
	}
	return b
}

// RequireBasic lets in whoever knows a user name and a password.
func (b *Bank) RequireBasic(username, password string) {
	b.require(func(r *http.Request) bool {
		u, p, ok := r.BasicAuth()
		return ok && equal(u, username) && equal(p, password)
	})
}

// RequireToken lets in whoever knows a token.
func (b *Bank) RequireToken(token string) {
	b.require(func(r *http.Request) bool { return equal(r.Header.Get("Authorization"), "Bearer "+token) })
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (b *Bank) require(login func(*http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.login = login
}

// Add books transfers of an account, behind those that it has.
func (b *Bank) Add(account string, records ...bank.Record) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[account]
	for _, r := range records {
		if r.Direction == bank.Outgoing {
			a.Outgoing = append(a.Outgoing, r)
		} else {
			a.Incoming = append(a.Incoming, r)
		}
	}
}

// Requests returns how often the bank was asked.
func (b *Bank) Requests() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests
}

// Path is the path of an account's gateway, to be put behind the URL of the server.
func (b *Bank) Path(account string) string {
	if b.form == Early {
		return "/" + account + "/"
	}
	return "/accounts/" + account + "/taler-wire-gateway/"
}

// ServeHTTP answers requests for a history.
func (b *Bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	b.requests++
	fault := b.nextFault()
	allowed := b.login(r)
	account, direction := b.find(r.URL.Path)
	var records []bank.Record
	payto := ""
	if account != nil {
		records, payto = account.records(direction), account.PaytoURI
	}
	b.mu.Unlock()

	if fault.spoilRequest(w, r) {
		return
	}
	switch {
	case !allowed:
		w.Header().Set("WWW-Authenticate", `Basic realm="bank", charset="UTF-8"`)
		refuse(w, http.StatusUnauthorized, 40, "unauthorized")
		return
	case account == nil:
		refuse(w, http.StatusNotFound, 5110, "unknown account")
		return
	}
	q, ok := parseQuery(r.URL.Query())
	if !ok || b.form == Early && q.start != 0 && !b.exists(q.start) {
		if b.form == Early {
			panic(http.ErrAbortHandler) // as the bank of 2021 does
		}
		refuse(w, http.StatusBadRequest, 26, "malformed parameter")
		return
	}
	page := fault.spoilPage(b, q, records)
	b.answer(w, r, fault, direction, payto, page)
}

// shows reports whether the form of the gateway can tell of a record.
func (b *Bank) shows(r bank.Record) bool {
	switch r.Kind {
	case bank.ToReserve, bank.Transfer:
		return true
	case bank.KYCAuth, bank.Wad:
		return b.form == Later
	}
	return false
}

// find returns the account and direction that a path means.
func (b *Bank) find(path string) (*Account, string) {
	for name, account := range b.accounts {
		if rest, ok := strings.CutPrefix(path, b.Path(name)+"history/"); ok {
			if rest == bank.Incoming.String() || rest == bank.Outgoing.String() {
				return account, rest
			}
		}
	}
	return nil, ""
}

// exists reports whether any account has a row. Rows of 2021 are numbered in one series.
func (b *Bank) exists(row int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.accounts {
		for _, list := range [][]bank.Record{a.Incoming, a.Outgoing} {
			if i := above(list, row-1); i < len(list) && list[i].Row == row {
				return true
			}
		}
	}
	return false
}
