package sync

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// A server need not send one row per message, nor whole rows.
func TestServerCutsRowsAnywhere(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	o.Source = liar(t, source, onCopy(func(data []byte) [][]byte {
		return append(slices.Collect(slices.Chunk(data, 5)), nil)
	}))
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, source, destination)
}

// S1: lies about the stream end in a violation, and nothing of a bad row is copied.
func TestServerLies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lie  func(data []byte) [][]byte
	}{
		{"no trailer", func(data []byte) [][]byte {
			return [][]byte{bytes.TrimSuffix(data, []byte(copyTrailer))}
		}},
		{"bytes after the trailer", func(data []byte) [][]byte {
			if string(data) == copyTrailer {
				return [][]byte{data, {0}}
			}
			return [][]byte{data}
		}},
		{"half a row", func(data []byte) [][]byte { return [][]byte{data[:len(data)/2]} }},
		{"a field too many", func(data []byte) [][]byte {
			at := len(data) - len(bytes.TrimPrefix(data, []byte(copyHeader)))
			if len(data)-at > 2 {
				data[at+1]++
			}
			return [][]byte{data}
		}},
		{"rows twice", func(data []byte) [][]byte {
			if len(data) > 2 && !bytes.HasPrefix(data, []byte(copyHeader)) {
				return [][]byte{data, data}
			}
			return [][]byte{data}
		}},
		{"a value of 2 GiB", func(data []byte) [][]byte {
			if row := bytes.TrimPrefix(data, []byte(copyHeader)); len(row) > 18 {
				binary.BigEndian.PutUint32(row[14:], 1<<31-1)
			}
			return [][]byte{data}
		}},
		{"an empty answer", func([]byte) [][]byte { return [][]byte{[]byte(copyHeader), []byte(copyTrailer)} }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
			o := options(t, source, destination)
			o.Source = liar(t, source, onCopy(test.lie))
			_, err := Run(t.Context(), o)
			v, ok := errors.AsType[*Violation](err)
			if !ok || v.ExitStatus() != 3 {
				t.Fatalf("got %v, want a violation", err)
			}
			if v.Table != "exchange_sign_keys" {
				t.Errorf("got table %s, want the first", v.Table)
			}
		})
	}
}

// S11: one lie about a single row, told by a server that answers well otherwise: rows
// before it are in.
func TestServerSendsAMessageBeyondTheBound(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	messages := 0
	o.Source = liar(t, source, onCopy(func(data []byte) [][]byte {
		if messages++; messages == 2 {
			return [][]byte{make([]byte, MaxMessage+1)}
		}
		return [][]byte{data}
	}))
	_, err := Run(t.Context(), o)
	v, ok := errors.AsType[*Violation](err)
	if !ok || v.Rule != RuleStream {
		t.Fatalf("got %v, want a violation of the stream", err)
	}
	if rows := number(t, destination, "select count(*) from public.exchange_sign_keys"); rows != 1 {
		t.Errorf("%d rows are in, want the one before the message", rows)
	}
}

// A server that says nothing more is given up, and so is one that never ends.
func TestServerStalls(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lie  func() func(pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool)
	}{
		{"in a COPY", func() func(pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
			return onCopy(func([]byte) [][]byte { return nil })
		}},
		{"silence", func() func(pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
			silent := false
			return func(m pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
				if _, ok := m.(*pgproto3.CopyOutResponse); ok {
					silent = true
				}
				if silent {
					return nil, true
				}
				return []pgproto3.BackendMessage{m}, true
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
			o := options(t, source, destination)
			o.Patience = 2 * time.Second
			o.Source = liar(t, source, test.lie())
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := Run(ctx, o)
			if err == nil || ctx.Err() != nil {
				t.Fatalf("got %v", err)
			}
		})
	}
}

// Text of the server reaches nobody's terminal as it is.
func TestServerTextIsEscaped(t *testing.T) {
	evil := "\x1b[2J\u202egnp.exe\nlevel=INFO msg=\"all is well\""
	for _, err := range []error{
		&DatabaseError{Side: Source, Doing: "connect", Err: &pgconn.PgError{Message: evil}},
		&SchemaError{Source, "2021", []exchange.Difference{{Table: "t", Column: evil, Expected: "a", Found: evil}}},
		&SameDatabaseError{evil},
		newShape(narrow(), narrowMax).violation(1, 0, exchange.Column{Name: "name"}, RuleText, "name is text",
			printable(exchange.Column{Type: exchange.Text}, []byte(evil)), "text"),
	} {
		text := err.Error()
		for _, bad := range []string{"\x1b", "\u202e", "exe\n"} {
			if strings.Contains(text, bad) {
				t.Errorf("%T lets %q through", err, bad)
			}
		}
		if !strings.Contains(text, `\x1b[2J`) {
			t.Errorf("%T hides what the server said: %s", err, text)
		}
	}
	if long := escape(strings.Repeat("é", 1000), shownValue); len(long) > 2*shownValue {
		t.Errorf("%d bytes are shown", len(long))
	}
}
