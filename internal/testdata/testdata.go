// Package testdata finds the databases of real exchanges that some tests read. They are not part of this
// repository: they lie in the folder shared/data beside it.
package testdata

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Dir returns the absolute path of the folder with the test data. Where it is missing the test is skipped or,
// if the environment says CI=true, fails.
func Dir(t testing.TB) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(filepath.Dir(root), "shared", "data")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		Missing(t, "no test data: "+dir+" is not a folder")
	}
	return dir
}

// Missing ends a test that lacks something from outside of the repository: it is skipped on a developer's
// computer and fails if the environment says CI=true.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// moduleRoot returns the folder of go.mod; tests run in the folder of their package.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "go.mod"))
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return dir, err
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the folder of this test: run tests inside a checkout")
		}
		dir = filepath.Dir(dir)
	}
}

// InfoJSON is what info.json says of an exchange.
type InfoJSON struct {
	Currency                  string         `json:"currency"`
	CurrencyRoundUnit         string         `json:"currency_round_unit"`
	TinyAmount                string         `json:"tiny_amount"`
	MasterPublicKey           string         `json:"master_public_key"` // base32
	AccountSection            string         `json:"account_section"`
	AccountPayto              string         `json:"account_payto"`
	IdleReserveExpirationTime Microseconds   `json:"idle_reserve_expiration_time_us"`
	AuditedAsOf               time.Time      `json:"audited_as_of"`
	Auditors                  []Auditor      `json:"auditors"`
	Rows                      map[string]int `json:"rows"` // by table
}

// Auditor is an auditor that the exchange knows.
type Auditor struct {
	PublicKey string `json:"public_key"` // base32
	URL       string `json:"url"`
}

// Microseconds is a length of time, written as a number of microseconds.
type Microseconds int64

// Duration returns the length of time as Go has it.
func (m Microseconds) Duration() time.Duration { return time.Duration(m) * time.Microsecond }

// Info reads info.json of an exchange's folder.
func Info(t testing.TB, folder string) InfoJSON {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(Dir(t), folder, "info.json"))
	if err != nil {
		t.Fatal(err)
	}
	var info InfoJSON
	if err := json.Unmarshal(text, &info); err != nil {
		t.Fatalf("%s/info.json: %v", folder, err)
	}
	return info
}
