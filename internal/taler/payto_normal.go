package taler

import "strings"

// Normalized gives the form in which exchanges since 2024 compare accounts: without
// the query, so that the receiver's name does not matter; IBANs in upper case and
// without BIC; servers in lower case, and names of accounts as they are. Exchanges of
// 2021 compare with [Payto.EqualFold] instead. Do not mix the two: each calls
// accounts equal that the other tells apart.
func (p Payto) Normalized() string {
	switch p.Method {
	case "iban":
		target := strings.TrimRight(p.Target, "/")
		return paytoScheme + "iban/" + strings.ToUpper(target[strings.LastIndexByte(target, '/')+1:])
	case "x-taler-bank":
		host, path, found := strings.Cut(p.Target, "/")
		if found {
			path = "/" + path
		}
		return paytoScheme + p.Method + "/" + strings.ToLower(host) + path
	case "upi", "ilp":
		return paytoScheme + p.Method + "/" + strings.ToLower(p.Target)
	case "bitcoin":
		return paytoScheme + p.Method + "/" + p.Target
	}
	path, _, _ := strings.Cut(p.URI, "?")
	return path
}
