package audit

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/confirmation"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/internal/testdata"
	"auditor/report"
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

// ofConfirmations is what an audit says of confirmations.
func ofConfirmations(rep *report.Report) []string {
	return slices.DeleteFunc(said(rep), func(line string) bool { return line[0] != 'D' })
}

// states lists what the auditor knows of each confirmation.
func (b *bench) states() []string {
	b.Helper()
	rows, err := pgtest.Connect(b, b.auditor).Query(context.Background(), `select format('%s %s %s %s %s %s', serial, proven, until, deposits, deposit_serial, wrong)
		from auditor.confirmation_states order by serial`)
	if err != nil {
		b.Fatal(err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		b.Fatal(err)
	}
	return lines
}

// TestConfirmationsInAnyOrder lets confirmations and deposits come one before the
// other, whatever was audited in between: in the end the auditor knows the same.
func TestConfirmationsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"small", "mixed"} {
		b := real(t, folder)
		b.confirmReported(folder)
		b.audit()
		want := b.states()
		if len(want) == 0 {
			t.Fatalf("%s: nothing was confirmed", folder)
		}

		// The deposits were audited long before.
		b = real(t, folder)
		for range 3 {
			b.audit()
		}
		b.confirmReported(folder)
		rep := b.audit()
		if got := ofConfirmations(rep); len(got) != 0 || !slices.Equal(b.states(), want) {
			t.Errorf("%s, reported late: the audit says %q and knows\n%q, want\n%q", folder, got, b.states(), want)
		}
		b.confirmReported(folder)
		b.audit()
		if got := b.states(); !slices.Equal(got, want) {
			t.Errorf("%s, reported twice: the audit knows\n%q, want\n%q", folder, got, want)
		}
	}

	// The deposits come late, with serials below others.
	b := real(t, "small")
	b.confirmReported("small")
	b.exec(`create table public.late as table public.deposits; delete from public.deposits where deposit_serial_id < 3`)
	b.opt.AsOf = time.UnixMicro(1610355086000000)
	if got := ofConfirmations(b.audit()); !slices.Equal(got, []string{"D-01 exposure 10.97 (2)"}) {
		t.Errorf("before the copy is complete the audit says %q", got)
	}
	b.opt.AsOf = b.opt.AsOf.Add(25 * time.Hour)
	if got := ofConfirmations(b.audit()); !slices.Equal(got, []string{"D-01 loss 10.97 (2)"}) {
		t.Errorf("after a day the audit says %q", got)
	}
	b.exec(`insert into public.deposits select * from public.late where deposit_serial_id < 3`)
	if got := ofConfirmations(b.audit()); len(got) != 0 {
		t.Errorf("when all deposits are there the audit says %q", got)
	}
}

// TestCollectedDeposits removes deposits when the exchange may: that is no finding,
// but it is one when somebody removes them before.
func TestCollectedDeposits(t *testing.T) {
	const collect = "delete from public.deposits"
	b := real(t, "small")
	b.confirmReported("small")
	b.audit()
	b.opt.AsOf = b.opt.AsOf.AddDate(100, 0, 0)
	b.exec(collect)
	if got := ofConfirmations(b.audit()); len(got) != 0 {
		t.Errorf("after garbage collection the audit says %q", got)
	}

	// Who never saw the deposit cannot tell, once nobody need keep it.
	b = real(t, "small")
	b.opt.AsOf = b.opt.AsOf.AddDate(100, 0, 0)
	b.exec(collect)
	b.confirmReported("small")
	if got := ofConfirmations(b.audit()); len(got) != 0 {
		t.Errorf("after garbage collection the first audit says %q", got)
	}

	// What was missing before stays missing.
	b = real(t, "small")
	b.exec(collect)
	b.confirmReported("small")
	b.audit()
	b.opt.AsOf = b.opt.AsOf.AddDate(100, 0, 0)
	if got := ofConfirmations(b.audit()); len(got) != 1 || !strings.HasPrefix(got[0], "D-01") {
		t.Errorf("a hundred years after deposits were found missing the audit says %q", got)
	}
}

// TestPutRight takes back what was wrong: the findings are resolved.
func TestPutRight(t *testing.T) {
	t.Parallel()
	wrongs := []string{
		"delete from public.deposits",
		"update public.deposits set amount_with_fee_val = amount_with_fee_val + 1",
		"update public.deposits set h_wire = sha512(''), refund_deadline = 0",
		"insert into public.deposits select nextval('public.deposits_deposit_serial_id_seq'), " + depositColumns + " from public.deposits",
		"update public.deposits set amount_with_fee_val = -1",
		"update public.known_coins set denominations_serial = 1",
		"delete from public.exchange_sign_keys",
	}
	if testing.Short() {
		wrongs = sample(wrongs)
	}
	for _, wrong := range wrongs {
		for _, between := range []bool{false, true} {
			b := real(t, "small")
			b.confirmReported("small")
			if between {
				b.audit()
			}
			b.exec("create table public.kept_deposits as table public.deposits; create table public.kept_coins as table public.known_coins;" +
				"create table public.kept_keys as table public.exchange_sign_keys;" + wrong)
			b.audit()
			b.exec("delete from public.deposits; delete from public.known_coins; delete from public.exchange_sign_keys;" +
				"insert into public.exchange_sign_keys table public.kept_keys; insert into public.known_coins table public.kept_coins;" +
				"insert into public.deposits table public.kept_deposits")
			if got := ofConfirmations(b.audit()); len(got) != 0 {
				t.Errorf("%s, between %v: when it is put right the audit says %q", wrong, between, got)
			}
		}
	}
}

const depositColumns = "amount_with_fee_val, amount_with_fee_frac, wallet_timestamp, exchange_timestamp, refund_deadline, wire_deadline, " +
	"merchant_pub, h_contract_terms, h_wire, coin_sig, wire, tiny, done, known_coin_id"

// TestKeysOfConfirmations proves confirmations by what the report itself says of the
// key, and none with a key that was known to be revoked.
func TestKeysOfConfirmations(t *testing.T) {
	t.Parallel()
	s := simulated(t, simulator.DefaultScenario(1))
	var last confirmation.Confirmation
	_, all := s.play.Confirmations()
	for c := range all {
		last = *reported(&c)
	}
	key := signKeyOf(t, s.play, last.ExchangePub)
	sign := func(at time.Time, vouched bool) {
		c := last
		c.ExchangeTimestamp, c.ContractTermsHash = taler.TimestampOf(at.Truncate(time.Second)), taler.HashOf([]byte(at.String()))
		c.Signature = taler.Sign(key, c.DepositConfirmation)
		if vouched {
			c.Key = &confirmation.Key{Start: 1_000_000, ExpireSign: taler.Forever, ExpireLegal: taler.Forever}
			c.Key.MasterSig = s.play.SignAsMaster(c.Key.Validity(c.ExchangePub))
		}
		s.confirm(func(yield func(*confirmation.Confirmation) error) error { return yield(&c) })
	}
	const old = 24 * 365 * time.Hour
	sign(s.play.Clock().Add(-old), false)
	if got := ofConfirmations(s.audit()); len(got) != 1 || !strings.HasPrefix(got[0], "D-06 exposure") {
		t.Errorf("a key that was not valid yet: the audit says %q", got)
	}
	sign(s.play.Clock().Add(-old), true)
	if got := ofConfirmations(s.audit()); len(got) != 1 || !strings.HasPrefix(got[0], "D-01 loss") {
		t.Errorf("when the report vouches for the key the audit says %q", got)
	}

	s = simulated(t, simulator.DefaultScenario(1))
	signature := s.play.SignAsMaster(taler.SignKeyRevocation{ExchangePub: last.ExchangePub})
	s.exec(`insert into public.signkey_revocations (esk_serial, master_sig) select esk_serial, $2 from public.exchange_sign_keys where exchange_pub = $1`,
		last.ExchangePub[:], signature[:])
	sign(s.play.Clock().Add(10*time.Minute), false)
	if got := ofConfirmations(s.audit()); len(got) != 1 || !strings.HasPrefix(got[0], "D-01 exposure") {
		t.Errorf("before a revocation was known: the audit says %q", got)
	}
	sign(s.play.Clock().Add(20*time.Minute), false)
	if got := ofConfirmations(s.audit()); len(got) != 2 || !strings.HasPrefix(got[1], "D-06 exposure") {
		t.Errorf("after a revocation was known: the audit says %q", got)
	}
}

// signKeyOf is the private key of a sign key.
func signKeyOf(t *testing.T, play *simulator.Exchange, pub taler.EddsaPublicKey) taler.EddsaPrivateKey {
	t.Helper()
	for serial := range int64(100) {
		if key, ok := play.SignKey(serial); ok && key.Public() == pub {
			return key
		}
	}
	t.Fatal("no such sign key")
	return taler.EddsaPrivateKey{}
}
