package dbinit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
)

// Init creates the tables that are missing and upgrades those that are there. The
// databases themselves must exist.
//
// Before it changes anything it connects to all databases and looks for what stands
// against the change in each: a newer program ([*migrate.NewerError]), other scripts
// ([*migrate.ChecksumError]), tables that no patch registered ([*TablesExistError]).
// Applied patches stay if a later one fails.
func (p *Program) Init(ctx context.Context) error { return p.build(ctx, true) }

// Upgrade is Init for databases that were initialised before. It refuses one that was
// not, with a [*migrate.OutdatedError].
func (p *Program) Upgrade(ctx context.Context) error { return p.build(ctx, false) }

func (p *Program) build(ctx context.Context, create bool) error {
	list, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll(ctx, list)
	for _, d := range list {
		if p.Convert && d.part == Exchange && !create {
			d.main.Convert = d.judgeConversion
		}
		if err := d.examine(ctx, create); err != nil {
			return err
		}
	}
	if p.DryRun {
		return p.rehearse(ctx, list)
	}
	for _, d := range list {
		if err := p.upgrade(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// examine looks for reasons not to touch a database.
func (d *database) examine(ctx context.Context, create bool) error {
	for _, m := range d.beside {
		state, err := migrate.Status(ctx, d.conn, m.Component)
		if err != nil {
			return err
		}
		if err := state.Err(); err != nil {
			return err
		}
	}
	state, err := migrate.Status(ctx, d.conn, d.main.Component)
	if err != nil {
		return err
	}
	if err := state.Err(); err != nil {
		return err
	}
	if d.part == Exchange {
		if err := d.examineTables(ctx, state); err != nil {
			return err
		}
	}
	if d.main.Convert == nil {
		if err := state.CheckBridge(); err != nil {
			return err
		}
	}
	if !state.Initialised() && !create {
		return &migrate.OutdatedError{Component: d.main.Name, Database: state.Database, Pending: state.Pending}
	}
	return nil
}

// examineTables returns an error if the tables of an exchange do not go with the
// patches that are registered: none of them may be there without a patch, all of them
// must be there with the last.
func (d *database) examineTables(ctx context.Context, state *migrate.State) error {
	switch {
	case !state.Initialised():
		return d.checkVacant(ctx, state.Database)
	case len(state.Pending) == 0:
		_, err := exchange.Recognize(ctx, d.conn, d.main.Schema)
		return err
	}
	return nil
}

// checkVacant returns an error if the schema already has tables of an exchange, as
// after a restored dump, which does not include the record of patches.
func (d *database) checkVacant(ctx context.Context, name string) error {
	layout, err := exchange.Recognize(ctx, d.conn, d.main.Schema)
	if e, ok := errors.AsType[*exchange.UnrecognizedError](err); ok {
		if e.Empty() {
			return nil
		}
		return &TablesExistError{Database: name, Schema: d.main.Schema}
	}
	if err != nil {
		return err
	}
	return &TablesExistError{Database: name, Schema: d.main.Schema, Layout: layout.Name}
}

func (p *Program) upgrade(ctx context.Context, d *database) error {
	if err := p.apply(ctx, d, d.main); err != nil {
		return err
	}
	if d.part == Exchange {
		if _, err := exchange.Recognize(ctx, d.conn, d.main.Schema); err != nil {
			return err
		}
	}
	if len(d.beside) == 0 {
		return nil
	}
	state, err := migrate.Status(ctx, d.conn, d.main.Component)
	if err != nil {
		return err
	}
	for _, m := range d.beside {
		if !state.Ours() {
			fmt.Fprintf(p.Out, "%s: database %q: left out, %s\n", m.Name, state.Database, notOurs)
			continue
		}
		if err := p.apply(ctx, d, m); err != nil {
			return err
		}
	}
	return nil
}

// notOurs is why a component beside the tables of an exchange is left out.
const notOurs = "because the exchange's own tools created the tables"

func (p *Program) apply(ctx context.Context, d *database, m member) error {
	applied, err := migrate.Upgrade(ctx, d.conn, m.Component)
	done := "is current"
	if len(applied) > 0 {
		done = "applied " + strings.Join(applied, ", ")
	}
	if err == nil || len(applied) > 0 {
		fmt.Fprintf(p.Out, "%s: database %q: %s\n", m.Name, d.conn.Config().Database, done)
	}
	return err
}
