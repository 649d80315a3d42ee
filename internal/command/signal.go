package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// signalError is the cause of a context that a signal cancelled.
type signalError struct{ signal syscall.Signal }

func (e *signalError) Error() string {
	name := "SIGINT"
	if e.signal == syscall.SIGTERM {
		name = "SIGTERM"
	}
	return "interrupted by " + name
}

func (e *signalError) number() int { return int(e.signal) }

// interruption returns the signal that cancelled the context, or nil.
func interruption(ctx context.Context) *signalError {
	var s *signalError
	errors.As(context.Cause(ctx), &s)
	return s
}

// withSignals returns a context that the first SIGINT or SIGTERM cancels, after it was announced. A second
// signal has its usual effect: it kills the process. The returned function ends the watch.
func withSignals(parent context.Context, announce func(error)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case received := <-signals:
			signal.Stop(signals)
			number, _ := received.(syscall.Signal)
			cause := &signalError{number}
			announce(cause)
			cancel(cause)
		case <-done:
			signal.Stop(signals)
		}
	}()
	return ctx, func() {
		close(done)
		<-ended
		cancel(nil)
	}
}

// announce tells the user that a signal was understood.
func (s *session) announce(cause error) {
	s.progress.Note(fmt.Sprintf("%s: %s, stopping; a second signal ends it at once", s.app.Name, cause))
}
