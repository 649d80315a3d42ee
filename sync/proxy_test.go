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

// liar returns what connects to a real server through one that may replace each of
// its messages by any others; dropping the connection is to return nil and false.
func liar(t testing.TB, url string, lie func(pgproto3.BackendMessage) (messages []pgproto3.BackendMessage, alive bool)) Connect {
	dialer := func(ctx context.Context, network, address string) (net.Conn, error) {
		server, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		client, ours := net.Pipe()
		go func() {
			defer server.Close()
			buffer := make([]byte, 4096)
			for {
				n, err := ours.Read(buffer)
				if err != nil {
					return
				}
				if _, err := server.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
		go func() {
			defer ours.Close()
			defer server.Close()
			from := pgproto3.NewFrontend(server, server)
			for {
				message, err := from.Receive()
				if err != nil {
					return
				}
				messages, alive := lie(message)
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
			}
		}()
		return client, nil
	}
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor-sync"}, pg.MaxMessage(MaxMessage),
			func(c *pgx.ConnConfig) { c.DialFunc = pgconn.DialFunc(dialer) })
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
