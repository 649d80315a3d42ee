package pgtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"auditor/internal/testdata"
)

// LoadExchange creates a database for a test with the tables and rows of a real exchange, and returns its
// connection URL. The folder is one of the test data's: small, small-wired, revoked, revoked-wired, mixed. The
// dump is restored once per test binary.
func LoadExchange(t testing.TB, folder string) string {
	t.Helper()
	dump := filepath.Join(testdata.Dir(t), folder, "exchange.sql.gz")
	psql, err := findPsql(Cluster(t).Bindir())
	if err != nil {
		testdata.Missing(t, err.Error())
	}
	return NewDatabaseFrom(t, "exchange_"+folder, func(ctx context.Context, url string) error {
		return restore(ctx, psql, dump, url)
	})
}

func findPsql(bindir string) (string, error) {
	program := filepath.Join(bindir, "psql")
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	program, err := exec.LookPath("psql")
	if err != nil {
		return "", fmt.Errorf("psql is missing (apt-get install postgresql-client): %w", err)
	}
	return program, nil
}

// restore runs a gzipped SQL dump through psql in one transaction, and gathers the planner's statistics.
func restore(ctx context.Context, psql, dump, url string) error {
	file, err := os.Open(dump)
	if err != nil {
		return err
	}
	defer file.Close()
	script, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("%s: %w", dump, err)
	}
	var output bytes.Buffer
	cmd := exec.CommandContext(ctx, psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction",
		"--output=/dev/null", "--dbname="+url, "--file=-", "--command=analyze")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = script, &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("psql did not restore %s: %w\n%s", dump, err, output.Bytes())
	}
	return nil
}
