package pg

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"auditor/internal/pgtest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"golang.org/x/sync/errgroup"
)

func connector(url string, connected *atomic.Int32) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) {
		connected.Add(1)
		return Connect(ctx, Target{ConnString: url})
	}
}

func TestSnapshot(t *testing.T) {
	url := pgtest.NewDatabase(t)
	writer := pgtest.Connect(t, url)
	write := func(statement string) {
		t.Helper()
		if _, err := writer.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	write("create table public.t as select 1 as n")

	var connected atomic.Int32
	s, err := OpenSnapshot(t.Context(), connector(url, &connected))
	if err != nil {
		t.Fatal(err)
	}
	write("insert into public.t values (2)")

	conns := make([]*pgx.Conn, 5)
	conns[0] = s.Leader()
	group, ctx := errgroup.WithContext(t.Context())
	for i := 1; i < len(conns); i++ {
		group.Go(func() (err error) {
			conns[i], err = s.Conn(ctx)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, conn := range conns {
		var sum int
		if err := conn.QueryRow(t.Context(), "select sum(n) from public.t").Scan(&sum); err != nil {
			t.Fatal(err)
		}
		if sum != 1 {
			t.Errorf("connection %d sees what was written after the snapshot", i)
		}
		var timeout string
		if err := conn.QueryRow(t.Context(), "show idle_in_transaction_session_timeout").Scan(&timeout); err != nil || timeout != "0" {
			t.Errorf("connection %d may idle for %q only, %v", i, timeout, err)
		}
	}
	if _, err := conns[1].Exec(t.Context(), "delete from public.t"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("writing: %v", err)
	}

	s.GiveBack(conns[2])
	if again, err := s.Conn(t.Context()); err != nil || again != conns[2] {
		t.Errorf("got another connection than the one that was given back, %v", err)
	}
	if further, err := s.Conn(t.Context()); err != nil || slices.Contains(conns, further) {
		t.Errorf("got a connection that is in use, %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
	for i, conn := range conns {
		if !conn.IsClosed() {
			t.Errorf("connection %d is still open", i)
		}
	}
	if _, err := s.Conn(t.Context()); err == nil {
		t.Error("a closed snapshot gives connections")
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("second close: %v", err)
	}
}

func TestSnapshotOfAServerThatNamesItOddly(t *testing.T) {
	server := fakeServer(t, func(backend *pgproto3.Backend) {
		welcome(backend)
		for {
			message, err := backend.Receive()
			if err != nil {
				return
			}
			switch message.(type) {
			case *pgproto3.Query:
				backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SET")})
				backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'T'})
			case *pgproto3.Parse:
				backend.Send(&pgproto3.ParseComplete{})
			case *pgproto3.Describe:
				backend.Send(&pgproto3.ParameterDescription{})
				backend.Send(&pgproto3.RowDescription{Fields: []pgproto3.FieldDescription{{Name: []byte("id"), DataTypeOID: 25}}})
			case *pgproto3.Bind:
				backend.Send(&pgproto3.BindComplete{})
			case *pgproto3.Execute:
				backend.Send(&pgproto3.DataRow{Values: [][]byte{[]byte("1'; drop database books; --")}})
				backend.Send(&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")})
			case *pgproto3.Sync:
				backend.Send(&pgproto3.ReadyForQuery{TxStatus: 'T'})
			case *pgproto3.Terminate:
				return
			}
			_ = backend.Flush()
		}
	})
	var connected atomic.Int32
	_, err := OpenSnapshot(t.Context(), connector(server, &connected))
	if err == nil || !strings.Contains(err.Error(), "names its snapshot") {
		t.Errorf("got %v", err)
	}
}

func TestSnapshotWithoutADatabase(t *testing.T) {
	sentinel := errors.New("no database")
	_, err := OpenSnapshot(t.Context(), func(context.Context) (*pgx.Conn, error) { return nil, sentinel })
	if !errors.Is(err, sentinel) {
		t.Errorf("got %v", err)
	}
}
