package sync

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// fullFaults is how many faults SYNC_TEST_FAULTS asks for, 0 if it does not.
func fullFaults() int {
	n, err := strconv.Atoi(os.Getenv("SYNC_TEST_FAULTS"))
	if err != nil {
		return 0
	}
	return n
}

// S4: the connection to either database is cut before or after each message that a
// pass sends, one run after the other, with rows to copy in each, some of them late.
// Nothing is lost, nothing is copied twice, and nobody is alerted. All places are
// tried in the full size, otherwise a few that are drawn.
func TestCutAtEveryStep(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	source, destination := newExchange(t), newDestination(t)
	write(t, newPlay(t), source)
	conn := pgtest.Connect(t, source)
	var open pgx.Tx // whose rows come late
	news := func() {
		t.Helper()
		late := pgtest.Connect(t, source)
		next, err := late.Begin(t.Context())
		for _, tx := range []pgx.Tx{next, nil} {
			if tx == nil && err == nil {
				tx, err = conn.Begin(t.Context())
				defer func() {
					if err := tx.Commit(t.Context()); err != nil {
						t.Fatal(err)
					}
				}()
			}
			for _, statement := range trades[:2] {
				if err == nil {
					_, err = tx.Exec(t.Context(), statement, fmt.Sprint(random.Uint64()), 0)
				}
			}
		}
		if err == nil && open != nil {
			err = open.Commit(t.Context())
			_ = open.Conn().Close(t.Context())
		}
		if open = next; err != nil {
			t.Fatal(err)
		}
	}

	o := options(t, source, destination)
	o.Logger = nil
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	stride := 1
	if fullFaults() == 0 {
		stride = 60
	}
	cuts := 0
	for _, side := range []Side{Source, Destination} {
		for _, when := range []cut{cutBefore, cutAfter} {
			for step := 1 + random.IntN(stride); ; step += stride {
				news()
				o := o
				var messages atomic.Int64
				p := proxy{asked: func(pgproto3.FrontendMessage) cut {
					if messages.Add(1) == int64(step) {
						return when
					}
					return uncut
				}}
				if side == Source {
					o.Source = p.to(t, source)
				} else {
					o.Destination = p.to(t, destination)
				}
				_, err := Run(t.Context(), o)
				if messages.Load() < int64(step) { // there is no such step
					if err != nil {
						t.Fatal(err)
					}
					break
				}
				if e, ok := broken(err).(*DatabaseError); err != nil && (!ok || e.Side != side) {
					t.Fatalf("%s, step %d: got %v, want an error of that side", side, step, err)
				}
				cuts++
			}
		}
	}
	if err := open.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d cuts", cuts)
	wantUnharmed(t, source, destination)
}

// wantUnharmed completes a copy, and checks that it is equal, that there is evidence
// of each row, and that nobody was ever alerted.
func wantUnharmed(t *testing.T, source, destination string) {
	t.Helper()
	o := options(t, source, destination)
	o.Logger = nil
	for _, o.Verify = range []Verify{VerifyRecent, VerifyFull} {
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	wantSameFixedColumns(t, source, destination)
	tables := exchange.Layout2021().Replicated()
	rows := int64(strings.Count(contents(t, destination), "\n") - len(tables)) // less the names of tables
	if n := number(t, destination, "select sum(rows) from auditor_sync.chunks"); n != rows {
		t.Errorf("there is evidence of %d rows, want %d", n, rows)
	}
	if alerts := texts(t, destination, "select summary from auditor_sync.alerts"); len(alerts) > 0 {
		t.Errorf("alerts %v", alerts)
	}
}
