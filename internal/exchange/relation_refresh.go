package exchange

import "auditor/internal/taler"

// Melt spends a coin for fresh ones, to which it commits.
type Melt struct {
	Row
	Coin         int64 // melted: its serial among the coins that the exchange knows
	CoinPub      taler.EddsaPublicKey
	Denomination int64 // serial of the melted coin's denomination
	Commitment   taler.Hash
	CoinSig      taler.EddsaSignature
	Amount       taler.Amount // taken from the coin, the fee included
	Choice       int32        // which set of envelopes stayed secret
}

// Melts is the relation of all melts.
var Melts = Relation[Melt]{"melts", "refresh_commitments", func(d *decoder, r *Melt) {
	r.Row = d.row()
	r.Coin = d.integer()
	d.raw(r.CoinPub[:])
	r.Denomination = d.integer()
	d.raw(r.Commitment[:])
	d.raw(r.CoinSig[:])
	r.Amount = d.amount()
	r.Choice = d.smallInteger()
	r.Malformed = d.malformed
}}

// FreshCoin is an envelope that the exchange signed in answer to a melt.
type FreshCoin struct {
	Row
	Melt         int64 // serial
	Index        int32 // of the coin among those of the melt, from 0
	Denomination int64 // serial
	Envelope     []byte
	EnvelopeHash taler.Hash
	BlindSig     []byte
	LinkSig      taler.EddsaSignature // by the melted coin
}

// FreshCoins is the relation of all fresh coins.
var FreshCoins = Relation[FreshCoin]{"fresh_coins", "refresh_revealed_coins", func(d *decoder, r *FreshCoin) {
	r.Row = d.row()
	r.Melt = d.integer()
	r.Index = d.smallInteger()
	r.Denomination = d.integer()
	r.Envelope = d.bytes()
	d.raw(r.EnvelopeHash[:])
	r.BlindSig = d.bytes()
	d.raw(r.LinkSig[:])
	r.Malformed = d.malformed
}}

// TransferKeys are what the owner of a melted coin proved his honesty with: the
// public key of the set that stayed secret, and the private keys of the others.
type TransferKeys struct {
	Row
	Melt    int64 // serial
	Public  taler.TransferPublicKey
	Private []byte // one after the other, in the order of the sets
}

// RevealedKeys is the relation of all transfer keys.
var RevealedKeys = Relation[TransferKeys]{"transfer_keys", "refresh_transfer_keys", func(d *decoder, r *TransferKeys) {
	r.Row = d.row()
	r.Melt = d.integer()
	d.raw(r.Public[:])
	r.Private = d.bytes()
	r.Malformed = d.malformed
}}

// RecoupedCoin is the coin's side of a recoup. Whatever is wrong with the row is a
// matter of the reserve's side, so that no such row is malformed.
type RecoupedCoin struct {
	Row
	Readable     bool
	Coin         int64 // serial
	Denomination int64 // serial
	Amount       taler.Amount
}

// RecoupedCoins is the relation of all coins that were paid back into reserves.
var RecoupedCoins = Relation[RecoupedCoin]{"recouped_coins", "recoup", func(d *decoder, r *RecoupedCoin) {
	r.Row = d.row()
	r.Coin, r.Denomination = d.integer(), d.integer()
	r.Amount = d.amount()
	r.Readable = d.malformed == nil
}}

// FreshRecoup gives a coin of a revoked denomination back to the coin that was
// melted for it.
type FreshRecoup struct {
	Row
	Coin                 int64 // serial
	CoinPub              taler.EddsaPublicKey
	Denomination         int64 // serial of the coin's denomination
	RevealedDenomination int64 // serial of the denomination of the fresh coin that is reversed
	EnvelopeHash         taler.Hash
	OldCoin              int64 // serial
	OldCoinPub           taler.EddsaPublicKey
	OldDenomination      int64 // serial
	CoinSig              taler.EddsaSignature
	BlindingSecret       taler.BlindingSecret
	Amount               taler.Amount
	Timestamp            taler.Timestamp
}

// FreshRecoups is the relation of all recoups of coins that came from a refresh.
var FreshRecoups = Relation[FreshRecoup]{"fresh_recoups", "recoup_refresh", func(d *decoder, r *FreshRecoup) {
	r.Row = d.row()
	r.Coin = d.integer()
	d.raw(r.CoinPub[:])
	r.Denomination, r.RevealedDenomination = d.integer(), d.integer()
	d.raw(r.EnvelopeHash[:])
	r.OldCoin = d.integer()
	d.raw(r.OldCoinPub[:])
	r.OldDenomination = d.integer()
	d.raw(r.CoinSig[:])
	d.raw(r.BlindingSecret[:])
	r.Amount = d.amount()
	r.Timestamp = d.time()
	r.Malformed = d.malformed
}}
