package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"auditor/internal/pg"
	"auditor/sql"
)

const (
	// recordQuery asks for the name of the database, whether it has a record of
	// patches, and whether that has room for checksums.
	recordQuery = `select current_database(), to_regclass('_v.patches') is not null, exists (select from pg_catalog.pg_attribute
		where attrelid = to_regclass('_v.patches') and attname = 'sha256' and not attisdropped)`

	// lockKey is the advisory lock that makes concurrent upgrades of one database
	// wait for each other: "auditor" in ASCII.
	lockKey int64 = 0x61756469746f72
)

// Upgrade applies the patches that the database lacks, in order, each in one
// transaction, and returns the names of those that it applied, also beside an
// error. The patch that fails leaves no trace, those before it stay. Concurrent
// upgrades of a database wait for each other, and the one that comes second finds
// nothing to do.
//
// If [State.Err] has something to say, nothing is applied. An error in a script is
// an [*SQLError].
func Upgrade(ctx context.Context, conn *pgx.Conn, c Component) ([]string, error) {
	var applied []string
	for {
		name, err := applyNext(ctx, conn, c)
		if err != nil || name == "" {
			return applied, err
		}
		applied = append(applied, name)
	}
}

// applyNext applies the first pending patch, and returns its name, or "" if there
// is none. The state is read under the lock, after any other upgrade ended.
func applyNext(ctx context.Context, conn *pgx.Conn, c Component) (name string, err error) {
	options := pgx.TxOptions{IsoLevel: pgx.ReadCommitted, AccessMode: pgx.ReadWrite}
	err = pgx.BeginTxFunc(ctx, conn, options, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1)`, lockKey); err != nil {
			return fmt.Errorf("waiting for another upgrade: %w", err)
		}
		record, state, err := read(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := state.Err(); err != nil {
			return err
		}
		if len(state.Pending) == 0 {
			return nil
		}
		name = state.Pending[0]
		patch := c.patch(name)
		if !state.Bridged(name) {
			return apply(ctx, tx, record, patch, c.Schema)
		}
		if c.Convert == nil {
			return state.foreign(name)
		}
		if err := apply(ctx, tx, record, patch, c.Schema, patch.Bridge); err != nil {
			return err
		}
		return c.Convert(ctx, tx.Conn())
	})
	if err != nil {
		return "", err
	}
	return name, nil
}

// apply runs the scripts before a patch and its own, and registers it. With an empty search_path a
// name that a script forgot to qualify is an error and not an object somewhere
// else.
func apply(ctx context.Context, tx pgx.Tx, r record, p Patch, schema string, before ...Script) error {
	if _, err := tx.Exec(ctx, `set local search_path = ''`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `set local client_min_messages = warning`); err != nil {
		return err
	}
	if !r.table || !r.checksum {
		if err := run(ctx, tx, "versioning.sql", sql.Text("versioning.sql")); err != nil {
			return err
		}
	}
	if !r.table {
		if err := run(ctx, tx, "versioning-functions.sql", sql.Text("versioning-functions.sql")); err != nil {
			return err
		}
	}
	for _, script := range append(before, Script{p.File, p.Text}) {
		if err := run(ctx, tx, script.File, sql.InSchema(script.Text, schema)); err != nil {
			return err
		}
	}
	sum := p.Sum()
	_, err := tx.Exec(ctx, `insert into _v.patches (patch_name, applied_by, requires, conflicts, sha256)
		values ($1, current_user, '{}', '{}', $2)`, p.Name, sum[:])
	if err != nil {
		return fmt.Errorf("registering %s in _v.patches: %w", p.Name, err)
	}
	return nil
}

// run executes a script statement by statement, so that an error without a position
// has a line all the same.
func run(ctx context.Context, tx pgx.Tx, file, script string) error {
	for _, s := range split(script) {
		_, err := tx.Conn().PgConn().Exec(ctx, s.text).ReadAll()
		if err != nil {
			line := s.line
			if place, ok := errors.AsType[*pg.SQLError](pg.ExplainSQLError(err, s.text)); ok {
				line += place.Line - 1
			}
			return &SQLError{File: file, Line: line, Err: err}
		}
	}
	return nil
}

func (c Component) patch(name string) Patch {
	for _, p := range c.Patches {
		if p.Name == name {
			return p
		}
	}
	return Patch{}
}
