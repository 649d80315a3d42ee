package main

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// configuration is what an audit of the simulated exchange needs to know, as TOML.
// The databases are those of the simulation, else the usual one of an auditor.
func (s *simulation) configuration() string {
	var b strings.Builder
	auditor, url := s.play.Auditor()
	section := func(name string, settings ...[2]string) {
		fmt.Fprintf(&b, "[%s]\n", name)
		for _, setting := range settings {
			if setting[1] != "" {
				fmt.Fprintf(&b, "%s = %s\n", setting[0], setting[1])
			}
		}
		b.WriteString("\n")
	}
	exchangeDB, auditorDB := s.settings.ExchangeDB, s.settings.AuditorDB
	section("exchange",
		[2]string{"master_public_key", strconv.Quote(s.play.MasterPublicKey().String())},
		[2]string{"base_url", strconv.Quote(s.play.BaseURL())},
		[2]string{"currency", strconv.Quote(string(s.play.Currency()))},
		[2]string{"currency_round_unit", strconv.Quote(s.play.RoundUnit().String())})
	section("exchangedb",
		[2]string{"config", strconv.Quote(exchangeDB.Config)},
		[2]string{"schema", strconv.Quote(exchangeDB.Schema)},
		[2]string{"password_file", optional(exchangeDB.PasswordFile)},
		[2]string{"idle_reserve_expiration_time", strconv.Quote(fmt.Sprintf("%d s", s.play.Scenario().IdleReserveExpiration/time.Second))},
		[2]string{"legal_reserve_expiration_time", strconv.Quote(fmt.Sprintf("%d s", s.play.Scenario().LegalReserveExpiration/time.Second))})
	section("auditordb",
		[2]string{"config", strconv.Quote(cmp.Or(auditorDB.Config, "postgres:///taler-auditor"))},
		[2]string{"password_file", optional(auditorDB.PasswordFile)})
	section("auditor",
		[2]string{"public_key", strconv.Quote(auditor.String())},
		[2]string{"base_url", strconv.Quote(url)},
		[2]string{"tiny_amount", strconv.Quote(s.play.TinyAmount().String())})
	for i, account := range s.play.Accounts() {
		incoming, outgoing := s.play.BankFiles(i)
		section("account."+account.Section,
			[2]string{"payto_uri", strconv.Quote(account.PaytoURI)},
			[2]string{"history_incoming", strconv.Quote(incoming)},
			[2]string{"history_outgoing", strconv.Quote(outgoing)},
			[2]string{"enable_credit", "true"},
			[2]string{"enable_debit", "true"})
	}
	return b.String()
}

func optional(text string) string {
	if text == "" {
		return ""
	}
	return strconv.Quote(text)
}
