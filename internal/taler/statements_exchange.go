package taler

import "encoding/binary"

// What the exchange signs with its sign keys: its answers to customers and
// merchants. Only deposit confirmations are ever stored by an auditor.

// DepositConfirmation promises a merchant that a deposit was accepted. Signed by
// a sign key.
type DepositConfirmation struct {
	ContractTermsHash Hash
	WireHash          Hash
	ExchangeTimestamp Timestamp
	RefundDeadline    Timestamp
	AmountWithoutFee  Amount // what was deposited, less the deposit fee
	CoinPub           EddsaPublicKey
	MerchantPub       EddsaPublicKey
}

// AppendSigned appends the 240 signed bytes.
func (s DepositConfirmation) AppendSigned(b []byte) []byte {
	b = PurposeDepositConfirmation.header(b, 240)
	b = append(b, s.ContractTermsHash[:]...)
	b = append(b, s.WireHash[:]...)
	b = appendTime(b, s.ExchangeTimestamp)
	b = appendTime(b, s.RefundDeadline)
	b = s.AmountWithoutFee.AppendNBO(b)
	b = append(b, s.CoinPub[:]...)
	return append(b, s.MerchantPub[:]...)
}

// MeltConfirmation chooses which of three sets of a melt stays secret.
type MeltConfirmation struct {
	Commitment    Hash
	NoRevealIndex uint32 // 0, 1 or 2
}

// AppendSigned appends the 76 signed bytes.
func (s MeltConfirmation) AppendSigned(b []byte) []byte {
	b = append(PurposeMeltConfirmation.header(b, 76), s.Commitment[:]...)
	return binary.BigEndian.AppendUint32(b, s.NoRevealIndex)
}

// KeySet vouches for the published list of denominations.
type KeySet struct {
	ListTime          Timestamp
	DenominationsHash Hash // over the denominations' hashes, in the order of the list
}

// AppendSigned appends the 80 signed bytes.
func (s KeySet) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeKeySet.header(b, 80), s.ListTime)
	return append(b, s.DenominationsHash[:]...)
}

// WireConfirmation tells a merchant which transfer paid for one deposit.
type WireConfirmation struct {
	WireHash          Hash
	ContractTermsHash Hash
	WTID              WTID
	CoinPub           EddsaPublicKey
	ExecutionTime     Timestamp
	Contribution      Amount
}

// AppendSigned appends the 232 signed bytes.
func (s WireConfirmation) AppendSigned(b []byte) []byte {
	b = PurposeWireConfirmation.header(b, 232)
	b = append(b, s.WireHash[:]...)
	b = append(b, s.ContractTermsHash[:]...)
	b = append(b, s.WTID[:]...)
	b = append(b, s.CoinPub[:]...)
	b = appendTime(b, s.ExecutionTime)
	return s.Contribution.AppendNBO(b)
}

// TransferDetails tells a merchant what one transfer paid for.
type TransferDetails struct {
	Total       Amount
	WireFee     Amount
	MerchantPub EddsaPublicKey
	WireHash    Hash
	Deposits    []TransferredDeposit
}

// AppendSigned appends the 216 signed bytes, the last 64 of which are a hash over
// the deposits.
func (s TransferDetails) AppendSigned(b []byte) []byte {
	b = PurposeWireDetails.header(b, 216)
	b = s.Total.AppendNBO(b)
	b = s.WireFee.AppendNBO(b)
	b = append(b, s.MerchantPub[:]...)
	b = append(b, s.WireHash[:]...)
	records := make([]byte, 0, len(s.Deposits)*transferredDepositSize)
	for i := range s.Deposits {
		records = s.Deposits[i].appendRecord(records)
	}
	sum := HashOf(records)
	return append(b, sum[:]...)
}

const transferredDepositSize = 152

// TransferredDeposit is one deposit within [TransferDetails].
type TransferredDeposit struct {
	ContractTermsHash Hash
	ExecutionTime     Timestamp
	CoinPub           EddsaPublicKey
	DepositValue      Amount
	DepositFee        Amount
}

// appendRecord appends 152 bytes, which have no header.
func (d *TransferredDeposit) appendRecord(b []byte) []byte {
	b = append(b, d.ContractTermsHash[:]...)
	b = appendTime(b, d.ExecutionTime)
	b = append(b, d.CoinPub[:]...)
	b = d.DepositValue.AppendNBO(b)
	return d.DepositFee.AppendNBO(b)
}

// RecoupConfirmation tells a customer that a coin went back to its reserve.
type RecoupConfirmation struct {
	Time       Timestamp
	Amount     Amount
	CoinPub    EddsaPublicKey
	ReservePub EddsaPublicKey
}

// AppendSigned appends the 104 signed bytes.
func (s RecoupConfirmation) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeRecoupConfirmation.header(b, 104), s.Time)
	b = s.Amount.AppendNBO(b)
	b = append(b, s.CoinPub[:]...)
	return append(b, s.ReservePub[:]...)
}

// RecoupRefreshConfirmation tells a customer that a coin went back to the coin
// from which it was refreshed.
type RecoupRefreshConfirmation struct {
	Time       Timestamp
	Amount     Amount
	CoinPub    EddsaPublicKey
	OldCoinPub EddsaPublicKey
}

// AppendSigned appends the 104 signed bytes.
func (s RecoupRefreshConfirmation) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeRecoupRefreshConfirmation.header(b, 104), s.Time)
	b = s.Amount.AppendNBO(b)
	b = append(b, s.CoinPub[:]...)
	return append(b, s.OldCoinPub[:]...)
}

// ReserveClosed tells a customer that the rest of a reserve was sent back.
type ReserveClosed struct {
	Time       Timestamp
	Amount     Amount
	ClosingFee Amount
	ReservePub EddsaPublicKey
	Receiver   string // payto URI
	WTID       WTID   // the reserve's public key
}

// AppendSigned appends the 192 signed bytes.
func (s ReserveClosed) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeReserveClosed.header(b, 192), s.Time)
	b = s.Amount.AppendNBO(b)
	b = s.ClosingFee.AppendNBO(b)
	b = append(b, s.ReservePub[:]...)
	receiver := hashText(s.Receiver)
	b = append(b, receiver[:]...)
	return append(b, s.WTID[:]...)
}
