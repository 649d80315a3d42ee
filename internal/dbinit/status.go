package dbinit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/pg"
)

// Status writes the state of every component of every database: the server, each
// patch with when and by whom it was applied and what its checksum says, the layout
// that is recognised, the number of tables, and whether all is current. It changes
// nothing. A database that cannot be used does not keep it from the others; the error
// names all that cannot.
func (p *Program) Status(ctx context.Context) error {
	list, err := p.databases()
	if err != nil {
		return err
	}
	defer closeAll(ctx, list)
	var unusable []error
	for _, d := range list {
		err := d.connect(ctx, p.Getenv, pg.ReadOnly())
		if err == nil {
			err = d.status(ctx, p.Out)
		}
		if err != nil {
			unusable = append(unusable, err)
		}
	}
	return errors.Join(unusable...)
}

func (d *database) status(ctx context.Context, out io.Writer) error {
	var name, version string
	err := d.conn.QueryRow(ctx, `select current_database(), current_setting('server_version')`).Scan(&name, &version)
	if err != nil {
		return fmt.Errorf("[%sdb]: asking the server for its version: %w", d.part, err)
	}
	main, err := migrate.Status(ctx, d.conn, d.main.Component)
	if err != nil {
		return err
	}
	for i, m := range append([]member{d.main}, d.beside...) {
		fmt.Fprintf(out, "%s: database %q, PostgreSQL %q\n", m.Name, name, version)
		state := main
		if i > 0 {
			if state, err = migrate.Status(ctx, d.conn, m.Component); err != nil {
				return err
			}
		}
		if err := writePatches(out, state); err != nil {
			return err
		}
		recognised, err := d.writeTables(ctx, out, m)
		if err != nil {
			return err
		}
		verdict := judge(state)
		switch {
		case i == 0 && d.part == Exchange && !recognised && state.Initialised() && len(state.Pending) == 0:
			verdict = "not usable: the tables do not go with the patches"
		case recognised && !state.Initialised():
			verdict = "complete, though no patch is registered: it can be audited as it is"
		case i > 0 && !state.Initialised() && main.Initialised() && !main.Ours():
			verdict = "left out, " + notOurs
		}
		fmt.Fprintf(out, "  %s\n", verdict)
	}
	return nil
}

func writePatches(out io.Writer, s *migrate.State) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, a := range s.Applied {
		fmt.Fprintf(w, "  %s\tapplied %s\tby %q\tchecksum %s\n", a.Name, a.At.UTC().Format(time.RFC3339), a.By, a.Checksum)
	}
	for _, name := range s.Pending {
		fmt.Fprintf(w, "  %s\tnot applied\n", name)
	}
	return w.Flush()
}

// writeTables writes where the tables of a component are and how many, and for those
// of an exchange the layout and what is peculiar about it. It reports whether there is
// an exchange in a known layout.
func (d *database) writeTables(ctx context.Context, out io.Writer, m member) (recognised bool, err error) {
	if m.Name != d.main.Name || d.part != Exchange {
		var tables int
		err := d.conn.QueryRow(ctx, `select count(*) from pg_catalog.pg_tables where schemaname = $1`, m.home).Scan(&tables)
		if err != nil {
			return false, fmt.Errorf("counting the tables of schema %q: %w", m.home, err)
		}
		fmt.Fprintf(out, "  %d tables in schema %q\n", tables, m.home)
		return false, nil
	}
	layout, err := exchange.Recognize(ctx, d.conn, m.home)
	if _, ok := errors.AsType[*exchange.UnrecognizedError](err); ok {
		fmt.Fprintf(out, "  no layout: %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
		return false, nil
	}
	if err != nil {
		return false, err
	}
	differences, err := exchange.Inspect(ctx, d.conn, m.home, layout)
	if err != nil {
		return false, err
	}
	fmt.Fprintf(out, "  layout %s, %d tables in schema %q\n", layout.Name, present(layout, differences), m.home)
	for _, difference := range differences {
		fmt.Fprintf(out, "  note: %s\n", difference)
	}
	return true, nil
}

// present counts the tables of a layout that are there.
func present(l *exchange.Layout, differences []exchange.Difference) int {
	n := len(l.Tables)
	for _, d := range differences {
		if d.Aspect == exchange.AspectTable {
			n--
		}
	}
	return n
}

// judge says in a few words whether a component is current, and what to do if not.
func judge(s *migrate.State) string {
	switch err := s.Err(); {
	case err != nil:
		return err.Error()
	case !s.Initialised():
		return "not initialised: run auditor-dbinit init"
	case len(s.Pending) > 0:
		return "not current: run auditor-dbinit upgrade"
	}
	return "current"
}
