package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
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
	url := migratetest.NewDatabase(t, migrate.Exchange("public"))
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
		RoundUnit:              play.RoundUnit(),
		AuditorPub:             &auditor,
		AuditorURL:             auditorURL,
		IdleReserveExpiration:  play.Scenario().IdleReserveExpiration,
		LegalReserveExpiration: play.Scenario().LegalReserveExpiration,
		ClosingGrace:           24 * time.Hour,
		DepositGrace:           time.Hour,
		LongestWireDelay:       365 * 24 * time.Hour,
		TinyAmount:             play.TinyAmount(),
		FutureTolerance:        time.Hour,
		ExecutionTolerance:     15 * time.Minute,
		DenominationGrace:      24 * time.Hour,
		ConfirmationGrace:      5 * time.Minute,
		TransferGrace:          time.Hour,
	}
}

func (s *stage) write() {
	s.Helper()
	if err := s.play.Write(context.Background(), s.conn, "public"); err != nil {
		s.Fatal(err)
	}
	s.confirmPlayed(s.play)
	s.opt.Banks = simulatedBanks(s.play)
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
	want := expectedFigures(ledger)
	for _, f := range rep.Figures {
		name := f.Area + " " + f.Name
		if f.Amount != want[name] {
			s.Errorf("%s is %v, want %v", name, f.Amount, want[name])
		}
		delete(want, name)
	}
	if len(want) != 0 {
		s.Errorf("no figures %v", want)
	}
	if wrong := s.unbalanced(); wrong != nil {
		s.Errorf("%q", wrong)
	}
	for _, p := range rep.Population {
		table := ledger.Tables[p.Table]
		if p.Area == areaDeposits {
			table.Rows, table.Highest = ledger.Confirmations.Count, ledger.Confirmations.Count
		}
		if p.Total != table.Rows {
			s.Errorf("%d rows of %s were judged, want %d", p.Total, p.Table, table.Rows)
		}
		if p.Area != areaKeys && table.Rows > 0 && p.Next != table.Highest+1 {
			s.Errorf("the progress point of %s is %d, want %d", p.Table, p.Next, table.Highest+1)
		}
	}
}

// surprises is what a report says beside the melts that customers have abandoned.
func (s *stage) surprises(rep *report.Report) []string {
	ledger := s.play.Ledger().Coins
	var lines []string
	for _, line := range said(rep) {
		if line != saidOfHanging(ledger.Hanging, ledger.HangingMelts) {
			lines = append(lines, line)
		}
	}
	return lines
}

// saidOfHanging is what is said of a number of melts that nobody answered.
func saidOfHanging(amount taler.Amount, melts int) string {
	_, text, _ := strings.Cut(amount.String(), ":")
	line := "C-16 exposure " + text
	if melts > 1 {
		line += fmt.Sprintf(" (%d)", melts)
	}
	return line
}

// expectedFigures are those of an honest exchange, by area and name.
func expectedFigures(l simulator.Ledger) map[string]taler.Amount {
	zero, c := taler.Zero(l.TotalEscrow.Currency), l.Coins
	return map[string]taler.Amount{
		"reserves total_escrow_balance":      l.TotalEscrow,
		"reserves total_withdraw_fee_income": l.WithdrawFeeIncome,
		"reserves total_overdraft":           zero,
		"reserves total_credits":             bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Credits }),
		"reserves total_closing_rounding":    l.Transfers.ClosingRounding,
		"reserves total_closings":            closed(l),
		"coins total_escrow_balance":         c.Escrow,
		"coins total_unrevealed":             c.Unrevealed,
		"coins total_refresh_hanging":        c.Hanging,
		"coins total_active_risk":            c.ActiveRisk,
		"coins total_issued_value":           c.IssuedValue,
		"coins total_expired_balance":        c.Expired,
		"coins total_overdraft":              zero,
		"coins total_deposit_fee_income":     c.DepositFeeIncome,
		"coins total_deposit_fees":           c.DepositFees,
		"coins total_deposit_fees_waived":    c.FeesWaived,
		"coins total_deposit_fees_returned":  c.FeesReturned,
		"coins total_melt_fee_income":        c.MeltFeeIncome,
		"coins total_refund_fee_income":      c.RefundFeeIncome,
		"coins total_fresh_fee_income":       c.FreshFeeIncome,
		"coins total_recoup_loss":            c.RecoupLoss,
		"coins total_recouped":               c.Recouped,
		"coins total_recouped_refresh":       c.RecoupedRefresh,

		"aggregation total_aggregation_fee_income": l.Transfers.FeeIncome,
		"aggregation total_wired":                  l.Transfers.Wired,
		"aggregation total_unpaid_deposits":        l.Obligations.Total,
		"aggregation total_overdue_deposits":       l.Obligations.Overdue,

		"deposits total_deposit_confirmations":        l.Confirmations.Total,
		"deposits missing_deposit_confirmation_total": zero,

		"wire total_bank_credits":      bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Credits }),
		"wire total_bank_debits":       bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Debits }),
		"wire total_transfers_pending": l.Transfers.TransfersPending,
		"wire total_closings_pending":  l.Transfers.ClosingsPending,
		"solvency bank_balance":        bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Balance }),
		"solvency total_bank_gap":      zero,
		"solvency total_bank_surplus":  zero,

		"solvency expected_bank_balance": restOf(bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Balance }),
			sumOf(l.Transfers.TransfersPending, l.Transfers.ClosingsPending)),
		"solvency total_liabilities": sumOf(l.TotalEscrow, c.Escrow, l.Obligations.Total),
		"solvency total_income":      l.Income,
		"solvency total_shortfall":   zero,
		"solvency total_gap":         zero,
		"solvency total_surplus":     zero,
	}
}

// banked adds up what the banks have in all accounts.
func bankedBy(l simulator.Ledger, of func(simulator.BankLedger) taler.Amount) taler.Amount {
	total := taler.Zero(l.TotalEscrow.Currency)
	for _, b := range l.Banks {
		total = sumOf(total, of(b))
	}
	return total
}

// closed is what the banks paid out of closed reserves, or will: all debits that no
// transfer to a merchant explains.
func closed(l simulator.Ledger) taler.Amount {
	debits := bankedBy(l, func(b simulator.BankLedger) taler.Amount { return b.Debits })
	return restOf(sumOf(debits, l.Transfers.TransfersPending, l.Transfers.ClosingsPending), l.Transfers.Wired)
}

// sumOf and restOf calculate with amounts of ledgers, which are in order.
func sumOf(total taler.Amount, more ...taler.Amount) taler.Amount {
	for _, a := range more {
		var err error
		if total, err = total.Add(a); err != nil {
			panic(err)
		}
	}
	return total
}

func restOf(a, b taler.Amount) taler.Amount {
	rest, err := a.Sub(b)
	if err != nil {
		panic(err)
	}
	return rest
}

// seeds are the exchanges that tests are run on.
func seeds() []uint64 {
	if testing.Short() {
		return []uint64{1}
	}
	return []uint64{1, 2}
}

// TestHonestExchange audits exchanges as time goes by, internally and externally:
// every figure is that of the ledger, and nothing is found.
func TestHonestExchange(t *testing.T) {
	t.Parallel()
	for _, seed := range seeds() {
		s := simulated(t, simulator.DefaultScenario(seed))
		for day := 0; day < 40; day += 10 {
			s.opt.Internal = day%20 == 0
			rep := s.audit()
			s.agrees(rep)
			if got := s.surprises(rep); got != nil {
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
	t.Parallel()
	for _, fraud := range simulator.Frauds() {
		for _, between := range []bool{false, true} {
			for _, seed := range seeds() {
				s := simulated(t, simulator.DefaultScenario(seed))
				if between {
					s.audit()
				}
				effect, err := fraud.Apply(context.Background(), s.conn, "public", s.play)
				if err != nil {
					t.Fatalf("%s, seed %d: %v", fraud.Name, seed, err)
				}
				rep := s.audit()
				if got := s.surprises(rep); len(got) != 1 {
					t.Fatalf("%s, seed %d: the audit says %q, want one %s", fraud.Name, seed, got, effect.Check)
				}
				f := rep.Findings[slices.IndexFunc(rep.Findings, func(f report.Finding) bool { return f.Check == effect.Check })]
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

// TestForgoneFees audits an exchange with so little business that refunds cost it more
// deposit fees than it earned: its books balance all the same.
func TestForgoneFees(t *testing.T) {
	scenario := simulator.DefaultScenario(0x2f)
	scenario.Days, scenario.Reserves, scenario.WithdrawalsPerReserve, scenario.Merchants = 3, 7, 1, 2
	scenario.IdleReserveExpiration, scenario.RevokeDenominationAfter, scenario.DepositSpan = 24*time.Hour, 0, 0
	s := simulated(t, scenario)
	coins := s.play.Ledger().Coins
	if _, forgone := signedDifference(coins.DepositFees, sumOf(coins.FeesWaived, coins.FeesReturned), taler.Zero(s.play.Currency())); forgone.IsZero() {
		t.Fatalf("deposit fees of %v, of which %v were forgone: play another scenario", coins.DepositFees, sumOf(coins.FeesWaived, coins.FeesReturned))
	}
	rep := s.audit()
	s.agrees(rep)
	if got := s.surprises(rep); got != nil {
		t.Errorf("the audit says %q", got)
	}
}
