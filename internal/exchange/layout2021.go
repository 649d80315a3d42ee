package exchange

// Layout2021 returns the layout of exchanges of 2021: the patches exchange-0001
// and exchange-0002, all tables in one schema ("public" by default), amounts as
// pairs of columns. The result is the caller's own copy.
//
// Indexes and keys are those after the second patch, which lost several: there is
// no unique constraint on (coin, merchant, contract) of deposits, on refunds'
// transaction numbers, on the bank's reference of incoming transfers, or on
// (melt, index) of revealed coins. Duplicates are possible and are the audit's
// to detect.
func Layout2021() *Layout {
	return &Layout{
		Name: "2021",
		Tables: []*Table{
			exchangeSignKeys2021(),
			signkeyRevocations2021(),
			auditors2021(),
			denominations2021(),
			denominationRevocations2021(),
			auditorDenomSigs2021(),
			wireFee2021(),
			reserves2021(),
			reservesOut2021(),
			reservesIn2021(),
			reservesClose2021(),
			knownCoins2021(),
			deposits2021(),
			refunds2021(),
			refreshCommitments2021(),
			refreshTransferKeys2021(),
			refreshRevealedCoins2021(),
			recoupRefresh2021(),
			recoup2021(),
			wireOut2021(),
			aggregationTracking2021(),
			prewire2021(),
			wireAccounts2021(),
		},
	}
}

func serial(name string) Column {
	return Column{Name: name, Type: BigInt, Role: Serial, Default: "sequence"}
}

func reference(name string) Column { return Column{Name: name, Type: BigInt, Role: Reference} }
func value(name string) Column     { return Column{Name: name, Type: BigInt, Role: AmountValue} }
func fraction(name string) Column  { return Column{Name: name, Type: Integer, Role: AmountFraction} }
func instant(name string) Column   { return Column{Name: name, Type: BigInt, Role: Time} }
func number(name string) Column    { return Column{Name: name, Type: BigInt} }
func index(name string) Column     { return Column{Name: name, Type: Integer, Role: Index} }
func text(name string) Column      { return Column{Name: name, Type: Text, Role: Label} }
func varchar(name string) Column   { return Column{Name: name, Type: Varchar, Role: Label} }
func flag(name string) Column      { return Column{Name: name, Type: Boolean, Role: Flag} }
func blob(name string) Column      { return Column{Name: name, Type: Bytea, Role: Blob} }

func checkedBytes(name string, role Role, length int) Column {
	return Column{Name: name, Type: Bytea, Role: role, Length: length, Checked: true}
}

func key(name string) Column       { return checkedBytes(name, Key, 32) }
func hash(name string) Column      { return checkedBytes(name, Hash, 64) }
func signature(name string) Column { return checkedBytes(name, Signature, 64) }
func secret(name string) Column    { return checkedBytes(name, Secret, 32) }
func transfer(name string) Column  { return checkedBytes(name, Transfer, 32) }

func nullable(c Column) Column { c.Nullable = true; return c }
func mutable(c Column) Column  { c.Mutable = true; return c }
func falseByDefault(c Column) Column {
	c.Default = "false"
	return c
}

// unchecked marks a column whose length the database of an exchange does not
// enforce although each well-formed value has it.
func unchecked(c Column, length int) Column {
	c.Length, c.Checked = length, false
	return c
}

func references(column, table, references string) ForeignKey {
	return ForeignKey{Column: column, Table: table, References: references}
}
