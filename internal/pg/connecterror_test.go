package pg

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"auditor/internal/pgtest"

	"github.com/jackc/pgx/v5"
)

// sure fails unless err is a ConnectError whose text has all parts.
func sure(t *testing.T, err error, parts ...string) {
	t.Helper()
	if _, ok := errors.AsType[*ConnectError](err); !ok {
		t.Fatalf("got %v, want a ConnectError", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestRealServerRefuses(t *testing.T) {
	url := pgtest.NewDatabase(t)
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	try := func(connString string) error {
		conn, err := Connect(t.Context(), Target{ConnString: connString})
		if err == nil {
			_ = conn.Close(t.Context())
		}
		return err
	}
	sure(t, try(strings.Replace(url, "/"+config.Database, "/nonesuch", 1)),
		`database "nonesuch" on the server at socket `+config.Host, "it does not exist", "createdb nonesuch")
	sure(t, try(strings.Replace(url, "postgres@", "stranger@", 1)),
		`user "stranger" may not connect`, `role \"stranger\" does not exist`, "createuser stranger")
	sure(t, try("host="+t.TempDir()+" dbname=books"), "no PostgreSQL server is running there", "start it")
}

func TestAnswersExplained(t *testing.T) {
	for _, test := range []struct {
		code, message, password string
		want                    []string
	}{
		{"28P01", "x", "", []string{`user "alice" needs a password`, "password_file", "PGPASSWORD"}},
		{"28P01", "x", "sesame", []string{`the password of user "alice" is refused`}},
		{"42501", "no", "", []string{`no right to connect`, `grant connect on database "books" to "alice"`}},
		{"57P03", "x", "", []string{"starting or stopping", "try again"}},
		{"53300", "x", "", []string{"no connection left", "max_connections"}},
		{"XX000", "\x1b[2Jhello", "", []string{`\\x1b[2Jhello`, "XX000"}},
		{"XX\x1b", "x", "", []string{`SQLSTATE XX\x1b`}},
	} {
		t.Run(test.code+test.password, func(t *testing.T) {
			t.Setenv("PGPASSWORD", test.password)
			_, err := Connect(t.Context(), Target{ConnString: fakeServer(t, refuse(test.code, test.message))})
			sure(t, err, test.want...)
			if strings.ContainsAny(err.Error(), "\x1b") || test.password != "" && strings.Contains(err.Error(), test.password) {
				t.Errorf("error %q shows what it must not", err)
			}
		})
	}
}

func TestSilenceExplained(t *testing.T) {
	config, err := pgx.ParseConfig("host=db.example port=5433 user=alice dbname=books")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"host not found", &net.DNSError{Name: "db.example", Err: "no such host"}, `host "db.example" is not found`},
		{"refused", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "no PostgreSQL server is running"},
		{"socket closed to us", &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EACCES)}, "may not open the socket"},
		{"no route", os.NewSyscallError("connect", syscall.EHOSTUNREACH), "no route"},
		{"certificate", &tls.CertificateVerificationError{Err: errors.New("who?")}, "sslrootcert"},
		{"no TLS", errors.New("server refused TLS connection"), "sslmode"},
		{"something else", errors.New("out of \a luck"), `out of \a luck`},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := explain(config, fmt.Errorf("wrapped: %w", test.err))
			sure(t, err, `database "books" on db.example:5433 cannot be used: `, test.want)
			if !errors.Is(err, test.err) {
				t.Error("the cause is lost")
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"Grüße, 世界", "Grüße, 世界"},
		{"a\x1b[31m\nb\x00", `a\x1b[31m\nb\x00`},
		{"abc\u202edef\u200b", `abc\u202edef\u200b`},
		{"\xff\xc3", `\xff\xc3`},
		{`quotes " and ' stay`, `quotes " and ' stay`},
		{strings.Repeat("x", maxPrintable+1), strings.Repeat("x", maxPrintable) + "..."},
	} {
		if got := printable(test.in); got != test.want {
			t.Errorf("printable(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}
