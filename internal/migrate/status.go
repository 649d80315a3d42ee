package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Checksum is what is known of a registered patch.
type Checksum string

// The states of a checksum, as they are printed.
const (
	Matches    Checksum = "matches"         // the script of this program was applied
	Unrecorded Checksum = "not recorded"    // another tool applied the patch
	Differs    Checksum = "differs"         // another version of the script was applied
	Unknown    Checksum = "patch not known" // a newer program applied the patch
)

// A State says which patches of a component a database has.
type State struct {
	Component Component
	Database  string
	Applied   []Applied // in the order of names
	Pending   []string  // known patches that are not registered, in order
}

// Applied is one registered patch.
type Applied struct {
	Name     string
	At       time.Time
	By       string // the database user
	Checksum Checksum
	Recorded []byte // SHA-256, nil if not recorded
}

// Initialised reports whether any patch of the component is registered.
func (s *State) Initialised() bool { return len(s.Applied) > 0 }

// Ours reports whether this program, or another version of it, applied every
// registered patch, and at least one.
func (s *State) Ours() bool {
	for _, a := range s.Applied {
		if a.Recorded == nil {
			return false
		}
	}
	return s.Initialised()
}

// Err returns what stands against using and upgrading the component: a
// [*NewerError], [*ChecksumError] or [*GapError], or nil.
func (s *State) Err() error {
	var newest string
	for _, a := range s.Applied {
		if a.Checksum == Unknown {
			newest = a.Name
		}
	}
	known := s.Component.Patches
	if newest != "" {
		return &NewerError{Component: s.Component.Name, Database: s.Database, Found: newest, Known: known[len(known)-1].Name}
	}
	for _, a := range s.Applied {
		if a.Checksum != Differs {
			continue
		}
		for _, p := range known {
			if p.Name == a.Name {
				return &ChecksumError{Database: s.Database, Patch: p.Name, Recorded: a.Recorded, Ours: p.Sum()}
			}
		}
	}
	if len(s.Pending) > 0 && s.Initialised() {
		if last := s.Applied[len(s.Applied)-1].Name; s.Pending[0] < last {
			return &GapError{Database: s.Database, Missing: s.Pending[0], Applied: last}
		}
	}
	return nil
}

// Status reads which patches of the component the database has. A database without
// the record of patches has none.
func Status(ctx context.Context, conn *pgx.Conn, c Component) (*State, error) {
	_, state, err := read(ctx, conn, c)
	return state, err
}

// CheckCurrent returns nil if the database has every patch that this program knows
// and no other: an [*OutdatedError] if some are missing, else what [State.Err]
// says.
func CheckCurrent(ctx context.Context, conn *pgx.Conn, c Component) error {
	s, err := Status(ctx, conn, c)
	if err != nil {
		return err
	}
	if err := s.Err(); err != nil {
		return err
	}
	if len(s.Pending) > 0 {
		return &OutdatedError{Component: c.Name, Database: s.Database, Pending: s.Pending, Initialised: s.Initialised()}
	}
	return nil
}

// A record says how much of the record of patches a database has.
type record struct{ table, checksum bool }

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func read(ctx context.Context, q querier, c Component) (record, *State, error) {
	var r record
	s := &State{Component: c}
	err := q.QueryRow(ctx, recordQuery).Scan(&s.Database, &r.table, &r.checksum)
	if err != nil {
		return r, nil, fmt.Errorf("looking for the record of patches: %w", err)
	}
	if r.table {
		if err := s.readApplied(ctx, q, r); err != nil {
			err = fmt.Errorf("reading _v.patches of database %q: %w", s.Database, err)
			if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == insufficientPrivilege {
				err = fmt.Errorf("%w: grant usage on schema _v and select on _v.patches to this user", err)
			}
			return r, nil, err
		}
	}
	for _, p := range c.Patches {
		if !s.applied(p.Name) {
			s.Pending = append(s.Pending, p.Name)
		}
	}
	return r, s, nil
}

func (s *State) readApplied(ctx context.Context, q querier, r record) error {
	checksum := "null::bytea"
	if r.checksum {
		checksum = "sha256"
	}
	rows, err := q.Query(ctx, `select patch_name, applied_tsz, applied_by, `+checksum+` from _v.patches order by patch_name collate "C"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var a Applied
		if err := rows.Scan(&a.Name, &a.At, &a.By, &a.Recorded); err != nil {
			return err
		}
		if !s.Component.owns(a.Name) {
			continue
		}
		a.Checksum = s.Component.judge(a)
		s.Applied = append(s.Applied, a)
	}
	return rows.Err()
}

func (c Component) judge(a Applied) Checksum {
	for _, p := range c.Patches {
		if p.Name != a.Name {
			continue
		}
		sum := p.Sum()
		switch {
		case a.Recorded == nil:
			return Unrecorded
		case bytes.Equal(a.Recorded, sum[:]):
			return Matches
		}
		return Differs
	}
	return Unknown
}

func (s *State) applied(name string) bool {
	for _, a := range s.Applied {
		if a.Name == name {
			return true
		}
	}
	return false
}
