package sync

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"auditor/internal/pgtest"
)

func TestCopyIsEqual(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"small", "small-wired", "revoked", "revoked-wired", "mixed"} {
		t.Run(folder, func(t *testing.T) {
			source, destination := pgtest.LoadExchange(t, folder), newDestination(t)
			o := options(t, source, destination)
			first, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			rows := wantEqual(t, source, destination)
			if rows == 0 || first.Rows != rows || first.Passes != 2 {
				t.Errorf("copied %d of %d rows in %d passes, want all in one and another that finds nothing", first.Rows, rows, first.Passes)
			}
			again, err := Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if again.Rows != 0 || again.Passes != 1 {
				t.Errorf("the second run copied %d rows in %d passes, want none in one", again.Rows, again.Passes)
			}
			if complete, incomplete := passes(t, destination); complete != 2 || incomplete != 0 {
				t.Errorf("%d complete and %d incomplete passes on record, want one with rows and one for all idle ones", complete, incomplete)
			}
		})
	}
}

func TestCopyInBatchesOfAnySize(t *testing.T) {
	t.Parallel()
	source := pgtest.LoadExchange(t, "small-wired")
	for _, size := range []int{1, 7} {
		destination := newDestination(t)
		o := options(t, source, destination)
		o.BatchRows = size
		o.Progress = func(p Progress) {
			if p.Rows > size {
				t.Errorf("a batch of %d rows, want at most %d", p.Rows, size)
			}
		}
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		wantEqual(t, source, destination)
	}
}

// Columns are named: neither their order nor additional ones matter, and neither
// does the name of the schema.
func TestCopyBetweenUnlikeTables(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	execute(t, source, `
		alter table public.wire_fee rename wire_method to moved;
		alter table public.wire_fee add wire_method varchar;
		update public.wire_fee set wire_method = moved;
		alter table public.wire_fee drop moved cascade, alter wire_method set not null;
		alter table public.denominations add master_pub bytea not null default '\x00';
		create table public.of_no_concern ();`)
	if _, err := Run(t.Context(), options(t, source, destination)); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, source, destination)

	execute(t, source, `alter schema public rename to elsewhere`)
	again := newDestination(t)
	o := options(t, source, again)
	o.SourceSchema = "elsewhere"
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	execute(t, source, `alter schema elsewhere rename to public`)
	wantEqual(t, source, again)
}

// S4: a process that dies at any batch leaves a copy that the next one completes,
// and a record of the pass that it did not finish.
func TestResumeAfterDeathAtAnyBatch(t *testing.T) {
	t.Parallel()
	source := pgtest.LoadExchange(t, "small-wired")
	for _, batches := range []int{1, 2, 5, 20} {
		destination := newDestination(t)
		ctx, cancel := context.WithCancel(t.Context())
		o := options(t, source, destination)
		o.BatchRows = 20
		n := 0
		o.Progress = func(Progress) {
			if n++; n == batches {
				cancel()
			}
		}
		summary, err := Run(ctx, o)
		cancel()
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want the end of the context", err)
		}
		if complete, incomplete := passes(t, destination); complete != 0 || incomplete != 1 {
			t.Errorf("%d complete and %d incomplete passes on record, want one that is not", complete, incomplete)
		}
		o.Progress = nil
		rest, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if rows := wantEqual(t, source, destination); summary.Rows+rest.Rows != rows {
			t.Errorf("copied %d and %d rows of %d", summary.Rows, rest.Rows, rows)
		}
	}
}

// addDeposit inserts a coin and a deposit with it, which takes the given serial.
const addDeposit = `
	with coin as (
		insert into public.known_coins (coin_pub, denom_sig, denominations_serial)
		select sha256('late'), denom_sig, denominations_serial from public.known_coins limit 1
		returning known_coin_id
	)
	insert into public.deposits (deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
		wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, known_coin_id)
	select %s, amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline,
		wire_deadline, merchant_pub, h_contract_terms, h_wire, coin_sig, wire, coin.known_coin_id
	from public.deposits, coin limit 1`

// The snapshot of a pass is taken once: rows that arrive meanwhile come with the
// next one, parents and children together.
func TestPassIsOneSnapshot(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	done := false
	o.Progress = func(p Progress) {
		if p.Table == "known_coins" && !done {
			done = true
			execute(t, source, fmt.Sprintf(addDeposit, "nextval('public.deposits_deposit_serial_id_seq')"))
		}
	}
	summary, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !done || summary.Passes != 3 {
		t.Errorf("%d passes, want the first, one for the late rows, and one that finds nothing", summary.Passes)
	}
	wantEqual(t, source, destination)
}

// S1: a child that commits during the pass, with a serial that was drawn long before,
// is not seen without its parent.
func TestPassDoesNotSeeWhatCommitsMeanwhile(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	execute(t, source, "delete from public.deposits where deposit_serial_id = 2")
	o := options(t, source, destination)
	done := false
	o.Progress = func(p Progress) {
		if p.Table == "known_coins" && !done {
			done = true
			execute(t, source, fmt.Sprintf(addDeposit, "2"))
		}
	}
	if _, err := Run(t.Context(), o); err != nil || !done {
		t.Fatal(err)
	}
}

// In continuous mode an idle replication pauses between passes, copies what
// arrives, and ends with its context.
func TestContinuousMode(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(t, source, destination)
	o.TerminateWhenSynchronized = false
	var pauses []time.Duration
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		switch pauses = append(pauses, d); len(pauses) {
		case 3:
			execute(t, source, `insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
				values (sha256('late'), 'payto://', 0, 0, 0, 0)`)
		case 6:
			cancel()
		}
		return ctx.Err()
	}
	summary, err := Run(ctx, o)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the end of the context", err)
	}
	for _, d := range pauses {
		if d != time.Second {
			t.Errorf("a pause of %v, want one second", d)
		}
	}
	if rows := wantEqual(t, source, destination); summary.Rows != rows || summary.Passes != 8 {
		t.Errorf("%d of %d rows in %d passes, want all in six idle and two others", summary.Rows, rows, summary.Passes)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	if _, err := Run(t.Context(), Options{}); err == nil {
		t.Error("ran without databases")
	}
	o := options(t, "postgres:///nowhere", "postgres:///nowhere")
	o.BatchRows = -1
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("ran with batches of -1 rows")
	}
}

// News that are announced end the pause, which never becomes a spin.
func TestNotificationEndsThePause(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	o := options(t, source, destination)
	o.TerminateWhenSynchronized = false
	o.Idle = time.Hour
	pauses, short := 0, 0
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		if d < o.Idle {
			if short++; d > leastPause {
				t.Errorf("a pause of %v", d)
			}
			return sleep(ctx, d)
		}
		if pauses++; pauses == 4 {
			cancel()
		} else {
			execute(t, source, "notify auditor_sync")
		}
		return sleep(ctx, d)
	}
	began := time.Now()
	summary, err := Run(ctx, o)
	if !errors.Is(err, context.Canceled) || summary.Passes != 5 {
		t.Fatalf("%d passes, %v; want one that copies and one after each pause", summary.Passes, err)
	}
	if took := time.Since(began); short != 3 || took < 3*leastPause {
		t.Errorf("%d short pauses within %v, want one after each notification", short, took)
	}
}
