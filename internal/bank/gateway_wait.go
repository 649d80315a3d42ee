package bank

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// complete puts the real things in the place of what was left out.
func (s Surroundings) complete() Surroundings {
	if s.Transport == nil {
		s.Transport = newTransport()
	}
	if s.Clock == nil {
		s.Clock = time.Now
	}
	if s.Sleep == nil {
		s.Sleep = sleep
	}
	if s.Random == nil {
		s.Random = rand.Float64
	}
	if s.Timeout <= 0 {
		s.Timeout = requestTimeout
	}
	return s
}

// newTransport returns a transport that trusts the authorities of the system, knows no compression, since a
// small answer must not become a large one, and one server at a time.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           1,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// sameServer follows a redirection to the same server, to which the password is known already. Any other is
// an answer of its own, and refused.
func sameServer(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// wait says whether to try again after an error, and when: the waits double, and each is shortened by up to
// half of it, so that many clients of one bank do not come back at the same moment. A server that says
// when to come back is obeyed, unless that is too far away.
func (g *gateway) wait(err error, attempt int) (time.Duration, bool) {
	if attempt >= maxAttempts || permanent(err) {
		return 0, false
	}
	full := min(firstWait<<(attempt-1), maxWait)
	wait := full - time.Duration(g.around.Random()*float64(full/2))
	if e, ok := errors.AsType[*RefusedError](err); ok {
		return max(wait, e.RetryAfter), e.RetryAfter <= maxAnnouncement
	}
	return wait, true
}

// retryAfter reads the header Retry-After: seconds, or a date. What is neither counts as not said.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	at, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return max(0, at.Sub(now))
}
