package sync

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"auditor/internal/pgtest"
)

// S7: a constraint that is dropped in the source is alerted each time it is dropped,
// until it is back, and stands against nothing.
func TestDroppedConstraint(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	open := func() []string {
		return texts(t, destination, "select identity from auditor_sync.alerts where resolved is null order by identity")
	}
	const drop = "alter table public.reserves_out drop constraint reserves_out_reserve_sig_check"
	const restore = "alter table public.reserves_out add constraint reserves_out_reserve_sig_check check (length(reserve_sig) = 64)"
	want := []string{"unguarded/reserves_out/reserve_sig/check constraint/(length(reserve_sig) = 64)"}
	execute(t, source, drop)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(t, source, destination)
	o.TerminateWhenSynchronized = false
	pauses := 0
	o.Sleep = func(ctx context.Context, _ time.Duration) error {
		lacking := want
		if pauses == 1 {
			lacking = []string{}
		}
		if got := open(); !slices.Equal(got, lacking) {
			t.Errorf("after pass %d alerts %v, want %v", pauses+1, got, lacking)
		}
		switch pauses++; pauses {
		case 1:
			execute(t, source, restore)
		case 2:
			execute(t, source, drop)
		default:
			cancel()
		}
		return ctx.Err()
	}
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	wantEqual(t, source, destination)
	if n := number(t, destination, "select count from auditor_sync.alerts"); n != 2 {
		t.Errorf("the alert was raised %d times, want twice", n)
	}
}
