package catalogue

import (
	"fmt"
	"strings"

	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// Account is what the bank shows of one of the exchange's accounts.
type Account struct {
	simulator.Account
	Credits []simulator.BankCredit // ascending by row
	Debits  []simulator.BankDebit  // ascending by row
}

// bankOf copies what the banks know.
func bankOf(play *simulator.Exchange) []Account {
	var bank []Account
	for i, account := range play.Accounts() {
		a := Account{Account: account}
		for c := range play.BankCredits(i) {
			a.Credits = append(a.Credits, c)
		}
		for p := range play.BankDebits(i) {
			a.Debits = append(a.Debits, p)
		}
		bank = append(bank, a)
	}
	return bank
}

// accountFor is the exchange's account that does business with somebody's account:
// the one of the same method, or the first.
func (d *deed) accountFor(payto string) *Account {
	for i := range d.Bank {
		if strings.HasPrefix(payto, "payto://"+d.Bank[i].Method+"/") {
			return &d.Bank[i]
		}
	}
	return &d.Bank[0]
}

// nextRow is the number that the bank gives to the next transfer.
func (a *Account) nextRow() int64 {
	var last int64
	for _, c := range a.Credits {
		last = max(last, c.RowID)
	}
	for _, p := range a.Debits {
		last = max(last, p.RowID)
	}
	return last + 1
}

func bankTime(at taler.Timestamp) simulator.BankTime {
	return simulator.BankTime{Milliseconds: int64(at / 1000)}
}

// receive has the bank receive money for a reserve and returns its row.
func (d *deed) receive(a *Account, reserve taler.EddsaPublicKey, amount taler.Amount, sender string, at taler.Timestamp) int64 {
	row := a.nextRow()
	a.Credits = append(a.Credits, simulator.BankCredit{RowID: row, Amount: amount, Date: bankTime(at), CreditAccount: a.PaytoURI,
		DebitAccount: sender, ReservePub: reserve})
	return row
}

// received returns the bank's row of the first transfer to a reserve.
func (d *deed) received(reserve taler.EddsaPublicKey) int64 {
	for _, a := range d.Bank {
		for _, c := range a.Credits {
			if c.ReservePub == reserve {
				return c.RowID
			}
		}
	}
	return 0
}

// pay has the bank pay, in whole cents, and returns its row; it does nothing if that is
// nothing.
func (d *deed) pay(subject taler.WTID, amount taler.Amount, receiver string, at taler.Timestamp) int64 {
	whole, err := amount.RoundDown(d.Play.RoundUnit())
	if err != nil {
		d.fail(err)
	}
	if whole.IsZero() {
		return 0
	}
	a, row := d.accountFor(receiver), d.accountFor(receiver).nextRow()
	a.Debits = append(a.Debits, simulator.BankDebit{RowID: row, Amount: whole, Date: bankTime(at), CreditAccount: receiver,
		DebitAccount: a.PaytoURI, WTID: subject, ExchangeBaseURL: d.Play.BaseURL()})
	return row
}

// lastDebit is the last payment to the accomplice or somebody at his bank.
func (d *deed) lastDebit() *simulator.BankDebit {
	a := d.accountFor(accomplice)
	return &a.Debits[len(a.Debits)-1]
}

// paidUnder finds what a bank paid under a subject: an amount, in whole cents.
func (d *deed) paidUnder(subject taler.WTID, amount taler.Amount) (section string, debit simulator.BankDebit) {
	whole, err := amount.RoundDown(d.Play.RoundUnit())
	if err != nil {
		d.fail(err)
	}
	for _, a := range d.Bank {
		for _, debit := range a.Debits {
			if debit.WTID == subject && debit.Amount == whole {
				return a.Section, debit
			}
		}
	}
	d.fail(fmt.Errorf("no bank paid %v under the subject %v", whole, subject))
	return "", debit
}

// unpaid takes the last payment to somebody back: the bank never made it.
func (d *deed) unpaid(receiver string) {
	a := d.accountFor(receiver)
	if len(a.Debits) > 0 {
		a.Debits = a.Debits[:len(a.Debits)-1]
	}
}
