package docstest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// manuals returns the files that tell people what to type.
func manuals(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no manuals (%v)", err)
	}
	return append(files, filepath.Join(root, "README.md"))
}

// build makes the programs and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	arguments := []string{"build", "-buildvcs=false", "-o", bin + "/"}
	for _, name := range programs {
		arguments = append(arguments, "./cmd/"+name)
	}
	cmd := exec.Command("go", arguments...)
	cmd.Dir = root
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return bin
}

// helpOf asks the programs in a folder for help, each command once.
func helpOf(bin string) func([]string) (string, error) {
	known := map[string]string{}
	return func(path []string) (string, error) {
		key := strings.Join(path, " ")
		if known[key] == "" {
			output, err := exec.Command(filepath.Join(bin, path[0]), append(slices.Clone(path[1:]), "--help")...).Output()
			if err != nil {
				return "", fmt.Errorf("%s --help: %w", key, err)
			}
			known[key] = string(output)
		}
		return known[key], nil
	}
}

// TestCommandLines checks every call of our programs in the manuals and units
// against the flags, commands and arguments that the programs really have.
func TestCommandLines(t *testing.T) {
	help := helpOf(build(t))
	checked := map[string]int{}
	for _, file := range manuals(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range append(commandLines(Read(t, file)), mentions(file, string(text))...) {
			checked[filepath.Base(file)]++
			if err := check(c, help); err != nil {
				t.Errorf("%s: %q: %v", c.Place, strings.Join(c.Words, " "), err)
			}
		}
	}
	for _, file := range units(t) {
		for _, line := range readUnit(t, file)["Service"]["ExecStart"] {
			checked[filepath.Base(file)]++
			c := CommandLine{file, call(line), true}
			if c.Words == nil {
				t.Errorf("%s starts %q, which is none of our programs", file, line)
			} else if err := check(c, help); err != nil {
				t.Errorf("%s: %q: %v", file, line, err)
			}
		}
	}
	for _, file := range []string{"README.md", "external-audit.md", "internal-audit.md", "auditor-sync.service", "auditor.service"} {
		if checked[file] == 0 {
			t.Errorf("no command line was found in %s", file)
		}
	}
}

const (
	programHelp = `auditor-x - do it

Usage:
  auditor-x [FLAGS] [COMMAND]

Commands:
  init     create --what is missing
  report, r
           show reports

Flags:
  -c, --config FILE   read the configuration from FILE
  -s, --source-configuration FILE
                      copy from FILE, see --nothing (required)
  -t, --terminate     end
  -h, --help          show this help
`
	initHelp = `auditor-x init - create

Usage:
  auditor-x init [FLAGS] [exchange|auditor]

Flags:
  -h, --help  show this help
`
)

func TestCheck(t *testing.T) {
	help := func(path []string) (string, error) {
		switch strings.Join(path, " ") {
		case "auditor-x":
			return programHelp, nil
		case "auditor-x init":
			return initHelp, nil
		}
		return "", errors.New("no such command")
	}
	tests := []struct {
		line, want string
		whole      bool
	}{
		{"auditor-x -s a -t", "", true},
		{"auditor-x --source-configuration=a -c b --terminate", "", true},
		{"auditor-x -t", "lacks the flag --source-configuration", true},
		{"auditor-x -t", "", false},
		{"auditor-x -s … init", "", false},
		{"auditor-x -c a init exchange", "", true},
		{"auditor-x init both", "takes [exchange|auditor]", true},
		{"auditor-x init exchange -h", "stands behind an argument", true},
		{"auditor-x init -t", "auditor-x init: there is no flag -t", true},
		{"auditor-x -s a -x", "there is no flag -x", true},
		{"auditor-x --nothing", "there is no flag --nothing", false},
		{"auditor-x -s a collect", `no command "collect"`, true},
		{"auditor-x r", "no such command", false},
	}
	for _, test := range tests {
		err := check(CommandLine{"here", strings.Fields(test.line), test.whole}, help)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.line, err, test.want)
		}
	}
}

func TestCommandLinesOfAManual(t *testing.T) {
	text := "Run `auditor -c a.toml`, not `auditor` or `auditor.service`.\n" +
		"\n" +
		"    $ auditor-sync -s a \\\n" +
		"        -d b -t   # copy\n" +
		"    2. auditor-sync copies rows\n" +
		"\n" +
		"```sh first\n" +
		"runuser -u auditor -- auditor -c a | less\n" +
		"# auditor comments\n" +
		"```\n" +
		"```sql\n" +
		"auditor -x\n" +
		"```\n" +
		"```ini\n" +
		"ExecStart=/usr/local/bin/auditor-dbinit status\n" +
		"```\n"
	blocks, err := parse("m.md", text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range append(commandLines(blocks), mentions("m.md", text)...) {
		got = append(got, c.Place+" "+strings.Join(c.Words, " "))
	}
	want := []string{
		"m.md:3 auditor-sync -s a -d b -t",
		"m.md:8 auditor -c a",
		"m.md:9 auditor comments",
		"m.md:15 auditor-dbinit status",
		"m.md:1 auditor -c a.toml",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s, want\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
