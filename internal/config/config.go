// Package config reads the configuration file of the three programs.
//
// A configuration is TOML in five fixed sections and one section per bank account; docs/auditor.toml shows
// all of them. Call [Find] to learn which file is meant and [Load] to read it. Load is strict: a key that it
// does not know, in exactly this spelling, is an error, because a misspelt key would otherwise be a default
// that nobody chose. It reports everything that is wrong at once, with line numbers, as [*Problems].
//
// Secrets never stand in the file. Passwords come from the environment or from files of their own, at the
// time when they are needed: [Database.Password] and [Account.Password].
package config

import (
	"time"

	"auditor/internal/office"
	"auditor/internal/taler"
)

// Config is a configuration that passed all checks. Sections that were neither needed nor written hold
// their defaults.
type Config struct {
	File       string // path of the file that was read
	Exchange   Exchange
	ExchangeDB Database
	AuditorDB  Database
	Auditor    Auditor
	Office     Office
	Accounts   []Account // sorted by name
}

// Exchange says which exchange is audited: section [exchange].
type Exchange struct {
	MasterPublicKey   taler.EddsaPublicKey
	BaseURL           string // http or https, ends with '/'
	Currency          taler.Currency
	CurrencyRoundUnit taler.Amount // wire transfers are multiples of it; zero means that nothing is rounded
}

// Database says how to reach a database: sections [exchangedb] and [auditordb].
type Database struct {
	Config                 string        // libpq connection string or URL
	Schema                 string        // schema of the tables; always "auditor" in [auditordb]
	IdleReserveExpiration  time.Duration // only in [exchangedb]: idle time after which the exchange closes a reserve
	LegalReserveExpiration time.Duration // only in [exchangedb]: time for which the exchange keeps a reserve after its last withdrawal or recoup
	PasswordFile           string        // absolute path; empty: none
	PasswordEnv            string        // name of the environment variable that goes before PasswordFile
}

// Auditor says who audits and how strictly: section [auditor].
type Auditor struct {
	PublicKey          taler.EddsaPublicKey // signs the denominations that are ours
	BaseURL            string               // http or https, ends with '/'; part of those signatures
	TinyAmount         taler.Amount         // smaller sums need not be wired on their own
	ClosingGrace       time.Duration        // time after its expiration for which a reserve may stay unclosed
	DenominationGrace  time.Duration        // time after the end of deposits from which a denomination counts as expired
	FutureTolerance    time.Duration        // how far in the future a date may lie
	ExecutionTolerance time.Duration        // how far execution dates of bank and exchange may be apart
	ReportKeyFile      string               // absolute path of the key that signs reports; empty: none
	DepositGrace       time.Duration        // time after its wire deadline for which a deposit may stay unpaid
	LongestWireDelay   time.Duration        // time after which a deposit that can no longer be refunded must be due
	ConfirmationGrace  time.Duration        // time after its confirmation for which a deposit may be missing
	TransferGrace      time.Duration        // time for the bank to do what was ordered, and for the exchange to book what the bank did
}

// Office says for whom this node works: section [office].
type Office struct {
	Role                   office.Role // empty: the node works for none
	AdministrativeServices []uint16    // service commands that create, delete or administrate
}

// Account is a bank account of the exchange: section [account.NAME]. It has a wire gateway or, instead,
// saved histories.
type Account struct {
	Name            string // the exchange's own name of its section, as its database records it
	PaytoURI        string
	WireGatewayURL  string   // http or https, ends with '/'; empty: read the saved histories
	HistoryIncoming []string // absolute paths of files, or patterns; empty: none
	HistoryOutgoing []string // absolute paths of files, or patterns; empty: none
	EnableCredit    bool     // customers pay to this account
	EnableDebit     bool     // the exchange pays from this account
	IgnoreNotFound  bool     // an account that the gateway does not know yet has no transfers
	AuthMethod      string   // AuthNone, AuthBasic or AuthBearer
	Username        string   // only with AuthBasic
	PasswordFile    string   // absolute path; empty: none
	PasswordEnv     string   // name of an environment variable; empty: none
}

// The ways to log in to a wire gateway.
const (
	AuthNone   = "none"
	AuthBasic  = "basic"  // user name and password
	AuthBearer = "bearer" // the password is a token
)

// AuditorSchema is the schema in which the tables of the auditor's database lie.
const AuditorSchema = "auditor"

// The environment variables with the passwords of the two databases.
const (
	ExchangeDBPasswordEnv = "AUDITOR_EXCHANGEDB_PASSWORD"
	AuditorDBPasswordEnv  = "AUDITOR_AUDITORDB_PASSWORD"
)

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

func defaults(file string) *Config {
	return &Config{
		File: file,
		ExchangeDB: Database{
			Schema:                 "public",
			IdleReserveExpiration:  4 * week,
			LegalReserveExpiration: 7 * year,
			PasswordEnv:            ExchangeDBPasswordEnv,
		},
		AuditorDB: Database{Schema: AuditorSchema, PasswordEnv: AuditorDBPasswordEnv},
		Auditor: Auditor{
			ClosingGrace:       day,
			DenominationGrace:  day,
			FutureTolerance:    time.Hour,
			ExecutionTolerance: 15 * time.Minute,
			DepositGrace:       time.Hour,
			LongestWireDelay:   year,
			ConfirmationGrace:  24 * time.Hour,
			TransferGrace:      time.Hour,
		},
		Office: Office{AdministrativeServices: []uint16{130, 140}}, // create coins, delete coins
	}
}
