package dbinit

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"

	"auditor/internal/auditordb"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
	"auditor/internal/taler"
)

// A Restart says how to begin an audit anew.
type Restart struct {
	Force  bool // do not look whether everything that was judged is still there
	DryRun bool // only tell what would be forgotten
}

// Restart forgets progress, balances and findings about the exchange of the
// configuration, so that the next audit judges every row anew. Reports stay, their
// numbers go on, and that the audit began anew is put on record.
//
// An audit from the beginning needs every row that earlier audits judged: where some
// were collected as garbage, others would look as if they came from nowhere. Then it
// refuses with a [*CollectedError]. It is one transaction.
func (p *Program) Restart(ctx context.Context, r Restart) error {
	d, err := p.openAuditor(ctx)
	if err != nil {
		return err
	}
	defer closeAll(ctx, []*database{d})
	e, err := p.exchangeOf(ctx, d)
	if err != nil || e == nil {
		return err
	}
	err = pgx.BeginFunc(ctx, d.conn, func(tx pgx.Tx) error {
		if err := auditordb.Lock(ctx, tx, e.MasterPub); err != nil {
			return err
		}
		judged, err := auditordb.Progress(ctx, tx, *e)
		if err != nil {
			return err
		}
		if !r.Force {
			if err := p.checkUncollected(ctx, judged); err != nil {
				return err
			}
		}
		if err := p.tellFate(ctx, tx, *e, r.DryRun); err != nil {
			return err
		}
		if r.DryRun {
			return nil
		}
		return auditordb.Restart(ctx, tx, *e, r.Force)
	})
	if err == nil && r.DryRun {
		fmt.Fprintln(p.Out, "nothing was changed, because this is a dry run")
	}
	return err
}

// openAuditor connects to [auditordb], which must be up to date.
func (p *Program) openAuditor(ctx context.Context) (*database, error) {
	auditorOnly := *p
	auditorOnly.Part = Auditor
	list, err := auditorOnly.databases()
	if err != nil {
		return nil, err
	}
	d := list[0]
	if err := d.connect(ctx, p.Getenv); err != nil {
		return nil, err
	}
	if err := migrate.CheckCurrent(ctx, d.conn, d.main.Component); err != nil {
		closeAll(ctx, list)
		return nil, err
	}
	return d, nil
}

// exchangeOf finds the exchange of the configuration, or the only one. There may be
// none that was ever audited, which leaves nothing to do.
func (p *Program) exchangeOf(ctx context.Context, d *database) (*auditordb.Exchange, error) {
	key, err := p.master(ctx, d)
	if err != nil {
		return nil, err
	}
	if key == nil {
		fmt.Fprintf(p.Out, "auditor: database %q: no exchange was ever audited\n", d.conn.Config().Database)
		return nil, nil
	}
	e, err := auditordb.Find(ctx, d.conn, taler.EddsaPublicKey(key))
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// tellFate writes what is forgotten and what is kept.
func (p *Program) tellFate(ctx context.Context, tx pgx.Tx, e auditordb.Exchange, dry bool) error {
	holdings, err := auditordb.Holdings(ctx, tx, e)
	if err != nil {
		return err
	}
	would := ""
	if dry {
		would = "would be "
	}
	fmt.Fprintf(p.Out, "auditor: database %q: exchange %s: the next audit judges everything anew\n", tx.Conn().Config().Database, e.MasterPub)
	w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, h := range holdings {
		fate := "kept"
		if h.Fate == auditordb.Forgotten {
			fate = would + "forgotten"
		}
		fmt.Fprintf(w, "  %s\t%d\t%s\n", h.Name, h.Rows, fate)
	}
	return w.Flush()
}

// checkUncollected counts whether the exchange's database still has every row that
// was judged. It reads the indexes of whole tables.
func (p *Program) checkUncollected(ctx context.Context, judged []auditordb.Judged) error {
	exchangeOnly := *p
	exchangeOnly.Part = Exchange
	list, err := exchangeOnly.databases()
	if err != nil {
		return err
	}
	defer closeAll(ctx, list)
	d := list[0]
	if err := d.connect(ctx, p.Getenv, pg.ReadOnly()); err != nil {
		return err
	}
	layout, err := exchange.Recognize(ctx, d.conn, d.main.Schema)
	if err != nil {
		return err
	}
	problem := &CollectedError{Database: d.conn.Config().Database}
	for _, j := range judged {
		t := layout.Table(j.Table)
		if t == nil {
			continue
		}
		serial := pgx.Identifier{t.Serial}.Sanitize()
		var present int64
		err := d.conn.QueryRow(ctx, fmt.Sprintf("select count(*) from only %s where %s < $1 and not %s <@ $2::text::int8multirange",
			pgx.Identifier{d.main.Schema, t.Name}.Sanitize(), serial, serial), j.Next, j.Holes).Scan(&present)
		if err != nil {
			return fmt.Errorf("counting the rows of %s: %w", t.Name, err)
		}
		if present < j.Rows {
			problem.Tables = append(problem.Tables, Collected{Table: t.Name, Rows: j.Rows - present})
		}
	}
	if len(problem.Tables) > 0 {
		return problem
	}
	return nil
}

// CollectedError says that rows that audits judged are not there any more.
type CollectedError struct {
	Database string // the exchange's
	Tables   []Collected
}

// Collected is how many rows of a table are missing, at least.
type Collected struct {
	Table string
	Rows  int64
}

func (e *CollectedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "nothing was forgotten, because database %q has no longer all rows that were judged, as after a collection of garbage:", e.Database)
	for _, t := range e.Tables {
		fmt.Fprintf(&b, "\n  %s: %d are missing", t.Table, t.Rows)
	}
	b.WriteString("\nan audit from the beginning would miss them and accuse the exchange wrongly: audit a database that has them, " +
		"such as a backup of the trusted copy, or say --force and judge the findings with that in mind")
	return b.String()
}

// ExitStatus is that of a database in which it may not be done.
func (e *CollectedError) ExitStatus() int { return 2 }
