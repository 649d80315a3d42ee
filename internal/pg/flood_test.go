package pg

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"pgregory.net/rapid"
)

func TestFloods(t *testing.T) {
	for _, test := range []struct {
		name    string
		message func(i int) pgproto3.BackendMessage
	}{
		{"notices", func(int) pgproto3.BackendMessage {
			return &pgproto3.NoticeResponse{Severity: "NOTICE", Message: "hello"}
		}},
		{"notifications", func(int) pgproto3.BackendMessage { return &pgproto3.NotificationResponse{Channel: "c", Payload: "p"} }},
		{"settings", func(i int) pgproto3.BackendMessage {
			return &pgproto3.ParameterStatus{Name: "setting" + strconv.Itoa(i), Value: "v"}
		}},
	} {
		t.Run("connecting/"+test.name, func(t *testing.T) {
			server := fakeServer(t, func(backend *pgproto3.Backend) {
				backend.Send(&pgproto3.AuthenticationOk{})
				flood(backend, test.message)
			})
			begin, before := time.Now(), allocated()
			_, err := Connect(t.Context(), Target{ConnString: server})
			sure(t, err)
			if took := time.Since(begin); took > connectTimeout/2 {
				t.Errorf("it took %v", took)
			}
			if grown := allocated() - before; grown > 100<<20 {
				t.Errorf("the heap grew by %d bytes", grown)
			}
		})
		t.Run("answering/"+test.name, func(t *testing.T) {
			server := fakeServer(t, func(backend *pgproto3.Backend) {
				welcome(backend)
				_, _ = backend.Receive()
				flood(backend, test.message)
			})
			conn := connect(t, Target{ConnString: server}, Listen())
			_, err := conn.Exec(t.Context(), "select 1")
			if answer, ok := errors.AsType[*pgconn.PgError](err); !ok || answer.Code != protocolViolation {
				t.Errorf("got %v, want a violation of the protocol", err)
			}
			if !conn.IsClosed() {
				t.Error("the connection is still open")
			}
		})
	}
}

// An answer that never ends loses the connection where its length is bounded; one COPY may be longer.
func TestEndlessAnswer(t *testing.T) {
	const most = 1 << 20
	row := &pgproto3.DataRow{Values: [][]byte{[]byte("1")}}
	server := fakeServer(t, func(backend *pgproto3.Backend) {
		welcome(backend)
		_, _ = backend.Receive()
		backend.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("n"), DataTypeOID: 25}}})
		flood(backend, func(int) pgproto3.BackendMessage { return row })
	})
	conn := connect(t, Target{ConnString: server}, MaxAnswer(most))
	before := allocated()
	results, err := conn.PgConn().Exec(t.Context(), "select 1").ReadAll()
	if answer, ok := errors.AsType[*pgconn.PgError](err); !ok || answer.Code != protocolViolation || !strings.Contains(answer.Message, "rows") {
		t.Errorf("got %d results and %v, want a violation of the protocol", len(results), err)
	}
	if grown := allocated() - before; grown > 100<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}

	var stream []byte
	data := must(t, &pgproto3.CopyData{Data: make([]byte, most/2)})
	for range 5 {
		stream = append(stream, data...)
	}
	stream = append(stream, must(t, row)...)
	got, err := io.ReadAll(&guard{source: bytes.NewReader(stream), maxRows: most})
	if err != nil || !bytes.Equal(got, stream) {
		t.Errorf("a COPY of %d bytes was cut after %d: %v", len(stream), len(got), err)
	}
}

func allocated() int64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapInuse)
}

// An honest server that sends notices now and then keeps its connection.
func TestNoticesBetweenAnswers(t *testing.T) {
	var stream []byte
	notice := must(t, (&pgproto3.NoticeResponse{Severity: "NOTICE", Message: strings.Repeat("x", maxNotices/2)}))
	ready := must(t, (&pgproto3.ReadyForQuery{TxStatus: 'I'}))
	for range 10 {
		stream = append(append(stream, notice...), ready...)
	}
	if got := pass(t, bytes.NewReader(stream)); !bytes.Equal(got, stream) {
		t.Error("the stream was changed")
	}
	stream = append(append(stream, notice...), notice...)
	want := append(slices.Clone(stream), must(t, new(guard).flooded())...)
	if got := pass(t, bytes.NewReader(append(stream, ready...))); !bytes.Equal(got, want) {
		t.Error("too many notices did not end the stream with an error")
	}
}

// pass returns what a guard makes of a stream.
func pass(t *testing.T, source io.Reader) []byte {
	t.Helper()
	got, err := io.ReadAll(&guard{source: source})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func must(t testing.TB, message pgproto3.BackendMessage) []byte {
	t.Helper()
	encoded, err := message.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

// The guard counts the same however the stream is cut into reads, and changes nothing.
func TestGuardFollowsMessages(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stream []byte
		var parameters, notices int64
		for range rapid.IntRange(0, 50).Draw(t, "messages") {
			kind := rapid.SampledFrom([]byte{'N', 'A', 'S', 'Z', 'D', 'd', 'C'}).Draw(t, "type")
			body := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "body")
			stream = append(stream, kind, 0, 0, 0, byte(len(body)+4))
			stream = append(stream, body...)
			switch kind {
			case 'N', 'A':
				notices += int64(len(body) + 4)
			case 'S':
				parameters += int64(len(body) + 4)
			case 'Z':
				notices = 0
			}
		}
		var source io.Reader = bytes.NewReader(stream)
		switch rapid.IntRange(0, 2).Draw(t, "cut") {
		case 1:
			source = iotest.OneByteReader(source)
		case 2:
			source = iotest.HalfReader(source)
		}
		g := &guard{source: source}
		got, err := io.ReadAll(g)
		if err != nil || !bytes.Equal(got, stream) {
			t.Fatalf("the stream was changed: %v", err)
		}
		if g.parameters != parameters || g.notices != notices || g.have != 0 || g.body != 0 {
			t.Fatalf("got %+v, want %d bytes of settings and %d of notices", g, parameters, notices)
		}
	})
}

// FuzzGuard feeds the guard streams that no server sends: it passes on a beginning, and the rest only if it does
// not end the stream with its error.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("Z\x00\x00\x00\x05I"))
	f.Add([]byte("N\x00\x00\x00\x00N\xff\xff\xff\xffN"))
	f.Add([]byte("S\x7f\xff\xff\xffS"))
	verdict := must(f, new(guard).flooded())
	f.Fuzz(func(t *testing.T, stream []byte) {
		got := pass(t, iotest.HalfReader(bytes.NewReader(stream)))
		if bytes.Equal(got, stream) {
			return
		}
		kept, ended := bytes.CutSuffix(got, verdict)
		if !ended || !bytes.HasPrefix(stream, kept) {
			t.Fatalf("got %q", got)
		}
	})
}
