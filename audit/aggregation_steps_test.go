package audit

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"auditor/internal/migrate"
	"auditor/internal/migrate/migratetest"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/report"
)

// aggregationDeeds make every finding about debts and transfers that later rows can
// change, here and there.
const aggregationDeeds = `
	alter table public.aggregation_tracking drop constraint aggregation_tracking_pkey;
	update public.wire_out set amount_val = amount_val + 1 where wireout_uuid % 7 = 1;
	update public.wire_out set wire_target = '{}' where wireout_uuid % 11 = 2;
	update public.wire_out set wire_target = (select wire_target from public.wire_out order by wireout_uuid limit 1) where wireout_uuid % 13 = 3;
	update public.deposits set h_wire = sha512(h_wire) where deposit_serial_id % 17 = 1;
	insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
	select coin_sig, 77, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id from public.deposits where deposit_serial_id % 9 = 2;
	insert into public.refunds (merchant_sig, rtransaction_id, amount_with_fee_val, amount_with_fee_frac, deposit_serial_id)
	select coin_sig, 78, 1, 0, deposit_serial_id from public.deposits where deposit_serial_id % 18 = 2;
	insert into public.aggregation_tracking (deposit_serial_id, wtid_raw)
	select t.deposit_serial_id, w.wtid_raw
	from public.aggregation_tracking as t, public.wire_out as w
	where t.aggregation_serial_id % 12 = 4 and w.wireout_uuid = (select max(wireout_uuid) from public.wire_out);
	update public.aggregation_tracking set wtid_raw = null where aggregation_serial_id % 19 = 5;`

// TestDebtsInSteps audits exchanges, honest and robbed, whose rows become visible bit by
// bit, in any order but that nothing refers to a deposit that is not visible. In the
// end the figures, the state and the open findings are those of one audit of everything.
func TestDebtsInSteps(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		for _, robbed := range []bool{false, true} {
			t.Run(fmt.Sprintf("seed %d robbed %v", seed, robbed), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(seed, 1))
				s := simulated(t, simulator.DefaultScenario(seed+1))
				s.opt.Areas = []string{areaAggregation}
				s.opt.Internal = seed%2 == 0
				if robbed {
					s.exec(aggregationDeeds)
				}
				whole := s.audit()
				if !robbed && said(whole) != nil {
					t.Fatalf("the audit of an honest exchange says %q", said(whole))
				}
				want := append(openAndFigures(whole), s.debts()...)
				s.auditor = migratetest.NewDatabase(t, migrate.Auditor())
				s.opt.Auditor = connectTo(s.auditor)
				s.hide()
				const steps = 4
				for step := range steps {
					s.reveal(rng, step == steps-1)
					rep := s.audit()
					if step < steps-1 {
						continue
					}
					if got := append(openAndFigures(rep), s.debts()...); !slices.Equal(got, want) {
						for _, line := range want {
							if i := slices.Index(got, line); i >= 0 {
								got = slices.Delete(got, i, i+1)
							} else {
								t.Errorf("only at once: %s", line)
							}
						}
						t.Errorf("only in steps: %q", got)
					}
				}
			})
		}
	}
}

// openAndFigures lists the open findings and the figures of the area.
func openAndFigures(rep *report.Report) []string {
	var lines []string
	for _, f := range rep.Findings {
		if f.Area == areaAggregation && f.Status != report.Resolved {
			lines = append(lines, foundLine(f))
		}
	}
	slices.Sort(lines)
	for _, f := range rep.Figures {
		if f.Area == areaAggregation {
			lines = append(lines, fmt.Sprint(f.Name, f.Amount))
		}
	}
	return lines
}

// debts is the state of the area, but for when the first deposit of a transfer was due:
// a deposit that turns out to be part of an earlier transfer leaves that behind.
func (b *bench) debts() []string {
	b.Helper()
	var out bytes.Buffer
	conn := pgtest.Connect(b, b.auditor)
	for _, query := range []string{
		"table auditor.obligations order by deposit", "select serial, at, amount, method, fee, total, deposits, expected from auditor.transfers order by serial", "table auditor.dangling_trackings order by serial",
	} {
		if _, err := conn.PgConn().CopyTo(context.Background(), &out, "copy ("+query+") to stdout"); err != nil {
			b.Fatal(err)
		}
	}
	return strings.Split(out.String(), "\n")
}

// debtTables are the tables that the area reads, those that others refer to first.
func debtTables() []string {
	return []string{"deposits", "refunds", "wire_out", "aggregation_tracking"}
}

// hide takes all rows of the area away.
func (s *stage) hide() {
	s.Helper()
	statements := []string{"set session_replication_role = replica"}
	for _, table := range debtTables() {
		statements = append(statements, fmt.Sprintf("create table public.late_%[1]s as table public.%[1]s; delete from public.%[1]s", table))
	}
	s.exec(strings.Join(statements, ";"))
}

// reveal gives a third of the rows back, or all that are left. What refers to a
// deposit is not seen before it.
func (s *stage) reveal(rng *rand.Rand, all bool) {
	s.Helper()
	statements := []string{"set session_replication_role = replica"}
	for _, table := range debtTables() {
		condition := fmt.Sprintf("hashint8(%s + %d) %% 3 = 0", serialColumn(table), rng.Int64N(1_000_000))
		if all {
			condition = "true"
		}
		if table == "refunds" || table == "aggregation_tracking" {
			condition += " and deposit_serial_id in (select deposit_serial_id from public.deposits)"
		}
		statements = append(statements, fmt.Sprintf(`with gone as (delete from public.late_%[1]s where %[2]s returning *)
			insert into public.%[1]s select * from gone`, table, condition))
	}
	s.exec(strings.Join(statements, ";"))
}
