package sync

import (
	"context"
	"net"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/pg"
)

// A proxy is a server that the program connects to in place of a real one, to which
// it passes on what it is asked as long as it likes. What it answers is scripted: it
// need not be what the real server said.
type proxy struct {
	// asked sees each message of the program: it may drop the connection, before the
	// real server has the message or after.
	asked func(pgproto3.FrontendMessage) cut
	// answered sees each message of the real server: it returns any others in its
	// place, and false to drop the connection.
	answered func(pgproto3.BackendMessage) (messages []pgproto3.BackendMessage, alive bool)
	// endless sees them, too: if it returns a function, what that makes follows for ever.
	endless func(pgproto3.BackendMessage) (next func() pgproto3.BackendMessage)
}

type cut int

const (
	uncut cut = iota
	cutBefore
	cutAfter
)

// liar returns what connects to a real server through a proxy that lies.
func liar(t testing.TB, url string, lie func(pgproto3.BackendMessage) (messages []pgproto3.BackendMessage, alive bool)) Connect {
	return proxy{answered: lie}.to(t, url)
}

// to returns what connects to a real server through the proxy.
func (p proxy) to(t testing.TB, url string) Connect {
	dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
		server, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		client, ours := net.Pipe()
		t.Cleanup(func() { _, _ = ours.Close(), server.Close() }) // whoever still drains an endless answer
		go p.ask(ours, server)
		go p.answer(t, ours, server)
		return client, nil
	}
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor-sync"}, pg.MaxMessage(MaxMessage), pg.MaxAnswer(MaxAnswer),
			func(c *pgx.ConnConfig) { c.DialFunc = pgconn.DialFunc(dialer) })
	}
}

// ask passes on what the program asks until a connection ends.
func (p proxy) ask(ours, server net.Conn) {
	defer ours.Close()
	defer server.Close()
	from, to := pgproto3.NewBackend(ours, ours), pgproto3.NewFrontend(server, server)
	message, err := from.ReceiveStartupMessage()
	for err == nil {
		verdict := uncut
		if p.asked != nil {
			verdict = p.asked(message)
		}
		if verdict == cutBefore {
			return
		}
		to.Send(message)
		if to.Flush() != nil || verdict == cutAfter {
			return
		}
		message, err = from.Receive()
	}
}

// answer passes on what the server answers, or something else.
func (p proxy) answer(t testing.TB, ours, server net.Conn) {
	defer ours.Close()
	defer server.Close()
	from := pgproto3.NewFrontend(server, server)
	for {
		message, err := from.Receive()
		if err != nil {
			return
		}
		messages, alive := []pgproto3.BackendMessage{message}, true
		if p.answered != nil {
			messages, alive = p.answered(message)
		}
		if !alive {
			return
		}
		var b []byte
		for _, m := range messages {
			if b, err = m.Encode(b); err != nil {
				t.Error(err)
				return
			}
		}
		if _, err := ours.Write(b); err != nil {
			return
		}
		if p.endless == nil {
			continue
		}
		for next := p.endless(message); next != nil; {
			if b, err = next().Encode(b[:0]); err != nil {
				t.Error(err)
				return
			}
			if _, err := ours.Write(b); err != nil {
				return
			}
		}
	}
}

// onCopy lies about the data of COPY only.
func onCopy(lie func(data []byte) [][]byte) func(pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
	return func(m pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
		data, ok := m.(*pgproto3.CopyData)
		if !ok {
			return []pgproto3.BackendMessage{m}, true
		}
		var messages []pgproto3.BackendMessage
		for _, part := range lie(slices.Clone(data.Data)) {
			messages = append(messages, &pgproto3.CopyData{Data: part})
		}
		return messages, true
	}
}
