package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/urfave/cli/v2"
)

// The exit statuses of the programs. A program that a signal interrupted ends with 128 plus the signal's
// number, as shells have it.
const (
	StatusOK          = 0
	StatusUsage       = 1  // the command line or the configuration is wrong
	StatusUnavailable = 2  // a database or bank could not be used
	StatusFindings    = 3  // the audit found something, or the source violated an invariant
	StatusInternal    = 4  // an error that no other status describes, or a panic
	StatusArithmetic  = 42 // an arithmetic failure, nothing stored
)

// Exit is an error that says with which status the program ends. Without Err it ends silently.
//
// Other errors may choose their status, too: [Run] asks the outermost error in the chain that has a method
// ExitStatus() int. Errors without one end with [StatusInternal].
type Exit struct {
	Status int
	Err    error
}

func (e Exit) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Status)
	}
	return e.Err.Error()
}

// Unwrap returns Err.
func (e Exit) Unwrap() error { return e.Err }

// ExitStatus returns Status.
func (e Exit) ExitStatus() int { return e.Status }

// panicError is a panic of an action.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// finish reports how the run ended and returns the exit status.
func (s *session) finish(ctx context.Context, err error) int {
	s.progress.stop()
	if err == nil {
		err = s.stdout.open()
	}
	status := s.status(ctx, err)
	if silent := (Exit{}); err == nil || errors.As(err, &silent) && silent.Err == nil {
		return status
	}
	message := err.Error()
	var crash *panicError
	var wrong *UsageError
	switch {
	case status > 128 && interruption(ctx) != nil:
		message = interruption(ctx).Error()
	case errors.As(err, &crash):
		for line := range strings.Lines(string(crash.stack)) {
			s.log.Debug(strings.TrimRight(line, "\n"))
		}
		message = "internal error, " + message + "; please report it with the stack that -L debug shows"
	case status == StatusInternal:
		message = "internal error: " + message
	case errors.As(err, &wrong) && wrong.Command != "":
		message += "\nrun '" + wrong.Command + " --help' for help"
	}
	s.complain(message, status)
	return status
}

func (s *session) status(ctx context.Context, err error) int {
	var own interface{ ExitStatus() int }
	var old cli.ExitCoder
	switch signal := interruption(ctx); {
	case err == nil:
		return StatusOK
	case signal != nil && errors.Is(err, context.Canceled):
		return 128 + signal.number()
	case errors.As(err, &own):
		return own.ExitStatus()
	case errors.As(err, &old):
		return old.ExitCode()
	}
	return StatusInternal
}

// complain writes the last message of a program: a record in a log that machines read, plain lines else.
func (s *session) complain(message string, status int) {
	if s.json {
		s.log.Error(message, "exit_status", status)
		return
	}
	for line := range strings.Lines(message) {
		s.progress.Note(s.app.Name + ": " + strings.TrimRight(line, "\n"))
	}
}

// escape makes text safe for a terminal: what is neither printable nor harmless is shown in Go's notation.
func escape(text string, harmless func(rune) bool) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) || harmless(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

func none(rune) bool { return false }
