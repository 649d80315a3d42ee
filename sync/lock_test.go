package sync

import (
	"context"
	"errors"
	"testing"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

func TestSecondReplicationIsRefused(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	other := pgtest.LoadExchange(t, "revoked")
	tried := false
	o := options(t, source, destination)
	o.Progress = func(Progress) {
		if tried {
			return
		}
		tried = true
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		_, err := Run(ctx, options(t, other, destination))
		e, ok := errors.AsType[*BusyError](err)
		if !ok || e.PID == 0 || e.ExitStatus() != 2 {
			t.Errorf("got %v, want a refusal that names the other session", err)
		}
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if !tried {
		t.Error("nothing was copied")
	}
	wantEqual(t, source, destination)
}

// While a pass is under way nobody gets the pass lock, after it anybody does.
func TestPassLock(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	auditor := pgtest.Connect(t, destination)
	free := func() (free bool) {
		err := auditor.QueryRow(t.Context(), "select pg_try_advisory_lock_shared($1)", exchange.PassLock).Scan(&free)
		if err != nil {
			t.Fatal(err)
		}
		return free
	}
	o := options(t, source, destination)
	batches := 0
	o.Progress = func(Progress) {
		if batches++; free() {
			t.Error("the pass lock is free within a pass")
		}
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if batches == 0 || !free() {
		t.Errorf("after %d batches the pass lock is still taken", batches)
	}
}
