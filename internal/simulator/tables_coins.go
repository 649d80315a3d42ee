package simulator

import (
	"auditor/internal/taler"
)

func knownCoinRows(x *Exchange) (int, rowFunc) {
	first := x.batch.known
	return len(x.known) - first, func(i int) ([]any, error) {
		number := x.known[first+i]
		c := &x.coins[number]
		d := x.denominationOf(c)
		public := x.coinPublic(number)
		signature, err := x.coinSignature(d, public)
		return []any{c.serial, public[:], signature, d.serial}, err
	}
}

func depositRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.deposits), func(i int) ([]any, error) {
		dep := &x.deposits[x.batch.deposits[i]]
		key, _ := x.secrets(dep.coin)
		c, p := &x.coins[dep.coin], dep.purchase
		d, shop := x.denominationOf(c), &x.shops[p.shop]
		contract := x.contract(p)
		merchant := x.merchantKey(shop.merchant).Public()
		signature := taler.Sign(key, taler.DepositRequest{
			ContractTermsHash: contract, WireHash: shop.hash, DenomPubHash: d.hash,
			WalletTimestamp: p.made, RefundDeadline: p.refundDeadline,
			AmountWithFee: dep.amount.amount(x.scenario.Currency), DepositFee: d.feeDeposit.amount(x.scenario.Currency),
			MerchantPub: merchant, CoinPub: key.Public(),
		})
		value, fraction := dep.amount.columns()
		return []any{dep.serial, value, fraction, p.made.DB(), dep.at.DB(), p.refundDeadline.DB(), p.wireDeadline.DB(),
			merchant[:], contract[:], shop.hash[:], signature[:], shop.wire, dep.tiny, dep.done, c.serial}, nil
	}
}

func refundRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.refunds), func(i int) ([]any, error) {
		r := &x.batch.refunds[i]
		dep := &x.deposits[r.deposit]
		merchant := x.merchantKey(x.shops[dep.purchase.shop].merchant)
		transaction := x.refundTransaction(r.serial)
		signature := taler.Sign(merchant, taler.RefundRequest{
			ContractTermsHash: x.contract(dep.purchase), CoinPub: x.coinPublic(dep.coin), MerchantPub: merchant.Public(),
			TransactionID: transaction, Amount: r.amount.amount(x.scenario.Currency),
		})
		value, fraction := r.amount.columns()
		return []any{r.serial, signature[:], int64(transaction), value, fraction, dep.serial}, nil
	}
}

func recoupRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.recoups), func(i int) ([]any, error) { return x.recoupRow(&x.batch.recoups[i]), nil }
}

func recoupRefreshRows(x *Exchange) (int, rowFunc) {
	return len(x.batch.recoupsRefresh), func(i int) ([]any, error) { return x.recoupRow(&x.batch.recoupsRefresh[i]), nil }
}

// recoupRow is of the same form for both kinds of recoups.
func (x *Exchange) recoupRow(r *recoup) []any {
	c := &x.coins[r.coin]
	key, blinding := x.secrets(r.coin)
	signature := taler.Sign(key, taler.RecoupRequest{
		CoinPub: key.Public(), DenomPubHash: x.denominationOf(c).hash, BlindingSecret: blinding,
	})
	value, fraction := r.amount.columns()
	return []any{r.serial, signature[:], blinding[:], value, fraction, r.at.DB(), c.serial, c.issue}
}
