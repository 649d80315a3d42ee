package main

import (
	"fmt"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/config"
	"auditor/internal/taler"
)

// The bank of the demonstration tells over HTTP what it knows, as a real one does.

// stealFrom has the operator pay himself from the exchange's bank account, and says so.
func (d *demo) stealFrom() (effect string) {
	theft := fakebank.Theft(d.play, taler.Amount{Currency: d.play.Currency(), Value: 33, Fraction: 30_000_000})
	d.stolen = append(d.stolen, theft)
	return fmt.Sprintf("   - The operator wires money from the exchange's bank account to himself. No book mentions it.\n     (row %d of the bank, %v)",
		theft.Row, theft.Amount)
}

// openBank starts the bank and returns the exchange's accounts as the auditor sees them.
func (d *demo) openBank() (accounts []bank.Account, stop func(), err error) {
	known := fakebank.Simulated(d.play)
	known[0].Outgoing = append(known[0].Outgoing, d.stolen...)
	b := fakebank.New(fakebank.Later, known...)
	url, stop, err := b.Start()
	if err != nil {
		return nil, nil, err
	}
	var settings []config.Account
	for _, a := range known {
		settings = append(settings, config.Account{Name: a.Name, PaytoURI: a.PaytoURI, WireGatewayURL: url + b.Path(a.Name), EnableCredit: true, EnableDebit: true})
	}
	accounts, err = bank.Open(settings, d.play.Currency(), func(string) string { return "" }, bank.Surroundings{})
	if err != nil {
		stop()
	}
	return accounts, stop, err
}
