package pgcluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/testdata"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// helperVariable tells this test binary to be the process that starts a cluster and is then killed.
const helperVariable = "PGCLUSTER_TEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		os.Exit(helper())
	}
	goleak.VerifyTestMain(m)
}

// helper starts a cluster, says where its folder is and stays until its input ends.
func helper() int {
	c, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println(c.home.dir)
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
	return 0
}

func start(t *testing.T, ctx context.Context, options Options) *Cluster {
	t.Helper()
	c, err := Start(ctx, options)
	if _, missing := errors.AsType[*NotInstalledError](err); missing {
		testdata.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop() })
	return c
}

func ask(t *testing.T, url, query string) (answer string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func isGone(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, os.ErrNotExist)
}

func TestCluster(t *testing.T) {
	// What leads a client to another server must not lead the cluster astray.
	t.Setenv("PGPORT", "6543")
	t.Setenv("PGDATA", "/nowhere")
	t.Setenv("PGOPTIONS", "-c work_mem=1MB")
	c := start(t, t.Context(), Options{Settings: map[string]string{"work_mem": "7MB", "fsync": "on"}})

	for query, want := range map[string]string{
		"select current_setting('listen_addresses')":                         "",
		"select current_setting('fsync')":                                    "on",
		"select current_setting('full_page_writes')":                         "off",
		"select setting from pg_catalog.pg_settings where name = 'work_mem'": "1024",
		"select reset_val from pg_catalog.pg_settings where name = 'port'":   "5432",
	} {
		if got := ask(t, c.URL("postgres"), query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}

	name := `odd "name" of/a?database`
	if err := c.CreateDatabase(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	if got := ask(t, c.URL(name), "select current_database()"); got != name {
		t.Errorf("connected to %q, want %q", got, name)
	}
	if err := c.CreateDatabase(t.Context(), name); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("creating it again: %v", err)
	}

	if err := c.Stop(); err != nil {
		t.Errorf("first stop: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
	if !isGone(c.home.dir) {
		t.Error("the folder is still there")
	}
	if _, err := pgx.Connect(t.Context(), c.URL("postgres")); err == nil {
		t.Error("the server still answers")
	}
}

func TestTwoClustersAtOnce(t *testing.T) {
	first := start(t, t.Context(), Options{})
	second := start(t, t.Context(), Options{})
	if err := second.Stop(); err != nil {
		t.Error(err)
	}
	if got := ask(t, first.URL("postgres"), "select 'alive'"); got != "alive" {
		t.Error("stopping one cluster ended another")
	}
}

func TestCancellationStopsTheCluster(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := start(t, ctx, Options{})
	cancel()
	for begin := time.Now(); !isGone(c.home.dir); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			t.Fatal("the cluster survived its context")
		}
	}
	if err := c.Stop(); err != nil {
		t.Errorf("stop after the end of the context: %v", err)
	}
}

func TestCancellationDuringTheStart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	c, err := Start(ctx, Options{})
	if _, missing := errors.AsType[*NotInstalledError](err); missing {
		testdata.Missing(t, err.Error())
	}
	if err == nil {
		_ = c.Stop()
		t.Skip("this computer starts a cluster within 100 ms")
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the end of the context", err)
	}
}

func TestServerThatDoesNotStart(t *testing.T) {
	start(t, t.Context(), Options{}) // skips where there is no PostgreSQL
	before := homes(t)
	c, err := Start(t.Context(), Options{Settings: map[string]string{"no_such_setting": "1"}})
	if err == nil {
		_ = c.Stop()
		t.Fatal("it started")
	}
	for _, part := range []string{"ended by itself", `unrecognized configuration parameter "no_such_setting"`} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	if after := homes(t); !slices.Equal(before, after) {
		t.Errorf("a folder was left: %v", after)
	}
}

// homes lists the folders that this process owns.
func homes(t *testing.T) (owned []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.TempDir(), homePrefix+"*", ownerFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == fmt.Sprint(os.Getpid()) {
			owned = append(owned, file)
		}
	}
	return owned
}

func TestServerThatCrashed(t *testing.T) {
	c := start(t, t.Context(), Options{})
	if err := c.server.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-c.server.exited
	for range 2 {
		err := c.Stop()
		if err == nil || !strings.Contains(err.Error(), "ended by itself (signal: killed)") {
			t.Errorf("got %v, want what happened to the server", err)
		}
	}
	if !isGone(c.home.dir) {
		t.Error("the folder is still there")
	}
}

func TestURL(t *testing.T) {
	c := &Cluster{home: &home{dir: "/tmp/auditor-pg-1"}}
	u, err := url.Parse(c.URL("a b"))
	if err != nil {
		t.Fatal(err)
	}
	if u.Host != "" || u.Path != "/a b" || u.Query().Get("host") != "/tmp/auditor-pg-1" || u.Query().Get("port") != "5432" {
		t.Errorf("got %s", u)
	}
}
