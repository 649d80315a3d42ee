package audit

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/bank"
	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
	"auditor/internal/taler"
)

// TestOrderOfArrival lets bookings and transfers, some of which differ, are missing or
// are there twice, arrive in any order over several audits: in the end the audit says
// what a single one over everything says.
func TestOrderOfArrival(t *testing.T) {
	t.Parallel()
	url := migratetest.NewDatabase(t, migrate.Exchange("public"))
	conn := pgtest.Connect(t, url)
	ctx := context.Background()
	stepwise, once := arrivals(t, url), arrivals(t, url)
	rapid.Check(t, func(rt *rapid.T) {
		world := drawWorld(rt)
		clear := `truncate reserves_in, wire_out, reserves_close, reserves cascade`
		if _, err := conn.PgConn().Exec(ctx, clear).ReadAll(); err != nil {
			rt.Fatal(err)
		}
		for _, b := range []*bench{stepwise, once} {
			b.run(b.auditor, "truncate auditor.exchanges cascade")
		}
		for step := range world.steps {
			for _, statement := range world.bookings[step] {
				if _, err := conn.PgConn().Exec(ctx, statement).ReadAll(); err != nil {
					rt.Fatalf("%s: %v", statement, err)
				}
			}
			stepwise.opt.Banks = world.banks(step)
			stepwise.audit()
		}
		once.opt.Banks = world.banks(world.steps - 1)
		got, want := wireFindings(stepwise), wireFindings(once)
		if !slices.Equal(got, want) {
			rt.Fatalf("after %d audits\n%q, after one\n%q", world.steps, got, want)
		}
	})
}

// arrivals is a bench that audits the wire only, long after everything happened.
func arrivals(t *testing.T, url string) *bench {
	policy := Policy{Currency: "EUR", BaseURL: "https://exchange.example/", RoundUnit: euros(t, "0.01"), TinyAmount: euros(t, "0.01"),
		TransferGrace: 1, ExecutionTolerance: 1}
	b := newBench(t, url, policy, taler.Timestamp(2_000_000_000_000_000).Time())
	b.opt.Areas = []string{areaWire}
	return b
}

func euros(t *testing.T, text string) taler.Amount {
	t.Helper()
	amount, err := taler.ParseAmount("EUR:" + text)
	if err != nil {
		t.Fatal(err)
	}
	return amount
}

// wireFindings lists the open findings of one more audit.
func wireFindings(b *bench) []string {
	var lines []string
	for _, f := range b.audit().Findings {
		if f.Area == areaWire && f.Status != "resolved" {
			lines = append(lines, fmt.Sprintf("%s %s", foundLine(f), f.Summary))
		}
	}
	slices.Sort(lines)
	return lines
}

// world is what was booked and transferred, and in which audit each is seen first.
type world struct {
	steps    int
	bookings [][]string // per step
	in, out  []bank.Record
	inUntil  []int // how many of them are seen at each step
	outUntil []int
}

const orderSection = "exchange-account-1"

func drawWorld(t *rapid.T) *world {
	w := &world{steps: rapid.IntRange(1, 4).Draw(t, "steps")}
	w.bookings = make([][]string, w.steps)
	step := rapid.IntRange(0, w.steps-1)
	some := rapid.Int64Range(1, 2)
	for r := range 2 {
		w.bookings[0] = append(w.bookings[0], fmt.Sprintf(`insert into reserves (reserve_uuid, reserve_pub, account_details, current_balance_val, current_balance_frac,
			expiration_date, gc_date) values (%d, decode(repeat('0%d', 32), 'hex'), 'payto://x/a', 0, 0, 0, 0)`, r+1, r+1))
	}
	for i := range rapid.IntRange(0, 8).Draw(t, "credits") {
		row, reserve, amount := int64(i+1), some.Draw(t, "reserve"), some.Draw(t, "amount")
		if rapid.IntRange(0, 4).Draw(t, "booked") > 0 {
			s := step.Draw(t, "seen")
			w.bookings[s] = append(w.bookings[s], fmt.Sprintf(`insert into reserves_in (reserve_in_serial_id, wire_reference, credit_val, credit_frac, sender_account_details,
				exchange_account_section, execution_date, reserve_uuid) values (%d, %d, %d, 0, 'payto://x/%d', '%s', 1000000, %d)`,
				row, row, some.Draw(t, "booked amount"), some.Draw(t, "sender"), orderSection, reserve))
		}
		if rapid.IntRange(0, 4).Draw(t, "made") > 0 {
			r := bank.Record{Row: row, Direction: bank.Incoming, Kind: bank.ToReserve, Date: 1000000, Amount: taler.Amount{Currency: "EUR", Value: uint64(amount)},
				Fee: taler.Zero("EUR"), DebitAccount: fmt.Sprintf("payto://x/%d", some.Draw(t, "sender")), CreditAccount: "payto://x/us"}
			for b := range r.ReservePub {
				r.ReservePub[b] = byte(reserve)
			}
			w.in = append(w.in, r)
		}
	}
	merchants := make(map[int64]bool) // by the subject of the transfer to them
	orders := rapid.IntRange(0, 10).Draw(t, "orders")
	for i := range orders {
		subject, s := some.Draw(t, "subject"), step.Draw(t, "seen")
		at := 1000000 * rapid.Int64Range(1, 3).Draw(t, "at")
		if rapid.Bool().Draw(t, "closing") {
			w.bookings[s] = append(w.bookings[s], fmt.Sprintf(`insert into reserves_close (close_uuid, reserve_uuid, execution_date, wtid, receiver_account, amount_val, amount_frac,
				closing_fee_val, closing_fee_frac) values (%d, 1, %d, decode(repeat('0%d', 32), 'hex'), 'payto://x/%d', %d, 0, 0, 0)`,
				i+1, at, subject, some.Draw(t, "receiver"), some.Draw(t, "amount")))
		} else if !merchants[subject] {
			merchants[subject] = true
			w.bookings[s] = append(w.bookings[s], fmt.Sprintf(`insert into wire_out (wireout_uuid, execution_date, wtid_raw, wire_target, exchange_account_section, amount_val, amount_frac)
				values (%d, %d, decode(repeat('0%d', 32), 'hex'), '{"payto_uri":"payto://x/%d","salt":"S"}', '%s', %d, 0)`,
				i+1, at, subject, some.Draw(t, "receiver"), orderSection, some.Draw(t, "amount")))
		}
	}
	for i := range rapid.IntRange(0, 10).Draw(t, "debits") {
		r := bank.Record{Row: int64(i + 1), Direction: bank.Outgoing, Kind: bank.Transfer, Date: taler.Timestamp(1000000 * rapid.Int64Range(1, 3).Draw(t, "at")),
			Amount: taler.Amount{Currency: "EUR", Value: uint64(some.Draw(t, "amount"))}, Fee: taler.Zero("EUR"),
			CreditAccount: fmt.Sprintf("payto://x/%d", some.Draw(t, "receiver")), DebitAccount: "payto://x/us"}
		subject := byte(some.Draw(t, "subject"))
		for b := range r.WTID {
			r.WTID[b] = subject
		}
		w.out = append(w.out, r)
	}
	w.inUntil, w.outUntil = drawUntil(t, w.steps, len(w.in)), drawUntil(t, w.steps, len(w.out))
	return w
}

// drawUntil cuts a history into what each step has seen; the last has seen all.
func drawUntil(t *rapid.T, steps, length int) []int {
	until := rapid.SliceOfN(rapid.IntRange(0, length), steps, steps).Draw(t, "until")
	slices.SortFunc(until, cmp.Compare)
	until[steps-1] = length
	return until
}

func (w *world) banks(step int) []bank.Account {
	return []bank.Account{{Section: orderSection, PaytoURI: "payto://x/us", Incoming: told(w.in[:w.inUntil[step]]), Outgoing: told(w.out[:w.outUntil[step]])}}
}

// BenchmarkTransfers compares a long history with the books.
func BenchmarkTransfers(b *testing.B) {
	const transfers = 100_000
	url := migratetest.NewDatabase(b, migrate.Exchange("public"))
	conn := pgtest.Connect(b, url)
	_, err := conn.Exec(context.Background(), fmt.Sprintf(`
		insert into reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
		values (decode(repeat('01', 32), 'hex'), 'payto://x/1', 0, 0, 0, 0);
		insert into reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
		select n, 10, 0, 'payto://x/1', '%s', 1000000, 1 from generate_series(1, %d) as n`, orderSection, transfers))
	if err != nil {
		b.Fatal(err)
	}
	var history told
	for n := range transfers {
		r := bank.Record{Row: int64(n + 1), Direction: bank.Incoming, Kind: bank.ToReserve, Date: 1000000, Amount: taler.Amount{Currency: "EUR", Value: 10},
			Fee: taler.Zero("EUR"), DebitAccount: "payto://x/1", CreditAccount: "payto://x/us"}
		for i := range r.ReservePub {
			r.ReservePub[i] = 1
		}
		history = append(history, r)
	}
	for b.Loop() {
		b.StopTimer()
		bench := newBench(b, url, Policy{Currency: "EUR", TransferGrace: 1}, taler.Timestamp(2_000_000_000_000_000).Time())
		bench.opt.Areas = []string{areaWire}
		bench.opt.Banks = []bank.Account{{Section: orderSection, PaytoURI: "payto://x/us", Incoming: history}}
		b.StartTimer()
		if rep := bench.audit(); len(said(rep)) != 0 {
			b.Fatalf("%q", said(rep))
		}
	}
}
