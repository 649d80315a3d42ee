package main

import (
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/urfave/cli/v2"

	"auditor/internal/auditordb"
	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/taler"
)

func addExchange(c *cli.Context) error {
	given, err := exchangeOfFlags(c)
	if err != nil {
		return err
	}
	var need []config.Need
	if given == nil {
		need = append(need, config.NeedExchange)
	}
	return onAuditorDB(c, func(settings *config.Config, conn *pgx.Conn) error {
		if given == nil {
			given = &settings.Exchange
		}
		outcome, err := auditordb.Add(c.Context, conn, given.MasterPublicKey, given.BaseURL, given.Currency)
		if err != nil {
			return err
		}
		fmt.Fprintf(c.App.Writer, "exchange %s %s: %s, %s\n", given.MasterPublicKey, outcome, given.BaseURL, given.Currency)
		return nil
	}, need...)
}

// exchangeOfFlags returns the exchange that the flags describe, or nil if they leave
// it to the configuration.
func exchangeOfFlags(c *cli.Context) (*config.Exchange, error) {
	key, url, currency := c.String("exchange-key"), c.String("base-url"), c.String("currency")
	switch empty := []bool{key == "", url == "", currency == ""}; {
	case !slices.Contains(empty, false):
		return nil, nil
	case slices.Contains(empty, true):
		return nil, command.Usagef(c, "--exchange-key, --base-url and --currency go together: give all of them, or none for the exchange of the configuration")
	}
	var e config.Exchange
	var err error
	if e.MasterPublicKey, err = taler.ParseEddsaPublicKey(key); err != nil {
		return nil, command.Usagef(c, "--exchange-key: %v", err)
	}
	if e.BaseURL, err = config.ParseBaseURL(url); err != nil {
		return nil, command.Usagef(c, "--base-url: %v", err)
	}
	if e.Currency, err = taler.ParseCurrency(currency); err != nil {
		return nil, command.Usagef(c, "--currency: %v", err)
	}
	return &e, nil
}
