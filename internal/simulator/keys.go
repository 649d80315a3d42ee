package simulator

import (
	"cmp"
	"slices"

	"auditor/internal/taler"
)

// Private keys, for those who play a culprit.

// MasterKey returns the key that signs the exchange's offers.
func (x *Exchange) MasterKey() taler.EddsaPrivateKey { return x.master }

// AuditorKey returns the private key of an auditor: 0 is the one of Auditor, 1 the other.
func (x *Exchange) AuditorKey(number int) taler.EddsaPrivateKey { return x.auditors[number].key }

// ReserveKey returns the private key of the reserve with this serial
// (reserves.reserve_uuid), and whether there is such a reserve.
func (x *Exchange) ReserveKey(serial int64) (taler.EddsaPrivateKey, bool) {
	at, found := slices.BinarySearchFunc(x.bySerial, serial, func(i int, serial int64) int {
		return int(x.reserves[i].serial - serial)
	})
	if !found {
		return taler.EddsaPrivateKey{}, false
	}
	return x.reserveKey(x.bySerial[at]), true
}

// DenominationKey returns the key that signs coins of the denomination with this
// serial (denominations.denominations_serial), and whether there is one.
func (x *Exchange) DenominationKey(serial int64) (*taler.RSAPrivateKey, bool) {
	d := x.denominationBySerial(serial)
	if d == nil {
		return nil, false
	}
	return d.key, true
}

// denominationBySerial returns nil if there is none.
func (x *Exchange) denominationBySerial(serial int64) *denomination {
	at, found := slices.BinarySearchFunc(x.denominations, serial, func(d denomination, serial int64) int {
		return cmp.Compare(d.serial, serial)
	})
	if !found {
		return nil
	}
	return &x.denominations[at]
}

// SignKey returns the private key of the sign key with this serial
// (exchange_sign_keys.esk_serial), and whether there is one.
func (x *Exchange) SignKey(serial int64) (taler.EddsaPrivateKey, bool) {
	at, found := slices.BinarySearchFunc(x.signKeys, serial, func(k signKey, serial int64) int {
		return int(k.serial - serial)
	})
	if !found {
		return taler.EddsaPrivateKey{}, false
	}
	return x.signKey(x.signKeys[at].number), true
}

// CoinKey returns the private key of the coin that the withdrawal with this
// serial (reserves_out.reserve_out_serial_id) pays for.
func (x *Exchange) CoinKey(withdrawal int64) taler.EddsaPrivateKey {
	return x.scenario.secret("coin", uint64(withdrawal))
}

// CoinBlinding returns the blinding secret of the same coin.
func (x *Exchange) CoinBlinding(withdrawal int64) taler.BlindingSecret {
	return x.scenario.secret("blinding", uint64(withdrawal))
}

func (x *Exchange) reserveKey(number int) taler.EddsaPrivateKey {
	return x.scenario.secret("reserve", uint64(number))
}

func (x *Exchange) signKey(number uint64) taler.EddsaPrivateKey {
	return x.scenario.secret("sign key", number)
}

// SignAsMaster signs with the exchange's master key.
func (x *Exchange) SignAsMaster(s taler.Statement) taler.EddsaSignature {
	return taler.Sign(x.master, s)
}

// SignAsAuditor signs with the key of an auditor, 0 or 1 as in AuditorKey.
func (x *Exchange) SignAsAuditor(number int, s taler.Statement) taler.EddsaSignature {
	return taler.Sign(x.auditors[number].key, s)
}
