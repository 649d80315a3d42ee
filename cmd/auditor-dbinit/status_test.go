package main

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"auditor/internal/command"
	"auditor/internal/config"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
)

func TestExitStatus(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{&pg.ConnectError{}, command.StatusUnavailable},
		{&migrate.OutdatedError{}, command.StatusUnavailable},
		{&migrate.NewerError{}, command.StatusUnavailable},
		{&migrate.ChecksumError{}, command.StatusUnavailable},
		{&migrate.GapError{}, command.StatusUnavailable},
		{&migrate.SQLError{Err: errors.New("no")}, command.StatusUnavailable},
		{&exchange.UnrecognizedError{}, command.StatusUnavailable},
		{&config.PasswordError{}, command.StatusUsage},
		{errors.Join(&pg.ConnectError{}, fmt.Errorf("and %w", context.DeadlineExceeded)), command.StatusUnavailable},
	} {
		var e interface{ ExitStatus() int }
		if !errors.As(command.Unavailable(test.err), &e) || e.ExitStatus() != test.want {
			t.Errorf("%T: got %v, want %d", test.err, e, test.want)
		}
	}
	if err := command.Unavailable(nil); err != nil {
		t.Errorf("success became %v", err)
	}
}
