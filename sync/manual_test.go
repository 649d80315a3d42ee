//go:build linux

package sync

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"auditor/internal/docstest"
	"auditor/internal/pgcluster"
	"auditor/internal/pgtest"
	"auditor/internal/testdata"
)

// The tests of the manual for external audits run servers that are configured with
// its blocks, on loopback addresses of their own, with TLS and passwords.

const (
	manual       = "../docs/external-audit.md"
	testPassword = "not-a-secret"
)

// fenced returns a block of the manual.
func fenced(t testing.TB, language, label string) string {
	t.Helper()
	return docstest.Find(t, manual, language, label).Text
}

// A server is a cluster that the manual configured.
type server struct {
	*pgcluster.Cluster
	address string
}

// startServer starts a cluster with blocks for postgresql.conf and the given lines
// of pg_hba.conf, open to every loopback address instead of those in the manual,
// and with a certificate for name.
func startServer(t *testing.T, name, hba string, ca *authority, conf ...string) server {
	t.Helper()
	s := server{address: freeAddress(t)}
	settings, later := parameters(conf...)
	settings["listen_addresses"] = s.address
	var err error
	if s.Cluster, err = pgcluster.Start(t.Context(), pgcluster.Options{Settings: settings}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	later["ssl_cert_file"], later["ssl_key_file"] = ca.issue(t, s.folder(t), name, s.address)
	for key, value := range later {
		execute(t, s.URL("postgres"), fmt.Sprintf("alter system set %s = '%s'", key, value))
	}
	s.allow(t, hba)
	return s
}

// parameters reads lines of postgresql.conf; those about TLS are apart, since the
// files have to be there before.
func parameters(conf ...string) (settings, ssl map[string]string) {
	settings, ssl = map[string]string{}, map[string]string{}
	for line := range strings.Lines(strings.Join(conf, "\n")) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), " = ")
		switch value = strings.Trim(value, "'"); {
		case !ok:
		case strings.HasPrefix(key, "ssl"):
			ssl[key] = value
		default:
			settings[key] = value
		}
	}
	return settings, ssl
}

// folder is where the server keeps its data.
func (s server) folder(t *testing.T) string {
	t.Helper()
	return s.text(t, "postgres", "show data_directory")
}

// allow writes pg_hba.conf.
func (s server) allow(t *testing.T, lines string) {
	t.Helper()
	lines = access(lines)
	saveAs(t, s.folder(t), "pg_hba.conf", []byte(lines))
	execute(t, s.URL("postgres"), "select pg_reload_conf()")
	if n := number(t, s.URL("postgres"), "select count(*) from pg_hba_file_rules where error is not null"); n != 0 {
		t.Errorf("%d of these lines are wrong:\n%s", n, lines)
	}
}

// access opens lines of pg_hba.conf to every loopback address, and the socket to us.
func access(lines string) string {
	for _, address := range []string{"192.0.2.10/32", "192.0.2.20/32"} {
		lines = strings.ReplaceAll(lines, address, "127.0.0.0/8")
	}
	return "local all postgres trust\n" + lines
}

func (s server) text(t *testing.T, database, query string) (value string) {
	t.Helper()
	conn := pgtest.Connect(t, s.URL(database))
	if err := conn.QueryRow(t.Context(), query).Scan(&value); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return value
}

// awaitQuery asks the database until the query says yes.
func awaitQuery(t *testing.T, url, query string, args ...any) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn := pgtest.Connect(t, url)
	for met := false; !met; {
		err := conn.QueryRow(ctx, query, args...).Scan(&met)
		if err == nil && !met {
			err = sleep(ctx, 20*time.Millisecond)
		}
		if err != nil {
			t.Fatalf("in vain waited for: %s: %v", query, err)
		}
	}
	if err := conn.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// freeAddress returns a loopback address whose port 5432 nobody listens on: all
// clusters use that port.
func freeAddress(t *testing.T) string {
	t.Helper()
	var last error
	for range 20 {
		address := fmt.Sprintf("127.%d.%d.%d", 1+mathrand.IntN(254), mathrand.IntN(255), 1+mathrand.IntN(254))
		l, err := net.Listen("tcp", net.JoinHostPort(address, "5432"))
		if last = err; err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return address
		}
	}
	testdata.Missing(t, fmt.Sprintf("port 5432 is taken on every loopback address: %v", last))
	return ""
}

// An authority signs the certificates of servers.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{certificate: template("test authority"), key: newKey(t)}
	a.certificate.IsCA, a.certificate.BasicConstraintsValid = true, true
	a.certificate.KeyUsage = x509.KeyUsageCertSign
	return a
}

func template(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// save writes the authority's own certificate into a server's folder.
func (a *authority) save(t *testing.T, folder string) string {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, a.certificate, a.certificate, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return saveAs(t, folder, "ca.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// issue writes a certificate for a name and an address, and its key.
func (a *authority) issue(t *testing.T, folder, name, address string) (certFile, keyFile string) {
	t.Helper()
	key, c := newKey(t), template(name)
	c.DNSNames, c.IPAddresses = []string{name}, []net.IP{net.ParseIP(address)}
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, c, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return saveAs(t, folder, "server.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		saveAs(t, folder, "server.key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}))
}

// saveAs writes a file that only the owner of the folder can read.
func saveAs(t *testing.T, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	info, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	if err := errors.Join(os.WriteFile(path, content, 0o600), os.Chown(path, int(owner.Uid), int(owner.Gid))); err != nil {
		t.Fatal(err)
	}
	return path
}
