package audit

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"auditor/internal/confirmation"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/testdata"
)

// confirm imports confirmations into the auditor's database.
func (b *bench) confirm(all func(yield func(*confirmation.Confirmation) error) error) {
	b.Helper()
	ctx := context.Background()
	conn := pgtest.Connect(b, b.auditor)
	p := b.opt.Policy
	i, err := confirmation.Begin(ctx, conn, confirmation.Exchange{MasterPub: p.MasterPub, BaseURL: p.BaseURL, Currency: p.Currency})
	if err != nil {
		b.Fatal(err)
	}
	if err := all(func(c *confirmation.Confirmation) error { return i.Add(ctx, c) }); err != nil {
		b.Fatal(err)
	}
	if _, err := i.Commit(ctx); err != nil {
		b.Fatal(err)
	}
	if err := conn.Close(ctx); err != nil {
		b.Fatal(err)
	}
}

// confirmReported imports what the merchants of a real exchange reported.
func (b *bench) confirmReported(folder string) {
	b.Helper()
	file, err := os.Open(filepath.Join(testdata.Dir(b), folder, "deposit-confirmations.json"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	b.confirm(func(yield func(*confirmation.Confirmation) error) error {
		return confirmation.Read(file, b.opt.Policy.Currency, func(_ int, c *confirmation.Confirmation, reason error) error {
			if reason == nil {
				reason = c.Verify(b.opt.Policy.MasterPub)
			}
			if reason != nil {
				return reason
			}
			return yield(c)
		})
	})
}

// confirmPlayed imports what the merchants of a simulated exchange reported, and more.
func (b *bench) confirmPlayed(play *simulator.Exchange, more ...simulator.Confirmation) {
	b.Helper()
	b.confirm(func(yield func(*confirmation.Confirmation) error) error {
		_, all := play.Confirmations()
		for c := range all {
			if err := yield(reported(&c)); err != nil {
				return err
			}
		}
		for i := range more {
			if err := yield(reported(&more[i])); err != nil {
				return err
			}
		}
		return nil
	})
}

func reported(c *simulator.Confirmation) *confirmation.Confirmation {
	return &confirmation.Confirmation{DepositConfirmation: c.DepositConfirmation, ExchangePub: c.ExchangePub, Signature: c.Signature}
}

func TestConfirmationsQuick(t *testing.T) {
	for _, folder := range folders {
		b := real(t, folder)
		b.confirmReported(folder)
		for range 3 {
			rep := b.audit()
			t.Log(folder, said(rep))
			for _, f := range rep.Findings {
				if f.Area == areaDeposits {
					t.Log(f.Check, f.Summary, f.Evidence)
				}
			}
			for _, f := range rep.Figures {
				t.Log(f.Name, f.Amount)
			}
		}
	}
}
