package audit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/report"
)

// fault is a change of a real exchange's database and everything that an audit
// must say of it, no more and no less.
type fault struct {
	name     string
	folder   string // of the real exchange
	internal bool
	between  bool     // changed between two audits, not before the first
	before   []string // what the audit says of the exchange as it is
	due      bool     // deposits have to be paid within an hour
	later    bool     // the audit takes place hours later
	bank     *bankFault
	books    bool // what it says of the books as a whole counts, too
	sql      string
	want     []string // as in said
}

// said lists what a report says: each check with the amounts of its open
// findings, and how many there are if there is more than one. Whether the books as a
// whole balance is left out: it follows from everything else.
func said(rep *report.Report) []string { return saidOf(rep, false) }

// saidOf is said, perhaps with what the report says of the books as a whole.
func saidOf(rep *report.Report, books bool) []string {
	var lines []string
	for _, c := range rep.Checks {
		if c.Open.Count == 0 || c.Area == areaSolvency && !books {
			continue
		}
		line := c.ID
		for _, part := range []struct {
			name string
			zero bool
			text string
		}{
			{"loss", c.Open.Loss.IsZero(), c.Open.Loss.String()},
			{"exposure", c.Open.Exposure.IsZero(), c.Open.Exposure.String()},
			{"gain", c.Open.Gain.IsZero(), c.Open.Gain.String()},
		} {
			if !part.zero {
				_, amount, _ := strings.Cut(part.text, ":")
				line += " " + part.name + " " + amount
			}
		}
		if c.Open.Count > 1 {
			line += fmt.Sprintf(" (%d)", c.Open.Count)
		}
		lines = append(lines, line)
	}
	return lines
}

// closeReserve closes reserve 1 of "small" in time, as the exchange would.
const closeReserve = `
	update public.reserves_in set execution_date = execution_date - 3024000000000, credit_val = credit_val + 1 where reserve_uuid = 1;
	insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
	select 1612440000000000, r.reserve_pub, i.sender_account_details, 1, 1000000, 0, 1000000, 1
	from public.reserves as r join public.reserves_in as i using (reserve_uuid) where r.reserve_uuid = 1;
	update public.reserves set current_balance_val = 0, current_balance_frac = 0, expiration_date = expiration_date - 3024000000000 where reserve_uuid = 1;`

// faults lists all faults, area by area.
func faults() []fault {
	return slices.Concat(faultsOfReserves(), faultsOfCoins(), faultsOfRefreshes(), faultsOfAggregation(), confirmationFaults(), faultsOfWire(), faultsOfBooks())
}

// faultsOfReserves are those of the C auditor's own tests that concern keys and
// reserves, then those that it does not find.
func faultsOfReserves() []fault {
	return []fault{
		{name: "the exchange claims less than it was paid", folder: "small", internal: true,
			sql:  `update public.reserves_in set credit_val = 5 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 4.99", "R-15 exposure 0.01"}},
		{name: "the exchange claims more than it was paid", folder: "small", internal: true,
			sql:  `update public.reserves_in set credit_val = 15 where reserve_in_serial_id = 1`,
			want: []string{"R-15 gain 5"}},
		{name: "a withdrawal is not signed by the reserve", folder: "small", internal: true,
			sql: `update public.reserves_out set reserve_sig = (select reserve_sig from public.reserves_out where reserve_out_serial_id = 2)
				where reserve_out_serial_id = 1`,
			want: []string{"R-04 loss 8.05", "R-15 gain 8.05"}},
		{name: "all withdrawals are gone", folder: "small", internal: true,
			sql:  `delete from public.reserves_out`,
			want: []string{"R-15 gain 27.98 (2)", "C-28 loss 18 (2)", "C-29 (2)"}},
		{name: "an expired reserve was closed", folder: "small", internal: true,
			sql: closeReserve},
		{name: "an expired reserve was not closed", folder: "small", internal: true,
			sql: `update public.reserves_in set execution_date = execution_date - 3024000000000, credit_val = credit_val + 100 where reserve_uuid = 1;
				update public.reserves set current_balance_val = current_balance_val + 100, expiration_date = expiration_date - 3024000000000 where reserve_uuid = 1`,
			want: []string{"R-16 exposure 100.01"}},
		{name: "a withdrawal after its denomination could be withdrawn", folder: "small",
			sql: `update public.denominations set expire_withdraw = valid_from + 1
				where denominations_serial = (select denominations_serial from public.reserves_out where reserve_out_serial_id = 1)`,
			want: []string{"K-01", "C-01", "R-03"}},
		{name: "a withdraw fee above the one that was signed", folder: "small", internal: true,
			sql:  `update public.denominations set fee_withdraw_frac = 5000000 where coin_val = 1 and coin_frac = 0`,
			want: []string{"K-01 (53)", "C-01 (53)", "R-05 loss 0.03", "R-13 loss 0.02", "R-15 exposure 0.01", "C-19 loss 0.06 (2)"}},
		{name: "wire fees that the master key did not sign", folder: "small",
			sql:  `update public.wire_fee set wire_fee_frac = 100`,
			want: []string{"K-09"}},
		{name: "a recoup of more than was booked", folder: "revoked", internal: true,
			sql:  `update public.recoup set amount_val = 5`,
			want: []string{"R-15 gain 3", "C-11 loss 3", "C-29"}},
		{name: "recoups without a revocation", folder: "revoked", internal: true,
			sql:  `delete from public.denomination_revocations`,
			want: []string{"R-07 exposure 2", "C-13 exposure 0.8 (8)"}},

		{name: "a denomination with dates out of order", folder: "small",
			sql:  `update public.denominations set expire_deposit = expire_withdraw - 1 where denominations_serial = 1`,
			want: []string{"K-01", "K-03", "C-01"}},
		{name: "more revocations of sign keys than anybody needs", folder: "small",
			sql: `alter table public.signkey_revocations drop constraint signkey_revocations_pkey;
				alter table public.signkey_revocations drop constraint signkey_revocations_esk_serial_fkey;
				insert into public.signkey_revocations (esk_serial, master_sig)
				select 4711, decode(repeat('00', 64), 'hex') from generate_series(1, 200001)`,
			want: []string{"K-14 (200001)"}},
		{name: "H-08 signatures on denominations are gone", folder: "small",
			sql:  `delete from public.auditor_denom_sigs; update public.denominations set master_sig = decode(repeat('00', 64), 'hex')`,
			want: []string{"K-01 (424)", "K-05 (424)"}},
		{name: "H-08 a denomination is altered between two audits", folder: "small", between: true,
			sql:  `update public.denominations set fee_refund_val = 7 where denominations_serial = 1`,
			want: []string{"K-01", "C-01", "K-13"}},
		{name: "H-09 the exchange's signature is worthless", folder: "small",
			sql:  `update public.reserves_out set denom_sig = '\x00' where reserve_out_serial_id = 3`,
			want: []string{"R-20 gain 0.11"}},
		{name: "H-10 a recoup of another withdrawal", folder: "revoked",
			sql:  `update public.recoup set reserve_out_serial_id = 28 where recoup_uuid = 1`,
			want: []string{"R-26 loss 2"}},
		{name: "H-11 the exchange's balance changes between two audits", folder: "small", internal: true, between: true,
			sql:  `update public.reserves set current_balance_val = 100`,
			want: []string{"R-15 exposure 200 (2)"}},
		{name: "H-11 a reserve that was never credited", folder: "small", internal: true, between: true,
			sql: `insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
				values (sha256('x'), 'payto://x-taler-bank/localhost/43', 7, 0, 0, 0)`,
			want: []string{"R-15 exposure 7"}},
		{name: "H-12 a credit below the progress point", folder: "small", between: true,
			sql: `insert into public.reserves_in (reserve_in_serial_id, wire_reference, credit_val, credit_frac, sender_account_details,
					exchange_account_section, execution_date, reserve_uuid)
				select 0, wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid
				from public.reserves_in where reserve_in_serial_id = 1`,
			want: []string{"R-27 loss 10"}},
		{name: "H-15 a reserve is closed early and half", folder: "small",
			sql: `update public.reserves_in set credit_val = 110 where reserve_in_serial_id = 1;
				insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
				select i.execution_date + 5000000, r.reserve_pub, i.sender_account_details, 50, 0, 0, 1000000, 1
				from public.reserves as r join public.reserves_in as i using (reserve_uuid) where r.reserve_uuid = 1`,
			want: []string{"R-23", "R-24 exposure 50.01"}},
		{name: "H-15 a reserve is closed twice", folder: "small",
			sql: closeReserve + `update public.reserves_in set credit_val = credit_val + 2 where reserve_uuid = 1;
				insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
				select execution_date + 1000000, wtid, receiver_account, 2, 0, 0, 1000000, 1 from public.reserves_close`,
			want: []string{"R-25 gain 0.01"}},
		{name: "H-15 a withdrawal in the future", folder: "small",
			sql:  `update public.reserves_out set execution_date = 1612444000000000 where reserve_out_serial_id = 1`,
			want: []string{"R-03", "R-29"}},
		{name: "H-17 closing fees of a reserve that only closes", folder: "small", between: true,
			sql: `insert into public.reserves_close (execution_date, wtid, receiver_account, amount_val, amount_frac, closing_fee_val, closing_fee_frac, reserve_uuid)
				select 1612439999000000, r.reserve_pub, i.sender_account_details, 0, 1000000, 100, 0, r.reserve_uuid
				from public.reserves as r join public.reserves_in as i using (reserve_uuid) where r.reserve_uuid = 1`,
			want: []string{"R-09 gain 99.99", "R-23", "W-01"}},
		{name: "H-19 wire fees that overlap", folder: "small",
			sql: `insert into public.wire_fee (wire_method, start_date, end_date, wire_fee_val, wire_fee_frac, closing_fee_val, closing_fee_frac, master_sig)
				select wire_method, 1620000000000000, end_date + 1000000, 0, 5000000, 0, 5000000, master_sig from public.wire_fee`,
			want: []string{"K-09", "K-10"}},
		{name: "H-19 wire fees with a gap", folder: "small",
			sql:  `update public.wire_fee set end_date = 1612137600000000`,
			want: []string{"K-09", "K-11"}},
		{name: "H-20 a sign key of somebody else", folder: "small",
			sql:  `update public.exchange_sign_keys set exchange_pub = sha256('x') where esk_serial = 2`,
			want: []string{"K-06"}},
		{name: "H-20 a sign key with dates out of order", folder: "small",
			sql:  `update public.exchange_sign_keys set expire_legal = expire_sign - 1 where esk_serial = 2`,
			want: []string{"K-06", "K-15"}},
		{name: "H-20 a revocation of a sign key", folder: "small",
			sql:  `insert into public.signkey_revocations (esk_serial, master_sig) select esk_serial, master_sig from public.exchange_sign_keys where esk_serial = 1`,
			want: []string{"K-08"}},
		{name: "H-20 an account of somebody else", folder: "small",
			sql:  `update public.wire_accounts set payto_uri = 'payto://x-taler-bank/localhost/44'`,
			want: []string{"K-12"}},
		{name: "H-20 a bank transfer is credited twice", folder: "small",
			sql: `insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
				select wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, 2
				from public.reserves_in where reserve_in_serial_id = 1`,
			want: []string{"R-27 loss 10"}},
		{name: "H-21 the hash of a denomination is not that of its key", folder: "small",
			sql:  `update public.denominations set denom_pub_hash = sha512(denom_pub_hash) where denominations_serial = 7`,
			want: []string{"K-01", "K-02", "C-01"}},
		{name: "B-08 an account that is no account", folder: "small",
			sql: `update public.reserves_in set sender_account_details = 'garbage', credit_val = credit_val + 100,
				execution_date = execution_date - 3024000000000 where reserve_uuid = 1`,
			want: []string{"R-17 exposure 100.01"}},
		{name: "B-09 a recoup into a reserve that was never credited", folder: "revoked",
			sql:  `delete from public.reserves_in`,
			want: []string{"R-13 loss 8"}},
		{name: "B-10 a negative amount", folder: "small",
			sql:  `update public.reserves_out set amount_with_fee_val = -1 where reserve_out_serial_id = 1`,
			want: []string{"R-21"}},
		{name: "B-10 a negative fraction", folder: "small",
			sql:  `update public.reserves_in set credit_frac = -1 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 9.99", "R-21"}},
		{name: "B-10 an amount above the limit", folder: "small",
			sql:  `update public.reserves_in set credit_val = 4503599627370497 where reserve_in_serial_id = 1`,
			want: []string{"R-13 loss 9.99", "R-21"}},
		{name: "a time before all time", folder: "small",
			sql:  `update public.reserves_out set execution_date = -5 where reserve_out_serial_id = 1`,
			want: []string{"R-21"}},
		{name: "a reference to nothing", folder: "small",
			sql: `alter table public.reserves_out drop constraint reserves_out_denominations_serial_fkey;
				update public.reserves_out set denominations_serial = 4711 where reserve_out_serial_id = 1`,
			want: []string{"R-02 exposure 8.05", "C-28 loss 8", "C-29"}},
		{name: "a denomination that cannot be read", folder: "small",
			sql:  `update public.denominations set coin_frac = -1 where denominations_serial = (select denominations_serial from public.reserves_out where reserve_out_serial_id = 1)`,
			want: []string{"C-01", "K-14", "R-02 exposure 8.05", "C-14 exposure 4", "C-22 exposure 4", "C-46", "A-07", "D-08 exposure 3.98"}},
		{name: "the highest serial of all", folder: "small", between: true,
			sql:  `update public.reserves_out set reserve_out_serial_id = 9223372036854775807 where reserve_out_serial_id = 1`,
			want: []string{"R-21", "C-33"}},
		{name: "a closing to somebody else", folder: "small",
			sql:  closeReserve + `update public.reserves_close set receiver_account = 'payto://x-taler-bank/localhost/44'`,
			want: []string{"R-12 loss 1.01"}},
		{name: "a closing of a reserve that was never credited", folder: "small",
			sql:  closeReserve + `delete from public.reserves_in where reserve_uuid = 1`,
			want: []string{"R-11 exposure 1.01", "R-13 loss 11"}},
		{name: "a closing by a method without fees", folder: "small",
			sql: closeReserve + `update public.reserves_close set receiver_account = 'payto://iban/DE89370400440532013000';
				update public.reserves_in set sender_account_details = 'payto://iban/DE89370400440532013000' where reserve_uuid = 1`,
			want: []string{"R-10 exposure 0.01"}},
		{name: "a closing fee that is too low", folder: "small",
			sql:  closeReserve + `update public.reserves_close set closing_fee_frac = 0`,
			want: []string{"R-09 loss 0.01"}},
		{name: "I-14 a closing to the second of two senders", folder: "small",
			sql: closeReserve + `insert into public.reserves_in (wire_reference, credit_val, credit_frac, sender_account_details, exchange_account_section, execution_date, reserve_uuid)
				select 77, 1, 0, 'payto://x-taler-bank/localhost/77', exchange_account_section, execution_date, 1 from public.reserves_in where reserve_uuid = 1;
				update public.reserves_close set amount_val = amount_val + 1, receiver_account = 'payto://x-taler-bank/localhost/77'`},
		{name: "I-05 a closing of less than the fee", folder: "small",
			sql: closeReserve + `update public.reserves_in set credit_val = credit_val - 1 where reserve_uuid = 1;
				update public.wire_fee set closing_fee_frac = 5000000;
				update public.reserves_close set amount_val = 0, amount_frac = 1000000, closing_fee_frac = 1000000`,
			want: []string{"K-09"}},
		{name: "a recoup that the coin did not sign", folder: "revoked",
			sql:  `update public.recoup set coin_sig = decode(repeat('11', 64), 'hex')`,
			want: []string{"R-06 loss 2"}},
		{name: "a revocation that the master key did not sign", folder: "revoked",
			sql:  `update public.denomination_revocations set master_sig = decode(repeat('11', 64), 'hex')`,
			want: []string{"K-07 (2)", "R-08 loss 2", "C-13 exposure 0.8 (8)"}},
		{name: "a withdrawal after the revocation", folder: "revoked", between: true,
			sql: `alter table public.recoup drop constraint recoup_reserve_out_serial_id_fkey;
				update public.reserves_out set reserve_out_serial_id = 5000, execution_date = 1612443000000000
				where reserve_out_serial_id = (select reserve_out_serial_id from public.recoup)`,
			want: []string{"R-03", "R-13 loss 2.03", "R-28 exposure 2", "R-36 loss 2.03"}},
		{name: "the exchange forgot a reserve with money", folder: "small", internal: true, between: true,
			sql:  `delete from public.reserves where reserve_uuid = 1`,
			want: []string{"R-14 gain 0.01"}},
		{name: "sign keys and a revocation disappear", folder: "revoked", between: true,
			sql:  `delete from public.exchange_sign_keys where esk_serial = 1; delete from public.denomination_revocations where denom_revocations_serial_id = 1`,
			want: []string{"K-16 (2)"}},
		{name: "the exchange drops its auditor", folder: "small", internal: true,
			sql:  `update public.auditors set is_active = false`,
			want: []string{"K-17"}},
		{name: "a closing whose transfer cannot be told at the bank", folder: "small",
			sql:  closeReserve + `update public.reserves_close set wtid = sha256(wtid)`,
			want: []string{"R-30"}},
		{name: "a reserve expires too early, another one may be collected too early", folder: "small", internal: true,
			sql: `update public.reserves set expiration_date = expiration_date - 1000000 where reserve_uuid = 1;
				update public.reserves set gc_date = gc_date - 1000000 where reserve_uuid <> 1`,
			want: []string{"R-31 (2)"}},
		{name: "a reserve would be closed to somebody else", folder: "small", internal: true,
			sql:  `update public.reserves set account_details = 'payto://x-taler-bank/localhost/44' where reserve_uuid = 1`,
			want: []string{"R-32 exposure 0.01"}},
		{name: "a reserve without money that was never credited", folder: "small", internal: true,
			sql: `insert into public.reserves (reserve_pub, account_details, current_balance_val, current_balance_frac, expiration_date, gc_date)
				values (sha256('x'), 'payto://x-taler-bank/localhost/43', 0, 0, 0, 0)`,
			want: []string{"R-32"}},
		{name: "a reserve without money disappears", folder: "revoked-wired", internal: true, between: true,
			sql:  `delete from public.reserves where current_balance_val = 0 and current_balance_frac = 0`,
			want: []string{"R-35"}},
		{name: "a withdrawal dated to a part of a second", folder: "small",
			sql:  `update public.reserves_out set execution_date = execution_date + 1 where reserve_out_serial_id = 5`,
			want: []string{"R-33"}},
		{name: "a withdrawal dated back", folder: "small",
			sql:  `update public.reserves_out set execution_date = execution_date - 3600000000 where reserve_out_serial_id = 20`,
			want: []string{"R-03", "R-34"}},
		{name: "a withdrawal dated ahead", folder: "small",
			sql:  `update public.reserves_out set execution_date = execution_date + 3600000000 where reserve_out_serial_id = 20`,
			want: []string{"R-34"}},
	}
}

// TestFaults makes each change and compares everything that the audit says with
// what it must say.
func TestFaults(t *testing.T) {
	cases := faults()
	if testing.Short() {
		cases = sample(cases)
	}
	for _, f := range cases {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			b := real(t, f.folder)
			b.opt.Internal = f.internal
			if f.due {
				b.opt.Policy.DepositGrace = time.Hour
			}
			b.confirmReported(f.folder)
			if f.between {
				if before := said(b.audit()); !slices.Equal(before, f.before) {
					t.Fatalf("before the change the audit says %q", before)
				}
			}
			b.exec(f.sql)
			b.opt.Banks = bankOf(t, &f)
			if f.later {
				b.opt.AsOf = b.opt.AsOf.Add(3 * time.Hour)
			}
			if got := saidOf(b.audit(), f.books); !slices.Equal(got, f.want) {
				t.Errorf("the audit says\n%q, want\n%q", got, f.want)
			}
		})
	}
}
