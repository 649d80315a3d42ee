package config

import (
	"slices"

	"github.com/BurntSushi/toml"

	"auditor/internal/office"
	"auditor/internal/taler"
)

// The sections and keys that exist. Each key is bound to the setting that it fills, so that reading,
// checking, digesting and the test of the example configuration follow from this one list.

// Need names a section that a program cannot do without. A section that is not needed may be missing or
// incomplete, but what it holds must be right.
type Need uint8

// The sections that can be needed.
const (
	NeedExchange          Need = iota + 1
	NeedExchangeExceptKey      // for a caller that was told the master public key in another way
	NeedExchangeDB
	NeedAuditorDB
	NeedAuditor
	NeedOffice
	NeedAccounts // at least one
)

type section struct {
	path toml.Key
	need Need
	keys []key
}

// name gives the section as it stands between brackets.
func (s section) name() string { return s.path.String() }

// key gives the path of one of the section's keys.
func (s section) key(name string) toml.Key { return append(slices.Clip(s.path), name) }

func (s section) keyNames() []string {
	names := make([]string, len(s.keys))
	for i, k := range s.keys {
		names[i] = k.name
	}
	return names
}

type key struct {
	name     string
	value    value
	required bool   // where the section is needed, and in every account
	example  string // a value in TOML
	private  bool   // where a secret comes from; no part of the digest
}

// accountsTable is the table that holds the sections of all accounts.
const accountsTable = "account"

// sections returns all sections of c, those of the accounts last.
func (c *Config) sections() []section {
	all := []section{
		{toml.Key{"exchange"}, NeedExchange, c.Exchange.keys()},
		{toml.Key{"exchangedb"}, NeedExchangeDB, append(c.ExchangeDB.keys("taler-exchange"),
			key{name: "schema", value: text(&c.ExchangeDB.Schema, identifier), example: `"public"`},
			key{name: "idle_reserve_expiration_time", value: text(&c.ExchangeDB.IdleReserveExpiration, positiveDuration), example: `"4 weeks"`},
			key{name: "legal_reserve_expiration_time", value: text(&c.ExchangeDB.LegalReserveExpiration, positiveDuration), example: `"7 years"`})},
		{toml.Key{"auditordb"}, NeedAuditorDB, c.AuditorDB.keys("taler-auditor")},
		{toml.Key{"auditor"}, NeedAuditor, c.Auditor.keys()},
		{toml.Key{"office"}, NeedOffice, c.Office.keys()},
	}
	for i := range c.Accounts {
		account := &c.Accounts[i]
		all = append(all, section{toml.Key{accountsTable, account.Name}, NeedAccounts, account.keys()})
	}
	return all
}

const exampleKey = `"…"  # 52 characters of base32`

func (e *Exchange) keys() []key {
	return []key{
		{name: "master_public_key", value: text(&e.MasterPublicKey, taler.ParseEddsaPublicKey), required: true, example: exampleKey},
		{name: "base_url", value: text(&e.BaseURL, baseURL), required: true, example: `"https://exchange.example/"`},
		{name: "currency", value: text(&e.Currency, taler.ParseCurrency), required: true, example: `"EUR"`},
		{name: "currency_round_unit", value: text(&e.CurrencyRoundUnit, roundUnit), required: true, example: `"EUR:0.01"`},
	}
}

func (d *Database) keys(database string) []key {
	return []key{
		{name: "config", value: connection(&d.Config), required: true, example: `"postgres:///` + database + `"`},
		{name: "password_file", value: text(&d.PasswordFile, fileName), example: `"` + database + `.password"`, private: true},
	}
}

func (a *Auditor) keys() []key {
	return []key{
		{name: "public_key", value: text(&a.PublicKey, taler.ParseEddsaPublicKey), required: true, example: exampleKey},
		{name: "base_url", value: text(&a.BaseURL, baseURL), required: true, example: `"https://auditor.example/"`},
		{name: "tiny_amount", value: text(&a.TinyAmount, taler.ParseAmount), required: true, example: `"EUR:0.01"`},
		{name: "closing_grace", value: text(&a.ClosingGrace, ParseDuration), example: `"1 day"`},
		{name: "denomination_grace", value: text(&a.DenominationGrace, ParseDuration), example: `"1 day"`},
		{name: "future_tolerance", value: text(&a.FutureTolerance, ParseDuration), example: `"1 hour"`},
		{name: "execution_tolerance", value: text(&a.ExecutionTolerance, ParseDuration), example: `"15 minutes"`},
		{name: "report_key_file", value: text(&a.ReportKeyFile, fileName), example: `"report.key"`, private: true},
		{name: "deposit_grace", value: text(&a.DepositGrace, ParseDuration), example: `"1 hour"`},
		{name: "longest_wire_delay", value: text(&a.LongestWireDelay, positiveDuration), example: `"1 year"`},
		{name: "confirmation_grace", value: text(&a.ConfirmationGrace, ParseDuration), example: `"1 day"`},
		{name: "transfer_grace", value: text(&a.TransferGrace, ParseDuration), example: `"1 hour"`},
	}
}

func (o *Office) keys() []key {
	return []key{
		{name: "role", value: text(&o.Role, office.Parse), required: true, example: `"auditor"`},
		{name: "administrative_services", value: numbers(&o.AdministrativeServices), example: `[130, 140]`},
	}
}

func (a *Account) keys() []key {
	return []key{
		{name: "payto_uri", value: text(&a.PaytoURI, payto), required: true, example: `"payto://iban/DE75512108001245126199?receiver-name=Exchange"`},
		{name: "wire_gateway_url", value: text(&a.WireGatewayURL, baseURL), example: `"https://bank.example/taler-wire-gateway/"`},
		{name: "history_incoming", value: fileNames(&a.HistoryIncoming), example: `"incoming.json"`},
		{name: "history_outgoing", value: fileNames(&a.HistoryOutgoing), example: `"outgoing.json"`},
		{name: "enable_credit", value: boolean(&a.EnableCredit), example: `true`},
		{name: "enable_debit", value: boolean(&a.EnableDebit), example: `true`},
		{name: "ignore_not_found", value: boolean(&a.IgnoreNotFound), example: `true`},
		{name: "auth_method", value: text(&a.AuthMethod, oneOf(AuthNone, AuthBasic, AuthBearer)), example: `"basic"`},
		{name: "username", value: text(&a.Username, printable), example: `"auditor"`},
		{name: "password_file", value: text(&a.PasswordFile, fileName), example: `"bank.password"`, private: true},
		{name: "password_env", value: text(&a.PasswordEnv, environmentVariable), example: `"BANK_PASSWORD"`, private: true},
	}
}
