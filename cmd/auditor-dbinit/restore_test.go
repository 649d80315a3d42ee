package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/audit"
	"auditor/internal/config"
	"auditor/internal/dbinit"
	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/pgtest"
	"auditor/internal/simulator"
	"auditor/report"
	"auditor/sync"
)

// A scene is a simulated exchange, its trusted copy, and the auditor's database.
type scene struct {
	*testing.T
	play              *simulator.Exchange
	original, trusted string
	program           *dbinit.Program
	role              string        // that audits; "" means the owner of the server
	later             time.Duration // than the exchange's clock, when it is audited
}

// newScene plays an exchange and copies it at several stages, so that the mutable
// columns of the copy are of all ages.
func newScene(t *testing.T, s simulator.Scenario) *scene {
	t.Helper()
	play, err := simulator.New(s)
	if err != nil {
		t.Fatal(err)
	}
	c := &scene{T: t, play: play, original: pgtest.NewDatabase(t), trusted: pgtest.NewDatabase(t)}
	c.program = &dbinit.Program{
		Config: &config.Config{
			File: "auditor.toml",
			Exchange: config.Exchange{
				MasterPublicKey: play.MasterPublicKey(), BaseURL: play.BaseURL(), Currency: play.Currency(), CurrencyRoundUnit: play.RoundUnit(),
			},
			ExchangeDB: config.Database{Config: c.trusted, Schema: "public", IdleReserveExpiration: s.IdleReserveExpiration,
				LegalReserveExpiration: s.LegalReserveExpiration},
			AuditorDB: config.Database{Config: pgtest.NewDatabase(t), Schema: config.AuditorSchema},
			Auditor:   config.Auditor{DepositGrace: aggregatorWithin},
		},
		Getenv: func(string) string { return "" },
		Out:    io.Discard,
	}
	if err := c.program.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	exchangeOnly := *c.program
	exchangeOnly.Config = &config.Config{ExchangeDB: config.Database{Config: c.original, Schema: "public"}}
	if err := exchangeOnly.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.replicate()
	for _, days := range []int{9, 13, 1, 20} {
		if err := play.Advance(days); err != nil {
			t.Fatal(err)
		}
		c.replicate()
	}
	return c
}

func connector(url string) func(context.Context) (*pgx.Conn, error) {
	return func(ctx context.Context) (*pgx.Conn, error) {
		return pg.Connect(ctx, pg.Target{ConnString: url, AppName: "test"})
	}
}

// replicate lets the exchange write what it did, and copies it.
func (c *scene) replicate() {
	c.Helper()
	conn := pgtest.Connect(c.T, c.original)
	if err := c.play.Write(c.Context(), conn, "public"); err != nil {
		c.Fatal(err)
	}
	_, err := sync.Run(c.Context(), sync.Options{
		Source: connector(c.original), Destination: connector(c.trusted), TerminateWhenSynchronized: true,
	})
	if err != nil {
		c.Fatal(err)
	}
}

// audit audits one of the databases.
func (c *scene) audit(url string, internal bool) *report.Report {
	c.Helper()
	auditor := c.program.Config.AuditorDB.Config
	if internal {
		auditor = pgtest.NewDatabase(c.T)
		own := *c.program
		own.Config = &config.Config{AuditorDB: config.Database{Config: auditor, Schema: config.AuditorSchema}}
		if err := own.Init(c.Context()); err != nil {
			c.Fatal(err)
		}
	}
	key, site := c.play.Auditor()
	rep, err := audit.Run(c.Context(), audit.Options{
		Exchange: connectorAs(url, c.role), Auditor: connectorAs(auditor, c.role), Schema: "public", Internal: internal,
		Policy: audit.Policy{
			MasterPub: c.play.MasterPublicKey(), BaseURL: c.play.BaseURL(), Currency: c.play.Currency(),
			AuditorPub: &key, AuditorURL: site, IdleReserveExpiration: c.play.Scenario().IdleReserveExpiration,
			RoundUnit: c.play.RoundUnit(), TinyAmount: c.play.TinyAmount(), DepositGrace: time.Hour,
			ClosingGrace: 24 * time.Hour, DenominationGrace: 24 * time.Hour, FutureTolerance: time.Hour, ExecutionTolerance: 15 * time.Minute,
		},
		AsOf: c.play.Clock().Add(c.later), Clock: time.Now, Logger: slog.New(slog.DiscardHandler), Program: report.Program{Name: "auditor", Version: "test"},
	})
	if err != nil {
		c.Fatal(err)
	}
	return rep
}

// aggregatorWithin is how long after a deposit is due the simulated exchange looks at
// it, at the latest.
const aggregatorWithin = 45 * time.Minute

// undecidable tells for which deposits the rows do not show whether they were tiny:
// those that were paid, by a transfer that another deposit gave rise to, so soon that
// the exchange may not have looked at them before; or that were due so short ago.
const undecidable = `
	greatest(d.wire_deadline, d.refund_deadline) <= $1 and coalesce((
		select w.execution_date from public.aggregation_tracking as a join public.wire_out as w using (wtid_raw)
		where a.deposit_serial_id = d.deposit_serial_id
	), $1) between greatest(d.wire_deadline, d.refund_deadline) and greatest(d.wire_deadline, d.refund_deadline) + 2 * $2`

// column returns the query for a column of a table.
func (c *scene) column(table, name string) string {
	if table == "deposits" && name == "tiny" {
		condition := strings.NewReplacer("$1", fmt.Sprint(c.play.Clock().UnixMicro()), "$2", fmt.Sprint(aggregatorWithin.Microseconds())).Replace(undecidable)
		return "tiny and not (" + condition + ")"
	}
	return pgx.Identifier{name}.Sanitize()
}

// rows returns all columns of a table, in the order of serials.
func (c *scene) rows(conn *pgx.Conn, table *exchange.Table) []string {
	c.Helper()
	var columns []string
	for _, name := range table.ColumnNames() {
		columns = append(columns, c.column(table.Name, name))
	}
	var b bytes.Buffer
	query := fmt.Sprintf("copy (select %s from public.%s as d order by %s) to stdout", strings.Join(columns, ", "), table.Name, table.Serial)
	if _, err := conn.PgConn().CopyTo(c.Context(), &b, query); err != nil {
		c.Fatal(err)
	}
	return strings.Split(b.String(), "\n")
}

// wantEqual compares every column of every replicated table.
func (c *scene) wantEqual(restored string) {
	c.Helper()
	original, copied := pgtest.Connect(c.T, c.original), pgtest.Connect(c.T, restored)
	for _, table := range exchange.Layout2021().Replicated() {
		want, got := c.rows(original, table), c.rows(copied, table)
		if len(want) != len(got) {
			c.Errorf("%s: %d rows, want %d", table.Name, len(got)-1, len(want)-1)
			continue
		}
		for i := range want {
			if want[i] != got[i] {
				c.Errorf("%s: got\n%s\nwant\n%s", table.Name, got[i], want[i])
			}
		}
	}
}

func (c *scene) exec(url, statement string) {
	c.Helper()
	if _, err := pgtest.Connect(c.T, url).Exec(c.Context(), statement); err != nil {
		c.Fatal(err)
	}
}

func (c *scene) number(url, query string) (n int64) {
	c.Helper()
	if err := pgtest.Connect(c.T, url).QueryRow(c.Context(), query).Scan(&n); err != nil {
		c.Fatal(err)
	}
	return n
}

// restore restores the copy as of the clock of the exchange.
func (c *scene) restore() string {
	c.Helper()
	restored := pgtest.NewDatabase(c.T)
	err := c.program.Restore(c.Context(), dbinit.Restoration{
		Into: restored, Now: c.play.Clock(),
	})
	if err != nil {
		c.Fatal(err)
	}
	return restored
}

// wantHonest audits, and wants no findings but notices of melts that customers have
// abandoned.
func (c *scene) wantHonest(url string, internal bool) {
	c.Helper()
	for _, f := range c.audit(url, internal).Findings {
		if f.Check != "C-16" {
			c.Errorf("%s: %s", f.Check, f.Summary)
		}
	}
}

// scenario is a small exchange, with the same keys for all seeds.
func scenario(seed uint64) simulator.Scenario {
	s := simulator.DefaultScenario(seed)
	s.KeySeed = 1
	s.Days, s.Reserves, s.WithdrawalsPerReserve = 20, 10, 4
	return s
}

// A restored exchange is the exchange, in every column of every table, and an audit
// of its inner life finds it in order.
func TestRestoredExchangeIsTheOriginal(t *testing.T) {
	seeds := uint64(3)
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newScene(t, scenario(seed))
			const stale = "select count(*) from public.deposits where not done"
			restored := c.restore()
			c.wantEqual(restored)
			c.wantHonest(restored, true)
			if c.number(c.trusted, stale) <= c.number(c.original, stale) {
				t.Error("nothing changed after it was copied, so nothing was computed")
			}
			for _, condition := range []string{"tiny and not done", "tiny and done", "not tiny and done", "not tiny and not done"} {
				if c.number(restored, "select count(*) from public.deposits where "+condition) == 0 {
					t.Errorf("no deposits that are %s", condition)
				}
			}
		})
	}
}

// The copy is collected after an audit as the exchange is, and business goes on.
func TestCollectedExchange(t *testing.T) {
	c := newScene(t, scenario(5))
	c.wantHonest(c.trusted, false)
	c.program.Part = dbinit.Exchange
	g := dbinit.Garbage{Now: c.play.Clock()}
	if err := c.program.CollectGarbage(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if n := c.number(c.trusted, "select coalesce(sum(rows), 0) from auditor_sync.removed where table_name = 'reserves_close'"); n == 0 {
		t.Error("no closing was collected, so nothing was tried")
	}
	conn := pgtest.Connect(t, c.original)
	_, err := conn.Exec(t.Context(), "delete from public.reserves where gc_date < $1 and current_balance_val = 0 and current_balance_frac = 0", g.Now.UnixMicro())
	if err != nil {
		t.Fatal(err)
	}
	c.wantEqual(c.restore())
	if err := c.play.Advance(3); err != nil {
		t.Fatal(err)
	}
	c.replicate()
	c.wantHonest(c.trusted, false)
	c.wantEqual(c.restore())
}

// All coins are collected once their denominations may be: the books of the auditor
// say what they said before, and nothing is missed.
func TestCollectedCoins(t *testing.T) {
	c := newScene(t, scenario(6))
	c.later = 30 * 365 * 24 * time.Hour
	before := c.audit(c.trusted, false)
	c.exec(c.program.Config.AuditorDB.Config, `insert into auditor.progress (exchange_id, area, table_name, next_serial, rows_judged)
		values (1, 'transfers', 'aggregation_tracking', 1000000, 0)`)
	c.program.Part = dbinit.Exchange
	if err := c.program.CollectGarbage(t.Context(), dbinit.Garbage{Now: c.play.Clock().Add(c.later)}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"known_coins", "deposits", "refunds", "refresh_commitments", "recoup_refresh"} {
		if n := c.number(c.trusted, "select count(*) from public."+table); n != 0 {
			t.Errorf("%d rows of %s are left", n, table)
		}
	}
	after := c.audit(c.trusted, false)
	for i, f := range after.Figures {
		if was := before.Figures[i]; f.Area != was.Area || f.Name != was.Name || f.Amount != was.Amount {
			t.Errorf("%s of %s is %v, but was %v", f.Name, f.Area, f.Amount, was.Amount)
		}
	}
	for _, f := range after.Findings {
		if f.Area == "coins" && f.Status != report.Persisting {
			t.Errorf("%s: %s is %s", f.Check, f.Summary, f.Status)
		}
	}
}
