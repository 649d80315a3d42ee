package simulator

import "auditor/internal/taler"

func reserveRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.reserves), func(i int) ([]any, error) {
		number := x.batch.reserves[i]
		r := x.reserves[number].visible()
		public := x.reserveKey(number).Public()
		value, fraction := r.booked().columns()
		return []any{r.serial, public[:], r.origin, value, fraction, r.expiration.DB(), r.collection.DB()}, nil
	}
}

func creditRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.credits), func(i int) ([]any, error) {
		c := &x.batch.credits[i]
		value, fraction := c.amount.columns()
		return []any{c.serial, c.reference, value, fraction, c.sender, c.section, c.at.DB(),
			x.reserves[c.reserve].serial}, nil
	}
}

func closingRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.closings), func(i int) ([]any, error) { return x.closingRow(x.batch.closings[i]), nil }
}

// closingRow is the transfer that ends a reserve. It carries the reserve's key as
// its identifier and goes to where the first credit came from.
func (x *Exchange) closingRow(c closing) []any {
	r := &x.reserves[c.reserve]
	public := x.reserveKey(c.reserve).Public()
	value, fraction := c.amount.columns()
	feeValue, feeFraction := c.fee.columns()
	return []any{c.serial, c.at.DB(), public[:], r.origin, value, fraction, feeValue, feeFraction, r.serial}
}

func withdrawalRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.withdrawals), func(i int) ([]any, error) {
		w := x.batch.withdrawals[i]
		return x.withdrawalRow(w, x.reserveKey(w.reserve))
	}
}

// withdrawalRow makes the coin of a withdrawal, has the owner of the given key
// ask for its blind signature in the reserve's name, and the exchange answer.
func (x *Exchange) withdrawalRow(w withdrawal, asks taler.EddsaPrivateKey) ([]any, error) {
	d := &x.denominations[w.denomination]
	envelope, err := d.public.Blind(x.CoinKey(w.serial).Public(), x.CoinBlinding(w.serial))
	if err != nil {
		return nil, err
	}
	price := d.value + d.feeWithdraw
	request := taler.WithdrawRequest{
		ReservePub:    x.reserveKey(w.reserve).Public(),
		AmountWithFee: price.amount(x.scenario.Currency),
		DenomPubHash:  d.hash,
		EnvelopeHash:  taler.HashOf(envelope),
	}
	signature := taler.Sign(asks, request)
	value, fraction := price.columns()
	return []any{w.serial, request.EnvelopeHash[:], d.key.SignBlinded(envelope), signature[:], w.at.DB(),
		value, fraction, x.reserves[w.reserve].serial, d.serial}, nil
}
