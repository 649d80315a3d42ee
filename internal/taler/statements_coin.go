package taler

// What reserves and coins sign: the customer's side.

// WithdrawRequest orders the exchange to sign an envelope and to charge the
// reserve for it. Signed by the reserve.
type WithdrawRequest struct {
	ReservePub    EddsaPublicKey
	AmountWithFee Amount // value of the coin and its withdraw fee
	DenomPubHash  Hash
	EnvelopeHash  Hash // hash of the blinded coin
}

// AppendSigned appends the 192 signed bytes.
func (s WithdrawRequest) AppendSigned(b []byte) []byte {
	b = PurposeWithdraw.header(b, 192)
	b = append(b, s.ReservePub[:]...)
	b = s.AmountWithFee.AppendNBO(b)
	b = append(b, s.DenomPubHash[:]...)
	return append(b, s.EnvelopeHash[:]...)
}

// DepositRequest orders the exchange to pay a part of a coin to a merchant.
// Signed by the coin.
type DepositRequest struct {
	ContractTermsHash Hash
	WireHash          Hash // [HashWire] of the merchant's account
	DenomPubHash      Hash
	WalletTimestamp   Timestamp
	RefundDeadline    Timestamp
	AmountWithFee     Amount
	DepositFee        Amount // of the coin's denomination
	MerchantPub       EddsaPublicKey
	CoinPub           EddsaPublicKey
}

// AppendSigned appends the 328 signed bytes.
func (s DepositRequest) AppendSigned(b []byte) []byte {
	b = PurposeDeposit.header(b, 328)
	b = append(b, s.ContractTermsHash[:]...)
	b = append(b, s.WireHash[:]...)
	b = append(b, s.DenomPubHash[:]...)
	b = appendTime(b, s.WalletTimestamp)
	b = appendTime(b, s.RefundDeadline)
	b = s.AmountWithFee.AppendNBO(b)
	b = s.DepositFee.AppendNBO(b)
	b = append(b, s.MerchantPub[:]...)
	return append(b, s.CoinPub[:]...)
}

// MeltRequest spends a part of a coin for fresh coins. Signed by the coin.
type MeltRequest struct {
	Commitment    Hash // [Commitment] to the fresh coins
	DenomPubHash  Hash // denomination of the melted coin
	AmountWithFee Amount
	MeltFee       Amount // refresh fee of the melted coin's denomination
	CoinPub       EddsaPublicKey
}

// AppendSigned appends the 216 signed bytes.
func (s MeltRequest) AppendSigned(b []byte) []byte {
	b = PurposeMelt.header(b, 216)
	b = append(b, s.Commitment[:]...)
	b = append(b, s.DenomPubHash[:]...)
	b = s.AmountWithFee.AppendNBO(b)
	b = s.MeltFee.AppendNBO(b)
	return append(b, s.CoinPub[:]...)
}

// RecoupRequest asks for the rest of a coin of a revoked denomination. Signed by
// the coin. It is the same for coins that were withdrawn and for coins that came
// from a refresh, so a signature fits either; only the envelope that the
// blinding secret leads to tells them apart.
type RecoupRequest struct {
	CoinPub        EddsaPublicKey
	DenomPubHash   Hash
	BlindingSecret BlindingSecret
}

// AppendSigned appends the 136 signed bytes.
func (s RecoupRequest) AppendSigned(b []byte) []byte {
	b = PurposeRecoup.header(b, 136)
	b = append(b, s.CoinPub[:]...)
	b = append(b, s.DenomPubHash[:]...)
	return append(b, s.BlindingSecret[:]...)
}

// LinkData ties a fresh coin to the coin that was melted for it. Signed by the
// melted coin.
type LinkData struct {
	DenomPubHash Hash // denomination of the fresh coin
	TransferPub  TransferPublicKey
	EnvelopeHash Hash // hash of the fresh coin's envelope
}

// AppendSigned appends the 168 signed bytes.
func (s LinkData) AppendSigned(b []byte) []byte {
	b = PurposeLink.header(b, 168)
	b = append(b, s.DenomPubHash[:]...)
	b = append(b, s.TransferPub[:]...)
	return append(b, s.EnvelopeHash[:]...)
}
