//go:build linux

package sync

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestStreamingReplication makes the ingress a standby of production with the blocks
// of the manual, and copies from it while production goes on.
func TestStreamingReplication(t *testing.T) {
	ca := newAuthority(t)
	production := startServer(t, "production.exchange.example", fenced(t, "text", "production pg_hba.conf, streaming"), ca,
		fenced(t, "ini", "production"), "wal_level = replica") // which is the default, but not of throw-away servers
	source, play := createExchange(t, production), newPlay(t)
	write(t, play, source)
	execute(t, source, fenced(t, "sql", "production role"))
	execute(t, source, "alter role auditor_replication password '"+testPassword+"'")
	createReader(t, source)

	replica, address := startStandby(t, ca, production)
	destination := newDestination(t)
	o := options(t, replica, destination)
	o.Source = asReader(t, ca, address)
	for round := range 2 {
		if round > 0 {
			if err := play.Advance(4); err != nil {
				t.Fatal(err)
			}
			write(t, play, source)
		}
		awaitIngress(t, source)
		summary, err := Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if summary.Rows == 0 {
			t.Error("nothing was copied")
		}
		wantSameFixedColumns(t, source, destination)
	}
	wantRow(t, replica, fenced(t, "sql", "lag, streaming"))
}

// startStandby makes a standby of a cluster and returns the URL of the exchange's
// database in it for its superuser, and its address. It lies in the cluster's folder
// and goes with it.
func startStandby(t *testing.T, ca *authority, production server) (url, address string) {
	t.Helper()
	home := filepath.Dir(production.folder(t))
	folder, socket := filepath.Join(home, "standby"), filepath.Join(home, "socket")
	backup := strings.ReplaceAll(fenced(t, "sh", "base backup"), "/var/lib/postgresql/15/ingress", folder)
	run(t, home, production.Bindir(), "/bin/sh", "-ec", located(t, backup, ca, production, home)+"mkdir -m 0700 "+socket)

	address = freeAddress(t)
	settings, _ := parameters(fenced(t, "ini", "production"), fenced(t, "ini", "ingress, streaming"))
	settings["listen_addresses"], settings["unix_socket_directories"], settings["fsync"] = address, socket, "off"
	settings["ssl_cert_file"], settings["ssl_key_file"] = ca.issue(t, folder, "ingress.auditor.example", address)
	saveAs(t, folder, "pg_hba.conf", []byte(access(fenced(t, "text", "ingress pg_hba.conf"))))
	arguments := []string{"-D", folder}
	for key, value := range settings {
		arguments = append(arguments, "-c", key+"="+value)
	}
	cmd := as(t, home, production.Bindir(), "postgres", arguments...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGQUIT) // it may have ended already, which the test has noticed
		_ = cmd.Wait()
	})
	url = fmt.Sprintf("postgres://postgres@/%s?host=%s", exchangeDatabase, socket)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		ready := as(t, home, production.Bindir(), "pg_isready", "-q", "-d", url)
		if err := ready.Run(); err == nil {
			return url, address
		}
		if time.Now().After(deadline) {
			t.Fatal("the standby does not answer")
		}
	}
}

// as is a program of PostgreSQL, run by the owner of a folder, as which it is at home.
func as(t *testing.T, home, bindir, program string, arguments ...string) *exec.Cmd {
	t.Helper()
	info, err := os.Stat(home)
	if err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(program) {
		program = filepath.Join(bindir, program)
	}
	cmd := exec.Command(program, arguments...)
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + bindir + ":/usr/bin:/bin", "HOME=" + home, "LC_ALL=C"}
	if owner := info.Sys().(*syscall.Stat_t); int(owner.Uid) != os.Geteuid() {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	return cmd
}

// run runs such a program to its end.
func run(t *testing.T, home, bindir, program string, arguments ...string) {
	t.Helper()
	if output, err := as(t, home, bindir, program, arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", program, err, output)
	}
}
