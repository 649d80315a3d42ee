package command

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// example is a program with everything that completion and manual pages deal with.
func example(out *bytes.Buffer) *cli.App {
	app := New("prog", "do something", "1.2", out, out)
	app.Description = "It does.\n\n  prog init\n\n.dots and 'quotes' and \\ backslashes"
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "config", Aliases: []string{"c"}, Required: true, Usage: "read `FILE`"},
		&cli.BoolFlag{Name: "internal", Aliases: []string{"i"}, Usage: "look inside"},
	}
	app.Action = func(*cli.Context) error { return nil }
	app.Commands = []*cli.Command{
		{Name: "init", Usage: "create", ArgsUsage: "[exchange|auditor]", Action: app.Action, Flags: []cli.Flag{&cli.BoolFlag{Name: "dry-run", Usage: "do nothing"}}},
		{Name: "report", Usage: "show reports", Subcommands: []*cli.Command{{Name: "list", Usage: "list them", ArgsUsage: "[FILE]", Action: app.Action}}},
	}
	return app
}

func TestCompletion(t *testing.T) {
	for _, test := range []struct{ name, typed, want string }{
		{"commands", "", "init report completion"},
		{"the beginning of one", "in", "init"},
		{"flags", "--", "--config --internal --log-level --log-format --quiet --help --version"},
		{"short ones", "-", "--config -c --internal -i --log-level -L --log-format --quiet -q --help -h --version -v"},
		{"behind a flag", "-i ", "init report completion"},
		{"the value of a flag", "-c ", ""},
		{"behind the value of a flag", "-c init re", "report"},
		{"a joined value", "--config=x re", "report"},
		{"what an argument may be", "init ", "exchange auditor"},
		{"only one argument", "init exchange ", ""},
		{"flags of a command", "init --d", "--dry-run"},
		{"commands of a command", "report ", "list"},
		{"a file", "report list ", ""},
		{"shells", "completion ", "bash zsh fish"},
		{"nothing known", "nothing ", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			words := strings.Split(test.typed, " ")
			if status := Run(t.Context(), example(&out), append([]string{"prog", completeWord}, words...)); status != 0 {
				t.Errorf("status %d", status)
			}
			var got []string
			for line := range strings.Lines(out.String()) {
				word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
				got = append(got, word)
			}
			if want := strings.Fields(test.want); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
	var out bytes.Buffer
	if Run(t.Context(), example(&out), []string{"prog", completeWord}); !strings.HasPrefix(out.String(), "init\tcreate\n") {
		t.Errorf("without a word: %s", &out)
	}
}

// What is required of other command lines is not required of this one.
func TestCompletionScripts(t *testing.T) {
	for args, want := range map[string]string{
		"completion bash": "-F _prog prog", "completion zsh": "compdef _prog prog", "completion fish": "complete -c prog",
		"completion --help": "source <(prog completion bash)", "completion": "name one shell", "completion tcsh": "name one shell",
		"completion bash zsh": "name one shell",
	} {
		var out bytes.Buffer
		if Run(t.Context(), example(&out), append([]string{"prog"}, strings.Fields(args)...)); !strings.Contains(out.String(), want) {
			t.Errorf("%s: got %s", args, &out)
		}
	}
}

// inShell runs a script in a shell, or skips the test without one.
func inShell(t *testing.T, shell, script string) string {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("%s is missing", shell)
	}
	folder := t.TempDir()
	// Answers as the program would.
	program := "#!/bin/sh\n[ \"$1\" = __complete ] && shift && for word; do last=$word; done\nprintf 'in%s-%s\\tcreates it\\nother\\n' \"$#\" \"$last\"\n"
	if err := os.WriteFile(filepath.Join(folder, "prog"), []byte(program), 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, output)
	}
	return string(output)
}

func TestCompletionInBash(t *testing.T) {
	script := strings.ReplaceAll(scripts()["bash"], "NAME", "prog")
	got := inShell(t, "bash", script+`COMP_WORDS=(prog report "x y" li) COMP_CWORD=3; _prog; printf '%s|' "${COMPREPLY[@]}"`)
	if want := "in3-li|other|"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCompletionInZsh(t *testing.T) {
	script := strings.ReplaceAll(scripts()["zsh"], "NAME", "prog")
	got := inShell(t, "zsh", "compdef() { :; }; _describe() { print -l -- \"${(@)candidates}\"; }\n"+script+`words=(prog report li); CURRENT=3; _prog`)
	if want := "in2-li:creates it\nother\n"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCompletionInFish(t *testing.T) {
	script := strings.ReplaceAll(scripts()["fish"], "NAME", "prog")
	got := inShell(t, "fish", script+`complete -C "prog report li"`)
	if !strings.Contains(got, "in2-li\tcreates it") {
		t.Errorf("got %s", got)
	}
}

func TestManualPage(t *testing.T) {
	var out bytes.Buffer
	if status := Run(t.Context(), example(&out), []string{"prog", manWord}); status != 0 {
		t.Fatalf("status %d", status)
	}
	page := out.String()
	for _, want := range []string{
		".TH PROG 1 \"\" \"1.2\"", "prog \\- do something", ".TP\n.B \\-c, \\-\\-config FILE\nread FILE (required)\n",
		".RS\n.nf\nprog init\n.fi\n.RE\n", "\n\\&.dots and \\(aqquotes\\(aq and \\e backslashes\n", ".SS report list\nList them.\n", ".SS init\nCreate.\n", "\\-\\-dry\\-run",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is missing")
	}
	cmd := exec.Command(groff, "-man", "-ww", "-Tutf8")
	cmd.Stdin = strings.NewReader(page)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	if text, err := cmd.Output(); err != nil || complaints.Len() > 0 || !bytes.Contains(text, []byte(".dots")) {
		t.Errorf("groff: %v\n%s\n%s", err, &complaints, text)
	}
}
