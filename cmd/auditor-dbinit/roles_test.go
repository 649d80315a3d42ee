package main

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/office"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/sync"
)

// connectorAs connects with a role, or as the connection string says.
func connectorAs(url, role string) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) {
		as := func(c *pgx.ConnConfig) {
			if role != "" {
				c.User = role
			}
		}
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "test"}, as)
	}
}

// Each program does its work with the rights that it is given.
func TestProgramsWorkWithTheirRoles(t *testing.T) {
	s := scenario(1)
	s.Reserves = 5
	c := newScene(t, s)
	r := dbinit.Roles{Owner: "test_owner", Writer: "test_writer", Reader: "test_reader", Auditor: "test_auditor", Apply: true,
		Offices: map[office.Role]string{office.Auditor: "test_office_auditor", office.Treasurer: "test_office_treasurer", office.Performance: "test_office_performance"}}
	if err := c.program.Roles(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	source := *c.program
	source.Config = &config.Config{ExchangeDB: config.Database{Config: c.original, Schema: "public"}}
	r.Source = true
	if err := source.Roles(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if err := c.play.Advance(1); err != nil {
		t.Fatal(err)
	}
	if err := c.play.Write(t.Context(), pgtest.Connect(t, c.original), "public"); err != nil {
		t.Fatal(err)
	}
	summary, err := sync.Run(t.Context(), sync.Options{
		Source: connectorAs(c.original, r.Reader), Destination: connectorAs(c.trusted, r.Writer), TerminateWhenSynchronized: true,
	})
	if err != nil || summary.Rows == 0 {
		t.Fatalf("auditor-sync copied %d rows: %v", summary.Rows, err)
	}
	c.role = r.Auditor
	c.wantHonest(c.trusted, false)

	c.program.Config.ExchangeDB.Config = c.trusted + "&user=" + r.Owner
	c.program.Config.AuditorDB.Config += "&user=" + r.Owner
	if err := c.program.Upgrade(t.Context()); err != nil {
		t.Error(err)
	}
	if err := c.program.CollectGarbage(t.Context(), dbinit.Garbage{Now: c.play.Clock()}); err != nil {
		t.Error(err)
	}
	c.restore()
}
