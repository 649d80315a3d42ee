package command

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// YesFlag is the flag with which a script confirms what a person would be asked.
func YesFlag(name, usage string) cli.Flag {
	return &cli.StringFlag{Name: "yes", Usage: "do not ask: `" + name + "` " + usage}
}

// Confirm makes sure that the user means what was asked for, and which thing it
// concerns: by the flag --yes with the thing's name, or as [Ask] does. What is at
// stake must have been said before.
func Confirm(c *cli.Context, what, name string) error {
	if !c.IsSet("yes") {
		return Ask(c, what, name, fmt.Sprintf("--yes %q", name))
	}
	if given := c.String("yes"); given != name {
		return Usagef(c, "nothing was done: --yes says %q, but this is about %s %q", given, what, name)
	}
	return nil
}

// Ask asks the user to type a name on the terminal. Without a terminal it is a usage
// error, which says how a script confirms.
func Ask(c *cli.Context, what, name, script string) error {
	in, ok := c.App.Reader.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return Usagef(c, "nothing was done, because there is nobody to ask: in a script add %s", script)
	}
	return ask(c, in, what, name)
}

// ask reads one line. It stops waiting when the context ends; what was being read is
// then left to the end of the process.
func ask(c *cli.Context, in io.Reader, what, name string) error {
	fmt.Fprintf(c.App.ErrWriter, "To go on type %s, %s: ", what, escape(name, none))
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(in).ReadString('\n') // an unfinished line is an answer, too
		line <- strings.TrimSpace(text)
	}()
	select {
	case <-c.Context.Done():
		return context.Cause(c.Context)
	case answer := <-line:
		if answer != name {
			return Exit{Status: StatusUsage, Err: fmt.Errorf("nothing was done: %q is not %q", answer, name)}
		}
		return nil
	}
}
