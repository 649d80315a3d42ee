package pg

import (
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pgtest"
)

// TestTakeTurns writes more than a chunk while somebody else has the connection: the
// copier waits for nobody before its limit, and loses nothing.
func TestTakeTurns(t *testing.T) {
	ctx := t.Context()
	conn := pgtest.Connect(t, pgtest.NewDatabase(t))
	if _, err := conn.Exec(ctx, "create table public.numbers (n bigint)"); err != nil {
		t.Fatal(err)
	}
	var turns sync.Mutex
	c := NewCopier(conn, pgx.Identifier{"public", "numbers"}, "n").TakeTurns(&turns)
	const rows = 2 * copyChunk / 14
	turns.Lock()
	for n := range int64(rows) {
		c.Begin()
		c.Int64(n)
		if err := c.End(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.buffer) < rows*14 {
		t.Errorf("%d bytes were gathered, want all of %d rows", len(c.buffer), rows)
	}
	turns.Unlock()
	if err := c.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	var count, sum int64
	if err := conn.QueryRow(ctx, "select count(*), sum(n)::bigint from public.numbers").Scan(&count, &sum); err != nil {
		t.Fatal(err)
	}
	if count != rows || sum != rows*(rows-1)/2 {
		t.Errorf("%d rows with a sum of %d arrived, want %d", count, sum, rows)
	}
}
