package simulator

import (
	"bytes"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// TestCoinSignatures verifies each signature and hash about coins with nothing but
// what the database holds.
func TestCoinSignatures(t *testing.T) {
	skipShort(t)
	for _, s := range []Scenario{smallScenario(1), scenarios(2)["key sizes"]} {
		x, conn := written(t, s)
		advance(t, x, 10)
		write(t, x, conn)
		v := verifier{t, x, conn, make(map[int64]*taler.RSAPublicKey)}
		for _, d := range rows[struct {
			DenominationsSerial int64
			DenomPub            []byte
		}](t, conn, "select denominations_serial, denom_pub from denominations") {
			key, err := taler.ParseRSAPublicKey(d.DenomPub)
			if err != nil {
				t.Fatal(err)
			}
			v.denoms[d.DenominationsSerial] = key
		}
		v.coins()
		v.deposits()
		v.refunds()
		v.melts()
		v.reveals()
		v.revocations()
		if s.RevokeDenominationAfter > 0 {
			v.recoups("recoup", "reserves_out o using (reserve_out_serial_id)", "o.denom_sig", "o.h_blind_ev")
			v.recoups("recoup_refresh", "refresh_revealed_coins o using (rrc_serial)", "o.ev_sig", "o.h_coin_ev")
		}
	}
}

type verifier struct {
	*testing.T
	x      *Exchange
	conn   *pgx.Conn
	denoms map[int64]*taler.RSAPublicKey
}

// signed reports whether a key signed a statement.
func signed(key []byte, s taler.Statement, signature []byte) bool {
	return taler.Verify(asKey(key), s, taler.EddsaSignature(signature))
}

func (v verifier) amount(value int64, fraction int32) taler.Amount {
	return amount(v.T, v.x, value, fraction)
}

func (v verifier) coins() {
	for _, c := range rows[struct {
		KnownCoinID, DenominationsSerial int64
		CoinPub, DenomSig                []byte
	}](v, v.conn, "select known_coin_id, denominations_serial, coin_pub, denom_sig from known_coins") {
		if !v.denoms[c.DenominationsSerial].VerifyCoin(asKey(c.CoinPub), c.DenomSig) {
			v.Errorf("coin %d is not signed", c.KnownCoinID)
		}
		if known, ok := v.x.KnownCoin(c.KnownCoinID); !ok || known.Key.Public() != asKey(c.CoinPub) || known.Denomination != c.DenominationsSerial {
			v.Errorf("the simulator does not know coin %d", c.KnownCoinID)
		}
	}
	if _, ok := v.x.KnownCoin(1 << 40); ok {
		v.Error("the simulator knows a coin that does not exist")
	}
}

const ofCoin = ` join known_coins c using (known_coin_id) join denominations d using (denominations_serial)`

func (v verifier) deposits() {
	for _, p := range rows[struct {
		DepositSerialID, AmountWithFeeVal, FeeDepositVal, WalletTimestamp, RefundDeadline int64
		AmountWithFeeFrac, FeeDepositFrac                                                 int32
		CoinPub, DenomPubHash, MerchantPub, HContractTerms, HWire, CoinSig                []byte
		Wire                                                                              string
	}](v, v.conn, `select deposit_serial_id, amount_with_fee_val, amount_with_fee_frac, fee_deposit_val, fee_deposit_frac, wallet_timestamp,
		refund_deadline, coin_pub, denom_pub_hash, merchant_pub, h_contract_terms, h_wire, coin_sig, wire from deposits`+ofCoin) {
		details, err := taler.ParseWireDetails(p.Wire)
		if err != nil || details.Hash() != taler.Hash(p.HWire) {
			v.Errorf("deposit %d: account %s, %v", p.DepositSerialID, p.Wire, err)
		}
		request := taler.DepositRequest{
			ContractTermsHash: taler.Hash(p.HContractTerms), WireHash: taler.Hash(p.HWire), DenomPubHash: taler.Hash(p.DenomPubHash),
			WalletTimestamp: taler.Timestamp(p.WalletTimestamp), RefundDeadline: taler.Timestamp(p.RefundDeadline),
			AmountWithFee: v.amount(p.AmountWithFeeVal, p.AmountWithFeeFrac), DepositFee: v.amount(p.FeeDepositVal, p.FeeDepositFrac),
			MerchantPub: asKey(p.MerchantPub), CoinPub: asKey(p.CoinPub),
		}
		if !signed(p.CoinPub, request, p.CoinSig) {
			v.Errorf("deposit %d is not signed", p.DepositSerialID)
		}
		if key, ok := v.x.MerchantKey(p.DepositSerialID); !ok || key.Public() != asKey(p.MerchantPub) {
			v.Errorf("the simulator does not know the merchant of deposit %d", p.DepositSerialID)
		}
	}
	if _, ok := v.x.MerchantKey(1 << 40); ok {
		v.Error("the simulator knows the merchant of a deposit that does not exist")
	}
}

func (v verifier) refunds() {
	for _, r := range rows[struct {
		RefundSerialID, RtransactionID, AmountWithFeeVal  int64
		AmountWithFeeFrac                                 int32
		CoinPub, MerchantPub, HContractTerms, MerchantSig []byte
	}](v, v.conn, `select refund_serial_id, rtransaction_id, r.amount_with_fee_val, r.amount_with_fee_frac, coin_pub, merchant_pub,
		h_contract_terms, merchant_sig from refunds r join deposits using (deposit_serial_id)`+ofCoin) {
		request := taler.RefundRequest{
			ContractTermsHash: taler.Hash(r.HContractTerms), CoinPub: asKey(r.CoinPub), MerchantPub: asKey(r.MerchantPub),
			TransactionID: uint64(r.RtransactionID), Amount: v.amount(r.AmountWithFeeVal, r.AmountWithFeeFrac),
		}
		if !signed(r.MerchantPub, request, r.MerchantSig) {
			v.Errorf("refund %d is not signed", r.RefundSerialID)
		}
	}
}

func (v verifier) melts() {
	for _, m := range rows[struct {
		MeltSerialID, AmountWithFeeVal, FeeRefreshVal int64
		AmountWithFeeFrac, FeeRefreshFrac             int32
		NorevealIndex                                 int
		CoinPub, DenomPubHash, Rc, OldCoinSig         []byte
		TransferPub, TransferPrivs                    *[]byte
		Fresh                                         []int64
		Envelopes                                     [][]byte
	}](v, v.conn, `select m.melt_serial_id, amount_with_fee_val, amount_with_fee_frac, fee_refresh_val, fee_refresh_frac, noreveal_index,
		coin_pub, denom_pub_hash, rc, old_coin_sig, transfer_pub, transfer_privs,
		array(select denominations_serial from refresh_revealed_coins r where r.melt_serial_id = m.melt_serial_id order by freshcoin_index) as fresh,
		array(select coin_ev from refresh_revealed_coins r where r.melt_serial_id = m.melt_serial_id order by freshcoin_index) as envelopes
		from refresh_commitments m join known_coins c on known_coin_id = old_known_coin_id join denominations d using (denominations_serial)
		left join refresh_transfer_keys t on t.melt_serial_id = m.melt_serial_id`) {
		total := v.amount(m.AmountWithFeeVal, m.AmountWithFeeFrac)
		request := taler.MeltRequest{
			Commitment: taler.Hash(m.Rc), DenomPubHash: taler.Hash(m.DenomPubHash), AmountWithFee: total,
			MeltFee: v.amount(m.FeeRefreshVal, m.FeeRefreshFrac), CoinPub: asKey(m.CoinPub),
		}
		if !signed(m.CoinPub, request, m.OldCoinSig) {
			v.Errorf("melt %d is not signed", m.MeltSerialID)
		}
		keys, noReveal := v.x.TransferKeys(m.MeltSerialID)
		if noReveal != m.NorevealIndex {
			v.Errorf("the simulator does not know what melt %d kept secret", m.MeltSerialID)
		}
		if m.TransferPub == nil {
			continue
		}
		var denoms []*taler.RSAPublicKey
		for _, d := range m.Fresh {
			denoms = append(denoms, v.denoms[d])
		}
		var public [taler.RefreshSets]taler.TransferPublicKey
		var envelopes [taler.RefreshSets][][]byte
		revealed := *m.TransferPrivs
		for set := range taler.RefreshSets {
			if set == m.NorevealIndex {
				public[set], envelopes[set] = taler.TransferPublicKey(*m.TransferPub), m.Envelopes
				continue
			}
			key := taler.TransferPrivateKey(revealed[:32])
			revealed = revealed[32:]
			var err error
			if envelopes[set], err = taler.RefreshEnvelopes(key, asKey(m.CoinPub), denoms); err != nil || key != keys[set] {
				v.Errorf("melt %d: transfer key %d, %v", m.MeltSerialID, set, err)
			}
			public[set] = key.Public()
		}
		if len(revealed) != 0 || taler.Commitment(public, denoms, asKey(m.CoinPub), total, envelopes) != taler.Hash(m.Rc) {
			v.Errorf("melt %d did not commit to what was revealed", m.MeltSerialID)
		}
	}
}

func (v verifier) reveals() {
	for _, r := range rows[struct {
		RrcSerial, DenominationsSerial                                     int64
		OldPub, DenomPubHash, TransferPub, LinkSig, CoinEv, HCoinEv, EvSig []byte
	}](v, v.conn, `select rrc_serial, r.denominations_serial, coin_pub as old_pub, denom_pub_hash, transfer_pub, link_sig, coin_ev, h_coin_ev, ev_sig
		from refresh_revealed_coins r join refresh_commitments m using (melt_serial_id) join refresh_transfer_keys using (melt_serial_id)
		join known_coins on known_coin_id = old_known_coin_id join denominations d on d.denominations_serial = r.denominations_serial`) {
		link := taler.LinkData{
			DenomPubHash: taler.Hash(r.DenomPubHash), TransferPub: taler.TransferPublicKey(r.TransferPub), EnvelopeHash: taler.Hash(r.HCoinEv),
		}
		if !signed(r.OldPub, link, r.LinkSig) {
			v.Errorf("fresh coin %d is not linked", r.RrcSerial)
		}
		if taler.HashOf(r.CoinEv) != taler.Hash(r.HCoinEv) || !bytes.Equal(v.denoms[r.DenominationsSerial].Envelope(r.EvSig), r.CoinEv) {
			v.Errorf("fresh coin %d is not signed", r.RrcSerial)
		}
	}
}

func (v verifier) recoups(table, source, blindSig, envelopeHash string) {
	for _, r := range rows[struct {
		Serial, DenominationsSerial                                                 int64
		CoinPub, DenomPubHash, DenomSig, CoinSig, CoinBlind, BlindSig, EnvelopeHash []byte
	}](v, v.conn, `select `+table+`_uuid as serial, d.denominations_serial, coin_pub, denom_pub_hash, c.denom_sig, coin_sig, coin_blind, `+
		blindSig+` as blind_sig, `+envelopeHash+` as envelope_hash from `+table+` join `+source+
		` join known_coins c using (known_coin_id) join denominations d on d.denominations_serial = c.denominations_serial`) {
		blinding := taler.BlindingSecret(r.CoinBlind)
		request := taler.RecoupRequest{CoinPub: asKey(r.CoinPub), DenomPubHash: taler.Hash(r.DenomPubHash), BlindingSecret: blinding}
		if !signed(r.CoinPub, request, r.CoinSig) {
			v.Errorf("%s %d is not signed", table, r.Serial)
		}
		denom := v.denoms[r.DenominationsSerial]
		envelope, err := denom.Blind(asKey(r.CoinPub), blinding)
		if err != nil || taler.HashOf(envelope) != taler.Hash(r.EnvelopeHash) {
			v.Errorf("%s %d is of another coin than was issued (%v)", table, r.Serial, err)
		}
		if again, err := denom.Reblind(r.DenomSig, blinding); err != nil || !bytes.Equal(again, r.BlindSig) {
			v.Errorf("%s %d: the coin's signature is not that which was issued (%v)", table, r.Serial, err)
		}
	}
}

func (v verifier) revocations() {
	master := v.x.MasterPublicKey()
	for _, r := range rows[struct{ ExchangePub, MasterSig []byte }](v, v.conn,
		"select exchange_pub, r.master_sig from signkey_revocations r join exchange_sign_keys using (esk_serial)") {
		if !signed(master[:], taler.SignKeyRevocation{ExchangePub: asKey(r.ExchangePub)}, r.MasterSig) {
			v.Error("the revocation of a sign key is not signed")
		}
	}
	if v.x.Scenario().RevokeDenominationAfter == 0 {
		return
	}
	for _, r := range rows[struct{ DenomPubHash, MasterSig []byte }](v, v.conn,
		"select denom_pub_hash, r.master_sig from denomination_revocations r join denominations using (denominations_serial)") {
		if !signed(master[:], taler.DenominationRevocation{DenomPubHash: taler.Hash(r.DenomPubHash)}, r.MasterSig) {
			v.Error("the revocation of a denomination is not signed")
		}
	}
}

// TestConfirmations verifies what merchants hand on to the auditor.
func TestConfirmations(t *testing.T) {
	skipShort(t)
	x, conn := written(t, smallScenario(2))
	count, all := x.Confirmations()
	revoked := number(t, conn, "select esk_serial from signkey_revocations")
	total, last := taler.Zero(x.Currency()), int64(0)
	keys := make(map[taler.EddsaPublicKey]bool)
	for c := range all {
		if c.Serial != last+1 {
			t.Errorf("confirmation %d follows %d", c.Serial, last)
		}
		last = c.Serial
		if !taler.Verify(c.ExchangePub, c.DepositConfirmation, c.Signature) {
			t.Errorf("confirmation %d is not signed", c.Serial)
		}
		inForce := number(t, conn, `select count(*) from exchange_sign_keys left join signkey_revocations r using (esk_serial)
			where exchange_pub = $1 and $2 between valid_from and expire_sign and r.esk_serial is null or exchange_pub = $1 and esk_serial = $3
				and $2 < $4`, c.ExchangePub[:], c.ExchangeTimestamp.DB(), revoked, x.start.Add(44*day).DB())
		match := number(t, conn, `select count(*) from deposits d join known_coins using (known_coin_id) join denominations using (denominations_serial)
			where deposit_serial_id = $1 and coin_pub = $2 and merchant_pub = $3 and h_contract_terms = $4 and h_wire = $5
				and exchange_timestamp = $6 and refund_deadline = $7
				and (amount_with_fee_val - fee_deposit_val) * 100000000 + amount_with_fee_frac - fee_deposit_frac = $8`,
			c.Deposit, c.CoinPub[:], c.MerchantPub[:], c.ContractTermsHash[:], c.WireHash[:], c.ExchangeTimestamp.DB(), c.RefundDeadline.DB(),
			int64(c.AmountWithoutFee.Value)*taler.FractionBase+int64(c.AmountWithoutFee.Fraction))
		if inForce != 1 || match != 1 {
			t.Errorf("confirmation %d: %d keys in force, %d deposits", c.Serial, inForce, match)
		}
		total, _ = total.Add(c.AmountWithoutFee)
		keys[c.ExchangePub] = true
	}
	if l := x.Ledger().Confirmations; l.Count != last || int(last) != count || l.Total != total || last < 20 || len(keys) < 3 {
		t.Errorf("%d confirmations of %s by %d keys, ledger %+v", last, total, len(keys), l)
	}
}
