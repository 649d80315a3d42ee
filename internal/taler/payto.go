package taler

import (
	"fmt"
	"strings"
)

// Bank accounts are named by payto URIs: payto://METHOD/TARGET?QUERY.

const paytoScheme = "payto://"

// Payto is a payto URI in its parts.
type Payto struct {
	URI    string // as given
	Method string // in lower case, for instance "x-taler-bank" or "iban"
	Target string // between the method and a question mark
	Query  string // after the question mark
}

// ParsePayto splits a payto URI. It asks for the scheme (in any case), a method
// of letters, digits, dots and hyphens, and a target.
func ParsePayto(uri string) (Payto, error) {
	if !hasPrefixFold(uri, paytoScheme) {
		return Payto{}, fmt.Errorf("account %.100q does not begin with payto://, give a full payto URI", uri)
	}
	rest, query, _ := strings.Cut(uri[len(paytoScheme):], "?")
	method, target, _ := strings.Cut(rest, "/")
	if method == "" {
		return Payto{}, fmt.Errorf("account %.100q names no payment method, write it as in payto://iban/DE75512108001245126199", uri)
	}
	name := make([]byte, len(method))
	for i := range len(method) {
		c := lower(method[i])
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '.') {
			return Payto{}, fmt.Errorf("account %.100q has a payment method with odd characters, use letters, digits and hyphens", uri)
		}
		name[i] = c
	}
	if strings.Trim(target, "/") == "" {
		return Payto{}, fmt.Errorf("account %.100q names nobody after the payment method, add the account", uri)
	}
	return Payto{URI: uri, Method: string(name), Target: target, Query: query}, nil
}

// String gives the URI as it was.
func (p Payto) String() string { return p.URI }

// EqualFold reports whether two URIs are equal without regard to ASCII case, as
// accounts are compared by exchanges of 2021. Nothing else is normalised.
func (p Payto) EqualFold(q Payto) bool {
	return len(p.URI) == len(q.URI) && hasPrefixFold(p.URI, q.URI)
}

func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lower(s[i]) != lower(prefix[i]) {
			return false
		}
	}
	return true
}
