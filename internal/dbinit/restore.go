package dbinit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
)

// A Restoration says where to write the database of an exchange, and by which rules
// to compute what is not copied.
type Restoration struct {
	Into   string    // connection string of an empty database
	Schema string    // of its tables; "" means that of the copy
	Now    time.Time // zero means the time of the copy: when its last pass began
	DryRun bool      // only look whether it can be done
}

// Restore writes a complete database of an exchange from the trusted copy, in one
// transaction. Columns that the exchange changes, and that the copy therefore has
// not up to date, are computed: balances and dates of reserves, and which deposits
// are paid or too small to be. Sequences continue behind the highest serial that was
// ever used.
//
// The target must have no rows ([*NotEmptyError]) and be another database
// ([*SameDatabaseError]). Its tables are created if it has none.
func (p *Program) Restore(ctx context.Context, o Restoration) error {
	source, layout, err := p.openTrusted(ctx, pg.ReadOnly())
	if err != nil {
		return err
	}
	defer closeAll(ctx, []*database{source})
	target, err := pg.Connect(ctx, pg.Target{ConnString: o.Into, AppName: appName})
	if err != nil {
		return fmt.Errorf("--into: %w", err)
	}
	defer closeAll(ctx, []*database{{conn: target}})
	r := &restorer{
		Restoration: o, program: p, source: source.conn, target: target,
		rules: source.collection(layout), highest: map[string]int64{}, rows: map[string]int64{},
	}
	if r.Schema == "" {
		r.Schema = source.main.Schema
	}
	if err := r.checkTarget(ctx); err != nil {
		return err
	}
	// The snapshot is never one of half a pass.
	if err := awaitPass(ctx, r.source, "select pg_advisory_lock_shared($1)", exchange.PassLock); err != nil {
		return err
	}
	return pgx.BeginTxFunc(ctx, r.source, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_unlock_shared($1)", exchange.PassLock); err != nil {
			return err
		}
		return r.restore(ctx)
	})
}

// A restorer is one restoration.
type restorer struct {
	Restoration
	program *Program
	source  *pgx.Conn // in a snapshot
	target  *pgx.Conn
	rules   exchange.Collection // of the source
	highest map[string]int64    // serial that each table ever had
	rows    map[string]int64    // restored, by table
}

func (r *restorer) tables() []*exchange.Table { return r.rules.Layout.Replicated() }

// SameDatabaseError says that a database was to be restored into itself.
type SameDatabaseError struct{ Database string }

func (e *SameDatabaseError) Error() string {
	return fmt.Sprintf("--into names the trusted copy itself, database %q: create another one with createdb and name that", e.Database)
}

// ExitStatus is the exit status of a program that was called in a wrong way.
func (e *SameDatabaseError) ExitStatus() int { return 1 }

// NotEmptyError says that a database to restore into is in use.
type NotEmptyError struct{ Database, Table string }

func (e *NotEmptyError) Error() string {
	return fmt.Sprintf("table %s of database %q has rows: restore into an empty database, which createdb makes", e.Table, e.Database)
}

// ExitStatus is the exit status of a program that finds a database not ready.
func (e *NotEmptyError) ExitStatus() int { return 2 }

// checkTarget makes sure that the target is another database, and one to write to,
// and creates the tables if there are none.
func (r *restorer) checkTarget(ctx context.Context) error {
	const identity = `select (select system_identifier from pg_control_system())::text || '/' || oid from pg_database where datname = current_database()`
	var here, there string
	if err := errors.Join(r.source.QueryRow(ctx, identity).Scan(&here), r.target.QueryRow(ctx, identity).Scan(&there)); err != nil {
		return fmt.Errorf("identifying the databases: %w", err)
	}
	name := r.target.Config().Database
	if here == there {
		return &SameDatabaseError{Database: name}
	}
	layout, err := exchange.Recognize(ctx, r.target, r.Schema)
	if e, ok := errors.AsType[*exchange.UnrecognizedError](err); ok && e.Empty() {
		if r.DryRun {
			fmt.Fprintf(r.program.Out, "database %q: would create the tables of an exchange in schema %q\n", name, r.Schema)
			return nil
		}
		applied, err := migrate.Upgrade(ctx, r.target, migrate.Exchange(r.Schema))
		if err != nil {
			return err
		}
		fmt.Fprintf(r.program.Out, "database %q: created the tables of an exchange, applied %s\n", name, strings.Join(applied, ", "))
		return nil
	}
	if err != nil {
		return err
	}
	if layout.Name != r.rules.Layout.Name {
		return fmt.Errorf("database %q has the tables of layout %s, the copy those of %s: restore into an empty database", name, layout.Name, r.rules.Layout.Name)
	}
	if err := r.checkEmpty(ctx); err != nil {
		return err
	}
	return r.checkNoCopy(ctx)
}

// checkEmpty looks for rows in all tables of an exchange, also those that are not
// restored: an exchange has begun to work where they have some.
func (r *restorer) checkEmpty(ctx context.Context) error {
	for _, t := range r.rules.Layout.Tables {
		var filled bool
		relation := pgx.Identifier{r.Schema, t.Name}.Sanitize()
		var exists bool
		if err := r.target.QueryRow(ctx, "select to_regclass($1) is not null", relation).Scan(&exists); err != nil {
			return err
		}
		if !exists {
			continue
		}
		if err := r.target.QueryRow(ctx, "select exists (select from "+relation+")").Scan(&filled); err != nil {
			return fmt.Errorf("looking for rows of %s: %w", t.Name, err)
		}
		if filled {
			return &NotEmptyError{Database: r.target.Config().Database, Table: t.Name}
		}
	}
	return nil
}

// checkNoCopy refuses a database that auditor-sync has begun to copy into: no
// exchange can run on it.
func (r *restorer) checkNoCopy(ctx context.Context) error {
	var bookkeeping, copied bool
	err := r.target.QueryRow(ctx, "select to_regclass('auditor_sync.passes') is not null").Scan(&bookkeeping)
	if err != nil || !bookkeeping {
		return err
	}
	if err := r.target.QueryRow(ctx, "select exists (select from auditor_sync.passes)").Scan(&copied); err != nil {
		return err
	}
	if copied {
		return &NotEmptyError{Database: r.target.Config().Database, Table: "auditor_sync.passes"}
	}
	return nil
}

// restore does the work, with the source in its snapshot.
func (r *restorer) restore(ctx context.Context) error {
	finished, err := r.lastPass(ctx)
	if err != nil {
		return err
	}
	if r.DryRun {
		fmt.Fprintf(r.program.Out, "database %q can be restored as of %s; nothing was written, because this is a dry run\n",
			r.target.Config().Database, r.Now.Format(time.RFC3339))
		return nil
	}
	err = pgx.BeginFunc(ctx, r.target, func(tx pgx.Tx) error {
		for _, step := range []func(context.Context) error{r.lock, r.copyAll, r.markTiny, r.setSequences, r.verify} {
			if err := step(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.tell(ctx, finished)
}

// lastPass finds the time of the copy, and tells whether its last pass was finished.
func (r *restorer) lastPass(ctx context.Context) (finished bool, err error) {
	var started *time.Time
	err = r.source.QueryRow(ctx, `select max(started) filter (where pass = last), coalesce(bool_and(finished is not null) filter (where pass = last), true)
		from (select pass, started, finished, max(pass) over () as last from auditor_sync.passes) as p`).Scan(&started, &finished)
	if err != nil {
		return false, fmt.Errorf("looking for the last pass of auditor-sync: %w", err)
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
		if started != nil {
			r.Now = *started
		}
	}
	r.Now = r.Now.UTC().Truncate(time.Second)
	return finished, nil
}

// tell writes what was restored, and what is left for people to do.
func (r *restorer) tell(ctx context.Context, finished bool) error {
	out := r.program.Out
	fmt.Fprintf(out, "database %q: restored as of %s\n", r.target.Config().Database, r.Now.Format(time.RFC3339))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, t := range r.tables() {
		fmt.Fprintf(w, "  %s\t%d\t rows\n", t.Name, r.rows[t.Name])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out, "note: prewire and wire_accounts are not in the copy: they are empty, so enable the bank accounts again, and compare wire_out with the bank before transfers are made")
	if !finished {
		fmt.Fprintln(out, "note: the last pass of auditor-sync did not end: what it had not come to is missing")
	}
	var overdrawn int64
	err := r.source.QueryRow(ctx, "select count(*) from ("+r.rules.ReserveStates()+") as s where s.balance < 0").Scan(&overdrawn)
	if err != nil {
		return err
	}
	if overdrawn > 0 {
		fmt.Fprintf(out, "note: %d reserves are overdrawn and were restored as empty: run auditor to learn which\n", overdrawn)
	}
	return nil
}
