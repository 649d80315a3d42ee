// Package command gives the three programs the same manners on the command line.
//
// A program makes its [cli.App] with [New], adds flags, commands and actions, and ends with the status that
// [Run] returns:
//
//	app := command.New("auditor-sync", "copy an exchange's database", command.Version(version), os.Stdout, os.Stderr)
//	app.Flags = …
//	app.Action = func(c *cli.Context) error { … }
//	os.Exit(command.Run(context.Background(), app, os.Args))
//
// Run adds the flags for logging, help and version and the command completion to the app, refuses what cli would swallow, turns errors into exit
// statuses and messages on stderr, and cancels the context when a signal arrives. Within an action [Log] and
// [ProgressOf] give the logger and the status line. Nothing here ends the process or writes anywhere but to
// the two writers.
//
// A command takes arguments if it has an ArgsUsage; all others refuse them.
package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

// New makes the app of a program: its name, what it does in half a sentence, its version (see [Version]), and
// where its output and its messages go.
func New(name, usage, version string, stdout, stderr io.Writer) *cli.App {
	return &cli.App{Name: name, Usage: usage, Version: version, Writer: stdout, ErrWriter: stderr}
}

// Run runs the app with the arguments args, of which the first is the program's name, and returns the exit
// status; the list of statuses says which. An app can be run once.
func Run(ctx context.Context, app *cli.App, args []string) int {
	s := &session{app: app, stdout: &gate{out: app.Writer}, progress: NewProgress(app.ErrWriter)}
	s.log = slog.New(logHandler(s.progress, "text", slog.LevelInfo))
	ctx, stop := withSignals(ctx, s.announce)
	defer stop()
	return s.finish(ctx, s.execute(ctx, args))
}

// session is one run of an app.
type session struct {
	app      *cli.App
	stdout   *gate
	progress *Progress
	log      *slog.Logger
	root     help // of the program
	json     bool // the log is in JSON
	started  bool // an action has begun: what follows is no usage error
}

func (s *session) execute(ctx context.Context, args []string) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value: value, stack: debug.Stack()}
		}
	}()
	s.prepare()
	if answered, err := s.answer(args); answered {
		return err
	}
	err = s.app.RunContext(ctx, helpLast(s.app, args))
	var own interface{ ExitStatus() int }
	if err != nil && !s.started && !errors.As(err, &own) {
		err = &UsageError{s.app.Name, tidy(err.Error())}
	}
	return err
}

// answer answers shells and the Makefile. Nothing that is required of other command
// lines is required of the command completion.
func (s *session) answer(args []string) (answered bool, err error) {
	switch {
	case len(args) < 2:
		return false, nil
	case args[1] == completeWord:
		return true, writeCandidates(s.app.Writer, s.root.complete(args[2:]))
	case args[1] == manWord:
		_, err := io.WriteString(s.app.Writer, man(s.root, s.app.Version))
		return true, err
	case args[1] == "completion":
		for _, f := range s.app.Flags {
			if text, ok := f.(*cli.StringFlag); ok {
				text.Required = false
			}
		}
	}
	return false, nil
}

// helpLast turns "program help command" into "program command --help".
func helpLast(app *cli.App, args []string) []string {
	if len(args) < 2 || args[1] != "help" || app.Command("help") != nil {
		return args
	}
	return append(append([]string{args[0]}, args[2:]...), "--help")
}

// begin is called when the command line is found to be right and the action of a command begins.
func (s *session) begin(c *cli.Context) error {
	if err := s.configureLog(c); err != nil {
		return err
	}
	s.started = true
	return s.stdout.open()
}

// sessionKey is where the session is found in the metadata of its app.
const sessionKey = "auditor/internal/command"

func sessionOf(c *cli.Context) *session { return c.App.Metadata[sessionKey].(*session) }

// Log returns the logger that the user asked for. It writes to stderr and is for use within actions.
func Log(c *cli.Context) *slog.Logger { return sessionOf(c).log }

// ProgressOf returns the status line of the program, which is silent unless stderr is a terminal. It is for
// use within actions.
func ProgressOf(c *cli.Context) *Progress { return sessionOf(c).progress }

// gate holds output back until it is known that the command line is right: cli writes help texts to stdout
// even as a comment on a wrong command line.
type gate struct {
	out    io.Writer
	held   bytes.Buffer
	opened bool
}

func (g *gate) Write(b []byte) (int, error) {
	if !g.opened {
		return g.held.Write(b)
	}
	return g.out.Write(b)
}

func (g *gate) open() error {
	g.opened = true
	_, err := g.held.WriteTo(g.out)
	return err
}
