package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
	"go.uber.org/goleak"

	"auditor/internal/config"
)

func TestMain(m *testing.M) {
	if mode := os.Getenv(childEnv); mode != "" {
		os.Exit(Run(context.Background(), signalApp(mode), []string{"child"}))
	}
	goleak.VerifyTestMain(m)
}

// unavailable stands for the typed errors of other packages.
type unavailable struct{}

func (unavailable) Error() string   { return "the database is not running, start it" }
func (unavailable) ExitStatus() int { return StatusUnavailable }

// testApp is a program with all that programs have. Its actions print what they were told.
func testApp(stdout, stderr io.Writer, outcome error) *cli.App {
	tell := func(c *cli.Context) error {
		fmt.Fprintf(c.App.Writer, "%s %v only=%s internal=%t terminate=%t batch=%d format=%s\n", c.Command.Name, c.Args().Slice(),
			c.String("only"), c.Bool("internal"), c.Bool("terminate"), c.Int("batch"), c.String("format"))
		return outcome
	}
	app := New("prog", "do something", "1.0", stdout, stderr)
	app.Flags = []cli.Flag{
		&cli.StringFlag{Name: "only", Usage: "limit it to `AREA`"},
		&cli.BoolFlag{Name: "internal", Aliases: []string{"i"}},
		&cli.BoolFlag{Name: "terminate", Aliases: []string{"t"}},
		&cli.IntFlag{Name: "batch", Aliases: []string{"b"}},
	}
	app.Action = tell
	app.Commands = []*cli.Command{
		{Name: "report", Usage: "show reports", Subcommands: []*cli.Command{
			{Name: "list", Usage: "list them", Action: tell},
			{Name: "show", Usage: "show one", ArgsUsage: "NUMBER…", Action: tell, Flags: []cli.Flag{
				&cli.StringFlag{Name: "format", Aliases: []string{"F"}},
			}},
		}},
		{Name: "sync", Usage: "copy", Action: tell, Flags: []cli.Flag{
			&cli.StringFlag{Name: "source", Aliases: []string{"s"}, Required: true},
			&cli.StringFlag{Name: "destination-configuration", Aliases: []string{"d"}, Required: true},
		}},
		{Name: "crash", Usage: "panic", Action: func(*cli.Context) error { panic("out of cheese\x1b[2J") }},
	}
	return app
}

func run(t *testing.T, outcome error, line string) (status int, stdout, stderr string) {
	t.Helper()
	var out, messages bytes.Buffer
	status = Run(t.Context(), testApp(&out, &messages, outcome), append([]string{"prog"}, strings.Fields(line)...))
	return status, out.String(), messages.String()
}

func TestGoodCommandLines(t *testing.T) {
	tests := []struct{ line, want string }{
		{"", "prog [] only= internal=false terminate=false batch=0 format=\n"},
		{"-i --only keys", "prog [] only=keys internal=true terminate=false batch=0 format=\n"},
		{"-ti", "prog [] only= internal=true terminate=true batch=0 format=\n"},
		{"-tib 7", "prog [] only= internal=true terminate=true batch=7 format=\n"},
		{"-internal -t=false", "prog [] only= internal=true terminate=false batch=0 format=\n"},
		{"-i report list", "list [] only= internal=true terminate=false batch=0 format=\n"},
		{"report show --format x 1 2", "show [1 2] only= internal=false terminate=false batch=0 format=x\n"},
		{"report show -- -1 --format", "show [-1 --format] only= internal=false terminate=false batch=0 format=\n"},
		{"report show -", "show [-] only= internal=false terminate=false batch=0 format=\n"},
		{"sync -s a -d b", "sync [] only= internal=false terminate=false batch=0 format=\n"},
		{"--version", "prog version 1.0\n"},
		{"-v", "prog version 1.0\n"},
	}
	for _, test := range tests {
		status, stdout, stderr := run(t, nil, test.line)
		if status != 0 || stdout != test.want || stderr != "" {
			t.Errorf("%q: status %d, stderr %q\n got  %q\n want %q", test.line, status, stderr, stdout, test.want)
		}
	}
}

func TestWrongCommandLines(t *testing.T) {
	tests := []struct{ line, want, command string }{
		{"--onyl keys", "unknown flag --onyl, did you mean --only?", "prog"},
		{"--xyzzy", "unknown flag --xyzzy, see the list of flags", "prog"},
		{"-x", "unknown flag -x, see the list of flags", "prog"},
		{"-tx", "unknown flag --tx, see the list of flags", "prog"},
		{"-b", "the flag -b needs a value", "prog"},
		{"-b seven", `invalid value "seven" for flag -b: parse error`, "prog"},
		{"-i=perhaps", `invalid boolean value "perhaps" for -i: parse error`, "prog"},
		{"-i --internal", "-i and --internal are one flag, give it once", "prog"},
		{"reprot list", `unknown command "reprot", did you mean "report"?`, "prog"},
		{"-i keys --only coins", `unknown command "keys", prog has report, sync, crash`, "prog"},
		{"report", "prog report needs a command, one of list, show", "prog report"},
		{"report lst", `unknown command "lst", did you mean "list"?`, "prog report"},
		{"report list all", `unexpected argument "all": prog report list takes none, remove it`, "prog report list"},
		{"report list all -x --y=secret z", `unexpected argument "all", behind which -x --y would be ignored: remove it and put flags first`, "prog report list"},
		{"report list false", `unexpected argument "false": the value of a switch is written with '=', as in --flag=false`, "prog report list"},
		{"report show 1 --format x", `--format behind the argument "1" would be ignored: put flags first, or write ./-NAME for a file whose name begins with a hyphen`, "prog report show"},
		{"report show -i 1", `the flag -i belongs to prog: write it before "report show"`, "prog report show"},
		{"report list -q", `the flag -q belongs to prog: write it before "report list"`, "prog report list"},
		{"sync -s a", "missing flag, add --destination-configuration", "prog"},
		{"sync", "missing flag, add --source and --destination-configuration", "prog"},
		{"help nonsense", `unknown command "nonsense", prog has report, sync, crash`, "prog"},
		{"--help nonsense", "no help topic for 'nonsense'", "prog"},
		{"-L loud", `unknown log level "loud", choose debug, info, warning or error`, "prog"},
		{"--log-format xml", `unknown log format "xml", choose text or json`, "prog"},
		{"-q -L debug", "--quiet contradicts --log-level=debug, remove one of them", "prog"},
	}
	for _, test := range tests {
		status, stdout, stderr := run(t, nil, test.line)
		want := "prog: " + test.want + "\nprog: run '" + test.command + " --help' for help\n"
		if status != StatusUsage || stdout != "" || stderr != want {
			t.Errorf("%q: status %d, stdout %q\n got  %s want %s", test.line, status, stdout, stderr, want)
		}
	}
}

func TestArgumentsAreEscaped(t *testing.T) {
	var out, messages bytes.Buffer
	Run(t.Context(), testApp(&out, &messages, nil), []string{"prog", "report", "list", "a\x1b[2J\n"})
	if got := messages.String(); !strings.HasPrefix(got, `prog: unexpected argument "a\x1b[2J\n"`) {
		t.Errorf("got %q", got)
	}
}

func TestExitStatuses(t *testing.T) {
	_, malformed := config.Load("/nonexistent/auditor.toml")
	tests := []struct {
		name   string
		err    error
		status int
		want   string // on stderr
	}{
		{"success", nil, 0, ""},
		{"usage", &UsageError{Message: "no"}, 1, "prog: no\n"},
		{"configuration", fmt.Errorf("wrapped: %w", malformed), 1, "prog: wrapped: " + malformed.Error() + "\n"},
		{"database", fmt.Errorf("source: %w", unavailable{}), 2, "prog: source: the database is not running, start it\n"},
		{"findings", Exit{Status: StatusFindings}, 3, ""},
		{"findings, wrapped", fmt.Errorf("x: %w", Exit{Status: StatusFindings}), 3, ""},
		{"arithmetic", Exit{StatusArithmetic, errors.New("the sum overflows")}, 42, "prog: the sum overflows\n"},
		{"the outermost status counts", Exit{StatusFindings, unavailable{}}, 3, "prog: the database is not running, start it\n"},
		{"unknown", errors.New("odd\x1b[2J"), 4, "prog: internal error: odd\\x1b[2J\n"},
		{"made by cli", cli.Exit("made by cli", 7), 7, "prog: made by cli\n"},
		{"several lines", Exit{1, errors.New("a\nb")}, 1, "prog: a\nprog: b\n"},
		{"cancelled by nobody", context.Canceled, 4, "prog: internal error: context canceled\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			status, stdout, stderr := run(t, test.err, "")
			if status != test.status || stderr != test.want {
				t.Errorf("status %d, want %d\n got  %q\n want %q", status, test.status, stderr, test.want)
			}
			if !strings.HasPrefix(stdout, "prog []") {
				t.Errorf("what the action printed is lost: %q", stdout)
			}
		})
	}
}

func TestPanicsAreInternalErrors(t *testing.T) {
	const want = "prog: internal error, panic: out of cheese\\x1b[2J; please report it with the stack that -L debug shows\n"
	status, _, stderr := run(t, nil, "crash")
	if status != StatusInternal || stderr != want {
		t.Errorf("status %d, got %q", status, stderr)
	}
	status, _, stderr = run(t, nil, "-L debug crash")
	if status != StatusInternal || !strings.HasSuffix(stderr, want) || !strings.Contains(stderr, "command.testApp.func") {
		t.Errorf("status %d, no stack in %s", status, stderr)
	}
}

func TestErrorsInJSON(t *testing.T) {
	status, _, stderr := run(t, unavailable{}, "--log-format json")
	if status != 2 || !strings.Contains(stderr, `"level":"ERROR","msg":"the database is not running, start it","exit_status":2}`) {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// A full disk must not look like success.
func TestOutputThatCannotBeWritten(t *testing.T) {
	var messages bytes.Buffer
	status := Run(t.Context(), testApp(brokenWriter{}, &messages, nil), []string{"prog", "--help"})
	if status != StatusInternal || messages.String() != "prog: internal error: no space left on device\n" {
		t.Errorf("status %d, %q", status, messages.String())
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }
