package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/urfave/cli/v2"
)

// childEnv makes the test binary a program that waits for signals.
const childEnv = "AUDITOR_COMMAND_TEST_CHILD"

func signalApp(mode string) *cli.App {
	app := New("child", "wait for a signal", "1", os.Stdout, os.Stderr)
	app.Action = func(c *cli.Context) error {
		fmt.Println("ready")
		select {
		case <-c.Context.Done():
		case <-time.After(time.Minute):
			return errors.New("no signal came")
		}
		switch mode {
		case "polite":
			return nil
		case "stubborn":
			fmt.Println("still here")
			time.Sleep(time.Minute)
		}
		return fmt.Errorf("query: %w", c.Context.Err())
	}
	return app
}

func TestSignals(t *testing.T) {
	const note = ", stopping; a second signal ends it at once\n"
	tests := []struct {
		name   string
		mode   string
		signal syscall.Signal
		second bool
		status int // -1: killed by the signal
		want   string
	}{
		{"SIGINT", "obey", syscall.SIGINT, false, 130, "child: interrupted by SIGINT" + note + "child: interrupted by SIGINT\n"},
		{"SIGTERM", "obey", syscall.SIGTERM, false, 143, "child: interrupted by SIGTERM" + note + "child: interrupted by SIGTERM\n"},
		{"a program may end well", "polite", syscall.SIGTERM, false, 0, "child: interrupted by SIGTERM" + note},
		{"the second signal kills", "stubborn", syscall.SIGINT, true, -1, "child: interrupted by SIGINT" + note},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			child := exec.CommandContext(ctx, os.Args[0])
			child.Env = append(os.Environ(), childEnv+"="+test.mode)
			stdout, err := child.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			stderr, err := child.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(stdout)
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
			if err := child.Process.Signal(test.signal); err != nil {
				t.Fatal(err)
			}
			if test.second {
				if _, err := lines.ReadString('\n'); err != nil {
					t.Fatal(err)
				}
				if err := child.Process.Signal(test.signal); err != nil {
					t.Fatal(err)
				}
			}
			messages, err := io.ReadAll(stderr)
			if err != nil {
				t.Fatal(err)
			}
			_ = child.Wait()
			if got := child.ProcessState.ExitCode(); got != test.status || string(messages) != test.want {
				t.Errorf("status %d, want %d\n got  %q\n want %q", got, test.status, messages, test.want)
			}
		})
	}
}
