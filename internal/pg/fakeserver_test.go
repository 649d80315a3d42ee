package pg

// A server that says what a test wants it to say, for what no honest server says.

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// fakeServer answers each connection with a script, and returns the connection string to reach it. The startup
// message has been read when the script begins.
func fakeServer(t *testing.T, script func(backend *pgproto3.Backend)) (connString string) {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "fake-") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			backend := pgproto3.NewBackend(conn, conn)
			if _, err := backend.ReceiveStartupMessage(); err == nil {
				script(backend)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return fmt.Sprintf("host=%s port=5432 user=alice dbname=books sslmode=disable", dir)
}

// welcome accepts the connection.
func welcome(backend *pgproto3.Backend) {
	backend.Send(&pgproto3.AuthenticationOk{})
	backend.Send(&pgproto3.BackendKeyData{ProcessID: 1, SecretKey: []byte{0, 0, 0, 1}})
	backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	_ = backend.Flush()
}

// refuse answers with an error.
func refuse(code, message string) func(*pgproto3.Backend) {
	return func(backend *pgproto3.Backend) {
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: message})
		_ = backend.Flush()
	}
}

// flood sends a message until the connection is cut.
func flood(backend *pgproto3.Backend, message func(i int) pgproto3.BackendMessage) {
	for i := 0; ; i++ {
		backend.Send(message(i))
		if i%1000 == 0 {
			if backend.Flush() != nil {
				return
			}
		}
	}
}
