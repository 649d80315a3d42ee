package dbinit

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/sql"
)

// What the audit has not judged must not be removed: nobody could judge it later.

// NotAuditedError lists the rows that were to be removed and that no audit has judged.
type NotAuditedError struct {
	Database string // the auditor's
	Tables   []Unaudited
}

// Unaudited are rows of one table.
type Unaudited struct {
	Table string
	Rows  int64
	First int64  // lowest serial among them
	Why   string // they are not judged, for people
}

func (e *NotAuditedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing was removed, because rows are among it that no audit in database %q has judged:", e.Database)
	for _, t := range e.Tables {
		fmt.Fprintf(&b, "\n  %s: %d, the first with serial %d, %s", t.Table, t.Rows, t.First, t.Why)
	}
	b.WriteString("\nrun auditor without --only, then collect again")
	return b.String()
}

// ExitStatus is the exit status of a program that finds a database not ready.
func (e *NotAuditedError) ExitStatus() int { return 2 }

// judgedWithOthers reports whether rows of a table go only along with rows of others
// that are judged, or mean nothing without those: the audit need not keep progress of
// the table itself.
func judgedWithOthers(table string) bool {
	switch table {
	case "reserves", "refresh_transfer_keys":
		return true
	}
	return false
}

// judged is how far one area of the audit has come in one table.
type judged struct {
	next  int64
	holes string // an int8multirange
}

// An audited is what the auditor's database says about an exchange.
type audited struct {
	progress map[string][]judged
	keys     map[string][]int64 // serials of rows about keys
}

// checkAudited returns a [*NotAuditedError] unless everything that is to be removed
// was judged.
func (p *Program) checkAudited(ctx context.Context, c *collector) error {
	auditorOnly := *p
	auditorOnly.Part = Auditor
	list, err := auditorOnly.databases()
	if err != nil {
		return err
	}
	defer closeAll(ctx, list)
	d := list[0]
	if err := d.connect(ctx, p.Getenv, pg.ReadOnly()); err != nil {
		return err
	}
	if err := migrate.CheckCurrent(ctx, d.conn, d.main.Component); err != nil {
		return err
	}
	a, err := p.audited(ctx, d)
	if err != nil {
		return err
	}
	problem := &NotAuditedError{Database: d.conn.Config().Database}
	for _, t := range c.affected() {
		u, err := c.unaudited(ctx, t.Name, a)
		if err != nil {
			return err
		}
		if u.Rows > 0 {
			problem.Tables = append(problem.Tables, u)
		}
	}
	if len(problem.Tables) > 0 {
		return problem
	}
	return nil
}

func (p *Program) audited(ctx context.Context, d *database) (*audited, error) {
	a := &audited{progress: map[string][]judged{}, keys: map[string][]int64{}}
	master, err := p.master(ctx, d)
	if err != nil {
		return nil, err
	}
	rows, err := d.conn.Query(ctx, sql.Text("gc/progress.sql"), master)
	if err != nil {
		return nil, err
	}
	var table string
	var j judged
	_, err = pgx.ForEachRow(rows, []any{&table, &j.next, &j.holes}, func() error {
		a.progress[table] = append(a.progress[table], j)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the progress of the audit: %w", err)
	}
	rows, err = d.conn.Query(ctx, sql.Text("gc/key_rows.sql"), master)
	if err != nil {
		return nil, err
	}
	var serials []int64
	_, err = pgx.ForEachRow(rows, []any{&table, &serials}, func() error {
		a.keys[table] = serials
		serials = nil
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading which keys the audit has seen: %w", err)
	}
	return a, nil
}

// master returns the key of the exchange: that of the configuration or, without one,
// that of the only exchange in the auditor's database.
func (p *Program) master(ctx context.Context, d *database) ([]byte, error) {
	if key := p.Config.Exchange.MasterPublicKey; key != (taler.EddsaPublicKey{}) {
		return key[:], nil
	}
	rows, err := d.conn.Query(ctx, "select master_pub from auditor.exchanges")
	if err != nil {
		return nil, err
	}
	keys, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	switch {
	case err != nil:
		return nil, fmt.Errorf("looking for the exchange in the auditor's database: %w", err)
	case len(keys) > 1:
		return nil, &ManyExchangesError{Database: d.conn.Config().Database, Exchanges: len(keys)}
	case len(keys) == 0:
		return nil, nil
	}
	return keys[0], nil
}

// ManyExchangesError says that the configuration leaves open which exchange is meant.
type ManyExchangesError struct {
	Database  string
	Exchanges int
}

func (e *ManyExchangesError) Error() string {
	return fmt.Sprintf("database %q knows %d exchanges: say which one with master_public_key in section [exchange]", e.Database, e.Exchanges)
}

// ExitStatus is the exit status of a program whose configuration does not suffice.
func (e *ManyExchangesError) ExitStatus() int { return 1 }

// unaudited finds the rows to be removed from a table that no audit has judged.
func (c *collector) unaudited(ctx context.Context, table string, a *audited) (Unaudited, error) {
	worst := Unaudited{Table: table}
	query := "select count(*), coalesce(min(serial), 0) from " + gone(table)
	for _, j := range a.progress[table] {
		u := Unaudited{Table: table, Why: fmt.Sprintf("while the audit has come to serial %d", j.next)}
		err := c.tx.QueryRow(ctx, query+" where serial >= $1 or serial <@ $2::text::int8multirange", j.next, j.holes).Scan(&u.Rows, &u.First)
		if err != nil {
			return u, err
		}
		if u.First < j.next {
			u.Why = "which came late"
		}
		if u.Rows > worst.Rows {
			worst = u
		}
	}
	var err error
	switch {
	case len(a.progress[table]) > 0 || judgedWithOthers(table):
	case len(a.keys[table]) > 0:
		worst.Why = "which no audit has seen"
		err = c.tx.QueryRow(ctx, query+" where serial <> all ($1)", a.keys[table]).Scan(&worst.Rows, &worst.First)
	default:
		worst.Why = "in a table that was not audited"
		err = c.tx.QueryRow(ctx, query).Scan(&worst.Rows, &worst.First)
	}
	return worst, err
}
