package dbinit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"auditor/internal/auditordb"
	"auditor/internal/eventlog"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/office"
)

// A Reset says whether and how to drop what auditor-dbinit created.
type Reset struct {
	DryRun bool // only tell what would be dropped

	// Confirm is asked once it is known what there is to lose. Its argument is the
	// name of the database. Nothing is dropped if it returns an error.
	Confirm func(database string) error
}

// Reset drops every table that auditor-dbinit created in one database, with all rows,
// and forgets its patches. It is one transaction.
//
// Nothing else is dropped: neither tables of others, nor entries of theirs in
// _v.patches, nor anything that depends on our tables, which is a [*DependentError].
// Tables that an exchange's own tools created are refused with a [*ForeignError].
func (p *Program) Reset(ctx context.Context, r Reset) error {
	list, err := p.databases()
	if err != nil {
		return err
	}
	if len(list) > 1 {
		return &WhichPartError{}
	}
	defer closeAll(ctx, list)
	d := list[0]
	if err := d.connect(ctx, p.Getenv); err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, d.conn, func(tx pgx.Tx) error {
		parts, err := d.ours(ctx, tx)
		if err != nil {
			return err
		}
		if len(parts) == 0 {
			fmt.Fprintf(p.Out, "%s: database %q: nothing of ours is there\n", d.part, tx.Conn().Config().Database)
			return nil
		}
		if err := p.showLosses(ctx, tx, parts, r.DryRun); err != nil {
			return err
		}
		if r.DryRun {
			fmt.Fprintln(p.Out, "nothing was changed, because this is a dry run")
			return nil
		}
		if err := r.Confirm(tx.Conn().Config().Database); err != nil {
			return err
		}
		return d.drop(ctx, tx, parts)
	})
}

// owned is what one component has in a database.
type owned struct {
	member
	patches []string
	tables  []string // quoted and qualified, those that are there
}

// tablesOf lists the tables of a component, whether they are there or not.
func tablesOf(m member) []pgx.Identifier {
	var list []pgx.Identifier
	add := func(schema string, names ...string) {
		for _, name := range names {
			list = append(list, pgx.Identifier{schema, name})
		}
	}
	switch m.Name {
	case "exchange":
		for _, t := range exchange.Layout2021().Tables {
			add(m.home, t.Name)
		}
	case "replica":
		add(m.home, replicaTables()...)
	case "auditor":
		for _, t := range auditordb.Tables() {
			add(m.home, t.Name)
		}
		add(eventlog.Schema, eventlog.Tables()...)
	}
	return list
}

// replicaTables lists the tables of schema auditor_sync.
func replicaTables() []string {
	return []string{"passes", "removed", "carried_reserves", "holes", "late_rows", "chunks", "alerts",
		"collectable", "evidence", "table_states", "shared_pass", "shared_tables"}
}

// ours finds what is to be dropped.
func (d *database) ours(ctx context.Context, tx pgx.Tx) ([]owned, error) {
	var parts []owned
	for _, m := range append([]member{d.main}, d.beside...) {
		state, err := migrate.Status(ctx, tx.Conn(), m.Component)
		if err != nil {
			return nil, err
		}
		if newer, ok := errors.AsType[*migrate.NewerError](state.Err()); ok {
			return nil, newer
		}
		if !state.Initialised() {
			continue
		}
		if !state.Ours() {
			return nil, &ForeignError{Database: state.Database, Component: m.Name}
		}
		o := owned{member: m}
		for _, a := range state.Applied {
			o.patches = append(o.patches, a.Name)
		}
		for _, name := range tablesOf(m) {
			relation := name.Sanitize()
			var present bool
			if err := tx.QueryRow(ctx, "select to_regclass($1) is not null", relation).Scan(&present); err != nil {
				return nil, err
			}
			if present {
				o.tables = append(o.tables, relation)
			}
		}
		parts = append(parts, o)
	}
	return parts, nil
}

// showLosses writes which tables with rows there are.
func (p *Program) showLosses(ctx context.Context, tx pgx.Tx, parts []owned, dry bool) error {
	verb := "to be dropped"
	if dry {
		verb = "would be dropped"
	}
	for _, o := range parts {
		fmt.Fprintf(p.Out, "%s: database %q: %d tables %s, with %s\n", o.Name, tx.Conn().Config().Database, len(o.tables), verb, strings.Join(o.patches, ", "))
		w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, t := range o.tables {
			var rows int64
			if err := tx.QueryRow(ctx, "select count(*) from "+t).Scan(&rows); err != nil {
				return fmt.Errorf("counting the rows of %s: %w", t, err)
			}
			if rows > 0 {
				fmt.Fprintf(w, "  %s\t%d\t rows\n", t, rows)
			}
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

const (
	dependentObjects = "2BP01"

	// dropPatience is how long a reset waits for others who use the tables.
	dropPatience = "10s"
)

// drop drops the tables of all components at once, because some refer to others, and
// never what depends on them.
func (d *database) drop(ctx context.Context, tx pgx.Tx, parts []owned) error {
	if _, err := tx.Exec(ctx, "select set_config('lock_timeout', $1, true)", dropPatience); err != nil {
		return err
	}
	if err := d.keepSyncAway(ctx, tx); err != nil {
		return err
	}
	var tables, patches []string
	for _, o := range parts {
		tables, patches = append(tables, o.tables...), append(patches, o.patches...)
	}
	statements := []string{}
	replica := slices.ContainsFunc(parts, func(o owned) bool { return o.Name == "replica" })
	books := d.part == Auditor
	views, err := officeViews(ctx, tx, replica, books)
	if err != nil {
		return err
	}
	for _, v := range views {
		statements = append(statements, "drop view "+v+" restrict")
	}
	if books {
		statements = append(statements, "drop view if exists auditor.acknowledged restrict")
	}
	if len(tables) > 0 {
		statements = append(statements, "drop table "+strings.Join(tables, ", ")+" restrict")
	}
	if replica {
		statements = append(statements, "drop function if exists auditor_sync.refuse_change() restrict", "drop schema if exists auditor_sync restrict")
	}
	if books {
		statements = append(statements, "drop function if exists event_log.add_months(timestamptz[]) restrict", "drop function if exists event_log.refuse_change() restrict",
			"drop schema if exists event_log restrict", "drop function if exists auditor.empty_books() restrict", "drop function if exists auditor.collect_statistics(text[], boolean) restrict", "drop schema if exists auditor restrict")
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return d.explainDrop(err)
		}
	}
	if err := dropEmptySchemas(ctx, tx); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "delete from _v.patches where patch_name = any ($1)", patches)
	return err
}

// officeViews lists the views of the offices on the exchange and auditor-sync, and on the
// event log.
func officeViews(ctx context.Context, tx pgx.Tx, ofExchange, ofEvents bool) ([]string, error) {
	rows, err := tx.Query(ctx, `select format('%I.%I', schemaname, viewname) from pg_views
		where schemaname = any ($1) and case when viewname = any ($2) then $3::boolean else $4::boolean end order by 1`, officeSchemas(), eventlog.Views(), ofEvents, ofExchange)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func officeSchemas() []string {
	var schemas []string
	for _, o := range office.Roles() {
		schemas = append(schemas, o.Schema())
	}
	return schemas
}

// dropEmptySchemas drops the schemas of offices in which no views are left.
func dropEmptySchemas(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `select quote_ident(n.nspname) from pg_namespace as n
		where n.nspname = any ($1) and not exists (select from pg_class as c where c.relnamespace = n.oid)`, officeSchemas())
	if err != nil {
		return err
	}
	empty, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, schema := range empty {
		if _, err := tx.Exec(ctx, "drop schema "+schema+" restrict"); err != nil {
			return err
		}
	}
	return nil
}

// keepSyncAway refuses to drop tables that auditor-sync copies into.
func (d *database) keepSyncAway(ctx context.Context, tx pgx.Tx) error {
	if d.part != Exchange {
		return nil
	}
	var free bool
	if err := tx.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", exchange.ReplicationLock).Scan(&free); err != nil {
		return err
	}
	if !free {
		return &InUseError{Database: tx.Conn().Config().Database}
	}
	return nil
}

func (d *database) explainDrop(err error) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	switch {
	case ok && pgErr.Code == dependentObjects:
		return &DependentError{Database: d.conn.Config().Database, Detail: pgErr.Detail}
	case ok && pgErr.Code == lockTimedOut:
		return &InUseError{Database: d.conn.Config().Database}
	}
	return err
}

// ForeignError says that other tools created the tables.
type ForeignError struct{ Database, Component string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("component %s of database %q was created by an exchange's own tools, at least in part: only they may drop it", e.Component, e.Database)
}

// ExitStatus is that of a database in which it may not be done.
func (e *ForeignError) ExitStatus() int { return 2 }

// DependentError says that something that is not ours depends on our tables or lies
// among them.
type DependentError struct{ Database, Detail string }

func (e *DependentError) Error() string {
	return fmt.Sprintf("nothing was dropped from database %q, because of what is not ours: %s; "+
		"move it or drop it yourself, then try again", e.Database, strings.ReplaceAll(e.Detail, "\n", ", "))
}

// ExitStatus is that of a database in which it may not be done.
func (e *DependentError) ExitStatus() int { return 2 }

// InUseError says that other programs use the tables.
type InUseError struct{ Database string }

func (e *InUseError) Error() string {
	return fmt.Sprintf("other programs use the tables in database %q: stop auditor-sync and wait until audits have ended", e.Database)
}

// ExitStatus is that of a database that cannot be used now.
func (e *InUseError) ExitStatus() int { return 2 }

// WhichPartError says that the configuration names two databases.
type WhichPartError struct{}

func (*WhichPartError) Error() string {
	return "the configuration names two databases: say which one with auditor-dbinit reset exchange, or auditor-dbinit reset auditor"
}

// ExitStatus is that of a wrong command line.
func (*WhichPartError) ExitStatus() int { return 1 }
