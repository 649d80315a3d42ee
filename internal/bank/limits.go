package bank

import (
	"errors"
	"io"
	"time"
)

// What a bank can make us read, wait for and remember is bounded by these.
const (
	// DefaultPage is the number of records that a gateway is asked for at once.
	DefaultPage = 256
	// MaxPage is the largest page that is asked for; it bounds the memory of a read.
	MaxPage = 4096
	// MaxSubject is the length in bytes at which subjects of camt.053 are cut off.
	MaxSubject = 1024

	maxRecords     = 20_000_000 // in one read of a history; more is no history, but an attack
	maxRecordSize  = 16 << 10   // of one record in JSON, in bytes
	maxEntrySize   = 16 << 20   // of one entry of camt.053, which may be a batch with details
	maxText        = 2048       // of a payto URI or other text, in bytes
	maxRefusalSize = 4 << 10    // of an answer that tells of an error
	maxDepth       = 64         // of nested JSON or XML
	maxPerDay      = 999_999    // transfers of camt.053 in a day; the rest of a row's number is the day

	requestTimeout  = time.Minute // for one request and its whole answer
	maxRedirects    = 5
	maxAttempts     = 5
	firstWait       = time.Second // between the first two attempts; twice as long each time
	maxWait         = 30 * time.Second
	maxAnnouncement = 2 * time.Minute // a server that asks to wait longer than that is not waited for
)

// errTooLarge says that more was read than anything honest needs.
var errTooLarge = errors.New("too large")

// meter is a reader that bounds how much is read between two marks. It remembers how its source failed, so
// that a broken connection can be told from broken content.
type meter struct {
	source io.Reader
	limit  int64
	left   int64
	err    error // of the source, except io.EOF
}

func newMeter(source io.Reader, limit int64) *meter {
	return &meter{source: source, limit: limit, left: limit}
}

// mark begins a new allowance.
func (m *meter) mark() { m.left = m.limit }

func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errTooLarge
	}
	n, err := m.source.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}
