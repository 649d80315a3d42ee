package sync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pg"
	"auditor/internal/pgtest"
)

// A test may start this binary again as a replication that it can kill.
const (
	childSource      = "SYNC_TEST_SOURCE"
	childDestination = "SYNC_TEST_DESTINATION"
	childCuts        = "SYNC_TEST_CUTS" // seed of when its connections break; not set: they do not
)

func TestMain(m *testing.M) {
	if source := os.Getenv(childSource); source != "" {
		os.Exit(child(source, os.Getenv(childDestination)))
	}
	os.Exit(pgtest.Main(m))
}

// child replicates for ever and says so for each batch. As a service manager does, it
// starts again if a database was out of reach at the start; whatever else ends it is
// a complaint.
func child(source, destination string) int {
	from, to := dial(source), dial(destination)
	if seed, err := strconv.ParseUint(os.Getenv(childCuts), 10, 64); err == nil {
		random := rand.New(rand.NewPCG(seed, 0))
		from, to = fragile(source, random), fragile(destination, random)
	}
	for {
		summary, err := Run(context.Background(), Options{
			Source: from, Destination: to, BatchRows: 50, Idle: time.Millisecond,
			Sleep:    func(ctx context.Context, d time.Duration) error { return sleep(ctx, d/20) }, // pauses in outages grow
			Progress: func(Progress) { fmt.Println("batch") },
		})
		if e, ok := err.(interface{ ExitStatus() int }); !ok || e.ExitStatus() != 2 || summary.Passes > 0 {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// fragile returns what connects to a database by connections that break after a
// random number of reads and writes, in the middle of one.
func fragile(url string, random *rand.Rand) Connect {
	return func(ctx context.Context) (*pgx.Conn, error) {
		lives := 32 << random.IntN(8)
		lives += random.IntN(lives)
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "auditor-sync"}, pg.MaxMessage(MaxMessage), pg.MaxAnswer(MaxAnswer), func(c *pgx.ConnConfig) {
			c.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				if err != nil {
					return nil, err
				}
				f := &fragileConn{Conn: conn}
				f.lives.Store(int64(lives))
				return f, nil
			}
		})
	}
}

type fragileConn struct {
	net.Conn
	lives atomic.Int64
}

func (c *fragileConn) Read(b []byte) (int, error) {
	if c.lives.Add(-1) <= 0 {
		_ = c.Close() // which is what is to be seen
	}
	return c.Conn.Read(b)
}

func (c *fragileConn) Write(b []byte) (int, error) {
	if c.lives.Add(-1) <= 0 {
		_, _ = c.Conn.Write(b[:len(b)/2])
		_ = c.Close()
	}
	return c.Conn.Write(b)
}
