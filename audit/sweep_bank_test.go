package audit

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// A bankChange spoils one record of a bank's history, given with all of them. It returns
// false if the record does not lend itself.
type bankChange struct {
	field, kind string
	spoil       func(rng *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool)
}

// eachRecord makes a change of one record a change of the list.
func eachRecord(change func(r *bank.Record) bool) func(*rand.Rand, []bank.Record, int) ([]bank.Record, bool) {
	return func(_ *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool) { return all, change(&all[i]) }
}

// anotherPayto is a payto URI of another account.
func anotherPayto(payto string) string {
	account, parameters, _ := strings.Cut(payto, "?")
	last := byte('1')
	if account[len(account)-1] == last {
		last = '2'
	}
	return account[:len(account)-1] + string(last) + "?" + parameters
}

// bankChanges lists what may be wrong with what a bank tells: each field in each way.
func bankChanges() []bankChange {
	outgoing := func(change func(r *bank.Record)) func(r *bank.Record) bool {
		return func(r *bank.Record) bool {
			if r.Direction == bank.Outgoing {
				change(r)
			}
			return r.Direction == bank.Outgoing
		}
	}
	incoming := func(change func(r *bank.Record)) func(r *bank.Record) bool {
		return func(r *bank.Record) bool {
			if r.Direction == bank.Incoming {
				change(r)
			}
			return r.Direction == bank.Incoming
		}
	}
	always := func(change func(r *bank.Record)) func(r *bank.Record) bool {
		return func(r *bank.Record) bool { change(r); return true }
	}
	dated := func(by time.Duration) func(*rand.Rand, []bank.Record, int) ([]bank.Record, bool) {
		return eachRecord(always(func(r *bank.Record) { r.Date = taler.TimestampOf(r.Date.Time().Add(by)) }))
	}
	fraction := func(by int) func(*rand.Rand, []bank.Record, int) ([]bank.Record, bool) {
		return eachRecord(func(r *bank.Record) bool {
			f := int(r.Amount.Fraction) + by
			if f < 0 || f >= taler.FractionBase {
				return false
			}
			r.Amount.Fraction = uint32(f)
			return true
		})
	}
	return []bankChange{
		{"amount", "+1", eachRecord(always(func(r *bank.Record) { r.Amount.Value++ }))},
		{"amount", "-1", eachRecord(func(r *bank.Record) bool {
			if r.Amount.Value < 2 {
				return false
			}
			r.Amount.Value--
			return true
		})},
		{"amount", "+0.01", fraction(1_000_000)},
		{"amount", "-0.01", fraction(-1_000_000)},
		{"fee", "0.01", eachRecord(incoming(func(r *bank.Record) { r.Fee.Fraction = 1_000_000 }))},
		{"date", "+1s", dated(time.Second)},
		{"date", "-1s", dated(-time.Second)},
		{"date", "+30d", dated(30 * 24 * time.Hour)},
		{"date", "-30d", dated(-30 * 24 * time.Hour)},
		{"kind", "kycauth", eachRecord(incoming(func(r *bank.Record) { r.Kind = bank.KYCAuth }))},
		{"debit account", "other", eachRecord(always(func(r *bank.Record) { r.DebitAccount = anotherPayto(r.DebitAccount) }))},
		{"credit account", "other", eachRecord(always(func(r *bank.Record) { r.CreditAccount = anotherPayto(r.CreditAccount) }))},
		{"subject", "flip", eachRecord(always(func(r *bank.Record) { r.WTID[5] ^= 4; r.ReservePub[5] ^= 4 }))},
		{"subject", "swap", func(rng *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool) {
			j := rng.IntN(len(all))
			if all[i].WTID == all[j].WTID && all[i].ReservePub == all[j].ReservePub {
				return all, false
			}
			all[i].WTID, all[j].WTID = all[j].WTID, all[i].WTID
			all[i].ReservePub, all[j].ReservePub = all[j].ReservePub, all[i].ReservePub
			return all, true
		}},
		{"url", "other", eachRecord(outgoing(func(r *bank.Record) { r.URL = "https://other.example/" }))},
		{"row", "fresh", func(_ *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool) {
			moved := all[i]
			moved.Row = all[len(all)-1].Row + 1000
			return append(slices.Delete(all, i, i+1), moved), true
		}},
		{"(record)", "delete", func(_ *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool) {
			return slices.Delete(all, i, i+1), true
		}},
		{"(record)", "copy", func(_ *rand.Rand, all []bank.Record, i int) ([]bank.Record, bool) {
			twice := all[i]
			twice.Row = all[len(all)-1].Row + 1000
			return append(all, twice), true
		}},
	}
}

// bankSilences says which changes of what a bank tells nobody can notice, and why.
var bankSilences = map[string]string{
	"outgoing date +1s":  "the bank may take a while",
	"outgoing date -1s":  "the bank may take a while",
	"incoming fee 0.01":  "the bank alone knows what it kept; what it must show is stated less by that",
	"outgoing row fresh": "no book has the bank's number of a transfer from the exchange",
	"outgoing url other": "no book says where a transfer said that it came from",
}

// TestBankSweep changes each field of what the bank tells in each way, and wants somebody
// to notice, unless nobody can.
func TestBankSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("audits hundreds of times; the race detector sees the same code in other tests")
	}
	t.Parallel()
	s := simulated(t, simulator.DefaultScenario(*sweepSeed))
	if got := s.surprises(s.audit()); got != nil {
		t.Fatalf("an honest bank: %q", got)
	}
	tries := max(*sweepRows, 2)
	by, tried, silent := map[string]map[string]bool{}, map[string]int{}, map[string]int{}
	rng := rand.New(rand.NewPCG(*sweepSeed, 8))
	for _, change := range bankChanges() {
		for account := range fakebank.Simulated(s.play) {
			for _, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
				cell := fmt.Sprintf("%s %s %s", direction, change.field, change.kind)
				for try, made := 0, 0; made < tries && try < 50*tries; try++ {
					accounts := fakebank.Simulated(s.play)
					list := &accounts[account].Incoming
					if direction == bank.Outgoing {
						list = &accounts[account].Outgoing
					}
					spoiled, ok := change.spoil(rng, slices.Clone(*list), rng.IntN(len(*list)))
					if !ok {
						continue
					}
					*list = spoiled
					made++
					tried[cell]++
					noticed := s.noticedInBank(banksOf(accounts))
					if len(noticed) == 0 {
						silent[cell]++
					}
					if by[cell] == nil {
						by[cell] = map[string]bool{}
					}
					for _, id := range noticed {
						by[cell][id] = true
					}
				}
			}
		}
	}
	var table strings.Builder
	for _, cell := range slices.Sorted(maps.Keys(tried)) {
		why, excused := bankSilences[cell]
		fmt.Fprintf(&table, "%-32s %3d tried, %3d silent  %v\n", cell, tried[cell], silent[cell], slices.Sorted(maps.Keys(by[cell])))
		switch {
		case silent[cell] > 0 && !excused:
			t.Errorf("%s: %d of %d changes were not noticed", cell, silent[cell], tried[cell])
		case excused && silent[cell] == 0:
			t.Errorf("%s should go unnoticed because %s, but %v noticed", cell, why, by[cell])
		}
	}
	for cell := range bankSilences {
		if tried[cell] == 0 {
			t.Errorf("%s was never tried", cell)
		}
	}
	t.Log("\n" + table.String())
}

// noticedInBank lists what a first audit of everything finds, or could not check, with
// other banks, but for what it says of the honest exchange.
func (s *stage) noticedInBank(banks []bank.Account) []string {
	s.Helper()
	honest := s.opt.Banks
	defer func() { s.opt.Banks = honest }()
	s.opt.Banks = banks
	s.run(s.auditor, "delete from auditor.exchanges")
	rep := s.audit()
	var ids []string
	for _, line := range s.surprises(rep) {
		ids = append(ids, strings.Fields(line)[0])
	}
	for _, u := range rep.Unchecked {
		if u.Failed {
			ids = append(ids, "unchecked")
		}
	}
	return ids
}
