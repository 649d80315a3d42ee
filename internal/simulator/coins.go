package simulator

import (
	"fmt"

	"auditor/internal/taler"
)

// Coins are numbered in the order in which the exchange issued them. Their keys
// are not stored: those of a withdrawn coin follow from the seed, those of a
// fresh coin from the melt that it came from and from the coin that was melted.

// A coin is money in a customer's wallet.
type coin struct {
	denomination int   // position in Exchange.denominations
	issue        int64 // serial of the row that issued it, in reserves_out or refresh_revealed_coins
	melt         int   // that it came from, position in Exchange.melts; withdrawn = none of them
	index        int   // among the fresh coins of the melt
	reserve      int   // that it was withdrawn from
	account      int   // of the exchange, where its money came in
	depth        int   // how many melts lie between it and a withdrawal

	serial   int64 // in known_coins; 0 until the exchange first sees it
	left     money // that the exchange lets its owner spend
	refunded bool  // it was given a deposit fee back
	recouped bool
	last     change // the last thing that happened to it
}

// withdrawn stands for the melt of a coin that came from no melt.
const withdrawn = -1

// issued adds a coin that the exchange has signed and gives it a life.
func (x *Exchange) issued(c coin, at taler.Timestamp) {
	c.left = x.denominations[c.denomination].value
	x.coins = append(x.coins, c)
	x.liveCoin(len(x.coins)-1, at)
}

// know enters a coin that is spent for the first time.
func (x *Exchange) know(number int) {
	c := &x.coins[number]
	if c.serial == 0 {
		c.serial = x.serials["known_coins"].next()
		x.known = append(x.known, number)
	}
}

// denominationOf returns the denomination of a coin.
func (x *Exchange) denominationOf(c *coin) *denomination { return &x.denominations[c.denomination] }

// accepted tells whether the exchange takes coins of the denomination for a
// deposit or a melt.
func (d *denomination) accepted(at taler.Timestamp) bool { return d.revoked == 0 && at <= d.deposit }

// offered tells whether the exchange issues coins of the denomination at both
// times and in between.
func (d *denomination) offered(from, to taler.Timestamp) bool {
	return d.revoked == 0 && d.start <= from && to <= d.withdraw
}

// secrets returns the private key of a coin, and what its envelope was blinded
// with. It takes an agreement of keys for each melt that the coin descends from.
func (x *Exchange) secrets(number int) (taler.EddsaPrivateKey, taler.BlindingSecret) {
	c := &x.coins[number]
	if c.melt == withdrawn {
		return x.CoinKey(c.issue), x.CoinBlinding(c.issue)
	}
	m := &x.melts[c.melt]
	transfer := x.transferKey(m.serial, x.noReveal(m.serial))
	secret, err := transfer.Secret(x.coinPublic(m.coin))
	if err != nil {
		panic(err) // the coin's key is no key
	}
	return taler.DeriveCoin(secret, uint32(c.index))
}

func (x *Exchange) coinPublic(number int) taler.EddsaPublicKey {
	key, _ := x.secrets(number)
	return key.Public()
}

// coinSignature is the denomination's signature on a coin. Blinding and
// unblinding cancel out.
func (x *Exchange) coinSignature(d *denomination, public taler.EddsaPublicKey) ([]byte, error) {
	m, err := d.public.FDH(taler.HashOf(public[:]))
	if err != nil {
		return nil, fmt.Errorf("coin of denomination %d: %w", d.serial, err)
	}
	return d.key.SignBlinded(m.Bytes()), nil
}
