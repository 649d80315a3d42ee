package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// judgeRefunds judges and books what merchants gave back. With its first refund a
// coin gets a deposit fee back, and the merchant is spared that of each deposit
// that had a refund; folding does both.
func (a *coinAudit) judgeRefunds(ctx context.Context, conn *pgx.Conn) error {
	return judge(ctx, a.run, conn, areaCoins, exchange.Refunds, a.verifyRefund, func(f *exchange.Refund) error {
		err := a.stage(ctx, coinEvent{kind: eventRefund, coin: f.Coin, denomination: f.Denomination, serial: f.Serial,
			amount: f.AmountWithFee, fee: chargedFee(a.keys.denominations[f.Denomination].FeeRefund, f.AmountWithFee)})
		if err != nil {
			return err
		}
		c := a.refunds
		c.Begin()
		c.Int64(f.Deposit)
		c.Int64(f.Denomination)
		return c.End(ctx)
	})
}

// verifyRefund judges one refund by itself: the denomination (C-04), the merchant's
// signature (C-05), and that it is worth its fee (C-06). Its effect on the coin counts
// in any case, as the exchange will let the coin be spent. One below its fee
// gives nothing back.
func (a *coinAudit) verifyRefund(f *exchange.Refund, v *verdict) {
	about := row(exchange.Refunds.Table, f.Serial)
	d := a.keys.denominations[f.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("C-04", about, exposure(f.AmountWithFee), []report.Evidence{with("coin_pub", f.CoinPub)},
			"refund %d is to a coin of denomination %d, which does not exist or cannot be read", f.Serial, f.Denomination))
		return
	}
	evidence := func() []report.Evidence {
		return []report.Evidence{with("coin_pub", f.CoinPub), with("merchant_pub", f.MerchantPub), number("deposit", f.Deposit)}
	}
	request := taler.RefundRequest{ContractTermsHash: f.ContractTermsHash, CoinPub: f.CoinPub, MerchantPub: f.MerchantPub,
		TransactionID: f.TransactionID, Amount: f.AmountWithFee}
	if !taler.Verify(f.MerchantPub, request, f.MerchantSig) {
		v.find(finding("C-05", about, loss(f.AmountWithFee), unverified(evidence(), f.MerchantPub, request, f.MerchantSig),
			"refund %d of %v is not signed by the merchant", f.Serial, f.AmountWithFee))
	} else {
		v.claim(about.table, f.Serial, f.AmountWithFee, request)
	}
	if f.AmountWithFee.Cmp(d.FeeRefund) < 0 {
		v.find(finding("C-06", about, none, append(evidence(), with("expected", d.FeeRefund), with("found", f.AmountWithFee)),
			"refund %d of %v is below the fee for it, %v", f.Serial, f.AmountWithFee, d.FeeRefund))
	}
}
