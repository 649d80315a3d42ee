// Package pgtest gives tests databases of their own, in a PostgreSQL cluster that a test binary starts when the
// first test asks for one.
//
// A package that uses it hands its tests to Main:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// Without PostgreSQL on the computer tests that ask for a database are skipped or, if the environment says
// CI=true, fail.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"auditor/internal/pgcluster"
	"auditor/internal/testdata"

	"go.uber.org/goleak"
)

// binary is the state of this test binary. Tests of one binary share a cluster and have nothing but package
// functions to reach it through.
var binary struct {
	sync.Mutex
	running   bool // Main runs the tests
	settings  map[string]string
	cluster   *pgcluster.Cluster
	err       error // why there is no cluster
	templates map[string]*template
	databases int // how many were created, for their names
}

// An Option changes what Main does.
type Option func(*options)

type options struct {
	settings map[string]string
	leaks    []goleak.Option
}

// Setting adds a parameter of postgresql.conf for the cluster of this test binary.
func Setting(name, value string) Option {
	return func(o *options) { o.settings[name] = value }
}

// Leaks adds options for the search for leaked goroutines.
func Leaks(leaks ...goleak.Option) Option {
	return func(o *options) { o.leaks = append(o.leaks, leaks...) }
}

// Main runs the tests of a package, stops the cluster if one was started, and fails if goroutines are left over.
// It returns the exit status for os.Exit. Autovacuum is off in the cluster, so that plans and timings of tests do
// not depend on when it runs; a test that needs statistics says analyze. There are connections for many audits at
// once.
func Main(m *testing.M, opts ...Option) int {
	o := options{settings: map[string]string{"autovacuum": "off", "max_connections": "300"}}
	for _, option := range opts {
		option(&o)
	}
	binary.Lock()
	binary.running, binary.settings, binary.templates = true, o.settings, map[string]*template{}
	binary.Unlock()

	status := m.Run()

	binary.Lock()
	defer binary.Unlock()
	binary.running = false
	if binary.cluster != nil {
		if err := binary.cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			status = max(status, 1)
		}
	}
	if status == 0 {
		if err := goleak.Find(o.leaks...); err != nil {
			fmt.Fprintln(os.Stderr, "pgtest:", err)
			status = 1
		}
	}
	return status
}

// A Runner runs the tests of a package through Main for those, such as testscript.Main, that want more than a
// function.
type Runner struct{ M *testing.M }

// Run is Main without options.
func (r Runner) Run() int { return Main(r.M) }

// Cluster returns the cluster of this test binary, started by the first call.
func Cluster(t testing.TB) *pgcluster.Cluster {
	t.Helper()
	cluster, err := sharedCluster()
	if _, missing := errors.AsType[*pgcluster.NotInstalledError](err); missing {
		testdata.Missing(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func sharedCluster() (*pgcluster.Cluster, error) {
	binary.Lock()
	defer binary.Unlock()
	if !binary.running {
		return nil, errors.New("a test that needs a database runs outside of pgtest.Main: give its package a TestMain that calls os.Exit(pgtest.Main(m))")
	}
	if binary.cluster == nil && binary.err == nil {
		binary.cluster, binary.err = pgcluster.Start(context.Background(), pgcluster.Options{Settings: binary.settings, Parent: inMemory()})
	}
	return binary.cluster, binary.err
}
