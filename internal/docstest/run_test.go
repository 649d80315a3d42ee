package docstest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/events"
	"auditor/internal/migrate"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/internal/simulator/tokennet"
)

// world is what the command lines of the manuals find when they are run: an exchange in
// which something is wrong, its trusted copy, audits of it, and what else they name.
type world struct {
	*testing.T
	folder, path string
	words        map[string]string // in the place of what the manuals name
	pattern      *regexp.Regexp    // of these
}

// TestEveryCommandLineRuns runs each command line in the manuals, one manual after the
// other, those that remove much last. They do what they are for, or find something.
func TestEveryCommandLineRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	w := newWorld(t)
	last := []string{"recovery.md", "external-audit.md", "upgrade.md", "several-exchanges.md"}
	files := manuals(t)
	slices.SortStableFunc(files, func(a, b string) int {
		return slices.Index(last, filepath.Base(a)) - slices.Index(last, filepath.Base(b))
	})
	ran := make(map[string]bool)
	for _, file := range files {
		for _, c := range commandLines(Read(t, file)) {
			line := strings.Join(c.Words, " ")
			if ran[filepath.Base(file)+line] {
				continue
			}
			ran[filepath.Base(file)+line] = true
			if out, err := w.run(c.Words); err != nil {
				t.Errorf("%s: %s: %v\n%s", c.Place, line, err, out)
			}
		}
	}
	if len(ran) < 60 {
		t.Errorf("only %d command lines ran", len(ran))
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, folder: t.TempDir(), pattern: regexp.MustCompile(`^$`)}
	w.path = build(t) + ":/usr/bin:/bin"
	play := playUntilNow(t)
	source, trusted, auditor := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	other, internal, restored, simulated := pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t), pgtest.NewDatabase(t)
	conn := pgtest.Connect(t, source)
	if _, err := migrate.Upgrade(t.Context(), conn, migrate.Exchange("public")); err != nil {
		t.Fatal(err)
	}
	if err := play.Write(t.Context(), conn, "public"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), "update public.reserves_out set reserve_sig = sha512('forged') where reserve_out_serial_id = 3"); err != nil {
		t.Fatal(err)
	}

	key := regexp.MustCompile(`\S+\+\S+\+\S+`).FindString(w.must("auditor", "report", "keygen", "--name", "auditor.example", "-o", "signing.key"))
	if key == "" {
		t.Fatal("keygen tells no key")
	}
	stranger, err := simulator.New(simulator.DefaultScenario(9))
	if err != nil {
		t.Fatal(err)
	}
	for name, databases := range map[string][2]string{
		"auditor.toml": {trusted, auditor}, "owner.toml": {trusted, auditor}, "trusted.toml": {trusted}, "first.toml": {trusted, auditor},
		"treasurer.toml": {trusted}, "performance.toml": {trusted}, "ingress.toml": {source}, "ingress-owner.toml": {source}, "source.toml": {source},
		"production.toml": {source, internal}, "restored.toml": {restored, internal}, "second.toml": {other, auditor},
	} {
		of := play
		if name == "second.toml" {
			of = stranger
		}
		w.save(name, []byte(worldConfiguration(of, databases)))
	}
	w.save(".config/auditor/auditor.toml", []byte(worldConfiguration(play, [2]string{trusted, auditor})))
	w.save(".config/auditor/signing.key", w.read("signing.key"))
	w.saveEvents()
	w.save("deposit-confirmations.json", []byte("[]"))

	w.must("auditor-dbinit", "-c", "owner.toml", "init")
	w.must("auditor-dbinit", "-c", "production.toml", "init", "auditor")
	w.must("auditor-sync", "-s", "ingress.toml", "-d", "trusted.toml", "-t")
	for range 3 {
		w.must("auditor", "-c", "auditor.toml")
	}
	var finding string
	if err := pgtest.Connect(t, auditor).QueryRow(t.Context(), "select left(encode(identity, 'hex'), 8) from auditor.findings where serial = 3 and check_id = 'R-04'").Scan(&finding); err != nil {
		t.Fatal(err)
	}
	w.words = map[string]string{
		"/etc/auditor/": w.folder + "/", "/var/lib/auditor/incoming/*.json": "deposit-confirmations.json", "%S/auditor/report.json": "report.json",
		"20618efb": finding, "KEY": key, "HA4E7QBM17RSBZAJVCPKSEJXEB56E2DZ3PA146ZKEJ403D0FDXE0": play.MasterPublicKey().String(),
		"postgres:///play": simulated, "postgres:///restored-exchange": restored,
		"taler-auditor": nameOf(t, auditor), "taler-trusted": nameOf(t, trusted), "-o report.key": "-o another.key",
	}
	names := make([]string, 0, len(w.words))
	for word := range w.words {
		names = append(names, regexp.QuoteMeta(word))
	}
	w.pattern = regexp.MustCompile(strings.Join(names, "|"))
	return w
}

func nameOf(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Database
}

// worldConfiguration is a configuration with the exchange's database and perhaps the auditor's.
func worldConfiguration(play *simulator.Exchange, databases [2]string) string {
	key, url := play.Auditor()
	text := fmt.Sprintf(`[exchange]
master_public_key = %q
base_url = "https://exchange.example/"
currency = %q
currency_round_unit = "%[2]s:0.01"

[exchangedb]
config = %q

[auditor]
public_key = %q
base_url = %q
tiny_amount = "%[2]s:0.01"
report_key_file = "signing.key"

[office]
role = "auditor"
`, play.MasterPublicKey(), play.Currency(), databases[0], key, url)
	if databases[1] != "" {
		text += fmt.Sprintf("\n[auditordb]\nconfig = %q\n", databases[1])
	}
	return text
}

func (w *world) save(name string, content []byte) {
	w.Helper()
	path := filepath.Join(w.folder, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) read(name string) []byte {
	w.Helper()
	content, err := os.ReadFile(filepath.Join(w.folder, name))
	if err != nil {
		w.Fatal(err)
	}
	return content
}

// saveEvents saves what nodes of a token network tell.
func (w *world) saveEvents() {
	w.Helper()
	list, details := tokennet.Day(1, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), 1000)
	var answer bytes.Buffer
	if err := events.WriteAnswer(&answer, [16]byte{}, list); err != nil {
		w.Fatal(err)
	}
	w.save("answer.bin", answer.Bytes())
	records, err := tokennet.Records(details)
	if err != nil {
		w.Fatal(err)
	}
	w.save("details.bin", records)
}

// run runs a command line of a manual. It is right to end with 0, or with 3 where there
// are findings. What never ends is told to end.
func (w *world) run(words []string) (string, error) {
	text := w.pattern.ReplaceAllStringFunc(strings.Join(words, " "), func(word string) string { return w.words[word] })
	words = strings.Fields(text)
	cmd := exec.Command("/bin/sh", "-c", `exec "$@"`, "sh")
	cmd.Args = append(cmd.Args, words...)
	cmd.Dir, cmd.Env = w.folder, []string{"PATH=" + w.path, "HOME=" + w.folder}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		return "", err
	}
	if words[0] == "auditor-sync" && !slices.Contains(words, "-t") {
		time.AfterFunc(3*time.Second, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
	}
	err := cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 3 {
		err = nil
	}
	return out.String(), err
}

func (w *world) must(words ...string) string {
	w.Helper()
	out, err := w.run(words)
	if err != nil {
		w.Fatalf("%q: %v\n%s", words, err, out)
	}
	return out
}
