package fakebank

import (
	"context"

	"auditor/internal/bank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// Simulated returns the accounts of a simulated exchange, named like their sections.
func Simulated(x *simulator.Exchange) []Account {
	var accounts []Account
	for i, a := range x.Accounts() {
		account := Account{Name: a.Section, PaytoURI: a.PaytoURI}
		for c := range x.BankCredits(i) {
			account.Incoming = append(account.Incoming, Credit(c))
		}
		for d := range x.BankDebits(i) {
			account.Outgoing = append(account.Outgoing, Debit(d))
		}
		accounts = append(accounts, account)
	}
	return accounts
}

// Credit is a transfer to the simulated exchange as a record.
func Credit(c simulator.BankCredit) bank.Record {
	return bank.Record{
		Row: c.RowID, Direction: bank.Incoming, Kind: bank.ToReserve, Date: taler.TimestampOf(c.Date.Time()),
		Amount: c.Amount, Fee: taler.Zero(c.Amount.Currency),
		DebitAccount: c.DebitAccount, CreditAccount: c.CreditAccount, ReservePub: c.ReservePub,
	}
}

// Debit is a transfer from the simulated exchange as a record.
func Debit(d simulator.BankDebit) bank.Record {
	return bank.Record{
		Row: d.RowID, Direction: bank.Outgoing, Kind: bank.Transfer, Date: taler.TimestampOf(d.Date.Time()),
		Amount: d.Amount, Fee: taler.Zero(d.Amount.Currency),
		DebitAccount: d.DebitAccount, CreditAccount: d.CreditAccount, WTID: d.WTID, URL: d.ExchangeBaseURL,
	}
}

// Load returns an account whose histories were saved to files. A file without a name is an empty history.
func Load(ctx context.Context, name, payto string, currency taler.Currency, incoming, outgoing string) (Account, error) {
	account := Account{Name: name, PaytoURI: payto}
	for _, half := range []struct {
		file      string
		direction bank.Direction
		into      *[]bank.Record
	}{{incoming, bank.Incoming, &account.Incoming}, {outgoing, bank.Outgoing, &account.Outgoing}} {
		if half.file == "" {
			continue
		}
		history, err := bank.OpenFiles(bank.FilesAccount{Files: []string{half.file}, Direction: half.direction, Currency: currency, PaytoURI: payto})
		if err != nil {
			return Account{}, err
		}
		for r, err := range history.Records(ctx, 0) {
			if err != nil {
				return Account{}, err
			}
			*half.into = append(*half.into, r)
		}
	}
	return account, nil
}
