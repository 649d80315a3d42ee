package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// runShards runs replication in parts until all end.
func runShards(ctx context.Context, t *testing.T, source, destination string, shards int, change func(shard int, o *Options)) ([]Summary, []error) {
	summaries, errs := make([]Summary, shards), make([]error, shards)
	var all sync.WaitGroup
	for i := range shards {
		o := options(t, source, destination)
		o.Shard, o.Shards, o.othersPatience = i+1, shards, 3*time.Second
		if change != nil {
			change(i+1, &o)
		}
		all.Go(func() { summaries[i], errs[i] = Run(ctx, o) })
	}
	all.Wait()
	return summaries, errs
}

// Several processes make the same copy as one, each a part of it, and while any of
// them copies nobody gets the pass lock.
func TestShards(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
	auditor := pgtest.Connect(t, destination)
	var mutex sync.Mutex
	summaries, errs := runShards(t.Context(), t, source, destination, 3, func(_ int, o *Options) {
		o.BatchRows = 300
		o.Progress = func(Progress) {
			mutex.Lock()
			defer mutex.Unlock()
			var free bool
			if err := auditor.QueryRow(t.Context(), "select pg_try_advisory_lock_shared($1)", exchange.PassLock).Scan(&free); err != nil || free {
				t.Errorf("the pass lock is free: %v, %v", free, err)
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	rows := wantEqual(t, source, destination)
	for i, s := range summaries {
		if s.Rows == 0 || s.Passes != 2 {
			t.Errorf("shard %d copied %d rows in %d passes", i+1, s.Rows, s.Passes)
		}
		rows -= s.Rows
	}
	if rows != 0 {
		t.Errorf("%d rows were copied twice or by nobody", rows)
	}
	if complete, incomplete := passes(t, destination); complete != 2 || incomplete != 0 {
		t.Errorf("%d complete and %d incomplete passes on record", complete, incomplete)
	}
	o := options(t, source, destination)
	o.Verify = VerifyFull
	if summary, err := Run(t.Context(), o); err != nil || summary.Rows != 0 {
		t.Errorf("%d rows were left, %v", summary.Rows, err)
	}
}

// If one halts, all do, whichever it is, and go on once the source is corrected.
func TestShardsHaltTogether(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"wire_fee", "deposits", "known_coins"} {
		source, destination := pgtest.LoadExchange(t, "small-wired"), newDestination(t)
		sh := newShape(exchange.Layout2021().Table(table), 1)
		spoilt := map[string]string{"wire_fee": "wire_fee_val", "deposits": "amount_with_fee_val", "known_coins": "known_coin_id"}[table]
		execute(t, source, unguard+fmt.Sprintf("update public.%s set %s = - %[2]s - 1000 where %[3]s = (select max(%[3]s) from public.%[1]s)", table, spoilt, sh.serial))
		_, errs := runShards(t.Context(), t, source, destination, 2, nil)
		halted := 0
		for _, err := range errs {
			e, ok := err.(interface{ ExitStatus() int })
			if !ok {
				e, ok = broken(err).(interface{ ExitStatus() int })
			}
			if ok && e.ExitStatus() == 3 {
				halted++
			}
		}
		if halted == 0 || errors.Join(errs...) == nil || slices.Contains(errs, nil) {
			t.Errorf("%s: got %v, want that all end", table, errs)
		}
		if n := len(openAlerts(t, destination)); n != 1 {
			t.Errorf("%s: %d alerts are open", table, n)
		}
		execute(t, source, fmt.Sprintf("update public.%s set %s = - %[2]s - 1000 where %[2]s < 0", table, spoilt))
		if _, errs := runShards(t.Context(), t, source, destination, 2, nil); errors.Join(errs...) != nil {
			t.Fatal(errs)
		}
		wantEqual(t, source, destination)
	}
}

// A process that is lost in the middle is waited for, whichever it is.
func TestShardIsLost(t *testing.T) {
	t.Parallel()
	for lost := 1; lost <= 2; lost++ {
		source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		first, die := context.WithCancel(ctx)
		done := make(chan error, 2)
		for shard := 1; shard <= 2; shard++ {
			o := options(t, source, destination)
			o.Logger = nil
			o.Shard, o.Shards, o.BatchRows, o.TerminateWhenSynchronized = shard, 2, 100, false
			mine := ctx
			if batches := 0; shard == lost {
				mine = first
				o.Progress = func(Progress) {
					if batches++; batches == 3 {
						die()
					}
				}
			}
			go func() {
				_, err := Run(mine, o)
				done <- err
			}()
		}
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Fatalf("shard %d: %v", lost, err)
		}
		o := options(t, source, destination)
		o.Shard, o.Shards, o.TerminateWhenSynchronized = lost, 2, false
		go func() {
			_, err := Run(ctx, o)
			done <- err
		}()
		rows := number(t, source, "select count(*) from public.aggregation_tracking")
		for ctx.Err() == nil && number(t, destination, "select count(*) from public.aggregation_tracking") < rows {
			time.Sleep(20 * time.Millisecond)
		}
		for ctx.Err() == nil && number(t, destination, "select count(*) from public.recoup") < number(t, source, "select count(*) from public.recoup") {
			time.Sleep(20 * time.Millisecond)
		}
		wantEqual(t, source, destination)
		cancel()
		die()
		for range 2 {
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("shard %d was lost: %v", lost, err)
			}
		}
	}
}

func TestShardsThatDoNotGoTogether(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, errs := runShards(ctx, t, source, destination, 2, func(shard int, o *Options) {
		if o.Shards = 2; shard == 2 {
			o.Shards = 3
		}
		o.Progress = func(Progress) { cancel() }
	})
	if e, ok := errors.AsType[*ShardError](errs[1]); !ok || e.ExitStatus() != 1 {
		t.Errorf("got %v", errs[1])
	}
	o := options(t, source, destination)
	o.Shard, o.Shards = 3, 2
	if _, err := Run(t.Context(), o); err == nil {
		t.Error("there is a part 3 of 2")
	}
}

// Each table is given to one shard, and none has more to do than twice its share or
// the largest table.
func TestShareIsBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shards := rapid.IntRange(1, 6).Draw(t, "shards")
		rows := rapid.SliceOfN(rapid.Int64Range(0, 1000), 21, 21).Draw(t, "rows")
		assigned := share(make([]*shape, len(rows)), rows, shards)
		load := make([]int64, shards)
		var total, largest int64
		for i, k := range assigned {
			if k < 1 || int(k) > shards {
				t.Fatalf("table %d goes to shard %d", i, k)
			}
			load[k-1] += rows[i] + 1
			total += rows[i] + 1
			largest = max(largest, rows[i]+1)
		}
		for k, n := range load {
			if n > max(largest, 2*total/int64(shards)) {
				t.Errorf("shard %d has %d rows of %d, the largest table %d", k+1, n, total, largest)
			}
		}
	})
}
