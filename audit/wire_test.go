package audit

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"slices"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/internal/testdata"
)

// told is a history as a bank tells it when it is asked.
type told []bank.Record

func (h told) Records(_ context.Context, after int64) iter.Seq2[bank.Record, error] {
	return func(yield func(bank.Record, error) bool) {
		for _, r := range h {
			if r.Row > after && !yield(r, nil) {
				return
			}
		}
	}
}

// silent is a bank that cannot be reached after some records.
type silent struct{ told }

var errSilent = errors.New("the bank cannot be reached")

func (h silent) Records(ctx context.Context, after int64) iter.Seq2[bank.Record, error] {
	return func(yield func(bank.Record, error) bool) {
		for r, err := range h.told.Records(ctx, after) {
			if !yield(r, err) {
				return
			}
		}
		yield(bank.Record{}, errSilent)
	}
}

// banksOf makes the accounts of fake banks those of an audit.
func banksOf(accounts []fakebank.Account) []bank.Account {
	var list []bank.Account
	for _, a := range accounts {
		list = append(list, bank.Account{Section: a.Name, PaytoURI: a.PaytoURI, Incoming: told(a.Incoming), Outgoing: told(a.Outgoing)})
	}
	return list
}

func simulatedBanks(play *simulator.Exchange) []bank.Account {
	return banksOf(fakebank.Simulated(play))
}

// realBank is the account of a real exchange, with the bank's history.
func realBank(t testing.TB, folder string) []bank.Account {
	t.Helper()
	info, dir := testdata.Info(t, folder), filepath.Join(testdata.Dir(t), folder)
	account, err := fakebank.Load(context.Background(), info.AccountSection, info.AccountPayto, taler.Currency(info.Currency),
		filepath.Join(dir, "bank-incoming.json"), filepath.Join(dir, "bank-outgoing.json"))
	if err != nil {
		t.Fatal(err)
	}
	return banksOf([]fakebank.Account{account})
}

// TestSilentBank audits while the bank cannot be reached: nothing of a history that
// broke off counts, nothing that was booked meanwhile is condemned, and the report says
// what was not checked. The next audit makes up for it.
func TestSilentBank(t *testing.T) {
	s := simulated(t, simulator.DefaultScenario(1))
	s.audit()
	s.advance(10)
	honest := s.opt.Banks
	s.opt.Banks = slices.Clone(honest)
	for i := range s.opt.Banks {
		s.opt.Banks[i].Incoming = silent{honest[i].Incoming.(told)}
		s.opt.Banks[i].Outgoing = silent{honest[i].Outgoing.(told)}
	}
	rep := s.audit()
	if got := s.surprises(rep); got != nil {
		t.Errorf("with a silent bank, the audit says %q", got)
	}
	failed := 0
	for _, u := range rep.Unchecked {
		if u.Failed {
			failed++
		}
	}
	if failed != 2*len(honest) {
		t.Errorf("%d histories failed, want %d: %v", failed, 2*len(honest), rep.Unchecked)
	}
	s.opt.Banks = honest
	rep = s.audit()
	s.agrees(rep)
	if got := s.surprises(rep); got != nil {
		t.Errorf("when the bank speaks again, the audit says %q", got)
	}
}
