package dbinit

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/eventlog"
	"auditor/internal/exchange"
	"auditor/internal/migrate"
	"auditor/internal/office"
	"auditor/internal/pg"
	"auditor/sql"
)

// Roles names the PostgreSQL roles of the programs, and says what to do with them.
type Roles struct {
	Owner   string                 // owns our tables: auditor-dbinit
	Writer  string                 // adds rows to the trusted copy: auditor-sync
	Reader  string                 // reads the source: auditor-sync
	Auditor string                 // reads the copy or the exchange, writes the auditor's database: auditor
	Offices map[office.Role]string // look at the views of an office
	Source  bool                   // [exchangedb] is the exchange's or the source of auditor-sync, also if auditor-dbinit created it
	Apply   bool                   // execute the statements instead of printing them
}

// Roles prints the SQL that gives each program the rights that it needs in each
// database, and no others, or executes it, all in one transaction per database. It
// can be repeated; after an upgrade it has to be, because new tables have no rights.
//
// A database [exchangedb] with the bookkeeping of auditor-sync is taken for the
// trusted copy, any other for a source. In a source rights are only added, because
// others live there.
func (p *Program) Roles(ctx context.Context, r Roles) error {
	list, err := p.open(ctx)
	if err != nil {
		return err
	}
	defer closeAll(ctx, list)
	for _, d := range list {
		script, err := d.roles(ctx, r)
		if err != nil {
			return err
		}
		name := d.conn.Config().Database
		if !r.Apply {
			fmt.Fprintf(p.Out, "-- [%sdb], to be run as a superuser\n\\connect %s\nbegin;\n\n%s\ncommit;\n\n", d.part, pgx.Identifier{name}.Sanitize(), script)
			continue
		}
		if err := d.execute(ctx, script); err != nil {
			return fmt.Errorf("[%sdb]: %w", d.part, err)
		}
		fmt.Fprintf(p.Out, "%s: database %q: rights granted\n", d.part, name)
	}
	return nil
}

func (d *database) execute(ctx context.Context, script string) error {
	return pgx.BeginFunc(ctx, d.conn, func(tx pgx.Tx) error {
		_, err := tx.Conn().PgConn().Exec(ctx, script).ReadAll()
		return pg.ExplainSQLError(err, script)
	})
}

// isTrusted finds out whether the database is a trusted copy, rather than a source.
func (d *database) isTrusted(ctx context.Context) (trusted bool, err error) {
	if _, err := exchange.Recognize(ctx, d.conn, d.main.Schema); err != nil {
		return false, err
	}
	err = d.conn.QueryRow(ctx, "select to_regclass('auditor_sync.passes') is not null").Scan(&trusted)
	return trusted, err
}

// roles returns the statements for a database.
func (d *database) roles(ctx context.Context, r Roles) (string, error) {
	source := d.part == Exchange && r.Source
	if d.part == Exchange && !source {
		trusted, err := d.isTrusted(ctx)
		if err != nil {
			return "", err
		}
		source = !trusted
	}
	fill, err := d.filler(ctx, r)
	if err != nil {
		return "", err
	}
	var parts []string
	role := func(name, about string) {
		text := sql.Text("roles/role.sql")
		parts = append(parts, strings.NewReplacer(`:"role"`, identifier(name), `:'role'`, literal(name), ":about", about).Replace(text))
	}
	if source {
		role(r.Reader, "reads the source of auditor-sync")
		role(r.Auditor, "audits")
		return strings.Join(append(parts, fill.Replace(sql.Text("roles/source.sql"))), "\n"), nil
	}
	for _, m := range append([]member{d.main}, d.beside...) {
		if err := migrate.CheckCurrent(ctx, d.conn, m.Component); err != nil {
			return "", err
		}
	}
	role(r.Owner, "owns the tables: auditor-dbinit connects with it")
	role(r.Auditor, "audits")
	shared, err := d.foreign(ctx)
	if err != nil {
		return "", err
	}
	if !shared {
		parts = append(parts, fill.Replace(sql.Text("roles/ours.sql")))
	}
	schemas := []string{"auditor", eventlog.Schema}
	script := "roles/auditor.sql"
	if d.part == Exchange {
		role(r.Writer, "copies rows into the trusted copy: auditor-sync connects with it")
		schemas = []string{"auditor_sync"}
		script = "roles/trusted.sql"
	}
	schemas = append(schemas, officeSchemas()...)
	if !shared {
		schemas = append(schemas, "_v")
	}
	owned, err := d.ownership(ctx, r.Owner, schemas)
	if err != nil {
		return "", err
	}
	parts = append(parts, owned, fill.Replace(sql.Text(script)))
	for _, o := range office.Roles() {
		var views bool
		if err := d.conn.QueryRow(ctx, "select to_regnamespace($1) is not null", o.Schema()).Scan(&views); err != nil {
			return "", err
		}
		if !views {
			continue
		}
		role(r.Offices[o], "is the office "+string(o))
		text := sql.Text("roles/office.sql")
		parts = append(parts, strings.NewReplacer(`:"database"`, identifier(d.conn.Config().Database), `:"role"`, identifier(r.Offices[o]),
			`:"owner"`, identifier(r.Owner), `:"views"`, identifier(o.Schema())).Replace(text))
	}
	return strings.Join(parts, "\n"), nil
}

// foreign reports whether an exchange's own tools created tables in the database:
// then others have business in it.
func (d *database) foreign(ctx context.Context) (bool, error) {
	var foreign bool
	err := d.conn.QueryRow(ctx, `select exists (select from _v.patches where patch_name like 'exchange-%' and sha256 is null)`).Scan(&foreign)
	return foreign, err
}

// ownership returns statements that give the tables of the database to the owner.
func (d *database) ownership(ctx context.Context, owner string, schemas []string) (string, error) {
	var names []string
	if d.part == Exchange {
		for _, t := range exchange.Layout2021().Tables {
			names = append(names, t.Name)
		}
	}
	rows, err := d.conn.Query(ctx, sql.Text("roles/objects.sql"), owner, schemas, d.main.Schema, names)
	if err != nil {
		return "", err
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("listing the tables: %w", err)
	}
	return strings.Join(statements, "\n") + "\n", nil
}

// filler puts names into a script. A table that is not replicated may be missing.
func (d *database) filler(ctx context.Context, r Roles) (*strings.Replacer, error) {
	var replicated, every []string
	for _, t := range exchange.Layout2021().Tables {
		name := pgx.Identifier{d.main.Schema, t.Name}.Sanitize()
		var present bool
		if err := d.conn.QueryRow(ctx, "select to_regclass($1) is not null", name).Scan(&present); err != nil {
			return nil, err
		}
		if !present {
			continue
		}
		every = append(every, name)
		if t.Replicated {
			replicated = append(replicated, name)
		}
	}
	list := func(names []string) string { return "\n    " + strings.Join(names, ",\n    ") }
	return strings.NewReplacer(
		`:"database"`, identifier(d.conn.Config().Database), `:"schema"`, identifier(d.main.Schema),
		`:"owner"`, identifier(r.Owner), `:"writer"`, identifier(r.Writer), `:"reader"`, identifier(r.Reader), `:"auditor"`, identifier(r.Auditor),
		":replicated", list(replicated), ":every", list(every),
	), nil
}

func identifier(name string) string { return pgx.Identifier{name}.Sanitize() }

// literal quotes a text for SQL, where strings conform to the standard.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Check returns an error unless each program and each office has a role of its own.
func (r Roles) Check() error {
	seen := map[string]bool{}
	names := []string{r.Owner, r.Writer, r.Reader, r.Auditor}
	for _, o := range office.Roles() {
		names = append(names, r.Offices[o])
	}
	for _, name := range names {
		switch {
		case name == "":
			return errors.New("a role has no name: give it one, or leave the flag out")
		case seen[name]:
			return fmt.Errorf("the role %q is named twice: each program and each office needs its own", name)
		}
		seen[name] = true
	}
	return nil
}
