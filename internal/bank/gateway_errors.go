package bank

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
)

// This file turns the ways in which a gateway fails into errors that say what to do.

// refused reads an answer that brings no history.
func (g *gateway) refused(response *http.Response) *RefusedError {
	e := &RefusedError{Status: response.StatusCode, RetryAfter: retryAfter(response.Header.Get("Retry-After"), g.around.Clock())}
	var body struct {
		Code int    `json:"code"`
		Hint string `json:"hint"`
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, maxRefusalSize))
	if err == nil && json.Unmarshal(text, &body) == nil {
		e.Code, e.Said = body.Code, body.Hint
	}
	switch status := response.StatusCode; {
	case status == http.StatusUnauthorized:
		e.Hint = "correct auth_method, username and the password in the configuration"
	case status == http.StatusForbidden:
		e.Hint = "the login is right but may not read this account; ask the bank for the right to read its history"
	case status == http.StatusNotFound:
		e.Hint = "correct wire_gateway_url; if the account is too new to be known, set ignore_not_found = true"
	case status == http.StatusTooManyRequests:
		e.Hint = "the bank allows fewer requests; audit at another time or ask it for more"
	case status >= 300 && status < 400:
		e.Hint = "it redirects to " + quote(response.Header.Get("Location")) + ", which is not followed to another server; if the account moved there, correct wire_gateway_url"
	case status >= 500:
		e.Hint = "the bank has a problem; try again later"
	default:
		e.Hint = "the bank does not understand the request; check that wire_gateway_url is that of a wire gateway"
	}
	return e
}

// explain completes an error with its place; what is none of ours yet is one of the network.
func (g *gateway) explain(err error, page, attempt int) error {
	if v, ok := errors.AsType[*Violation](err); ok {
		v.Source, v.Page = g.url, page
		return v
	}
	if e, ok := errors.AsType[*RefusedError](err); ok {
		e.Source, e.Attempts = g.url, attempt
		return e
	}
	reason, hint := explainSilence(err)
	return &UnavailableError{Source: g.url, Reason: reason, Attempts: attempt, Hint: hint, Err: err}
}

func explainSilence(err error) (reason, hint string) {
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "its certificate is not to be trusted: " + quote(certificate.Err.Error()),
			"somebody may be listening in; if the bank has an authority of its own, name its certificate in the environment variable SSL_CERT_FILE"
	}
	if speaksPlain(err) {
		return "it does not speak TLS", "write http instead of https in wire_gateway_url only if nobody can listen in"
	}
	if _, ok := errors.AsType[tls.AlertError](err); ok {
		return "it refuses to speak TLS with us", "ask the bank which version of TLS it offers; at least 1.2 is needed"
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return "there is no address for " + quote(lookup.Name), "correct wire_gateway_url, or the name server of this computer"
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded), isTimeout(err):
		return "it did not answer in time", "try again later; ask the bank if it stays that slow"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nobody listens there", "correct wire_gateway_url, or start the gateway"
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "the connection was cut", "try again; if it stays like that, ask the bank"
	}
	text := err.Error()
	if outer, ok := errors.AsType[*url.Error](err); ok {
		text = outer.Err.Error()
	}
	return quote(text), "check wire_gateway_url and the network"
}

func speaksPlain(err error) bool {
	_, garbage := errors.AsType[tls.RecordHeaderError](err)
	return garbage || errors.Is(err, http.ErrSchemeMismatch)
}

func isTimeout(err error) bool {
	slow, ok := errors.AsType[net.Error](err)
	return ok && slow.Timeout()
}

// permanent reports whether another attempt would end in the same way.
func permanent(err error) bool {
	if v, ok := errors.AsType[*Violation](err); ok {
		return !errors.Is(v.Err, io.ErrUnexpectedEOF)
	}
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout ||
			e.Status == http.StatusNotImplemented
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
	return untrusted || speaksPlain(err)
}
