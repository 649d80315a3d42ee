package sync

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"

	"auditor/internal/pgtest"
)

// S4: a lost connection at any place, to either side, costs time but no row in
// continuous mode.
func TestLostConnectionsAreOutlived(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small-wired"), newDestination(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	killer := pgtest.Connect(t, pgtest.NewDatabase(t))
	kill := func(url string) {
		_, err := killer.Exec(t.Context(), "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'auditor-sync' and datname = $1",
			pgtest.Connect(t, url).Config().Database)
		if err != nil {
			t.Error(err)
		}
	}
	var log bytes.Buffer
	o := options(t, source, destination)
	o.TerminateWhenSynchronized = false
	o.BatchRows = 25
	o.Logger = slog.New(slog.NewTextHandler(&log, nil))
	messages := 0
	o.Source = liar(t, source, func(m pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
		if _, ok := m.(*pgproto3.CopyData); ok {
			if messages++; messages%100 == 77 && messages < 1000 {
				return nil, false
			}
		}
		return []pgproto3.BackendMessage{m}, true
	})
	batches := 0
	o.Progress = func(Progress) {
		switch batches++; batches {
		case 4, 11:
			kill(destination)
		case 7:
			kill(source)
		}
	}
	outages := 0
	o.Sleep = func(ctx context.Context, d time.Duration) error {
		if d == time.Second {
			cancel() // idle: everything is copied
			return ctx.Err()
		}
		if outages++; d < firstPause/2 || d > lastPause {
			t.Errorf("a pause of %v", d)
		}
		return sleep(ctx, d/10)
	}
	summary, err := Run(ctx, o)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the end of the context", err)
	}
	if rows := wantEqual(t, source, destination); summary.Rows != rows {
		t.Errorf("counted %d rows of %d", summary.Rows, rows)
	}
	if outages < 5 {
		t.Errorf("only %d outages, want several", outages)
	}
	if complete, _ := passes(t, destination); complete == 0 {
		t.Error("no complete pass on record")
	}
	if !strings.Contains(log.String(), "databases are back") {
		t.Errorf("the end of the outage is not logged:\n%s", log.String())
	}
}

func TestOutagePausesGrowToTheCap(t *testing.T) {
	var log bytes.Buffer
	var pauses []time.Duration
	opt := Options{
		Source: dial(""), Destination: dial(""),
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		Random: func() float64 { return 0.5 },
		Sleep:  func(_ context.Context, d time.Duration) error { pauses = append(pauses, d); return nil },
	}
	if err := opt.complete(); err != nil {
		t.Fatal(err)
	}
	var o outage
	for range 12 {
		if err := o.wait(t.Context(), &opt, errors.New("gone")); err != nil {
			t.Fatal(err)
		}
	}
	o.over(t.Context(), &opt)
	o.over(t.Context(), &opt)
	want := firstPause * 3 / 4
	for i, d := range pauses {
		if d != want {
			t.Errorf("pause %d is %v, want %v", i, d, want)
		}
		want = min(2*want, lastPause*3/4)
	}
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("%d lines in the log, want one for the beginning and one for the end:\n%s", n, log.String())
	}
}

// With -t, and at the start, an error of a database is the end.
func TestUnreachableDatabase(t *testing.T) {
	t.Parallel()
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	refuse := func(context.Context) (*pgx.Conn, error) { return nil, errors.New("nobody answers") }
	for _, terminate := range []bool{true, false} {
		for side, o := range map[Side]Options{
			Source:      {Source: refuse, Destination: dial(destination), TerminateWhenSynchronized: terminate},
			Destination: {Source: dial(source), Destination: refuse, TerminateWhenSynchronized: terminate},
		} {
			_, err := Run(t.Context(), o)
			e, ok := errors.AsType[*DatabaseError](err)
			if !ok || e.Side != side || e.ExitStatus() != 2 {
				t.Errorf("%s: got %v", side, err)
			}
		}
	}
}

func TestConnectionLostWithTerminate(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	o := options(t, source, destination)
	messages := 0
	o.Source = liar(t, source, func(m pgproto3.BackendMessage) ([]pgproto3.BackendMessage, bool) {
		if _, ok := m.(*pgproto3.CopyData); ok {
			messages++
		}
		return []pgproto3.BackendMessage{m}, messages < 50
	})
	_, err := Run(t.Context(), o)
	if e, ok := errors.AsType[*DatabaseError](err); !ok || e.Side != Source {
		t.Fatalf("got %v, want an error of the source", err)
	}
	o.Source = dial(source)
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	wantEqual(t, source, destination)
}

// A right that is missing does not come by waiting.
func TestMissingPrivilegeEndsTheFirstPass(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	execute(t, destination, "create or replace function public.refuse() returns trigger language plpgsql as $$ begin raise insufficient_privilege; end $$; create trigger refuse before insert on public.reserves execute function public.refuse()")
	o := options(t, source, destination)
	o.TerminateWhenSynchronized = false
	_, err := Run(t.Context(), o)
	if e, ok := errors.AsType[*DatabaseError](err); !ok || e.Side != Destination || e.Passing() {
		t.Fatalf("got %v, want an error of the destination that does not pass", err)
	}
}

// A trigger that swallows rows in silence is noticed.
func TestDestinationSwallowsRows(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	execute(t, destination, "create function public.swallow() returns trigger language plpgsql as $$ begin return null; end $$; create trigger swallow before insert on public.reserves for each row execute function public.swallow()")
	_, err := Run(t.Context(), options(t, source, destination))
	if e, ok := errors.AsType[*DatabaseError](err); !ok || e.Side != Destination || !strings.Contains(err.Error(), "triggers") {
		t.Fatalf("got %v, want an error of the destination", err)
	}
}

// The destination's own rules count, whatever they are.
func TestDestinationRuleOfItsOwn(t *testing.T) {
	source, destination := pgtest.LoadExchange(t, "small"), newDestination(t)
	execute(t, destination, "alter table public.reserves add constraint no_blanks check (account_details <> '')")
	execute(t, source, "update public.reserves set account_details = '' where reserve_uuid = (select max(reserve_uuid) from public.reserves)")
	_, err := Run(t.Context(), options(t, source, destination))
	v, ok := errors.AsType[*Violation](err)
	if !ok || v.Table != "reserves" || v.Constraint != "no_blanks" || v.Column != "account_details" || v.Rule != RuleConstraint || v.Have != "account_details = ''" {
		t.Fatalf("got %v", err)
	}
}
