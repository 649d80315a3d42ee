// Package pg is what the programs need of PostgreSQL beyond pgx: connections that distrust the server and say
// what to do when they cannot be made, one snapshot for several readers, SQL errors that point to their line, and
// a counter of statements for tests.
package pg

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// DefaultMaxMessage bounds a message of the server, and with it a row, in bytes.
	DefaultMaxMessage = 64 << 20

	// connectTimeout applies where the connection string does not set connect_timeout.
	connectTimeout = 15 * time.Second
)

// A Target says which database to connect to, and as whom.
type Target struct {
	ConnString string // libpq connection string or URL; what it leaves open comes from PG environment variables
	Password   string // "" leaves it to ConnString, PGPASSWORD, ~/.pgpass
	AppName    string // application_name, which the server shows to its administrator
}

// An Option changes how Connect connects.
type Option func(*pgx.ConnConfig)

// MaxMessage bounds a message of the server to a number of bytes other than DefaultMaxMessage.
func MaxMessage(bytes int) Option {
	return func(c *pgx.ConnConfig) { c.MaxProtocolMessageBodyLen = bytes }
}

// MaxAnswer bounds the rows that a server answers to one query, in bytes. What it sends in a COPY is not counted. A
// server that sends more loses the connection.
func MaxAnswer(bytes int64) Option {
	return func(c *pgx.ConnConfig) { c.BuildFrontend = guarded(bytes) }
}

// ReadOnly makes every transaction read-only that does not ask for something else.
func ReadOnly() Option {
	return func(c *pgx.ConnConfig) { c.RuntimeParams["default_transaction_read_only"] = "on" }
}

// StatementTimeout makes the server end statements that take longer.
func StatementTimeout(d time.Duration) Option {
	return func(c *pgx.ConnConfig) {
		c.RuntimeParams["statement_timeout"] = strconv.FormatInt(max(d.Milliseconds(), 1), 10)
	}
}

// Listen keeps notifications for WaitForNotification; without it they are dropped.
func Listen() Option {
	return func(c *pgx.ConnConfig) { c.OnNotification = nil }
}

// Trace reports statements to a tracer, for instance a Counter.
func Trace(tracer pgx.QueryTracer) Option {
	return func(c *pgx.ConnConfig) { c.Tracer = tracer }
}

// Connect opens a connection that trusts the server as little as it can: names resolve to pg_catalog only, row
// security makes a statement fail instead of hiding rows, a message has a bounded length, notices and unasked
// notifications are dropped, and a server that floods the connection with them loses it.
//
// The error is a *ConnectError if the database cannot be used, a *TargetError if the target makes no sense, and
// wraps that of ctx if ctx ended first.
func Connect(ctx context.Context, target Target, options ...Option) (*pgx.Conn, error) {
	config, err := parse(target)
	if err != nil {
		return nil, err
	}
	for _, option := range options {
		option(config)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("connecting to %s: %w", place(config), context.Cause(ctx))
	default:
		return nil, explain(config, err)
	}
}

func parse(target Target) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(target.ConnString)
	if err != nil {
		return nil, &TargetError{Problem: "the connection string of the database is malformed", Err: err}
	}
	if target.Password != "" {
		config.Password = target.Password
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, connectTimeout)
	config.MaxProtocolMessageBodyLen = DefaultMaxMessage
	config.BuildFrontend = guarded(0)
	config.OnNotice = nil
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) {}
	for name, value := range map[string]string{
		"application_name": target.AppName,
		"client_encoding":  "UTF8",
		"jit":              "off", // compiling costs more than our statements would gain
		"row_security":     "off",
		"search_path":      "pg_catalog",
		"timezone":         "UTC",
	} {
		config.RuntimeParams[name] = value
	}
	return config, nil
}
