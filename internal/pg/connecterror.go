package pg

// This file turns the ways in which a connection fails into sentences that say what to do.

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A ConnectError says that a database cannot be used, why, and what to do about it.
type ConnectError struct {
	Place  string // the database and its server, for people
	Reason string
	Hint   string // what to do
	Err    error  // what pgx said; may hold text of the server, which is not safe to show
}

func (e *ConnectError) Error() string {
	return fmt.Sprintf("%s cannot be used: %s: %s", e.Place, e.Reason, e.Hint)
}

func (e *ConnectError) Unwrap() error { return e.Err }

// A TargetError says that a Target is wrong, whatever the state of the server.
type TargetError struct {
	Problem string
	Err     error // may be nil
}

func (e *TargetError) Error() string {
	message := e.Problem + ": correct it in the configuration"
	if e.Err != nil {
		message += " (" + e.Err.Error() + ")"
	}
	return message
}

func (e *TargetError) Unwrap() error { return e.Err }

func place(config *pgx.ConnConfig) string {
	server := net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))
	if filepath.IsAbs(config.Host) {
		server = "the server at socket " + filepath.Join(config.Host, fmt.Sprintf(".s.PGSQL.%d", config.Port))
	}
	return fmt.Sprintf("database %q on %s", config.Database, server)
}

func explain(config *pgx.ConnConfig, err error) *ConnectError {
	e := &ConnectError{Place: place(config), Err: err}
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		e.Reason, e.Hint = explainAnswer(config, answer)
	} else {
		e.Reason, e.Hint = explainSilence(config, err)
	}
	return e
}

// explainAnswer explains a server that answers and refuses.
func explainAnswer(config *pgx.ConnConfig, answer *pgconn.PgError) (reason, hint string) {
	said := "the server says " + strconv.Quote(printable(answer.Message))
	switch answer.Code {
	case "3D000": // invalid_catalog_name
		return "it does not exist", "create it (createdb " + config.Database + "), or correct the configuration"
	case "28000": // invalid_authorization_specification
		return fmt.Sprintf("user %q may not connect, %s", config.User, said),
			"create the role (createuser " + config.User + "), allow it in pg_hba.conf, or name another user in the configuration"
	case "28P01": // invalid_password
		if config.Password == "" {
			return fmt.Sprintf("user %q needs a password", config.User), "set password_file in the configuration, write it to ~/.pgpass, or set PGPASSWORD"
		}
		return fmt.Sprintf("the password of user %q is refused", config.User), "correct it where it comes from (configuration, password file, PGPASSWORD or ~/.pgpass)"
	case "42501": // insufficient_privilege
		return fmt.Sprintf("user %q has no right to connect, %s", config.User, said),
			fmt.Sprintf("grant it (grant connect on database %s to %s)", pgx.Identifier{config.Database}.Sanitize(), pgx.Identifier{config.User}.Sanitize())
	case "57P03", "57P01": // cannot_connect_now, admin_shutdown
		return "the server is starting or stopping", "try again when it is up"
	case "53300": // too_many_connections
		return "the server has no connection left", "close others, or raise max_connections"
	case protocolViolation:
		return "the connection broke the protocol: " + printable(answer.Message), "make sure that this is the right server"
	default:
		return fmt.Sprintf("%s (SQLSTATE %s)", said, printable(answer.Code)), "see the server's log"
	}
}

// explainSilence explains a server that is not reached, or with which the connection breaks down.
func explainSilence(config *pgx.ConnConfig, err error) (reason, hint string) {
	correct := "or correct host and port in the configuration"
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		return fmt.Sprintf("host %q is not found", lookup.Name), "correct it in the configuration, or see to the name service"
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "the certificate of the server is not trusted (" + printable(err.Error()) + ")",
			"set sslrootcert to the authority that signed it, and host to the name in it"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, os.ErrNotExist):
		return "no PostgreSQL server is running there", "start it, " + correct
	case errors.Is(err, os.ErrPermission):
		return "this user may not open the socket", "run this as a user who may, " + correct
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "there is no route to the host", "see to the network, " + correct
	case pgconn.Timeout(err):
		return fmt.Sprintf("no answer within %v", config.ConnectTimeout), "see to the network and the server, " + correct
	case strings.Contains(err.Error(), "server refused TLS connection"):
		return "the server does not offer TLS", "switch ssl on in postgresql.conf, or set sslmode to what you accept"
	default:
		if outer, ok := errors.AsType[*pgconn.ConnectError](err); ok {
			err = outer.Unwrap() // without the name of the database, which is said already
		}
		return printable(err.Error()), "see the server's log, " + correct
	}
}
