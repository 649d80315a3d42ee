// Package pgcluster runs a throw-away PostgreSQL server for the demonstration and for tests.
//
// A cluster lives in a temporary folder, listens on a unix socket in that folder and on no network port, keeps
// nothing safe from a crash, and trusts whoever can enter the folder: the user that started it, and root. It is
// gone with the process that started it, even when that process is killed: see process.go for how, and
// directory.go for what happens to the folder.
package pgcluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 10 * time.Second

	superuser = "postgres"
	port      = "5432" // part of the socket's name only
)

// Options says how to run a cluster; the zero value is fine.
type Options struct {
	Logger   *slog.Logger      // where the cluster tells what it does; nil is silent
	Settings map[string]string // parameters of postgresql.conf, on top of those of a throw-away server
	Parent   string            // where the cluster's folder is made; empty is the folder for temporary files
}

// A Cluster is a running PostgreSQL server with databases of its own. Its methods may be used concurrently.
type Cluster struct {
	log    *slog.Logger
	bindir string
	home   *home
	server *process
	forget func() bool // ends the watch over the context
	stop   func() error
}

// Start creates a cluster, starts its server and returns when it accepts connections. The cluster runs until
// Stop, until ctx is cancelled or until this process ends, whichever is first. Run by root, the server runs as
// the user postgres, or nobody where there is none. A *NotInstalledError says that PostgreSQL is missing.
func Start(ctx context.Context, options Options) (*Cluster, error) {
	log := options.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	bindir, err := FindBinaries(os.Getenv)
	if err != nil {
		return nil, err
	}
	user, err := unprivilegedUser()
	if err != nil {
		return nil, err
	}
	home, err := newHome(log, cmp.Or(options.Parent, os.TempDir()), user)
	if err != nil {
		return nil, err
	}
	c := &Cluster{log: log, bindir: bindir, home: home}
	if err := c.start(ctx, user, options.Settings); err != nil {
		return nil, errors.Join(err, home.remove())
	}
	c.stop = sync.OnceValue(c.shutDown)
	c.forget = context.AfterFunc(ctx, func() {
		if err := c.stop(); err != nil {
			log.Warn("the throw-away PostgreSQL server did not end well", "error", err)
		}
	})
	return c, nil
}

func (c *Cluster) start(ctx context.Context, user *syscall.Credential, settings map[string]string) error {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	initdb, err := c.run(user, "initdb", "--pgdata="+c.home.data(), "--username="+superuser, "--auth=trust",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions", "--no-clean")
	if err != nil {
		return err
	}
	if err := initdb.wait(ctx); err != nil {
		return fmt.Errorf("initdb made no database cluster: %w%s", err, c.home.logTail())
	}
	server, err := c.run(user, "postgres", c.arguments(settings)...)
	if err != nil {
		return err
	}
	if err := c.untilReady(ctx, server); err != nil {
		server.kill()
		return fmt.Errorf("the throw-away PostgreSQL server does not answer: %w%s", err, c.home.logTail())
	}
	c.server = server
	c.log.Debug("started a throw-away PostgreSQL server", "bindir", c.bindir, "folder", c.home.dir,
		"pid", server.pid(), "took", time.Since(begin))
	return nil
}

// arguments of the server: the settings of a server whose data nobody will miss. Dynamic shared memory is
// mapped from files below the cluster's folder, so that nothing is left elsewhere whatever happens.
func (c *Cluster) arguments(settings map[string]string) []string {
	all := map[string]string{
		"listen_addresses":           "",
		"unix_socket_directories":    c.home.dir,
		"unix_socket_permissions":    "0700",
		"port":                       port,
		"fsync":                      "off",
		"synchronous_commit":         "off",
		"full_page_writes":           "off",
		"wal_level":                  "minimal",
		"max_wal_senders":            "0",
		"dynamic_shared_memory_type": "mmap",
		"timezone":                   "UTC",
		"log_timezone":               "UTC",
		"jit":                        "off",
	}
	maps.Copy(all, settings)
	arguments := []string{"-D", c.home.data()}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		arguments = append(arguments, "-c", name+"="+all[name])
	}
	return arguments
}

func (c *Cluster) run(user *syscall.Credential, program string, arguments ...string) (*process, error) {
	log, err := c.home.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(c.bindir, program), arguments...)
	cmd.Dir = c.home.dir
	cmd.Env = environment(os.Environ(), c.home.dir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: user, Setpgid: true}
	return startProcess(cmd)
}

// environment drops what would lead PostgreSQL astray: other servers' PG variables and the user's language.
func environment(environ []string, home string) []string {
	kept := slices.DeleteFunc(slices.Clone(environ), func(entry string) bool {
		return strings.HasPrefix(entry, "PG") || strings.HasPrefix(entry, "LC_") ||
			strings.HasPrefix(entry, "LANG") || strings.HasPrefix(entry, "HOME=") || strings.HasPrefix(entry, "TZ=")
	})
	return append(kept, "LC_ALL=C", "HOME="+home, "TZ=UTC")
}

func (c *Cluster) untilReady(ctx context.Context, server *process) error {
	for {
		conn, err := pgx.Connect(ctx, c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-server.exited:
			return fmt.Errorf("it ended by itself (%w)", server.result())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Stop ends the server and removes the cluster with all its databases. Every call after the first returns what
// the first returned. A server that had ended before it was asked to is an error, with the end of its log.
func (c *Cluster) Stop() error {
	c.forget()
	return c.stop()
}

func (c *Cluster) shutDown() error {
	var crash error
	select {
	case <-c.server.exited:
		crash = fmt.Errorf("the throw-away PostgreSQL server ended by itself (%w)%s", c.server.result(), c.home.logTail())
	default:
		c.server.quit(stopTimeout)
	}
	c.log.Debug("stopped the throw-away PostgreSQL server", "folder", c.home.dir)
	return errors.Join(crash, c.home.remove())
}

// URL returns the connection URL of one of the cluster's databases for its superuser, good for pgx and for libpq.
func (c *Cluster) URL(database string) string {
	query := url.Values{"host": {c.home.dir}, "port": {port}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}

// Bindir returns the folder of the PostgreSQL programs that this cluster uses.
func (c *Cluster) Bindir() string { return c.bindir }

// CreateDatabase adds an empty database.
func (c *Cluster) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "create database "+pgx.Identifier{name}.Sanitize()+" template template0"); err != nil {
		return fmt.Errorf("database %q was not created: %w", name, err)
	}
	return nil
}
