package exchange

import "auditor/internal/taler"

// WithdrawnCoin is a coin that was issued by a withdrawal, which tells nothing of
// the coin but its denomination.
type WithdrawnCoin struct {
	Row
	Denomination int64 // serial
}

// WithdrawnCoins is the relation of all coins that were withdrawn.
var WithdrawnCoins = Relation[WithdrawnCoin]{"withdrawn_coins", "reserves_out", func(d *decoder, r *WithdrawnCoin) {
	r.Row = d.row()
	r.Denomination = d.integer()
	r.Malformed = d.malformed
}}

// KnownCoin is a coin that was shown to the exchange, which then learned its key.
type KnownCoin struct {
	Row
	CoinPub      taler.EddsaPublicKey
	Denomination int64  // serial
	Signature    []byte // of the denomination
	Genuine      bool   // not read: it is for whoever verifies the signature
}

// KnownCoins is the relation of all coins that were shown to the exchange. Its
// serial is the number by which other relations name a coin.
var KnownCoins = Relation[KnownCoin]{"known_coins", "known_coins", func(d *decoder, r *KnownCoin) {
	r.Row = d.row()
	d.raw(r.CoinPub[:])
	r.Denomination = d.integer()
	r.Signature = d.bytes()
	r.Malformed = d.malformed
}}

// Deposit pays a merchant with a coin.
type Deposit struct {
	Row
	Coin              int64 // serial in KnownCoins
	CoinPub           taler.EddsaPublicKey
	Denomination      int64 // serial of the coin's denomination
	AmountWithFee     taler.Amount
	WalletTimestamp   taler.Timestamp
	ExchangeTimestamp taler.Timestamp
	RefundDeadline    taler.Timestamp
	WireDeadline      taler.Timestamp
	MerchantPub       taler.EddsaPublicKey
	ContractTermsHash taler.Hash
	CoinSig           taler.EddsaSignature
	Wire              string // JSON, of the merchant's account
}

// Deposits is the relation of all deposits.
var Deposits = Relation[Deposit]{"deposits", "deposits", func(d *decoder, r *Deposit) {
	r.Row = d.row()
	r.Coin = d.integer()
	d.raw(r.CoinPub[:])
	r.Denomination = d.integer()
	r.AmountWithFee = d.amount()
	r.WalletTimestamp, r.ExchangeTimestamp = d.time(), d.time()
	r.RefundDeadline, r.WireDeadline = d.time(), d.time()
	d.raw(r.MerchantPub[:])
	d.raw(r.ContractTermsHash[:])
	d.raw(r.CoinSig[:])
	r.Wire = d.text()
	r.Malformed = d.malformed
}}

// Refund gives a part of a deposit back to its coin.
type Refund struct {
	Row
	Deposit           int64 // serial
	Coin              int64 // serial in KnownCoins
	CoinPub           taler.EddsaPublicKey
	Denomination      int64 // serial of the coin's denomination
	MerchantPub       taler.EddsaPublicKey
	ContractTermsHash taler.Hash
	TransactionID     uint64 // that the merchant gave it
	AmountWithFee     taler.Amount
	MerchantSig       taler.EddsaSignature
}

// Refunds is the relation of all refunds.
var Refunds = Relation[Refund]{"refunds", "refunds", func(d *decoder, r *Refund) {
	r.Row = d.row()
	r.Deposit, r.Coin = d.integer(), d.integer()
	d.raw(r.CoinPub[:])
	r.Denomination = d.integer()
	d.raw(r.MerchantPub[:])
	d.raw(r.ContractTermsHash[:])
	r.TransactionID = uint64(d.integer())
	r.AmountWithFee = d.amount()
	d.raw(r.MerchantSig[:])
	r.Malformed = d.malformed
}}
