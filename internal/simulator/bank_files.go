package simulator

import (
	"iter"
	"os"
	"path/filepath"
	"time"

	"auditor/internal/taler"
)

// The banks' histories, in the form in which a wire gateway of 2021 gives them.

// BankTime is a time of the wire gateway, in milliseconds since 1970.
type BankTime struct {
	Milliseconds int64 `json:"t_ms"`
}

// Time converts to Go's time.
func (t BankTime) Time() time.Time { return time.UnixMilli(t.Milliseconds).UTC() }

// A BankCredit is a transfer to the exchange, an element of incoming_transactions.
type BankCredit struct {
	RowID         int64                `json:"row_id"`
	Amount        taler.Amount         `json:"amount"`
	Date          BankTime             `json:"date"`
	CreditAccount string               `json:"credit_account"` // the exchange's
	DebitAccount  string               `json:"debit_account"`
	ReservePub    taler.EddsaPublicKey `json:"reserve_pub"`
}

// A BankDebit is a transfer from the exchange, an element of outgoing_transactions.
type BankDebit struct {
	RowID           int64        `json:"row_id"`
	Amount          taler.Amount `json:"amount"`
	Date            BankTime     `json:"date"`
	CreditAccount   string       `json:"credit_account"`
	DebitAccount    string       `json:"debit_account"` // the exchange's
	WTID            taler.WTID   `json:"wtid"`
	ExchangeBaseURL string       `json:"exchange_base_url"`
}

// BankCredits yields what came in at one of the exchange's accounts, a position in
// Accounts, ascending by row.
func (x *Exchange) BankCredits(account int) iter.Seq[BankCredit] {
	return func(yield func(BankCredit) bool) {
		for _, c := range x.credits[account] {
			if !yield(BankCredit{
				RowID: c.row, Amount: c.amount.amount(x.scenario.Currency), Date: bankTime(c.at),
				CreditAccount: x.accounts[account].PaytoURI, DebitAccount: c.sender, ReservePub: x.reserveKey(c.reserve).Public(),
			}) {
				return
			}
		}
	}
}

// BankDebits yields what went out of one of the exchange's accounts, a position in
// Accounts, ascending by row.
func (x *Exchange) BankDebits(account int) iter.Seq[BankDebit] {
	return func(yield func(BankDebit) bool) {
		for _, d := range x.debits[account] {
			if !yield(BankDebit{
				RowID: d.row, Amount: d.amount.amount(x.scenario.Currency), Date: bankTime(d.at),
				CreditAccount: d.receiver, DebitAccount: x.accounts[account].PaytoURI, WTID: d.subject, ExchangeBaseURL: x.BaseURL(),
			}) {
				return
			}
		}
	}
}

func bankTime(t taler.Timestamp) BankTime { return BankTime{t.Time().UnixMilli()} }

// BankFiles returns the names of the two files that WriteBank leaves for one of
// the exchange's accounts, a position in Accounts.
func (x *Exchange) BankFiles(account int) (incoming, outgoing string) {
	section := x.accounts[account].Section
	return filepath.Join(section, "bank-incoming.json"), filepath.Join(section, "bank-outgoing.json")
}

// WriteBank writes the histories of all accounts: two files for each, in a folder
// called like the account.
func (x *Exchange) WriteBank(folder string) error {
	for i := range x.accounts {
		incoming, outgoing := x.BankFiles(i)
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(incoming)), 0o777); err != nil {
			return err
		}
		if err := writeArray(filepath.Join(folder, incoming), "{\n\"incoming_transactions\": ", "\n}", x.BankCredits(i)); err != nil {
			return err
		}
		if err := writeArray(filepath.Join(folder, outgoing), "{\n\"outgoing_transactions\": ", "\n}", x.BankDebits(i)); err != nil {
			return err
		}
	}
	return nil
}
