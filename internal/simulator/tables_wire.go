package simulator

import (
	"auditor/internal/taler"
)

func transferRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.transfers), func(i int) ([]any, error) {
		t := &x.batch.transfers[i]
		shop := &x.shops[t.shop]
		subject := x.transferID(t.serial)
		value, fraction := t.amount.columns()
		return []any{t.serial, t.at.DB(), subject[:], shop.wire, x.accounts[shop.account].Section, value, fraction}, nil
	}
}

func trackingRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.trackings), func(i int) ([]any, error) {
		t := &x.batch.trackings[i]
		subject := x.transferID(t.transfer)
		return []any{t.serial, t.deposit, subject[:]}, nil
	}
}

func revocationRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.revocations), func(i int) ([]any, error) {
		r := x.batch.revocations[i]
		d := x.denominationBySerial(r.of)
		signature := x.SignAsMaster(taler.DenominationRevocation{DenomPubHash: d.hash})
		return []any{r.serial, signature[:], r.of}, nil
	}
}

func signKeyRevocationRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.signKeyRevocations), func(i int) ([]any, error) {
		r := x.batch.signKeyRevocations[i]
		key, _ := x.SignKey(r.of)
		signature := x.SignAsMaster(taler.SignKeyRevocation{ExchangePub: key.Public()})
		return []any{r.serial, r.of, signature[:]}, nil
	}
}
