package sync

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/pgtest"
)

// heap watches how much memory the heap takes until the returned function is called,
// which returns the most.
func heap(t *testing.T) (most func() uint64) {
	t.Helper()
	runtime.GC()
	var peak atomic.Uint64
	done, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(done)
		<-finished
		return peak.Load()
	}
}

// S11: whatever a server sends without end costs neither memory nor more than the
// patience that it is met with, and what the rows before it broke is told.
func TestServerNeverEnds(t *testing.T) {
	const mebibyte = 1 << 20
	rows := func(change func(row []byte, i uint64) []byte) func(m pgproto3.BackendMessage) func() pgproto3.BackendMessage {
		return func(m pgproto3.BackendMessage) func() pgproto3.BackendMessage {
			data, ok := m.(*pgproto3.CopyData)
			if !ok || len(data.Data) < len(copyHeader) {
				return nil
			}
			row := slices.Clone(data.Data[len(copyHeader):])
			i := uint64(1)
			return func() pgproto3.BackendMessage {
				i++
				return &pgproto3.CopyData{Data: change(row, i)}
			}
		}
	}
	for _, test := range []struct {
		name    string
		endless func(m pgproto3.BackendMessage) (next func() pgproto3.BackendMessage)
		want    Rule // of the violation; "" = the source cannot be used
	}{
		{"rows", rows(func(row []byte, i uint64) []byte {
			binary.BigEndian.PutUint64(row[6:], i)  // the serial
			binary.BigEndian.PutUint64(row[18:], i) // of the key
			return row
		}), RuleOrder},
		{"the same row", rows(func(row []byte, _ uint64) []byte { return row }), RuleUnique},
		{"one value", rows(func(row []byte, i uint64) []byte {
			if i == 2 {
				binary.BigEndian.PutUint64(row[6:], 2)
				binary.BigEndian.PutUint32(row[14:], 1<<31-1)
				return row
			}
			return make([]byte, mebibyte)
		}), RuleLength},
		{"answers", func(m pgproto3.BackendMessage) func() pgproto3.BackendMessage {
			row, ok := m.(*pgproto3.DataRow)
			if !ok || len(row.Values) != 4 || string(row.Values[0]) != "deposits" { // of the catalog's relations
				return nil
			}
			values := slices.Clone(row.Values)
			for i, v := range values {
				values[i] = slices.Clone(v)
			}
			i := 0
			return func() pgproto3.BackendMessage {
				i++
				values[0] = fmt.Appendf(nil, "table %d", i)
				return &pgproto3.DataRow{Values: values}
			}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
			o := options(t, source, destination)
			o.Logger = nil
			o.Patience = time.Second
			o.Source = proxy{endless: test.endless}.to(t, source)
			most := heap(t)
			began := time.Now()
			_, err := Run(t.Context(), o)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
			if n := most(); n > 200*mebibyte { // garbage not collected yet and the server's own memory included
				t.Errorf("%d MiB of memory, want less than 200", n/mebibyte)
			}
			if test.want == "" {
				if e, ok := broken(err).(*DatabaseError); !ok || e.Side != Source {
					t.Fatalf("got %v, want a source that cannot be used", err)
				}
				return
			}
			v, ok := errors.AsType[*Violation](err)
			if !ok || v.Table != "exchange_sign_keys" || v.Rule != test.want {
				t.Fatalf("got %v, want %s broken", err, test.want)
			}
			if n := number(t, destination, "select count(*) from public.exchange_sign_keys"); n != v.After {
				t.Errorf("%d rows are in, want those up to serial %d", n, v.After)
			}
			if n := len(openAlerts(t, destination)); n != 1 {
				t.Errorf("%d alerts are open, want one", n)
			}
		})
	}
}
