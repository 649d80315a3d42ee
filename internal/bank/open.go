package bank

import (
	"errors"
	"fmt"

	"auditor/internal/config"
	"auditor/internal/taler"
)

// An Account is a bank account of the exchange with what the bank tells of it.
type Account struct {
	Section  string // the exchange's own name of it, as its database records it
	PaytoURI string
	Incoming History // nil: the account takes no transfers
	Outgoing History // nil: the account makes none
	Saved    bool    // to files, so that the histories end when they were saved
}

// Open returns the accounts of a configuration with their histories. It looks for saved histories and reads
// passwords, but asks no gateway yet. The errors of all accounts are joined.
func Open(accounts []config.Account, currency taler.Currency, getenv func(string) string, around Surroundings) ([]Account, error) {
	var opened []Account
	var problems []error
	for _, a := range accounts {
		account := Account{Section: a.Name, PaytoURI: a.PaytoURI, Saved: a.WireGatewayURL == ""}
		for _, half := range []struct {
			direction Direction
			enabled   bool
			files     []string
			into      *History
		}{
			{Incoming, a.EnableCredit, a.HistoryIncoming, &account.Incoming},
			{Outgoing, a.EnableDebit, a.HistoryOutgoing, &account.Outgoing},
		} {
			if !half.enabled {
				continue
			}
			history, err := openHalf(a, half.direction, half.files, currency, getenv, around)
			if err != nil {
				problems = append(problems, fmt.Errorf("account %q, %s: %w", a.Name, half.direction, err))
				continue
			}
			*half.into = history
		}
		opened = append(opened, account)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return opened, nil
}

func openHalf(a config.Account, direction Direction, files []string, currency taler.Currency, getenv func(string) string,
	around Surroundings) (History, error) {
	if a.WireGatewayURL == "" {
		return OpenFiles(FilesAccount{Files: files, Direction: direction, Currency: currency, PaytoURI: a.PaytoURI})
	}
	secret, err := a.Password(getenv)
	if err != nil {
		return nil, err
	}
	account := GatewayAccount{URL: a.WireGatewayURL, Direction: direction, Currency: currency, IgnoreNotFound: a.IgnoreNotFound}
	switch a.AuthMethod {
	case config.AuthBasic:
		account.Username, account.Password = a.Username, secret
	case config.AuthBearer:
		account.Token = secret
	}
	return NewGateway(account, around), nil
}
