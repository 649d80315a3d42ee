package simulator

import (
	"cmp"
	"encoding/binary"
	"slices"

	"auditor/internal/taler"
)

// Private keys and other secrets about coins, deposits and melts, by serial.

// A KnownCoin is a coin that the exchange has seen, with all secrets of its owner.
type KnownCoin struct {
	Serial       int64 // known_coins.known_coin_id
	Denomination int64 // denominations.denominations_serial
	Key          taler.EddsaPrivateKey
	Blinding     taler.BlindingSecret
	Fresh        bool         // from a melt
	Issue        int64        // the row that issued it: reserve_out_serial_id, or rrc_serial of a fresh coin
	Left         taler.Amount // that the exchange lets its owner spend
}

// KnownCoin returns the coin with this serial (known_coins.known_coin_id), and
// whether there is one.
func (x *Exchange) KnownCoin(serial int64) (KnownCoin, bool) {
	at, found := slices.BinarySearchFunc(x.known, serial, func(number int, serial int64) int {
		return cmp.Compare(x.coins[number].serial, serial)
	})
	if !found {
		return KnownCoin{}, false
	}
	c := &x.coins[x.known[at]]
	key, blinding := x.secrets(x.known[at])
	return KnownCoin{
		Serial: serial, Denomination: x.denominationOf(c).serial, Key: key, Blinding: blinding,
		Fresh: c.melt != withdrawn, Issue: c.issue, Left: c.left.amount(x.scenario.Currency),
	}, true
}

// MerchantKey returns the private key of the merchant to whom the deposit with
// this serial (deposits.deposit_serial_id) was made, and whether there is one.
func (x *Exchange) MerchantKey(deposit int64) (taler.EddsaPrivateKey, bool) {
	d := x.depositBySerial(deposit)
	if d == nil {
		return taler.EddsaPrivateKey{}, false
	}
	return x.merchantKey(x.shops[d.purchase.shop].merchant), true
}

// depositBySerial returns nil if there is none.
func (x *Exchange) depositBySerial(serial int64) *deposit {
	at, found := slices.BinarySearchFunc(x.deposits, serial, func(d deposit, serial int64) int {
		return cmp.Compare(d.serial, serial)
	})
	if !found {
		return nil
	}
	return &x.deposits[at]
}

// TransferKeys returns all three private transfer keys of the melt with this
// serial (refresh_commitments.melt_serial_id), and which of them stays secret.
func (x *Exchange) TransferKeys(melt int64) (keys [taler.RefreshSets]taler.TransferPrivateKey, noReveal int) {
	for set := range keys {
		keys[set] = x.transferKey(melt, set)
	}
	return keys, x.noReveal(melt)
}

// WireDetails returns how deposits name the bank accounts of merchants, as JSON.
func (x *Exchange) WireDetails() []string {
	var details []string
	for _, o := range x.shops {
		details = append(details, o.wire)
	}
	return details
}

// refundTransaction is the number that the merchant gives a refund.
func (x *Exchange) refundTransaction(serial int64) uint64 {
	number := x.scenario.secret("refund", uint64(serial))
	return binary.BigEndian.Uint64(number[:])
}
