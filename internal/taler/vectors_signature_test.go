package taler

import (
	"bytes"
	"crypto/ed25519"
)

// checkSignature rebuilds the signed block from its named fields and verifies
// the signature. A vector that must fail has no fields, only the block.
func checkSignature(v *vector) {
	v.t.Helper()
	pub, purpose := v.key("pub"), Purpose(v.integer("purpose"))
	var sig EddsaSignature
	v.fill("sig", sig[:])
	block, expect := v.bytes("signed"), v.expect()
	if got := VerifyBytes(pub, block, sig); got != expect {
		v.t.Errorf("VerifyBytes = %v, want %v", got, expect)
	}
	if !v.has("fields") {
		if expect {
			v.t.Error("a good vector without fields")
		}
		return
	}
	fields := newVector(v.t, v.members["fields"])
	v.used["fields"] = true
	s := statement(fields, purpose)
	if s == nil {
		v.t.Fatalf("no statement for purpose %d", purpose)
	}
	if got := s.AppendSigned(nil); !bytes.Equal(got, block) {
		v.t.Errorf("%T:\n got %x\nwant %x", s, got, block)
	}
	if got := Verify(pub, s, sig); got != expect {
		v.t.Errorf("Verify = %v, want %v", got, expect)
	}
	fields.finish()
}

func statement(f *vector, p Purpose) Statement {
	f.t.Helper()
	switch p {
	case PurposeWithdraw:
		return WithdrawRequest{f.key("reserve_pub"), f.amount("amount_with_fee"), f.hash("h_denomination_pub"), f.hash("h_coin_envelope")}
	case PurposeDeposit:
		return DepositRequest{
			ContractTermsHash: f.hash("h_contract_terms"),
			WireHash:          f.hash("h_wire"),
			DenomPubHash:      f.hash("h_denom_pub"),
			WalletTimestamp:   f.time("wallet_timestamp"),
			RefundDeadline:    f.time("refund_deadline"),
			AmountWithFee:     f.amount("amount_with_fee"),
			DepositFee:        f.amount("deposit_fee"),
			MerchantPub:       f.key("merchant_pub"),
			CoinPub:           f.key("coin_pub"),
		}
	case PurposeMelt:
		return MeltRequest{f.hash("rc"), f.hash("h_denom_pub"), f.amount("amount_with_fee"), f.amount("melt_fee"), f.key("coin_pub")}
	case PurposeRecoup:
		s := RecoupRequest{CoinPub: f.key("coin_pub"), DenomPubHash: f.hash("h_denom_pub")}
		f.fill("coin_blind", s.BlindingSecret[:])
		return s
	case PurposeLink:
		s := LinkData{DenomPubHash: f.hash("h_denom_pub"), EnvelopeHash: f.hash("coin_envelope_hash")}
		f.fill("transfer_pub", s.TransferPub[:])
		f.key("old_coin_pub") // the verifying key, which is not signed
		return s
	case PurposeRefund, PurposeRefundConfirmation:
		s := RefundRequest{
			ContractTermsHash: f.hash("h_contract_terms"),
			CoinPub:           f.key("coin_pub"),
			MerchantPub:       f.key("merchant_pub"),
			TransactionID:     uint64(f.integer("rtransaction_id")),
			Amount:            f.amount("refund_amount"),
		}
		if p == PurposeRefundConfirmation {
			return RefundConfirmation(s)
		}
		return s
	case PurposeDenominationValidity:
		return denomination(f)
	case PurposeAuditorDenomination:
		return AuditorDenominationValidity{AuditorURL: f.text("auditor_url"), DenominationValidity: denomination(f)}
	case PurposeSignKeyValidity:
		return SignKeyValidity{f.time("valid_from"), f.time("expire_sign"), f.time("expire_legal"), f.key("exchange_pub")}
	case PurposeDenominationRevocation:
		return DenominationRevocation{f.hash("denom_pub_hash")}
	case PurposeSignKeyRevocation:
		return SignKeyRevocation{f.key("exchange_pub")}
	case PurposeWireFee:
		method := f.text("wire_method")
		if hashText(method) != f.hash("h_wire_method") {
			f.t.Errorf("the hash of %q differs", method)
		}
		return WireFee{method, f.time("start_date"), f.time("end_date"), f.amount("wire_fee"), f.amount("closing_fee")}
	case PurposeWireAccount:
		uri := f.text("payto_uri")
		if !bytes.Equal(appendExchangeAccount(nil, uri), f.bytes("h_wire_details")) {
			f.t.Errorf("the hash of %q differs", uri)
		}
		return WireAccount{uri}
	case PurposeAddWire:
		return AddWire{f.time("start_date"), f.text("payto_uri")}
	case PurposeDelWire:
		return DelWire{f.time("end_date"), f.text("payto_uri")}
	case PurposeAddAuditor:
		return AddAuditor{f.time("start_date"), f.key("auditor_pub"), f.text("auditor_url")}
	case PurposeDelAuditor:
		return DelAuditor{f.time("end_date"), f.key("auditor_pub")}
	case PurposeDepositConfirmation:
		return DepositConfirmation{
			ContractTermsHash: f.hash("h_contract_terms"),
			WireHash:          f.hash("h_wire"),
			ExchangeTimestamp: f.time("exchange_timestamp"),
			RefundDeadline:    f.time("refund_deadline"),
			AmountWithoutFee:  f.amount("amount_without_fee"),
			CoinPub:           f.key("coin_pub"),
			MerchantPub:       f.key("merchant_pub"),
		}
	}
	return nil
}

func denomination(f *vector) DenominationValidity {
	return DenominationValidity{
		MasterPub:      f.key("master_pub"),
		Start:          f.time("valid_from"),
		ExpireWithdraw: f.time("expire_withdraw"),
		ExpireDeposit:  f.time("expire_deposit"),
		ExpireLegal:    f.time("expire_legal"),
		Value:          f.amount("coin"),
		FeeWithdraw:    f.amount("fee_withdraw"),
		FeeDeposit:     f.amount("fee_deposit"),
		FeeRefresh:     f.amount("fee_refresh"),
		FeeRefund:      f.amount("fee_refund"),
		DenomPubHash:   f.hash("denom_pub_hash"),
	}
}

// checkEdge is about signatures on which the standard library and the reference
// disagree.
func checkEdge(v *vector) {
	v.t.Helper()
	pub, block := v.key("pub"), v.bytes("signed")
	var sig EddsaSignature
	v.fill("sig", sig[:])
	if got, want := VerifyBytes(pub, block, sig), v.expect(); got != want {
		v.t.Errorf("VerifyBytes = %v, want %v", got, want)
	}
	var stock bool
	v.get("stock_go_verifier", &stock)
	if got := ed25519.Verify(pub[:], block, sig[:]); got != stock {
		v.t.Errorf("the standard library says %v, the vector says that it says %v", got, stock)
	}
}
