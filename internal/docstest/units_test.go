package docstest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"auditor/internal/command"
)

func units(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "systemd", "*.service"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no units (%v)", err)
	}
	return files
}

// hardening is what every service of ours has.
const hardening = `
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
MemorySwapMax=0
LimitCORE=0
`

func TestServicesAreHardened(t *testing.T) {
	want, err := parseUnit("[Service]\n" + hardening)
	if err != nil {
		t.Fatal(err)
	}
	users := map[string]bool{}
	for _, file := range units(t) {
		u := readUnit(t, file)
		for key, values := range want["Service"] {
			if !u.Has("Service", key, values[0]) {
				t.Errorf("%s: %s=%q, want %q", file, key, u["Service"][key], values)
			}
		}
		for _, key := range []string{"MemoryMax", "TasksMax", "UMask", "User"} {
			if len(u["Service"][key]) != 1 {
				t.Errorf("%s does not set %s", file, key)
			}
		}
		if filters := u["Service"]["SystemCallFilter"]; !slices.Equal(filters, []string{"@system-service", "~@privileged @resources"}) {
			t.Errorf("%s allows the system calls %q", file, filters)
		}
		user := u["Service"]["User"][0]
		if user == "root" || users[user] {
			t.Errorf("%s runs as %s, want a user of its own", file, user)
		}
		users[user] = true
		if text, err := os.ReadFile(file); err != nil || regexp.MustCompile(`(?i)PASSWORD=`).Match(text) {
			t.Errorf("%s holds a password (%v)", file, err)
		}
	}
}

// What waits for people is not started again, and a loss is seen.
func TestServicesKnowExitStatuses(t *testing.T) {
	sync := readUnit(t, filepath.Join(root, "docs/systemd/auditor-sync.service"))
	if !sync.Has("Service", "Restart", "on-failure") || !sync.Has("Unit", "StartLimitIntervalSec", "0") {
		t.Error("auditor-sync is not started again for ever")
	}
	if command.StatusUsage != 1 || command.StatusFindings != 3 || !sync.Has("Service", "RestartPreventExitStatus", "1 3") {
		t.Error("auditor-sync is started again although people have to act")
	}
	if _, ok := sync["Service"]["SuccessExitStatus"]; ok {
		t.Error("a status of auditor-sync other than 0 is taken for success")
	}
	audit := readUnit(t, filepath.Join(root, "docs/systemd/auditor.service"))
	if !audit.Has("Service", "SuccessExitStatus", "143") || audit["Service"]["Restart"] != nil {
		t.Error("auditor: only an audit that was stopped may count as success, and none is repeated at once")
	}
}

// The manual's configuration finds the password where the unit puts it.
func TestCredentialIsWhereTheConfigurationLooks(t *testing.T) {
	unit := readUnit(t, filepath.Join(root, "docs/systemd/auditor-sync.service"))
	name, _, _ := strings.Cut(strings.Join(unit["Service"]["LoadCredential"], ""), ":")
	want := `"/run/credentials/auditor-sync.service/` + name + `"`
	if text := Find(t, filepath.Join(root, "docs/external-audit.md"), "toml", "ingress.toml").Text; name == "" || !strings.Contains(text, want) {
		t.Errorf("ingress.toml does not look for the password in %s", want)
	}
}

// TestReportIsKept runs what auditor.service does after an audit.
func TestReportIsKept(t *testing.T) {
	line := strings.Join(readUnit(t, filepath.Join(root, "docs/systemd/auditor.service"))["Service"]["ExecStopPost"], "\n")
	script, ok := strings.CutPrefix(line, "/bin/sh -c '")
	if !ok {
		t.Fatalf("%q is not run by a shell", line)
	}
	script = strings.NewReplacer("$$", "$", "%%", "%").Replace(strings.TrimSuffix(script, "'"))
	for status, want := range map[string]int{"0": 1, "3": 1, "2": 0, "4": 0, "42": 0, "TERM": 0} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, "report.json"), []byte("{}"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.Dir, cmd.Env = folder, []string{"PATH=/usr/bin:/bin", "EXIT_STATUS=" + status}
		if output, err := cmd.CombinedOutput(); err != nil || len(output) > 0 {
			t.Errorf("status %s: %v %s", status, err, output)
		}
		kept, err := filepath.Glob(filepath.Join(folder, "report-20??-??-??T??????Z.json"))
		if err != nil || len(kept) != want {
			t.Errorf("status %s: kept %q (%v), want %d", status, kept, err, want)
		}
	}
}

// TestSystemdAccepts asks systemd itself about our units and those in the manual, as
// far as it is here.
func TestSystemdAccepts(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is missing")
	}
	folder := t.TempDir()
	save := func(name, text string) string {
		path := filepath.Join(folder, name)
		// systemd wants to see the program.
		text = regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/\S+`).ReplaceAllString(text, "ExecStart=/bin/true")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var files []string
	for _, name := range []string{"auditor-sync.service", "auditor.service", "auditor.timer"} {
		text, err := os.ReadFile(filepath.Join(root, "docs/systemd", name))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, save(name, string(text)))
	}
	manual := filepath.Join(root, "docs/external-audit.md")
	save("auditor-alert@.service", Find(t, manual, "ini", "unit auditor-alert@.service").Text)
	for _, label := range []string{"drop-in alert.conf", "drop-in network.conf"} {
		if err := os.MkdirAll(filepath.Join(folder, "auditor-sync.service.d"), 0o700); err != nil {
			t.Fatal(err)
		}
		save(filepath.Join("auditor-sync.service.d", strings.TrimPrefix(label, "drop-in ")), Find(t, manual, "ini", label).Text)
	}
	files = append(files, filepath.Join(folder, "auditor-alert@x.service"))
	if output, err := exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, output)
	}
	if help, err := exec.Command(analyze, "--help").Output(); err != nil || !strings.Contains(string(help), "--offline") {
		t.Skip("this systemd-analyze judges only units that run")
	}
	for _, file := range files[:2] {
		const worst = "15" // of 100, where 100 is a service without any protection
		if output, err := exec.Command(analyze, "security", "--offline=yes", "--threshold="+worst, file).CombinedOutput(); err != nil {
			t.Errorf("systemd-analyze security: %v\n%s", err, output)
		}
	}
}

func TestParseUnit(t *testing.T) {
	u, err := parseUnit("# comment\n[A]\nk=v=w\nk=x\n;\n[B]\nempty=\n")
	if err != nil || !slices.Equal(u["A"]["k"], []string{"v=w", "x"}) || !u.Has("B", "empty", "") || u.Has("A", "k", "x") {
		t.Errorf("got %v, %v", u, err)
	}
	for _, bad := range []string{"k=v\n", "[A]\nword\n", "[A]\n[A]\n", "[A]\na b=c\n"} {
		if _, err := parseUnit(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}
