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
	"auditor/sql"
)

// Garbage says which rows of the trusted copy to remove.
type Garbage struct {
	Now    time.Time // rows that an exchange may collect at this time are removed
	DryRun bool      // only tell what would be removed
}

// CollectGarbage removes from the trusted copy what the exchange itself may collect:
// denominations whose legal expiration has passed, empty reserves past their
// collection date, wire fees of more than ten years ago, and what refers to them.
//
// It is one transaction. Nothing is removed if the audit has not judged all of it
// ([*NotAuditedError]), or if something else would go along. The ranges of serials
// and digests of what is removed stay in auditor_sync.removed, and what the removed
// rows did to reserves that stay, in auditor_sync.carried_reserves.
func (p *Program) CollectGarbage(ctx context.Context, g Garbage) error {
	d, layout, err := p.openTrusted(ctx)
	if err != nil {
		return err
	}
	defer closeAll(ctx, []*database{d})
	if err := awaitPass(ctx, d.conn, "select pg_advisory_lock($1)", exchange.PassLock); err != nil {
		return err
	}
	return pgx.BeginTxFunc(ctx, d.conn, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		c := &collector{
			tx: tx, rules: d.collection(layout), asOf: g.Now.UTC().Truncate(time.Second), rows: map[string]int64{},
		}
		if err := c.find(ctx); err != nil {
			return err
		}
		if err := c.show(p); err != nil {
			return err
		}
		if len(c.rows) == 0 {
			return nil
		}
		if err := p.checkAudited(ctx, c); err != nil {
			return err
		}
		if g.DryRun {
			fmt.Fprintln(p.Out, "all of it was audited; nothing was removed, because this is a dry run")
			return nil
		}
		return c.remove(ctx)
	})
}

// A collector is one collection of garbage.
type collector struct {
	tx    pgx.Tx
	rules exchange.Collection
	asOf  time.Time
	rows  map[string]int64 // to be removed, of each table that has some
}

// touched returns the tables that rows may be removed from, parents first.
func (c *collector) touched() []*exchange.Table {
	var list []*exchange.Table
	for _, t := range c.rules.Layout.Replicated() {
		if c.rules.Touches(t.Name) {
			list = append(list, t)
		}
	}
	return list
}

// affected returns those of the touched tables from which there is something to remove.
func (c *collector) affected() []*exchange.Table {
	var list []*exchange.Table
	for _, t := range c.touched() {
		if c.rows[t.Name] > 0 {
			list = append(list, t)
		}
	}
	return list
}

// relation returns the quoted name of a table.
func (c *collector) relation(t *exchange.Table) string {
	return pgx.Identifier{c.rules.Schema, t.Name}.Sanitize()
}

// gone returns the quoted name of the temporary table with the serials that are to
// be removed from a table.
func gone(table string) string { return pgx.Identifier{"pg_temp", "gone_" + table}.Sanitize() }

// find locks all tables against changes and gathers what is to be removed.
func (c *collector) find(ctx context.Context) error {
	var relations []string
	for _, t := range c.rules.Layout.Replicated() {
		relations = append(relations, c.relation(t))
	}
	if _, err := c.tx.Exec(ctx, "lock table only "+strings.Join(relations, ", only ")+" in share row exclusive mode"); err != nil {
		return err
	}
	for _, t := range c.touched() {
		if _, err := c.tx.Exec(ctx, "create temporary table "+pgx.Identifier{"gone_" + t.Name}.Sanitize()+
			" (serial bigint primary key) on commit drop"); err != nil {
			return err
		}
		step := "insert into " + gone(t.Name) + " " + c.rules.Step(t.Name, gone)
		var args []any
		if strings.Contains(step, "$1") {
			args = append(args, c.asOf.UnixMicro())
		}
		tag, err := c.tx.Exec(ctx, step, args...)
		if err != nil {
			return fmt.Errorf("looking for what to remove from %s: %w", t.Name, err)
		}
		if _, err := c.tx.Exec(ctx, "analyze "+gone(t.Name)); err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			c.rows[t.Name] = tag.RowsAffected()
		}
	}
	return nil
}

// show writes how many rows of which table are to go.
func (c *collector) show(p *Program) error {
	fmt.Fprintf(p.Out, "database %q: rows that may be collected at %s\n", c.tx.Conn().Config().Database, c.asOf.Format(time.RFC3339))
	if len(c.rows) == 0 {
		fmt.Fprintln(p.Out, "  none")
		return nil
	}
	w := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, t := range c.affected() {
		fmt.Fprintf(w, "  %s\t%d\t%s\n", t.Name, c.rows[t.Name], c.reason(t))
	}
	return w.Flush()
}

// reason says why rows of a table go.
func (c *collector) reason(t *exchange.Table) string {
	switch t.Name {
	case "reserves":
		return "empty and past their collection date"
	case "wire_fee":
		return "ended more than ten years ago"
	case "denominations":
		return "past their legal expiration"
	}
	var parents []string
	for _, name := range t.Parents() {
		if c.rows[name] > 0 {
			parents = append(parents, name)
		}
	}
	return "along with " + strings.Join(parents, ", ")
}

// remove removes what was found, children before parents, so that no row goes
// unnoticed in a cascade.
func (c *collector) remove(ctx context.Context) error {
	before, err := c.count(ctx)
	if err != nil {
		return err
	}
	for _, t := range c.affected() {
		if err := c.keepEvidence(ctx, t); err != nil {
			return fmt.Errorf("evidence of what is removed from %s: %w", t.Name, err)
		}
	}
	if _, err := c.tx.Exec(ctx, sql.InSchema(sql.Text("gc/carry.sql"), c.rules.Schema)); err != nil {
		return err
	}
	dropIndexes, err := c.indexReferences(ctx)
	if err != nil {
		return err
	}
	// The trigger on the tables lets this transaction delete, and no other.
	if _, err := c.tx.Exec(ctx, "select set_config('auditor_sync.gc', pg_current_xact_id()::text, true)"); err != nil {
		return err
	}
	list := c.affected()
	for i := len(list) - 1; i >= 0; i-- {
		t := list[i]
		tag, err := c.tx.Exec(ctx, fmt.Sprintf("delete from only %s as t using %s as g where t.%s = g.serial",
			c.relation(t), gone(t.Name), pgx.Identifier{t.Serial}.Sanitize()))
		if err != nil {
			return fmt.Errorf("removing rows from %s: %w", t.Name, err)
		}
		if n := tag.RowsAffected(); n != c.rows[t.Name] {
			return &CascadeError{Table: t.Name, Expected: c.rows[t.Name], Removed: n}
		}
	}
	if err := dropIndexes(); err != nil {
		return err
	}
	after, err := c.count(ctx)
	if err != nil {
		return err
	}
	for _, t := range c.rules.Layout.Replicated() {
		if n := before[t.Name] - after[t.Name]; n != c.rows[t.Name] {
			return &CascadeError{Table: t.Name, Expected: c.rows[t.Name], Removed: n}
		}
	}
	return nil
}

// CascadeError says that the database would remove other rows than those that the
// rules name.
type CascadeError struct {
	Table             string
	Expected, Removed int64
}

func (e *CascadeError) Error() string {
	return fmt.Sprintf("%d rows of %s would be removed instead of %d, so nothing was: "+
		"compare the foreign keys and triggers of the database with those that auditor-dbinit creates", e.Removed, e.Table, e.Expected)
}

// count returns how many rows each table has.
func (c *collector) count(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	for _, t := range c.rules.Layout.Replicated() {
		var n int64
		if err := c.tx.QueryRow(ctx, "select count(*) from only "+c.relation(t)).Scan(&n); err != nil {
			return nil, fmt.Errorf("counting the rows of %s: %w", t.Name, err)
		}
		counts[t.Name] = n
	}
	return counts, nil
}

// fewParents is how many deleted rows of a table are worth an index on the columns
// that refer to it: for each of them the database looks for rows that refer to it.
const fewParents = 50

// indexReferences creates indexes, for this transaction, on references to deleted
// rows, which layout 2021 lacks. The function that it returns drops them.
func (c *collector) indexReferences(ctx context.Context) (drop func() error, err error) {
	var names []string
	for _, t := range c.touched() {
		for _, fk := range t.ForeignKeys {
			if c.rows[fk.Table] < fewParents || leads(t, fk.Column) {
				continue
			}
			name := fmt.Sprintf("auditor_gc_%d", len(names))
			_, err := c.tx.Exec(ctx, fmt.Sprintf("create index %s on %s (%s)", name, c.relation(t), pgx.Identifier{fk.Column}.Sanitize()))
			if err != nil {
				return nil, err
			}
			names = append(names, pgx.Identifier{c.rules.Schema, name}.Sanitize())
		}
	}
	return func() error {
		var problems []error
		for _, name := range names {
			_, err := c.tx.Exec(ctx, "drop index "+name)
			problems = append(problems, err)
		}
		return errors.Join(problems...)
	}, nil
}

// leads reports whether a column is the first of a key or index of its table.
func leads(t *exchange.Table, column string) bool {
	for _, columns := range append(append([][]string{t.PrimaryKey}, t.Unique...), t.Indexes...) {
		if len(columns) > 0 && columns[0] == column {
			return true
		}
	}
	return false
}
