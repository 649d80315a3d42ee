package sync

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditor/internal/exchange"
	"auditor/internal/pgtest"
)

// unguard removes every constraint from a source, as an adversary would.
const unguard = `do $$
declare c record;
begin
	for kind in 1..2 loop
		for c in
			select t.relname, k.conname from pg_constraint k join pg_class t on t.oid = k.conrelid
			where t.relnamespace = 'public'::regnamespace and (k.contype = 'f') = (kind = 1)
		loop
			execute format('alter table public.%I drop constraint %I', c.relname, c.conname);
		end loop;
	end loop;
end $$;`

// middle is the serial of the row that the tests spoil, the 42nd if the table has
// that many.
func middle(t *testing.T, url string, table *exchange.Table) int64 {
	return number(t, url, fmt.Sprintf("select %s from public.%s order by 1 offset (select least(41, count(*) / 2) from public.%[2]s) limit 1", table.Serial, table.Name))
}

// S1, S6, S10: one row that breaks a rule, of whatever kind and size of batch, halts
// replication with an alert that names it; all rows before it are in, and it is not.
// Once it is corrected the rest follows by itself.
func TestViolationHalts(t *testing.T) {
	tests := []struct {
		name, table   string
		spoil, repair string // statements; $ stands for the serial of the row
		column        string
		constraint    string // a regular expression
		rule          Rule
		have          string // a regular expression
	}{
		{
			"missing parent", "deposits",
			"update public.deposits set known_coin_id = known_coin_id + 1000000 where deposit_serial_id = $",
			"update public.deposits set known_coin_id = known_coin_id - 1000000 where deposit_serial_id = $",
			"known_coin_id", `^deposits_known_coin_id_fkey$`, RuleForeignKey, `^known_coin_id = 10\d{5}$`,
		}, {
			"missing parent by a deferrable key", "aggregation_tracking",
			"update public.aggregation_tracking set wtid_raw = sha256(wtid_raw) where aggregation_serial_id = $",
			"update public.aggregation_tracking a set wtid_raw = w.wtid_raw from public.wire_out w where sha256(w.wtid_raw) = a.wtid_raw",
			"wtid_raw", `^wire_out_ref$`, RuleForeignKey, `^wtid_raw = \\x[0-9a-f]{64}$`,
		}, {
			"key of a wrong length", "reserves",
			`update public.reserves set reserve_pub = reserve_pub || '\x00' where reserve_uuid = $`,
			`update public.reserves set reserve_pub = substr(reserve_pub, 1, 32) where reserve_uuid = $`,
			"reserve_pub", `^length\(reserve_pub\) = 32$`, RuleLength, `^33 bytes$`,
		}, {
			"duplicate key", "known_coins",
			"create table public.saved as select coin_pub from public.known_coins where known_coin_id = $; update public.known_coins set coin_pub = (select coin_pub from public.known_coins order by known_coin_id limit 1) where known_coin_id = $",
			"update public.known_coins set coin_pub = (select coin_pub from public.saved) where known_coin_id = $",
			"coin_pub", `^known_coins_pkey$`, RuleUnique, `^coin_pub = \\x[0-9a-f]{64}$`,
		}, {
			"duplicate key of several columns", "auditor_denom_sigs",
			"create table public.saved as select denominations_serial as d from public.auditor_denom_sigs where auditor_denom_serial = $; update public.auditor_denom_sigs set denominations_serial = (select denominations_serial from public.auditor_denom_sigs order by auditor_denom_serial limit 1) where auditor_denom_serial = $",
			"update public.auditor_denom_sigs set denominations_serial = (select d from public.saved) where auditor_denom_serial = $",
			"denominations_serial, auditor_uuid", `^auditor_denom_sigs_pkey$`, RuleUnique, `^denominations_serial = \d+, auditor_uuid = \d+$`,
		}, {
			"negative amount", "deposits",
			"update public.deposits set amount_with_fee_val = -1 - amount_with_fee_val where deposit_serial_id = $",
			"update public.deposits set amount_with_fee_val = -1 - amount_with_fee_val where deposit_serial_id = $",
			"amount_with_fee_val", `^amount_with_fee_val between 0 and 2\^52$`, RuleAmount, `^-\d+$`,
		}, {
			"fraction too large", "reserves_out",
			"update public.reserves_out set amount_with_fee_frac = amount_with_fee_frac + 100000000 where reserve_out_serial_id = $",
			"update public.reserves_out set amount_with_fee_frac = amount_with_fee_frac - 100000000 where reserve_out_serial_id = $",
			"amount_with_fee_frac", `^amount_with_fee_frac between 0 and 99999999$`, RuleAmount, `^1\d{8}$`,
		}, {
			"time before 1970", "wire_out",
			"update public.wire_out set execution_date = -execution_date where wireout_uuid = $",
			"update public.wire_out set execution_date = -execution_date where wireout_uuid = $",
			"execution_date", `^execution_date >= 0$`, RuleTime, `^-\d+$`,
		}, {
			"serial twice", "refunds",
			"create table public.saved as select * from public.refunds where refund_serial_id = $; insert into public.refunds select * from public.saved",
			"delete from public.refunds where refund_serial_id = $; insert into public.refunds select * from public.saved",
			"refund_serial_id", `^refund_serial_id is unique and ascends$`, RuleUnique, `^\d+$`,
		}, {
			"value too long", "deposits",
			"create table public.saved as select wire from public.deposits where deposit_serial_id = $; update public.deposits set wire = repeat('x', 1048577) where deposit_serial_id = $",
			"update public.deposits set wire = (select wire from public.saved) where deposit_serial_id = $",
			"wire", `^octet_length\(wire\) <= 1048576$`, RuleSize, `^1048577 bytes$`,
		}, {
			"value longer than a message", "deposits",
			"create table public.saved as select wire from public.deposits where deposit_serial_id = $; update public.deposits set wire = repeat('x', 20000000) where deposit_serial_id = $",
			"update public.deposits set wire = (select wire from public.saved) where deposit_serial_id = $",
			"wire", `^octet_length\(wire\) <= 1048576$`, RuleSize, `^20000000 bytes$`,
		},
	}
	layout := exchange.Layout2021()
	for _, test := range tests {
		sizes := []int{42} // the row is the last of a batch, and its twin would be in the next
		if test.rule == RuleForeignKey || test.rule == RuleUnique {
			sizes = append(sizes, 0)
		}
		for _, size := range sizes {
			t.Run(fmt.Sprintf("%s, batches of %d", test.name, size), func(t *testing.T) {
				t.Parallel()
				table := layout.Table(test.table)
				source, destination := pgtest.LoadExchange(t, "mixed"), newDestination(t)
				execute(t, source, unguard)
				serial := middle(t, source, table)
				fill := func(s string) string { return strings.ReplaceAll(s, "$", fmt.Sprint(serial)) }
				last := serial - 1
				if test.column == table.Serial {
					last = serial // the first of the twins
				}
				before := dump(t, pgtest.Connect(t, source), table, fmt.Sprintf("%s <= %d", table.Serial, last))
				execute(t, source, fill(test.spoil))

				o := options(t, source, destination)
				o.BatchRows = size
				_, err := Run(t.Context(), o)
				v, ok := errors.AsType[*Violation](err)
				if !ok {
					t.Fatalf("got %v, want a violation", err)
				}
				if v.Table != test.table || v.Serial != serial || v.Column != test.column || v.Rule != test.rule {
					t.Errorf("got %s, serial %d, column %s, rule %s; want serial %d", v.Table, v.Serial, v.Column, v.Rule, serial)
				}
				if !regexp.MustCompile(test.constraint).MatchString(v.Constraint) || !regexp.MustCompile(test.have).MatchString(v.Have) {
					t.Errorf("got constraint %q, have %q", v.Constraint, v.Have)
				}
				if v.Want == "" || v.Hint == "" {
					t.Errorf("the violation does not explain itself: %v", v)
				}
				if got := dump(t, pgtest.Connect(t, destination), table, "true"); !bytes.Equal(got, before) {
					t.Errorf("%d rows are in, want exactly those before the violating one", bytes.Count(got, []byte("\n")))
				}
				if _, incomplete := passes(t, destination); incomplete != 1 {
					t.Errorf("%d incomplete passes on record, want one", incomplete)
				}

				want := []string{fmt.Sprintf("violation/%s/%d/%s", v.Table, v.Serial, v.Constraint)}
				if test.name == "serial twice" { // which a comparison with the copied one shows as well
					want = append([]string{fmt.Sprintf("back-dated-row/%s/%d", v.Table, v.Serial)}, want...)
				}
				if !slices.Equal(openAlerts(t, destination), want) {
					t.Errorf("alerts %v, want %v", openAlerts(t, destination), want)
				}
				if state := texts(t, destination, "select state || ': ' || reason from auditor_sync.table_states where table_name = $1", v.Table); state[0] != "halted: "+v.Error() {
					t.Errorf("state %v", state)
				}

				execute(t, source, fill(test.repair))
				o.BatchRows = 0
				if _, err := Run(t.Context(), o); err != nil {
					t.Fatalf("after the repair: %v", err)
				}
				if open := openAlerts(t, destination); len(open) > 0 {
					t.Errorf("alerts %v are open after the repair", open)
				}
				wantEqual(t, source, destination)
			})
		}
	}
}
