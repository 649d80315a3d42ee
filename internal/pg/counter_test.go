package pg

import (
	"slices"
	"testing"

	"auditor/internal/pgtest"

	"github.com/jackc/pgx/v5"
)

func TestCounter(t *testing.T) {
	var counter Counter
	conn := connect(t, Target{ConnString: pgtest.NewDatabase(t)}, Trace(&counter))
	if counter.Count() != 0 {
		t.Errorf("connecting took statements: %q", counter.Statements())
	}
	if _, err := conn.Exec(t.Context(), "create table public.t (n int8)"); err != nil {
		t.Fatal(err)
	}
	rows := pgx.CopyFromRows([][]any{{1}, {2}, {3}})
	if _, err := conn.CopyFrom(t.Context(), pgx.Identifier{"public", "t"}, []string{"n"}, rows); err != nil {
		t.Fatal(err)
	}
	var batch pgx.Batch
	batch.Queue("select 1")
	batch.Queue("select 2")
	if err := conn.SendBatch(t.Context(), &batch).Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{"create table public.t (n int8)", `copy "public"."t" from stdin`, "select 1", "select 2"}
	if got := counter.Statements(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := counter.Count(); got != len(want) {
		t.Errorf("got %d, want %d", got, len(want))
	}
	counter.Reset()
	if counter.Count() != 0 {
		t.Error("reset kept statements")
	}
}
