package pgtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"auditor/internal/pgcluster"

	"github.com/jackc/pgx/v5"
)

// maxNameBytes is the longest name that PostgreSQL keeps whole.
const maxNameBytes = 63

// NewDatabase creates an empty database for a test and returns its connection URL. The database is dropped when
// the test ends, connections to it included.
func NewDatabase(t testing.TB) string {
	t.Helper()
	return clone(t, Cluster(t), "template0")
}

var errBuildEnded = errors.New("the test that built it ended before it was done: let build return an error instead of ending the test")

// A template is a database that is built once for all tests of a binary.
type template struct {
	once sync.Once
	err  error
}

// NewDatabaseFrom creates a database for a test as a copy of the named template, and returns its connection URL.
// The first call with that name makes the template: build is given the URL of an empty database and fills it;
// it leaves no connection open. The database is dropped when the test ends.
func NewDatabaseFrom(t testing.TB, name string, build func(ctx context.Context, url string) error) string {
	t.Helper()
	cluster := Cluster(t)
	database := databaseName("template_" + name)
	binary.Lock()
	tmpl := binary.templates[name]
	if tmpl == nil {
		tmpl = new(template)
		binary.templates[name] = tmpl
	}
	binary.Unlock()
	tmpl.once.Do(func() {
		tmpl.err = errBuildEnded // stays if build ends the test instead of returning
		tmpl.err = buildTemplate(t.Context(), cluster, database, build)
	})
	if tmpl.err != nil {
		t.Fatalf("template %s: %v", name, tmpl.err)
	}
	return clone(t, cluster, database)
}

func buildTemplate(ctx context.Context, cluster *pgcluster.Cluster, database string, build func(context.Context, string) error) error {
	// The template serves later tests too: the end of the test that happens to build it must not spoil it.
	ctx = context.WithoutCancel(ctx)
	if err := cluster.CreateDatabase(ctx, database); err != nil {
		return err
	}
	if err := build(ctx, cluster.URL(database)); err != nil {
		return err
	}
	return execute(ctx, cluster, fmt.Sprintf("alter database %s with allow_connections false", pgx.Identifier{database}.Sanitize()))
}

func clone(t testing.TB, cluster *pgcluster.Cluster, template string) string {
	t.Helper()
	binary.Lock()
	binary.databases++
	name := databaseName(fmt.Sprintf("t%d_%s", binary.databases, t.Name()))
	binary.Unlock()
	quoted := pgx.Identifier{name}.Sanitize()
	if err := execute(t.Context(), cluster, "create database "+quoted+" template "+pgx.Identifier{template}.Sanitize()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := execute(ctx, cluster, "drop database if exists "+quoted+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return cluster.URL(name)
}

func execute(ctx context.Context, cluster *pgcluster.Cluster, statement string) error {
	conn, err := pgx.Connect(ctx, cluster.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// databaseName makes a name of a test's name that needs no quoting and no escaping in a URL.
func databaseName(s string) string {
	name := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '_' {
			return r
		}
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return '_'
	}, s)
	return name[:min(len(name), maxNameBytes)]
}

// Connect opens a connection for a test, closed when the test ends.
func Connect(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = conn.Close(ctx) // the server may be gone, which is the business of the test
	})
	return conn
}
