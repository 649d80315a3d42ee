package auditordb

import (
	"fmt"
	"strings"

	"auditor/internal/taler"
)

// BusyError says that an audit of the exchange is going on.
type BusyError struct{}

func (*BusyError) Error() string {
	return "an audit of this exchange is going on: wait until it has ended"
}

// ExitStatus is that of a database that cannot be used now.
func (*BusyError) ExitStatus() int { return 2 }

// insufficientPrivilege is PostgreSQL's code for what a role may not do.
const insufficientPrivilege = "42501"

// OwnerError says that only the owner of the tables may remove an exchange with its reports.
type OwnerError struct{ Role string }

func (e *OwnerError) Error() string {
	return fmt.Sprintf("the role %q may not remove what audits left: run this with a configuration whose [auditordb] connects as the role that owns the tables, "+
		"which is the one of auditor-dbinit", e.Role)
}

// ExitStatus is that of a database that cannot be used.
func (*OwnerError) ExitStatus() int { return 2 }

// UnknownError says that no exchange with that key is audited.
type UnknownError struct {
	Database string
	Master   taler.EddsaPublicKey
	Known    []Exchange
}

func (e *UnknownError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "database %q knows no exchange with the master public key %s", e.Database, e.Master)
	if len(e.Known) == 0 {
		return b.String() + ", nor any other"
	}
	b.WriteString("; it knows:")
	for _, k := range e.Known {
		fmt.Fprintf(&b, "\n  %s %q", k.MasterPub, k.BaseURL)
	}
	return b.String()
}

// ExitStatus is that of a wrong command line.
func (*UnknownError) ExitStatus() int { return 1 }

// CurrencyError says that an exchange is known with another currency.
type CurrencyError struct {
	Master     taler.EddsaPublicKey
	Have, Want taler.Currency
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("exchange %s is known with the currency %s, not %s: correct the currency, or remove the exchange first", e.Master, e.Have, e.Want)
}

// ExitStatus is that of a wrong command line.
func (*CurrencyError) ExitStatus() int { return 1 }

// ReportsError says that reports stand against removing an exchange.
type ReportsError struct {
	Exchange Exchange
	Reports  int64
}

func (e *ReportsError) Error() string {
	return fmt.Sprintf("nothing was removed, because there are %d reports on exchange %s, which regulators may ask for: "+
		"keep a backup of the database and say --with-reports, or leave the exchange where it is", e.Reports, e.Exchange.MasterPub)
}

// ExitStatus is that of a database in which it may not be done.
func (*ReportsError) ExitStatus() int { return 2 }
