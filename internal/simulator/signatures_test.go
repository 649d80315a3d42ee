package simulator

import (
	"bytes"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"auditor/internal/taler"
)

func amount(t *testing.T, x *Exchange, value int64, fraction int32) taler.Amount {
	t.Helper()
	a, err := taler.AmountFromDB(x.Currency(), value, fraction)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func signature(t *testing.T, b []byte) taler.EddsaSignature {
	t.Helper()
	if len(b) != 64 {
		t.Fatalf("signature of %d bytes", len(b))
	}
	return taler.EddsaSignature(b)
}

type denominationRow struct {
	DenomPubHash, DenomPub, MasterSig                                        []byte
	ValidFrom, ExpireWithdraw, ExpireDeposit, ExpireLegal                    taler.Timestamp
	CoinVal, FeeWithdrawVal, FeeDepositVal, FeeRefreshVal, FeeRefundVal      int64
	CoinFrac, FeeWithdrawFrac, FeeDepositFrac, FeeRefreshFrac, FeeRefundFrac int32
	DenominationsSerial                                                      int64
}

func (d denominationRow) validity(t *testing.T, x *Exchange) taler.DenominationValidity {
	return taler.DenominationValidity{
		MasterPub: x.MasterPublicKey(),
		Start:     d.ValidFrom, ExpireWithdraw: d.ExpireWithdraw, ExpireDeposit: d.ExpireDeposit, ExpireLegal: d.ExpireLegal,
		Value:        amount(t, x, d.CoinVal, d.CoinFrac),
		FeeWithdraw:  amount(t, x, d.FeeWithdrawVal, d.FeeWithdrawFrac),
		FeeDeposit:   amount(t, x, d.FeeDepositVal, d.FeeDepositFrac),
		FeeRefresh:   amount(t, x, d.FeeRefreshVal, d.FeeRefreshFrac),
		FeeRefund:    amount(t, x, d.FeeRefundVal, d.FeeRefundFrac),
		DenomPubHash: taler.Hash(d.DenomPubHash),
	}
}

// TestOffersAreSigned checks all that the master key and the auditors signed, in
// the database of an exchange that was written in two steps.
func TestOffersAreSigned(t *testing.T) {
	skipShort(t)
	s := smallScenario(1)
	s.RSABits = 1024
	x, conn := written(t, s)
	advance(t, x, 60)
	write(t, x, conn)
	master := x.MasterPublicKey()

	denominations := make(map[int64]denominationRow)
	generations := make(map[taler.Timestamp]bool)
	for _, d := range rows[denominationRow](t, conn, "select * from denominations") {
		denominations[d.DenominationsSerial] = d
		generations[d.ValidFrom] = true
		key, err := taler.ParseRSAPublicKey(d.DenomPub)
		if err != nil {
			t.Fatal(err)
		}
		if key.Bits() != 1024 || !key.Canonical(d.DenomPub) || key.Hash() != taler.Hash(d.DenomPubHash) {
			t.Errorf("denomination %d: key and hash do not agree", d.DenominationsSerial)
		}
		if !taler.Verify(master, d.validity(t, x), signature(t, d.MasterSig)) {
			t.Errorf("denomination %d: master signature does not verify", d.DenominationsSerial)
		}
		if d.ValidFrom >= d.ExpireWithdraw || d.ExpireWithdraw >= d.ExpireDeposit || d.ExpireDeposit >= d.ExpireLegal {
			t.Errorf("denomination %d: times out of order", d.DenominationsSerial)
		}
	}
	if len(generations) < 3 {
		t.Errorf("%d generations in 120 days", len(generations))
	}

	type affirmation struct {
		DenominationsSerial    int64
		AuditorPub, AuditorSig []byte
		AuditorURL             string
	}
	ours, url := x.Auditor()
	affirmed := make(map[int64]int)
	for _, a := range rows[affirmation](t, conn,
		"select denominations_serial, auditor_pub, auditor_sig, auditor_url from auditor_denom_sigs join auditors using (auditor_uuid)") {
		statement := taler.AuditorDenominationValidity{
			AuditorURL: a.AuditorURL, DenominationValidity: denominations[a.DenominationsSerial].validity(t, x),
		}
		if !taler.Verify(taler.EddsaPublicKey(a.AuditorPub), statement, signature(t, a.AuditorSig)) {
			t.Errorf("denomination %d: signature of auditor %s does not verify", a.DenominationsSerial, a.AuditorURL)
		}
		if bytes.Equal(a.AuditorPub, ours[:]) && a.AuditorURL == url {
			affirmed[a.DenominationsSerial]++
		}
	}
	for serial := range denominations {
		if affirmed[serial] != 1 {
			t.Errorf("denomination %d has %d signatures of our auditor", serial, affirmed[serial])
		}
	}

	type signKeyRow struct {
		ExchangePub, MasterSig             []byte
		ValidFrom, ExpireSign, ExpireLegal taler.Timestamp
		EskSerial                          int64
	}
	var signing taler.Timestamp
	for _, k := range rows[signKeyRow](t, conn, "select * from exchange_sign_keys order by valid_from") {
		public := taler.EddsaPublicKey(k.ExchangePub)
		if !taler.Verify(master, taler.SignKeyValidity{
			Start: k.ValidFrom, ExpireSign: k.ExpireSign, ExpireLegal: k.ExpireLegal, ExchangePub: public,
		}, signature(t, k.MasterSig)) {
			t.Errorf("sign key %d: master signature does not verify", k.EskSerial)
		}
		if private, ok := x.SignKey(k.EskSerial); !ok || private.Public() != public {
			t.Errorf("sign key %d: private key is not the one of the row", k.EskSerial)
		}
		if signing != 0 && k.ValidFrom > signing {
			t.Errorf("no sign key from %s to %s", signing, k.ValidFrom)
		}
		signing = k.ExpireSign
	}
	if signing < x.clock {
		t.Errorf("no sign key after %s", signing)
	}
}

func TestWireFeesAndAccounts(t *testing.T) {
	skipShort(t)
	x, conn := written(t, smallScenario(2))
	advance(t, x, 60)
	write(t, x, conn)
	type wireFeeRow struct {
		WireMethod                  string
		StartDate, EndDate          taler.Timestamp
		WireFeeVal, ClosingFeeVal   int64
		WireFeeFrac, ClosingFeeFrac int32
		MasterSig                   []byte
	}
	last := make(map[string]wireFeeRow)
	for _, f := range rows[wireFeeRow](t, conn,
		"select wire_method, start_date, end_date, wire_fee_val, wire_fee_frac, closing_fee_val, closing_fee_frac, master_sig from wire_fee order by start_date") {
		if !taler.Verify(x.MasterPublicKey(), taler.WireFee{
			Method: f.WireMethod, Start: f.StartDate, End: f.EndDate,
			WireFee:    amount(t, x, f.WireFeeVal, f.WireFeeFrac),
			ClosingFee: amount(t, x, f.ClosingFeeVal, f.ClosingFeeFrac),
		}, signature(t, f.MasterSig)) {
			t.Errorf("fees for %s from %s: master signature does not verify", f.WireMethod, f.StartDate)
		}
		before, later := last[f.WireMethod]
		if later && before.EndDate != f.StartDate || f.StartDate >= f.EndDate {
			t.Errorf("fees for %s from %s do not follow those until %s", f.WireMethod, f.StartDate, before.EndDate)
		}
		if later && before.ClosingFeeFrac == f.ClosingFeeFrac {
			t.Errorf("closing fee for %s stays the same at %s", f.WireMethod, f.StartDate)
		}
		last[f.WireMethod] = f
	}
	type accountRow struct {
		PaytoURI  string
		MasterSig []byte
	}
	accounts := rows[accountRow](t, conn, "select payto_uri, master_sig from wire_accounts")
	if len(accounts) != 2 || len(last) != 2 {
		t.Fatalf("%d accounts and fees for %d methods, want 2 and 2", len(accounts), len(last))
	}
	for _, a := range accounts {
		if !taler.Verify(x.MasterPublicKey(), taler.WireAccount{PaytoURI: a.PaytoURI}, signature(t, a.MasterSig)) {
			t.Errorf("account %s: master signature does not verify", a.PaytoURI)
		}
	}
	for method, f := range last {
		if f.EndDate < x.clock {
			t.Errorf("no fees for %s now", method)
		}
	}
	for _, a := range x.Accounts() {
		payto, err := taler.ParsePayto(a.PaytoURI)
		if err != nil || payto.Method != a.Method {
			t.Errorf("account %s: method %q, error %v", a.PaytoURI, payto.Method, err)
		}
	}
}

type withdrawalRowOf struct {
	ReserveOutSerialID, ExecutionDate, AmountWithFeeVal, DenominationsSerial, ReserveUUID int64
	AmountWithFeeFrac                                                                     int32
	HBlindEv, DenomSig, ReserveSig, ReservePub, DenomPub                                  []byte
}

const withdrawals = `select reserve_out_serial_id, execution_date, amount_with_fee_val, amount_with_fee_frac,
	denominations_serial, reserve_uuid, h_blind_ev, denom_sig, reserve_sig, reserve_pub, denom_pub
	from reserves_out join reserves using (reserve_uuid) join denominations using (denominations_serial)`

// sound tells whether the reserve agreed to a withdrawal, and whether the coin is
// a valid one that answers the request.
func (w withdrawalRowOf) sound(t *testing.T, x *Exchange) (agreed, answered bool) {
	t.Helper()
	key, err := taler.ParseRSAPublicKey(w.DenomPub)
	if err != nil {
		t.Fatal(err)
	}
	request := taler.WithdrawRequest{
		ReservePub:    taler.EddsaPublicKey(w.ReservePub),
		AmountWithFee: amount(t, x, w.AmountWithFeeVal, w.AmountWithFeeFrac),
		DenomPubHash:  key.Hash(),
		EnvelopeHash:  taler.Hash(w.HBlindEv),
	}
	coin, err := key.Unblind(w.DenomSig, x.CoinBlinding(w.ReserveOutSerialID))
	if err != nil {
		t.Fatal(err)
	}
	return taler.Verify(request.ReservePub, request, signature(t, w.ReserveSig)),
		taler.HashOf(key.Envelope(w.DenomSig)) == request.EnvelopeHash &&
			key.VerifyCoin(x.CoinKey(w.ReserveOutSerialID).Public(), coin)
}

func TestWithdrawalsAreSigned(t *testing.T) {
	skipShort(t)
	s := smallScenario(3)
	s.RSABits = 1024
	x, conn := written(t, s)
	advance(t, x, 30)
	write(t, x, conn)
	for _, w := range rows[withdrawalRowOf](t, conn, withdrawals) {
		if agreed, answered := w.sound(t, x); !agreed || !answered {
			t.Errorf("withdrawal %d: reserve signature %t, blind signature %t", w.ReserveOutSerialID, agreed, answered)
		}
		if key, ok := x.ReserveKey(w.ReserveUUID); !ok || key.Public() != taler.EddsaPublicKey(w.ReservePub) {
			t.Errorf("reserve %d: private key is not the one of the row", w.ReserveUUID)
		}
		if key, ok := x.DenominationKey(w.DenominationsSerial); !ok || !key.Public().Canonical(w.DenomPub) {
			t.Errorf("denomination %d: private key is not the one of the row", w.DenominationsSerial)
		}
	}
	for _, unknown := range []int64{0, 1 << 40} {
		_, reserve := x.ReserveKey(unknown)
		_, denomination := x.DenominationKey(unknown)
		_, signs := x.SignKey(unknown)
		if reserve || denomination || signs {
			t.Errorf("serial %d has a key", unknown)
		}
	}
}

// TestIBANs recomputes the check digits with long numbers.
func TestIBANs(t *testing.T) {
	seen := make(map[string]bool)
	for customer := uint64(0); customer < 200; customer += 2 {
		number := strings.TrimPrefix(customerAccount(DefaultScenario(4), customer), "payto://iban/")
		var digits strings.Builder
		for _, c := range number[4:] + number[:4] {
			if c >= 'A' {
				digits.WriteString(strconv.Itoa(int(c-'A') + 10))
			} else {
				digits.WriteRune(c)
			}
		}
		n, ok := new(big.Int).SetString(digits.String(), 10)
		if !ok || new(big.Int).Mod(n, big.NewInt(97)).Int64() != 1 {
			t.Errorf("IBAN %s has wrong check digits", number)
		}
		seen[number[:2]] = true
	}
	if len(seen) != 3 {
		t.Errorf("IBANs of %d countries, want 3", len(seen))
	}
}
