package simulator

import (
	"auditor/internal/taler"
)

func meltRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.melts), func(i int) ([]any, error) {
		m := &x.melts[x.batch.melts[i]]
		old := &x.coins[m.coin]
		key, _ := x.secrets(m.coin)
		amount := m.amount.amount(x.scenario.Currency)
		commitment, err := x.commitment(m, key.Public(), amount)
		if err != nil {
			return nil, err
		}
		d := x.denominationOf(old)
		signature := taler.Sign(key, taler.MeltRequest{
			Commitment: commitment, DenomPubHash: d.hash,
			AmountWithFee: amount, MeltFee: d.feeRefresh.amount(x.scenario.Currency), CoinPub: key.Public(),
		})
		value, fraction := m.amount.columns()
		return []any{m.serial, commitment[:], signature[:], value, fraction, int32(x.noReveal(m.serial)), old.serial}, nil
	}
}

// commitment is what the customer binds himself to before he knows which of his
// three sets of envelopes will stay secret.
func (x *Exchange) commitment(m *melt, old taler.EddsaPublicKey, amount taler.Amount) (taler.Hash, error) {
	denoms := make([]*taler.RSAPublicKey, len(m.fresh))
	for i, d := range m.fresh {
		denoms[i] = x.denominations[d].public
	}
	var transfer [taler.RefreshSets]taler.TransferPublicKey
	var envelopes [taler.RefreshSets][][]byte
	for set := range taler.RefreshSets {
		key := x.transferKey(m.serial, set)
		transfer[set] = key.Public()
		var err error
		if envelopes[set], err = taler.RefreshEnvelopes(key, old, denoms); err != nil {
			return taler.Hash{}, err
		}
	}
	return taler.Commitment(transfer, denoms, old, amount, envelopes), nil
}

func freshCoinRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.freshCoins), func(i int) ([]any, error) {
		f := &x.batch.freshCoins[i]
		m := &x.melts[f.melt]
		d := &x.denominations[m.fresh[f.index]]
		oldKey, _ := x.secrets(m.coin)
		transfer := x.transferKey(m.serial, x.noReveal(m.serial))
		secret, err := transfer.Secret(oldKey.Public())
		if err != nil {
			return nil, err
		}
		key, blinding := taler.DeriveCoin(secret, uint32(f.index))
		envelope, err := d.public.Blind(key.Public(), blinding)
		if err != nil {
			return nil, err
		}
		hash := taler.HashOf(envelope)
		link := taler.Sign(oldKey, taler.LinkData{
			DenomPubHash: d.hash, TransferPub: transfer.Public(), EnvelopeHash: hash,
		})
		return []any{f.serial, int32(f.index), link[:], envelope, hash[:], d.key.SignBlinded(envelope), d.serial, m.serial}, nil
	}
}

func transferKeyRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.transferKeys), func(i int) ([]any, error) {
		t := &x.batch.transferKeys[i]
		serial := x.melts[t.melt].serial
		secret := x.noReveal(serial)
		var revealed []byte
		for set := range taler.RefreshSets {
			if set != secret {
				key := x.transferKey(serial, set)
				revealed = append(revealed, key[:]...)
			}
		}
		public := x.transferKey(serial, secret).Public()
		return []any{t.serial, public[:], revealed, serial}, nil
	}
}
