package taler

// What the exchange's master key and its auditors sign: which keys are good for
// what, and for how long.

// DenominationValidity announces a denomination. Signed by the master key.
type DenominationValidity struct {
	MasterPub      EddsaPublicKey
	Start          Timestamp
	ExpireWithdraw Timestamp
	ExpireDeposit  Timestamp
	ExpireLegal    Timestamp
	Value          Amount
	FeeWithdraw    Amount
	FeeDeposit     Amount
	FeeRefresh     Amount
	FeeRefund      Amount
	DenomPubHash   Hash
}

// AppendSigned appends the 256 signed bytes.
func (s DenominationValidity) AppendSigned(b []byte) []byte {
	return s.appendBody(PurposeDenominationValidity.header(b, 256))
}

func (s *DenominationValidity) appendBody(b []byte) []byte {
	b = append(b, s.MasterPub[:]...)
	b = appendTime(b, s.Start)
	b = appendTime(b, s.ExpireWithdraw)
	b = appendTime(b, s.ExpireDeposit)
	b = appendTime(b, s.ExpireLegal)
	b = s.Value.AppendNBO(b)
	b = s.FeeWithdraw.AppendNBO(b)
	b = s.FeeDeposit.AppendNBO(b)
	b = s.FeeRefresh.AppendNBO(b)
	b = s.FeeRefund.AppendNBO(b)
	return append(b, s.DenomPubHash[:]...)
}

// AuditorDenominationValidity says that an auditor watches a denomination.
// Signed by the auditor. The purpose differs from that of the embedded
// statement.
type AuditorDenominationValidity struct {
	AuditorURL string // byte by byte as the auditor spells it
	DenominationValidity
}

// AppendSigned appends the 320 signed bytes.
func (s AuditorDenominationValidity) AppendSigned(b []byte) []byte {
	b = PurposeAuditorDenomination.header(b, 320)
	url := hashText(s.AuditorURL)
	b = append(b, url[:]...)
	return s.appendBody(b)
}

// SignKeyValidity announces a key with which the exchange signs its answers.
// Signed by the master key.
type SignKeyValidity struct {
	Start       Timestamp
	ExpireSign  Timestamp
	ExpireLegal Timestamp
	ExchangePub EddsaPublicKey
}

// AppendSigned appends the 64 signed bytes.
func (s SignKeyValidity) AppendSigned(b []byte) []byte {
	b = PurposeSignKeyValidity.header(b, 64)
	b = appendTime(b, s.Start)
	b = appendTime(b, s.ExpireSign)
	b = appendTime(b, s.ExpireLegal)
	return append(b, s.ExchangePub[:]...)
}

// DenominationRevocation ends a denomination early. Signed by the master key.
type DenominationRevocation struct{ DenomPubHash Hash }

// AppendSigned appends the 72 signed bytes.
func (s DenominationRevocation) AppendSigned(b []byte) []byte {
	return append(PurposeDenominationRevocation.header(b, 72), s.DenomPubHash[:]...)
}

// SignKeyRevocation ends a sign key early. Signed by the master key.
type SignKeyRevocation struct{ ExchangePub EddsaPublicKey }

// AppendSigned appends the 40 signed bytes.
func (s SignKeyRevocation) AppendSigned(b []byte) []byte {
	return append(PurposeSignKeyRevocation.header(b, 40), s.ExchangePub[:]...)
}

// WireFee announces what wire transfers cost by one method during a period.
// Signed by the master key.
type WireFee struct {
	Method     string    // for instance "x-taler-bank", lower case
	Start      Timestamp // inclusive
	End        Timestamp // exclusive
	WireFee    Amount    // per aggregated transfer
	ClosingFee Amount    // per closed reserve
}

// AppendSigned appends the 136 signed bytes.
func (s WireFee) AppendSigned(b []byte) []byte {
	b = PurposeWireFee.header(b, 136)
	method := hashText(s.Method)
	b = append(b, method[:]...)
	b = appendTime(b, s.Start)
	b = appendTime(b, s.End)
	b = s.WireFee.AppendNBO(b)
	return s.ClosingFee.AppendNBO(b)
}

// WireAccount announces a bank account of the exchange. Signed by the master
// key.
type WireAccount struct{ PaytoURI string }

// AppendSigned appends the 72 signed bytes.
func (s WireAccount) AppendSigned(b []byte) []byte {
	return appendExchangeAccount(PurposeWireAccount.header(b, 72), s.PaytoURI)
}

// AddWire puts a bank account to use. Signed by the master key; not stored.
type AddWire struct {
	Start    Timestamp
	PaytoURI string
}

// AppendSigned appends the 80 signed bytes.
func (s AddWire) AppendSigned(b []byte) []byte {
	return appendExchangeAccount(appendTime(PurposeAddWire.header(b, 80), s.Start), s.PaytoURI)
}

// DelWire takes a bank account out of use. Signed by the master key; not stored.
type DelWire struct {
	End      Timestamp
	PaytoURI string
}

// AppendSigned appends the 80 signed bytes.
func (s DelWire) AppendSigned(b []byte) []byte {
	return appendExchangeAccount(appendTime(PurposeDelWire.header(b, 80), s.End), s.PaytoURI)
}

// AddAuditor appoints an auditor. Signed by the master key; not stored.
type AddAuditor struct {
	Start      Timestamp
	AuditorPub EddsaPublicKey
	AuditorURL string
}

// AppendSigned appends the 112 signed bytes.
func (s AddAuditor) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeAddAuditor.header(b, 112), s.Start)
	b = append(b, s.AuditorPub[:]...)
	url := hashText(s.AuditorURL)
	return append(b, url[:]...)
}

// DelAuditor dismisses an auditor. Signed by the master key; not stored.
type DelAuditor struct {
	End        Timestamp
	AuditorPub EddsaPublicKey
}

// AppendSigned appends the 48 signed bytes.
func (s DelAuditor) AppendSigned(b []byte) []byte {
	b = appendTime(PurposeDelAuditor.header(b, 48), s.End)
	return append(b, s.AuditorPub[:]...)
}
