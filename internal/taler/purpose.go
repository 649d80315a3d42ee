package taler

import "encoding/binary"

// Purpose is the code in the header of a signed block. It says what a signature
// means, so that none can be passed off as another.
type Purpose uint32

// The purposes of an exchange of early 2021, by who signs.
const (
	// Signed with the exchange's master key.
	PurposeSignKeyRevocation      Purpose = 1020
	PurposeAddWire                Purpose = 1021
	PurposeDelWire                Purpose = 1023
	PurposeSignKeyValidity        Purpose = 1024
	PurposeDenominationValidity   Purpose = 1025
	PurposeAddAuditor             Purpose = 1026
	PurposeDelAuditor             Purpose = 1027
	PurposeWireFee                Purpose = 1028
	PurposeDenominationRevocation Purpose = 1029
	PurposeWireAccount            Purpose = 1030

	// Signed with a sign key of the exchange.
	PurposeReserveStatus             Purpose = 1032 // reserved, never signed
	PurposeDepositConfirmation       Purpose = 1033
	PurposeMeltConfirmation          Purpose = 1034
	PurposeKeySet                    Purpose = 1035
	PurposeWireConfirmation          Purpose = 1036
	PurposeWireDetails               Purpose = 1037
	PurposeRefundConfirmation        Purpose = 1038
	PurposeRecoupConfirmation        Purpose = 1039
	PurposeReserveClosed             Purpose = 1040
	PurposeRecoupRefreshConfirmation Purpose = 1041

	// Signed by an auditor.
	PurposeAuditorDenomination Purpose = 1064

	// Signed by a merchant.
	PurposeContract     Purpose = 1101
	PurposeRefund       Purpose = 1102
	PurposeTrack        Purpose = 1103
	PurposePaymentOK    Purpose = 1104
	PurposePaySession   Purpose = 1106
	PurposeMerchantWire Purpose = 1107

	// Signed by a reserve.
	PurposeWithdraw Purpose = 1200

	// Signed by a coin.
	PurposeDeposit Purpose = 1201
	PurposeMelt    Purpose = 1202
	PurposeRecoup  Purpose = 1203 // also for coins from a refresh
	PurposeLink    Purpose = 1204

	// Signed by the exchange's security modules.
	PurposeRSAHelper   Purpose = 1250
	PurposeEddsaHelper Purpose = 1251

	// Never in an exchange's database.
	PurposeClientTest        Purpose = 1302
	PurposeExchangeTest      Purpose = 1303
	PurposeAnastasisUpload   Purpose = 1400
	PurposeAnastasisDownload Purpose = 1401
	PurposeSyncUpload        Purpose = 1450
)

// header appends what precedes every signed structure: its total size, these
// eight bytes included, and its purpose.
func (p Purpose) header(b []byte, size uint32) []byte {
	b = binary.BigEndian.AppendUint32(b, size)
	return binary.BigEndian.AppendUint32(b, uint32(p))
}

func appendTime(b []byte, t Timestamp) []byte {
	return binary.BigEndian.AppendUint64(b, uint64(t))
}
