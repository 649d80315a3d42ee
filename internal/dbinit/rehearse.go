package dbinit

import (
	"context"
	"fmt"

	"auditor/internal/migrate"
)

// rehearse tells which patches would be applied to which database, and what each of
// them is about.
func (p *Program) rehearse(ctx context.Context, list []*database) error {
	for _, d := range list {
		main, err := migrate.Status(ctx, d.conn, d.main.Component)
		if err != nil {
			return err
		}
		p.tellPending(d.main, main)
		for _, m := range d.beside {
			if main.Initialised() && !main.Ours() {
				fmt.Fprintf(p.Out, "%s: database %q: would be left out, %s\n", m.Name, main.Database, notOurs)
				continue
			}
			state, err := migrate.Status(ctx, d.conn, m.Component)
			if err != nil {
				return err
			}
			p.tellPending(m, state)
		}
	}
	fmt.Fprintln(p.Out, "nothing was changed, because this is a dry run")
	return nil
}

func (p *Program) tellPending(m member, state *migrate.State) {
	if len(state.Pending) == 0 {
		fmt.Fprintf(p.Out, "%s: database %q: is current\n", m.Name, state.Database)
		return
	}
	fmt.Fprintf(p.Out, "%s: database %q: would apply\n", m.Name, state.Database)
	for _, patch := range m.Patches {
		for _, name := range state.Pending {
			if patch.Name != name {
				continue
			}
			if state.Bridged(name) {
				fmt.Fprintln(p.Out, "  the move of all references from keys and hashes to serial numbers")
			}
			fmt.Fprintf(p.Out, "  %s  %s\n", name, patch.About())
		}
	}
}
