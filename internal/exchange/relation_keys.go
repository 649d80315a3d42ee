package exchange

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/taler"
)

// Denomination is a kind of coin that the exchange offers to issue.
type Denomination struct {
	Row
	PubHash        taler.Hash
	Pub            []byte // encoded RSA key
	MasterSig      taler.EddsaSignature
	ValidFrom      taler.Timestamp
	ExpireWithdraw taler.Timestamp
	ExpireDeposit  taler.Timestamp
	ExpireLegal    taler.Timestamp
	Value          taler.Amount
	FeeWithdraw    taler.Amount
	FeeDeposit     taler.Amount
	FeeRefresh     taler.Amount
	FeeRefund      taler.Amount
}

// Denominations is the relation of all denominations.
var Denominations = Relation[Denomination]{"denominations", "denominations", func(d *decoder, r *Denomination) {
	r.Row = d.row()
	d.raw(r.PubHash[:])
	r.Pub = d.bytes()
	d.raw(r.MasterSig[:])
	r.ValidFrom, r.ExpireWithdraw, r.ExpireDeposit, r.ExpireLegal = d.time(), d.time(), d.time(), d.time()
	r.Value, r.FeeWithdraw, r.FeeDeposit, r.FeeRefresh, r.FeeRefund =
		d.amount(), d.amount(), d.amount(), d.amount(), d.amount()
	r.Malformed = d.malformed
}}

// DenominationRevocation withdraws a denomination.
type DenominationRevocation struct {
	Row
	Denomination int64 // serial
	MasterSig    taler.EddsaSignature
}

// DenominationRevocations is the relation of all revoked denominations.
var DenominationRevocations = Relation[DenominationRevocation]{"denomination_revocations", "denomination_revocations",
	func(d *decoder, r *DenominationRevocation) {
		r.Row = d.row()
		r.Denomination = d.integer()
		d.raw(r.MasterSig[:])
		r.Malformed = d.malformed
	}}

// AuditorSignature is an auditor's word for a denomination.
type AuditorSignature struct {
	Row
	Denomination int64 // serial
	Signed       bool  // false: the row holds no signature
	Signature    taler.EddsaSignature
	AuditorPub   taler.EddsaPublicKey
	AuditorURL   string
}

// AuditorSignatures is the relation of all auditors' signatures on denominations.
var AuditorSignatures = Relation[AuditorSignature]{"auditor_signatures", "auditor_denom_sigs",
	func(d *decoder, r *AuditorSignature) {
		r.Row = d.row()
		r.Denomination = d.integer()
		r.Signed = d.optional(r.Signature[:])
		d.raw(r.AuditorPub[:])
		r.AuditorURL = d.text()
		r.Malformed = d.malformed
	}}

// Auditor is an auditor as the exchange lists it to wallets.
type Auditor struct {
	Row
	Pub    taler.EddsaPublicKey
	URL    string
	Active bool
}

// Auditors is the relation of the auditors that the exchange lists. Address and
// state are mutable; a replica holds stale ones.
var Auditors = Relation[Auditor]{"auditors", "auditors", func(d *decoder, r *Auditor) {
	r.Row = d.row()
	d.raw(r.Pub[:])
	r.URL = d.text()
	r.Active = d.boolean()
	r.Malformed = d.malformed
}}

// SignKey is a key with which the exchange signs its answers.
type SignKey struct {
	Row
	Pub         taler.EddsaPublicKey
	MasterSig   taler.EddsaSignature
	ValidFrom   taler.Timestamp
	ExpireSign  taler.Timestamp
	ExpireLegal taler.Timestamp
}

// SignKeys is the relation of all sign keys.
var SignKeys = Relation[SignKey]{"sign_keys", "exchange_sign_keys", func(d *decoder, r *SignKey) {
	r.Row = d.row()
	d.raw(r.Pub[:])
	d.raw(r.MasterSig[:])
	r.ValidFrom, r.ExpireSign, r.ExpireLegal = d.time(), d.time(), d.time()
	r.Malformed = d.malformed
}}

// SignKeyRevocation withdraws a sign key.
type SignKeyRevocation struct {
	Row
	SignKey   int64 // serial
	Pub       taler.EddsaPublicKey
	MasterSig taler.EddsaSignature
}

// SignKeyRevocations is the relation of all revoked sign keys.
var SignKeyRevocations = Relation[SignKeyRevocation]{"sign_key_revocations", "signkey_revocations",
	func(d *decoder, r *SignKeyRevocation) {
		r.Row = d.row()
		r.SignKey = d.integer()
		d.raw(r.Pub[:])
		d.raw(r.MasterSig[:])
		r.Malformed = d.malformed
	}}

// WireFee is what transfers and closings cost in one period: from Start up to,
// but not including, End.
type WireFee struct {
	Row
	Method     string
	Start      taler.Timestamp
	End        taler.Timestamp
	WireFee    taler.Amount
	ClosingFee taler.Amount
	MasterSig  taler.EddsaSignature
}

// WireFees is the relation of all wire fees.
var WireFees = Relation[WireFee]{"wire_fees", "wire_fee", func(d *decoder, r *WireFee) {
	r.Row = d.row()
	r.Method = d.text()
	r.Start, r.End = d.time(), d.time()
	r.WireFee, r.ClosingFee = d.amount(), d.amount()
	d.raw(r.MasterSig[:])
	r.Malformed = d.malformed
}}

// WireAccount is a bank account of the exchange. Its serial only numbers the
// rows of one reading.
type WireAccount struct {
	Row
	PaytoURI  string
	Signed    bool // false: the row holds no signature
	MasterSig taler.EddsaSignature
	Active    bool
}

// WireAccounts is the relation of the exchange's bank accounts. It is not replicated.
var WireAccounts = Relation[WireAccount]{"wire_accounts", "wire_accounts", func(d *decoder, r *WireAccount) {
	r.Row = d.row()
	r.PaytoURI = d.text()
	r.Signed = d.optional(r.MasterSig[:])
	r.Active = d.boolean()
	r.Malformed = d.malformed
}}

// Issued tells of which of the given denominations coins were issued. It reads
// whole tables, so it is for the few denominations that give cause to ask.
func Issued(ctx context.Context, conn *pgx.Conn, src Source, denominations []int64) (map[int64]bool, error) {
	issued := make(map[int64]bool)
	if len(denominations) == 0 {
		return issued, nil
	}
	rows, err := conn.Query(ctx, queryText(src, "issued"), denominations)
	if err != nil {
		return nil, fmt.Errorf("denominations of issued coins: %w", err)
	}
	var serial int64
	_, err = pgx.ForEachRow(rows, []any{&serial}, func() error {
		issued[serial] = true
		return nil
	})
	return issued, err
}
