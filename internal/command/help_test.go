package command

import (
	"bytes"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	"pgregory.net/rapid"
)

func TestHelp(t *testing.T) {
	const root = `prog - do something

Usage:
  prog [FLAGS] [COMMAND]

Commands:
  report      show reports
  sync        copy
  crash       panic
  completion  print what makes a shell complete command lines

Flags:
  --only AREA            limit it to AREA
  -i, --internal
  -t, --terminate
  -b, --batch VALUE
  -L, --log-level LEVEL  log what is at least as important as LEVEL: debug,
                         info, warning or error (default: info)
  --log-format FORMAT    log in FORMAT: text or json (default: text)
  -q, --quiet            log warnings and errors only, show no progress
  -h, --help             show this help
  -v, --version          show the version
`
	const report = `prog report - show reports

Usage:
  prog report [FLAGS] [COMMAND]

Commands:
  list  list them
  show  show one

Flags:
  -h, --help  show this help

The flags of prog itself go before the command; see 'prog --help'.
`
	const sync = `prog sync - copy

Usage:
  prog sync [FLAGS]

Flags:
  -s, --source VALUE  (required)
  -d, --destination-configuration VALUE
                      (required)
  -h, --help          show this help

The flags of prog itself go before the command; see 'prog --help'.
`
	const show = `prog report show - show one

Usage:
  prog report show [FLAGS] NUMBER…

Flags:
  -F, --format VALUE
  -h, --help          show this help

The flags of prog itself go before the command; see 'prog --help'.
`
	tests := []struct{ line, want string }{
		{"--help", root},
		{"-h", root},
		{"help", root},
		{"report --help", report},
		{"help report", report},
		{"sync --help", sync},
		{"sync -h", sync},
		{"--help sync", sync},
		{"report show -h", show},
		{"help report show", show},
	}
	for _, test := range tests {
		status, stdout, stderr := run(t, nil, test.line)
		if status != 0 || stderr != "" || stdout != test.want {
			t.Errorf("%q: status %d, stderr %q\n%s\nwant\n%s", test.line, status, stderr, stdout, test.want)
		}
	}
}

func TestHelpKeepsExamplesAndBraces(t *testing.T) {
	var out bytes.Buffer
	app := New("prog", "do", "1", &out, &out)
	app.UsageText = "prog -s FILE\nprog {{.Name}}"
	app.Description = "First paragraph.\n\n    prog   --one {{x}}\nLast."
	Run(t.Context(), app, []string{"prog", "--help"})
	want := "prog - do\n\nUsage:\n  prog -s FILE\n  prog {{.Name}}\n\nFirst paragraph.\n\n    prog   --one {{x}}\nLast.\n"
	if got := out.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// However long the texts, no line of a help text is wider than 80 columns.
func TestHelpFitsOnTerminals(t *testing.T) {
	sentence := rapid.StringMatching(`([a-zäöü]{1,12} ){0,40}[a-z]{1,12}`)
	word := rapid.StringMatching(`[a-z]{2,30}`)
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		app := New("prog", sentence.Draw(t, "usage"), "1", &out, &out)
		app.Description = sentence.Draw(t, "description")
		app.UsageText = sentence.Draw(t, "synopsis")
		for _, name := range rapid.SliceOfNDistinct(word, 0, 4, rapid.ID).Draw(t, "flags") {
			app.Flags = append(app.Flags, &cli.StringFlag{Name: "x" + name, Usage: sentence.Draw(t, "explanation"), Value: "v"})
		}
		for _, name := range rapid.SliceOfNDistinct(word, 0, 4, rapid.ID).Draw(t, "commands") {
			app.Commands = append(app.Commands, &cli.Command{Name: "x" + name, Usage: sentence.Draw(t, "explanation")})
		}
		if status := Run(t.Context(), app, []string{"prog", "--help"}); status != 0 {
			t.Fatalf("status %d: %s", status, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if width := utf8.RuneCountInString(strings.TrimRight(line, "\n")); width > 80 {
				t.Fatalf("%d columns: %s", width, line)
			}
		}
	})
}

func TestVersion(t *testing.T) {
	build := func(version, revision, modified string) *debug.BuildInfo {
		return &debug.BuildInfo{
			GoVersion: "go1.26", Main: debug.Module{Version: version},
			Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}},
		}
	}
	tests := []struct {
		set  string
		info *debug.BuildInfo
		want string
	}{
		{"", nil, "unreleased"},
		{"1.2", nil, "1.2"},
		{"", build("(devel)", "", ""), "unreleased (go1.26)"},
		{"", build("v1.3.0", "", ""), "v1.3.0 (go1.26)"},
		{"1.2", build("v1.3.0", "0123456789abcdef", "false"), "1.2 (revision 0123456789ab, go1.26)"},
		{"", build("", "0123", "true"), "unreleased (revision 0123 with changes, go1.26)"},
	}
	for _, test := range tests {
		if got := describe(test.set, test.info); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if got := Version("9.9"); !strings.HasPrefix(got, "9.9 (") || !strings.Contains(got, "go1.") {
		t.Errorf("of this binary: %q", got)
	}
}

func TestParagraphs(t *testing.T) {
	got := paragraphs("one\ntwo\n\nthree\n  kept\n  as it is\nfour\nfive")
	want := []string{"one two", "", "three", "  kept", "  as it is", "four five"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
