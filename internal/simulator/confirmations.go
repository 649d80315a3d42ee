package simulator

import (
	"encoding/hex"
	"iter"

	"auditor/internal/taler"
)

// Deposit confirmations: what the exchange promises to a merchant when it takes a
// deposit. Some merchants hand every other one on to the auditor.

// A Confirmation is a deposit confirmation as an auditor stores it.
type Confirmation struct {
	Serial  int64 // in the order in which the auditor got them
	Deposit int64 // serial of the deposit (deposits.deposit_serial_id)
	taler.DepositConfirmation
	Signature   taler.EddsaSignature // by ExchangePub
	ExchangePub taler.EddsaPublicKey // the sign key in use when the deposit was made
}

// report decides whether the merchant hands on the confirmation of a deposit.
func (x *Exchange) report(number int) {
	if d := &x.deposits[number]; x.merchantReports(d) {
		d.reported = true
		x.reported = append(x.reported, number)
	}
}

func (x *Exchange) merchantReports(d *deposit) bool {
	return d.purchase.shop >= kiosks && d.purchase.shop%3 != 0 && d.serial%2 == 0
}

// Confirmations yields all deposit confirmations that merchants handed on so far,
// and their number. Signatures are made on the way.
func (x *Exchange) Confirmations() (count int, all iter.Seq[Confirmation]) {
	return len(x.reported), func(yield func(Confirmation) bool) {
		for i, number := range x.reported {
			if !yield(x.confirmation(int64(i+1), number)) {
				return
			}
		}
	}
}

func (x *Exchange) confirmation(serial int64, number int) Confirmation {
	dep := &x.deposits[number]
	p := dep.purchase
	statement := taler.DepositConfirmation{
		ContractTermsHash: x.contract(p),
		WireHash:          x.shops[p.shop].hash,
		ExchangeTimestamp: dep.at,
		RefundDeadline:    p.refundDeadline,
		AmountWithoutFee:  (dep.amount - x.denominationOf(&x.coins[dep.coin]).feeDeposit).amount(x.scenario.Currency),
		CoinPub:           x.coinPublic(dep.coin),
		MerchantPub:       x.merchantKey(x.shops[p.shop].merchant).Public(),
	}
	key := x.signKey(x.signKeys[x.signKeyAt(dep.at)].number)
	return Confirmation{
		Serial: serial, Deposit: dep.serial, DepositConfirmation: statement,
		Signature: taler.Sign(key, statement), ExchangePub: key.Public(),
	}
}

// storedConfirmation is the form of a row of deposit_confirmations, byte columns in
// hexadecimal digits, times in microseconds.
type storedConfirmation struct {
	Serial            int64  `json:"serial_id"`
	ContractTermsHash string `json:"h_contract_terms"`
	WireHash          string `json:"h_wire"`
	ExchangeTimestamp int64  `json:"exchange_timestamp"`
	RefundDeadline    int64  `json:"refund_deadline"`
	Value             int64  `json:"amount_without_fee_val"`
	Fraction          int32  `json:"amount_without_fee_frac"`
	CoinPub           string `json:"coin_pub"`
	MerchantPub       string `json:"merchant_pub"`
	Signature         string `json:"exchange_sig"`
	ExchangePub       string `json:"exchange_pub"`
}

func (c *Confirmation) stored() storedConfirmation {
	return storedConfirmation{
		Serial:            c.Serial,
		ContractTermsHash: hex.EncodeToString(c.ContractTermsHash[:]),
		WireHash:          hex.EncodeToString(c.WireHash[:]),
		ExchangeTimestamp: c.ExchangeTimestamp.DB(),
		RefundDeadline:    c.RefundDeadline.DB(),
		Value:             int64(c.AmountWithoutFee.Value),
		Fraction:          int32(c.AmountWithoutFee.Fraction),
		CoinPub:           hex.EncodeToString(c.CoinPub[:]),
		MerchantPub:       hex.EncodeToString(c.MerchantPub[:]),
		Signature:         hex.EncodeToString(c.Signature[:]),
		ExchangePub:       hex.EncodeToString(c.ExchangePub[:]),
	}
}

// WriteConfirmations writes the file of all deposit confirmations.
func (x *Exchange) WriteConfirmations(file string) error {
	_, all := x.Confirmations()
	return writeArray(file, "", "", func(yield func(storedConfirmation) bool) {
		for c := range all {
			if !yield(c.stored()) {
				return
			}
		}
	})
}
