package command

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"auditor/internal/nearest"
)

// What is done to an app before it runs. cli is led around its traps: flags behind an argument are swallowed,
// surplus arguments ignored, usage errors written to stdout, and errors may end the process.

// family is a command with what it inherits.
type family struct {
	path        string // as typed, "auditor report list"
	parent      *family
	flags       []cli.Flag
	subcommands []*cli.Command
	argsUsage   string // "" if it takes none
}

func (s *session) prepare() {
	app := s.app
	app.Metadata = map[string]any{sessionKey: s}
	app.Writer = s.stdout
	app.HideHelp, app.HideHelpCommand = true, true
	app.UseShortOptionHandling = true // -ti is -t -i
	app.ExitErrHandler = func(*cli.Context, error) {}
	app.Flags = append(app.Flags, logFlags()...)
	app.Flags = append(app.Flags, helpFlag(), versionFlag())
	app.Commands = append(app.Commands, completionCommand(app.Name))
	f := &family{path: app.Name, flags: app.Flags, subcommands: app.Commands, argsUsage: app.ArgsUsage}
	app.Action = s.wrap(f, app.Action)
	app.OnUsageError = f.usageError
	s.root = help{f, app.Usage, app.UsageText, app.ArgsUsage, app.Description}
	app.CustomAppHelpTemplate = s.root.template()
	for _, command := range app.Commands {
		s.prepareCommand(f, command)
	}
	// The version flag of cli is one variable for all apps of a process; Setup must not add it to ours, but
	// the check for it must stay.
	app.HideVersion = true
	app.Setup()
	app.HideVersion = false
}

func (s *session) prepareCommand(parent *family, c *cli.Command) {
	c.HideHelp, c.HideHelpCommand = true, true
	c.Flags = append(c.Flags, helpFlag())
	f := &family{
		path: parent.path + " " + c.Name, parent: parent, flags: c.Flags,
		subcommands: c.Subcommands, argsUsage: c.ArgsUsage,
	}
	c.Action = s.wrap(f, c.Action)
	c.OnUsageError = f.usageError
	c.CustomHelpTemplate = help{f, c.Usage, c.UsageText, c.ArgsUsage, c.Description}.template()
	for _, sub := range c.Subcommands {
		s.prepareCommand(f, sub)
	}
}

func helpFlag() cli.Flag {
	return &cli.BoolFlag{Name: "help", Aliases: []string{"h"}, Usage: "show this help"}
}

func versionFlag() cli.Flag {
	return &cli.BoolFlag{Name: "version", Aliases: []string{"v"}, Usage: "show the version"}
}

// wrap puts the checks of the command line in front of an action. A command without action needs one of its
// subcommands.
func (s *session) wrap(f *family, action cli.ActionFunc) cli.ActionFunc {
	return func(c *cli.Context) error {
		args := c.Args().Slice()
		if err := f.checkArguments(args); err != nil {
			return err
		}
		if action == nil {
			return &UsageError{f.path, fmt.Sprintf("%s needs a command, one of %s", f.path, strings.Join(f.names(), ", "))}
		}
		if err := s.begin(c); err != nil {
			return err
		}
		return action(c)
	}
}

func (f *family) checkArguments(args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case f.argsUsage != "":
		return f.checkFlagsBehind(args)
	case len(f.names()) > 0:
		return f.unknownCommand(args[0])
	}
	message := fmt.Sprintf("unexpected argument %q", args[0])
	if args[0] == "true" || args[0] == "false" {
		message += fmt.Sprintf(": the value of a switch is written with '=', as in --flag=%s", args[0])
	} else if flags := flagsAmong(args[1:]); len(flags) > 0 {
		message += fmt.Sprintf(", behind which %s would be ignored: remove it and put flags first", strings.Join(flags, " "))
	} else {
		message += fmt.Sprintf(": %s takes none, remove it", f.path)
	}
	return &UsageError{f.path, message}
}

// checkFlagsBehind refuses flags behind arguments. What follows "--" begins with a hyphen or does not matter.
func (f *family) checkFlagsBehind(args []string) error {
	if isFlag(args[0]) {
		return nil
	}
	if flags := flagsAmong(args); len(flags) > 0 {
		return &UsageError{f.path, fmt.Sprintf("%s behind the argument %q would be ignored: put flags first, "+
			"or write ./-NAME for a file whose name begins with a hyphen", strings.Join(flags, " "), args[0])}
	}
	return nil
}

func (f *family) unknownCommand(word string) error {
	names := f.names()
	if guess := nearest.Of(word, names); guess != "" {
		return &UsageError{f.path, fmt.Sprintf("unknown command %q, did you mean %q?", word, guess)}
	}
	return &UsageError{f.path, fmt.Sprintf("unknown command %q, %s has %s", word, f.path, strings.Join(names, ", "))}
}

// names returns the names of the visible subcommands, without the one that every
// program has.
func (f *family) names() []string {
	var names []string
	for _, c := range f.subcommands {
		if !c.Hidden && !(f.parent == nil && c.Name == "completion") {
			names = append(names, c.Name)
		}
	}
	return names
}

func flagsAmong(args []string) []string {
	var flags []string
	for _, arg := range args {
		if isFlag(arg) {
			name, _, _ := strings.Cut(arg, "=")
			flags = append(flags, name)
		}
	}
	return flags
}

func isFlag(arg string) bool { return len(arg) > 1 && arg[0] == '-' && arg != "--" }
