package docstest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
)

// A walk does what the manual for external audits tells people to do, with the
// programs, in three databases of one server.
type walk struct {
	t      *testing.T
	manual string
	folder string // stands for /etc/auditor
	path   string // PATH: our programs, and harmless ones in the place of those that need a whole machine
}

// standIns are programs that the walk replaces.
var standIns = map[string]string{
	"createdb":             `exit 0`,
	"systemctl":            `exit 0`,
	"systemd-ask-password": `echo not-a-secret`,
	"runuser":              `while [ "$1" != -- ]; do shift; done; shift; exec "$@"`,
}

// TestExternalAudit walks from empty databases to the first audit, and through an
// upgrade and a collection of garbage, with the roles of the programs.
func TestExternalAudit(t *testing.T) {
	ingress, trusted, auditor := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	w := newWalk(t, "docs/external-audit.md")

	play := playUntilNow(t)
	w.configure("ingress-owner.toml", play, place(t, ingress, "postgres"))
	w.configure("ingress.toml", play, place(t, ingress, "auditor_sync_source"))
	w.configure("trusted.toml", play, place(t, trusted, "auditor_sync"))
	w.configure("auditor.toml", play, place(t, trusted, "auditor"), place(t, auditor, "auditor"))
	w.configure("owner.toml", play, place(t, trusted, "postgres"), place(t, auditor, "postgres"))

	w.run("ingress tables")
	if err := play.Write(t.Context(), pgtest.Connect(t, ingress), "public"); err != nil {
		t.Fatal(err)
	}
	w.run("ingress roles")
	w.run("databases")
	w.run("tables")
	w.run("first copy")
	if got, want := count(t, trusted), count(t, ingress); got != want || want == 0 {
		t.Errorf("%d withdrawals in the trusted copy, %d in the ingress", got, want)
	}
	w.query(place(t, trusted, "auditor"), "open alerts", "states")
	if text := w.run("first audit"); !strings.Contains(text, "Audit report 1 on") {
		t.Errorf("the first audit reports\n%s", text)
	}
	if err := play.Advance(1); err != nil {
		t.Fatal(err)
	}
	if err := play.Write(t.Context(), pgtest.Connect(t, ingress), "public"); err != nil {
		t.Fatal(err)
	}
	if text := w.run("before the upgrade"); !strings.Contains(text, "Audit report 2 on") {
		t.Errorf("the audit before the upgrade reports\n%s", text)
	}
	w.run("the upgrade")
	w.run("garbage")
}

// TestInternalAudit audits a production database with the role and the limits of the
// manual for internal audits.
func TestInternalAudit(t *testing.T) {
	production, auditor := pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	conn := pgtest.Connect(t, production)
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	play := playUntilNow(t)
	if err := play.Write(t.Context(), conn, "public"); err != nil {
		t.Fatal(err)
	}
	w := newWalk(t, "docs/internal-audit.md")
	for _, label := range []string{"role", "limits"} {
		if _, err := conn.PgConn().Exec(t.Context(), Find(t, w.manual, "sql", label).Text).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	external := filepath.Join(root, "docs/external-audit.md")
	general := regexp.MustCompile(`(?s)\[exchangedb\].*\[auditor\]`).ReplaceAllString(Find(t, external, "toml", "auditor.toml").Text, "[auditor]")
	w.configureWith("production.toml", Find(t, w.manual, "toml", "production.toml").Text+general, play,
		place(t, production, "auditor_internal"), place(t, auditor, "postgres"))
	w.save(w.folder, "production.password", "not-a-secret", 0o600)
	w.run("tables")
	if text := w.run("audit"); !strings.Contains(text, "Audit report 1 on") || !strings.Contains(text, "internal") {
		t.Errorf("the internal audit reports\n%s", text)
	}
}

func newWalk(t *testing.T, manual string) *walk {
	t.Helper()
	w := &walk{t: t, manual: filepath.Join(root, manual), folder: t.TempDir()}
	bin := build(t)
	for name, script := range standIns {
		w.save(bin, name, "#!/bin/sh\n"+script+"\n", 0o700)
	}
	w.path = bin + ":/usr/bin:/bin"
	return w
}

// playUntilNow is a small exchange that has been in business until a moment ago.
func playUntilNow(t *testing.T) *simulator.Exchange {
	t.Helper()
	scenario := simulator.DefaultScenario(3)
	scenario.Days, scenario.Reserves = 20, 10
	scenario.Start = time.Now().UTC().Truncate(time.Second).AddDate(0, 0, -scenario.Days)
	play, err := simulator.New(scenario)
	if err != nil {
		t.Fatal(err)
	}
	return play
}

// run runs a block of the manual in a shell that ends with the first error.
func (w *walk) run(label string) (output string) {
	w.t.Helper()
	text := strings.ReplaceAll(Find(w.t, w.manual, "sh", label).Text, "/etc/auditor", w.folder)
	cmd := exec.Command("/bin/sh", "-e", "-c", text)
	cmd.Dir, cmd.Env = w.folder, []string{"PATH=" + w.path, "HOME=" + w.folder}
	if label == "before the upgrade" { // as in the shell of the first copy
		cmd.Env = append(cmd.Env, "AUDITOR_EXCHANGEDB_PASSWORD=not-a-secret")
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.t.Fatalf("%s: %v\n%s", label, err, out)
	}
	return string(out)
}

// query runs statements of the manual.
func (w *walk) query(database string, labels ...string) {
	w.t.Helper()
	conn := pgtest.Connect(w.t, database)
	for _, label := range labels {
		if _, err := conn.Exec(w.t.Context(), Find(w.t, w.manual, "sql", label).Text); err != nil {
			w.t.Errorf("%s: %v", label, err)
		}
	}
}

var (
	connection = regexp.MustCompile(`(?m)^config = ".*"$`)
	masterKey  = regexp.MustCompile(`(?m)^master_public_key = ".*"$`)
	ourKey     = regexp.MustCompile(`(?m)^public_key = ".*"$`)
)

// configure saves a configuration file of the manual with other connections, in
// their order, and the keys of the simulated exchange.
func (w *walk) configure(name string, play *simulator.Exchange, connections ...string) {
	w.t.Helper()
	w.configureWith(name, Find(w.t, w.manual, "toml", name).Text, play, connections...)
}

func (w *walk) configureWith(name, text string, play *simulator.Exchange, connections ...string) {
	w.t.Helper()
	if n := len(connection.FindAllString(text, -1)); n != len(connections) {
		w.t.Fatalf("%s has %d connections, want %d", name, n, len(connections))
	}
	text = connection.ReplaceAllStringFunc(text, func(string) string {
		line := fmt.Sprintf("config = %q", connections[0])
		connections = connections[1:]
		return line
	})
	text = strings.ReplaceAll(text, "/etc/auditor", w.folder)
	key, _ := play.Auditor()
	text = masterKey.ReplaceAllString(text, fmt.Sprintf("master_public_key = %q", play.MasterPublicKey()))
	text = ourKey.ReplaceAllString(text, fmt.Sprintf("public_key = %q", key))
	w.save(w.folder, name, text, 0o600)
}

func (w *walk) save(folder, name, text string, mode os.FileMode) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), mode); err != nil {
		w.t.Fatal(err)
	}
}

// place is a connection string for a role.
func place(t *testing.T, url, role string) string {
	t.Helper()
	c, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("host=%s port=%d dbname=%s user=%s sslmode=disable", c.Host, c.Port, c.Database, role)
}

func count(t *testing.T, url string) (n int) {
	t.Helper()
	if err := pgtest.Connect(t, url).QueryRow(t.Context(), "select count(*) from public.reserves_out").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
