package fakebank

import (
	"time"

	"auditor/internal/bank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// Theft is a transfer by which the operator of a simulated exchange pays himself, a day ago,
// under a subject that no book knows: the last row of the first account.
func Theft(x *simulator.Exchange, amount taler.Amount) bank.Record {
	row := int64(0)
	accounts := Simulated(x)
	for _, a := range accounts {
		for _, list := range [][]bank.Record{a.Incoming, a.Outgoing} {
			if len(list) > 0 {
				row = max(row, list[len(list)-1].Row)
			}
		}
	}
	return bank.Record{
		Row: row + 1, Direction: bank.Outgoing, Kind: bank.Transfer, Date: taler.TimestampOf(x.Clock().Add(-24 * time.Hour)),
		Amount: amount, Fee: taler.Zero(amount.Currency), DebitAccount: accounts[0].PaytoURI,
		CreditAccount: "payto://iban/DE02120300000000202051?receiver-name=Operator", WTID: taler.WTID{1}, URL: x.BaseURL(),
	}
}
