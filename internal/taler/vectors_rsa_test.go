package taler

import (
	"bytes"
	"math/big"
)

func checkDenomination(v *vector) {
	v.t.Helper()
	k := v.denomination()
	if got, want := k.Hash(), v.hash("h_denom_pub"); got != want {
		v.t.Errorf("Hash = %x, want %x", got, want)
	}
	if got, want := k.n.Text(16), v.text("n"); got != want {
		v.t.Errorf("modulus %s, want %s", got, want)
	}
	if got, want := k.e.Text(16), v.text("e"); got != want {
		v.t.Errorf("exponent %s, want %s", got, want)
	}
}

func checkCoin(v *vector) {
	v.t.Helper()
	k, coin := v.denomination(), v.key("coin_pub")
	if got, want := k.VerifyCoin(coin, v.bytes("denom_sig")), v.expect(); got != want {
		v.t.Errorf("VerifyCoin = %v, want %v", got, want)
	}
	if !v.has("fdh") {
		return
	}
	h := HashOf(coin[:])
	if want := v.hash("coin_hash"); h != want {
		v.t.Errorf("coin hash %x, want %x", h, want)
	}
	m, err := k.FDH(h)
	if want := v.text("fdh"); err != nil || m.Text(16) != want {
		v.t.Errorf("FDH = %x, %v, want %s", m, err, want)
	}
}

func checkWithdrawal(v *vector) {
	v.t.Helper()
	envelope := v.denomination().Envelope(v.bytes("denom_sig"))
	if got, want := HashOf(envelope) == v.hash("h_blind_ev"), v.expect(); got != want {
		v.t.Errorf("the envelope's hash fits: %v, want %v", got, want)
	}
	if v.has("envelope") && !bytes.Equal(envelope, v.bytes("envelope")) {
		v.t.Errorf("Envelope = %x", envelope)
	}
}

func checkReveal(v *vector) {
	v.t.Helper()
	k, envelope := v.denomination(), v.bytes("coin_ev")
	if HashOf(envelope) != v.hash("h_coin_ev") {
		v.t.Error("the envelope's hash differs")
	}
	if got, want := k.SameResidue(k.Envelope(v.bytes("ev_sig")), envelope), v.expect(); got != want {
		v.t.Errorf("the signature answers the envelope: %v, want %v", got, want)
	}
}

func checkRecoup(v *vector) {
	v.t.Helper()
	k, coin := v.denomination(), v.key("coin_pub")
	var bks BlindingSecret
	v.fill("coin_blind", bks[:])
	envelope, err := k.Blind(coin, bks)
	if err != nil {
		v.t.Fatal(err)
	}
	if got, want := HashOf(envelope) == v.hash("h_envelope"), v.expect(); got != want {
		v.t.Errorf("the envelope's hash fits: %v, want %v", got, want)
	}
	if !v.has("envelope") {
		return
	}
	r, err := k.BlindingFactor(bks)
	if want := new(big.Int).SetBytes(v.bytes("blinding_factor")); err != nil || r.Cmp(want) != 0 {
		v.t.Errorf("BlindingFactor = %x, %v, want %x", r, err, want)
	}
	checkSigned(v, k, coin, bks, envelope)
}

// checkSigned compares everything about a coin whose signing was recorded.
func checkSigned(v *vector, k *RSAPublicKey, coin EddsaPublicKey, bks BlindingSecret, envelope []byte) {
	v.t.Helper()
	blind, sig := v.bytes("blind_sig"), v.bytes("denom_sig")
	if want := v.bytes("envelope"); !bytes.Equal(envelope, want) || !bytes.Equal(k.Envelope(blind), want) {
		v.t.Errorf("Blind = %x, Envelope = %x, want %x", envelope, k.Envelope(blind), want)
	}
	if got, err := k.Unblind(blind, bks); err != nil || !bytes.Equal(got, sig) {
		v.t.Errorf("Unblind = %x, %v, want %x", got, err, sig)
	}
	if got, err := k.Reblind(sig, bks); err != nil || !bytes.Equal(got, blind) {
		v.t.Errorf("Reblind = %x, %v, want %x", got, err, blind)
	}
	if !k.VerifyCoin(coin, sig) {
		v.t.Error("the coin's signature does not verify")
	}
}

func checkBlinding(v *vector) {
	v.t.Helper()
	k, coin := v.denomination(), v.key("coin_pub")
	if got, want := int64(k.Bits()), v.integer("modulus_bits"); got != want {
		v.t.Errorf("modulus of %d bits, want %d", got, want)
	}
	var bks BlindingSecret
	v.fill("coin_blind", bks[:])
	envelope, err := k.Blind(coin, bks)
	if err != nil || !v.expect() {
		v.t.Fatal("all of these are good", err)
	}
	checkSigned(v, k, coin, bks, envelope)
}

func checkPlanchet(v *vector) {
	v.t.Helper()
	var transfer TransferPrivateKey
	v.fill("transfer_priv", transfer[:])
	if got, want := transfer.Public(), v.bytes("transfer_pub"); !bytes.Equal(got[:], want) {
		v.t.Errorf("transfer key %x, want %x", got, want)
	}
	v.integer("cnc_index")
	coin, bks := DeriveCoin(v.hash("transfer_secret"), uint32(v.integer("coin_index")))
	if want := v.bytes("coin_priv"); !bytes.Equal(coin[:], want) {
		v.t.Errorf("coin key %v, want %x", coin[:], want)
	}
	if want := v.bytes("blind_secret"); !bytes.Equal(bks[:], want) {
		v.t.Errorf("blinding secret %x, want %x", bks, want)
	}
	if got, want := coin.Public(), v.key("coin_pub"); got != want {
		v.t.Errorf("coin %s, want %s", got, want)
	}
	envelope, err := v.denomination().Blind(coin.Public(), bks)
	if want := v.bytes("coin_ev"); err != nil || !bytes.Equal(envelope, want) {
		v.t.Errorf("Blind = %x, %v, want %x", envelope, err, want)
	}
}

func checkCommitment(v *vector) {
	v.t.Helper()
	old, amount := v.key("old_coin_pub"), v.amount("amount_with_fee")
	var keys, stored []string
	v.get("fresh_denom_pubs", &keys)
	v.get("fresh_coin_evs", &stored)
	denoms := make([]*RSAPublicKey, len(keys))
	fresh := make([][]byte, len(stored))
	for i := range keys {
		var err error
		if denoms[i], err = ParseRSAPublicKey(unhex(v.t, keys[i])); err != nil {
			v.t.Fatal(err)
		}
		fresh[i] = unhex(v.t, stored[i])
	}
	privs, unrevealed := v.bytes("transfer_privs"), int(v.integer("noreveal_index"))
	var transfer [RefreshSets]TransferPublicKey
	var envelopes [RefreshSets][][]byte
	for i := range RefreshSets {
		if i == unrevealed {
			v.fill("transfer_pub", transfer[i][:])
			envelopes[i] = fresh
			continue
		}
		key := TransferPrivateKey(privs[:32])
		privs = privs[32:]
		transfer[i] = key.Public()
		var err error
		if envelopes[i], err = RefreshEnvelopes(key, old, denoms); err != nil {
			v.t.Fatal(err)
		}
	}
	got := Commitment(transfer, denoms, old, amount, envelopes)
	if fits, want := got == v.hash("rc"), v.expect(); fits != want {
		v.t.Errorf("the commitment fits: %v, want %v", fits, want)
	}
}
