package audit

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/report"
)

// stage is the bench of a simulated exchange.
type stage struct {
	*bench
	play *simulator.Exchange
	conn *pgx.Conn // to the exchange's database
}

// simulated plays a scenario into a database of its own.
func simulated(t testing.TB, scenario simulator.Scenario) *stage {
	t.Helper()
	url := initialised(t, "exchange", migrate.Exchange("public"))
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{play: play, conn: pgtest.Connect(t, url)}
	s.bench = newBench(t, url, simulatedPolicy(play), play.Clock())
	s.write()
	return s
}

func simulatedPolicy(play *simulator.Exchange) Policy {
	auditor, auditorURL := play.Auditor()
	return Policy{
		MasterPub:              play.MasterPublicKey(),
		BaseURL:                play.BaseURL(),
		Currency:               play.Currency(),
		AuditorPub:             &auditor,
		AuditorURL:             auditorURL,
		IdleReserveExpiration:  play.Scenario().IdleReserveExpiration,
		LegalReserveExpiration: play.Scenario().LegalReserveExpiration,
		ClosingGrace:           24 * time.Hour,
		FutureTolerance:        time.Hour,
		ExecutionTolerance:     15 * time.Minute,
		ConfirmationGrace:      5 * time.Minute,
	}
}

func (s *stage) write() {
	s.Helper()
	if err := s.play.Write(context.Background(), s.conn, "public"); err != nil {
		s.Fatal(err)
	}
	s.confirmPlayed(s.play)
}

func (s *stage) advance(days int) {
	s.Helper()
	if err := s.play.Advance(days); err != nil {
		s.Fatal(err)
	}
	s.opt.AsOf = s.play.Clock()
	s.write()
}

// agrees checks that a report says what the simulator's own ledger says.
func (s *stage) agrees(rep *report.Report) {
	s.Helper()
	ledger := s.play.Ledger()
	want := map[string]taler.Amount{
		"total_escrow_balance":      ledger.TotalEscrow,
		"total_withdraw_fee_income": ledger.WithdrawFeeIncome,
		"total_overdraft":           taler.Zero(s.play.Currency()),

		"total_deposit_confirmations":        ledger.Confirmations.Total,
		"missing_deposit_confirmation_total": taler.Zero(s.play.Currency()),
	}
	for _, f := range rep.Figures {
		if f.Amount != want[f.Name] {
			s.Errorf("%s is %v, want %v", f.Name, f.Amount, want[f.Name])
		}
		delete(want, f.Name)
	}
	if len(want) != 0 {
		s.Errorf("no figures %v", want)
	}
	for _, p := range rep.Population {
		table := ledger.Tables[p.Table]
		if p.Area == areaDeposits {
			table.Rows = ledger.Confirmations.Count
		}
		if p.Total != table.Rows {
			s.Errorf("%d rows of %s were judged, want %d", p.Total, p.Table, table.Rows)
		}
		if p.Area == areaReserves && table.Rows > 0 && p.Next != table.Highest+1 {
			s.Errorf("the progress point of %s is %d, want %d", p.Table, p.Next, table.Highest+1)
		}
	}
}

// seeds are the exchanges that tests are run on.
var seeds = []uint64{1, 2}

// TestHonestExchange audits exchanges as time goes by, internally and externally:
// every figure is that of the ledger, and nothing is found.
func TestHonestExchange(t *testing.T) {
	for _, seed := range seeds {
		s := simulated(t, simulator.DefaultScenario(seed))
		for day := 0; day < 40; day += 10 {
			s.opt.Internal = day%20 == 0
			rep := s.audit()
			s.agrees(rep)
			if got := said(rep); got != nil {
				t.Errorf("seed %d, day %d: the audit of an honest exchange says %q", seed, day, got)
			}
			if (rep.Previous != nil) != (day > 0) {
				t.Errorf("seed %d, day %d: previous report %v", seed, day, rep.Previous)
			}
			s.advance(10)
		}
	}
}

// TestFrauds commits each fraud of the simulator's catalogue before the first and
// between two audits. The audit finds it, with the amount, and nothing else.
func TestFrauds(t *testing.T) {
	for _, fraud := range simulator.Frauds() {
		for _, between := range []bool{false, true} {
			for _, seed := range seeds {
				s := simulated(t, simulator.DefaultScenario(seed))
				if between {
					s.audit()
				}
				effect, err := fraud.Apply(context.Background(), s.conn, "public", s.play)
				if err != nil {
					t.Fatalf("%s, seed %d: %v", fraud.Name, seed, err)
				}
				rep := s.audit()
				if len(rep.Findings) != 1 {
					t.Fatalf("%s, seed %d: the audit says %q, want one %s", fraud.Name, seed, said(rep), effect.Check)
				}
				f := rep.Findings[0]
				if f.Check != effect.Check || f.Table != effect.Table || f.Serial == nil || *f.Serial != effect.Serial || !costs(&f, effect.Amount) {
					t.Errorf("%s, seed %d: found %+v, want %+v", fraud.Name, seed, f, effect)
				}
			}
		}
	}
}

// costs tells whether a finding states an amount, as whatever.
func costs(f *report.Finding, amount taler.Amount) bool {
	return slices.ContainsFunc([]*taler.Amount{f.Loss, f.Exposure, f.Gain}, func(a *taler.Amount) bool { return a != nil && *a == amount })
}

// TestMemoryOfFindings follows a finding of a row and one of a state through four
// reports: new, persisting, resolved, and gone.
func TestMemoryOfFindings(t *testing.T) {
	b := real(t, "small")
	b.opt.Internal = true
	b.audit()
	b.exec(`update public.reserves set current_balance_val = 5 where reserve_uuid = 1`)
	b.exec(`insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
		select wire_reference, 0, 0, sender_account_details, exchange_account_section, execution_date - 60000000, 1 from public.reserves_in where reserve_in_serial_id = 2`)
	want := []map[string]report.Status{
		{"R-15": report.New, "R-27": report.New},
		{"R-15": report.Persisting, "R-27": report.Persisting},
		{"R-15": report.Resolved, "R-27": report.Persisting},
		{"R-27": report.Persisting},
	}
	var identities []string
	for i, want := range want {
		if i == 2 {
			b.exec(`update public.reserves set current_balance_val = 0 where reserve_uuid = 1`)
		}
		rep := b.audit()
		got := map[string]report.Status{}
		for _, f := range rep.Findings {
			got[f.Check] = f.Status
			if f.FirstRun != 2 {
				t.Errorf("report %d: %s was first made by run %d, want 2", i, f.Check, f.FirstRun)
			}
			if i == 0 {
				identities = append(identities, f.Identity)
			} else if !slices.Contains(identities, f.Identity) {
				t.Errorf("report %d: the identity of %s changed", i, f.Check)
			}
		}
		if len(got) != len(want) || got["R-15"] != want["R-15"] || got["R-27"] != want["R-27"] {
			t.Errorf("report %d: %v, want %v", i, got, want)
		}
	}
}
