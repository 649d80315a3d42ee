package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
	"auditor/internal/exchange"
	"auditor/sql"
)

// A verdict is what the source did to one serial.
type verdict struct {
	alert     *Alert // nil if the serial is in order
	collected bool   // the row is gone, as it may be
}

// judge reads the row with a serial on a connection to the source and compares it
// with its evidence.
func (s *session) judge(ctx context.Context, conn *pgx.Conn, sh *shape, serial int64) (v verdict, err error) {
	leaf, copied, err := s.leaf(ctx, sh, serial)
	if err != nil {
		return v, err
	}
	theirs, err := s.read(ctx, Source, conn, sh, serial)
	if err != nil {
		return v, err
	}
	if copied && theirs.row == nil && theirs.flaw == "" {
		explained, err := s.explain(ctx, conn, sh, []int64{serial})
		if err != nil {
			return v, err
		}
		if explained[serial] {
			return verdict{collected: true}, nil
		}
	}
	v.alert, err = s.accuseRow(ctx, sh, serial, leaf, copied, theirs)
	if err == nil && v.alert != nil && conn.IsClosed() { // the row's length ended the connection
		err = &DivergenceError{[]Alert{*v.alert}}
	}
	return v, err
}

// A reading is what one database says about one serial.
type reading struct {
	row  *Row   // nil = none
	flaw string // why the row could not be read, or that there are two
	at   string // the column that the flaw is about
}

// read reads one row.
func (s *session) read(ctx context.Context, side Side, conn *pgx.Conn, sh *shape, serial int64) (reading, error) {
	schema := s.SourceSchema
	if side == Destination {
		schema = s.DestinationSchema
	}
	var r reading
	p := newParser(sh, serial-1, serial, 1, func(row Row) { r.row = row.clone() })
	p.lenient = true
	_, err := conn.PgConn().CopyTo(ctx, p, selection{after: serial - 1, until: serial, limit: 1}.copyOut(sh, schema))
	if tooLong(err) {
		if v, ok := errors.AsType[*Violation](s.accuseTooLong(ctx, sh, serial-1)); ok && v.Serial == serial {
			return reading{flaw: v.Have, at: v.Column}, nil
		}
	}
	if err != nil {
		return r, databaseError(side, conn, "read a row of "+sh.table.Name, err)
	}
	p.Close()
	switch v := p.violation; {
	case v == nil:
	case v.Serial != serial:
		return r, v
	case v.Rule == RuleUnique:
		r.flaw, r.at = "two rows with the serial", v.Column
	default:
		r.flaw, r.at = v.Have, v.Column
	}
	return r, nil
}

// accuseRow returns the alert about a serial, or nil if it is in order.
func (s *session) accuseRow(ctx context.Context, sh *shape, serial int64, leaf tlog.Hash, copied bool, theirs reading) (*Alert, error) {
	var buffer []byte
	if theirs.flaw == "" && (!copied && theirs.row == nil || copied && theirs.row != nil && theirs.row.leaf(&buffer) == leaf) {
		return nil, nil
	}
	a := &Alert{Table: sh.table.Name, Serial: &serial, Ours: "no row", Theirs: "no row"}
	var ours reading
	if copied {
		var err error
		if ours, err = s.read(ctx, Destination, s.destination, sh, serial); err != nil {
			return nil, err
		}
		if ours.row == nil {
			a.Ours = "a row that was collected as garbage"
		} else if ours.row.leaf(&buffer) != leaf {
			return nil, &EvidenceError{Table: sh.table.Name, Serial: serial}
		}
	}
	if ours.row != nil {
		a.oursImage = ours.row.Image
	}
	if theirs.row != nil {
		a.theirsImage = theirs.row.Image
	}
	where := fmt.Sprintf("%s, serial %d", sh.table.Name, serial)
	switch {
	case !copied || theirs.row != nil && theirs.flaw != "":
		a.Kind = BackDatedRow
		a.Theirs = "a row"
		if theirs.flaw != "" {
			a.Theirs = theirs.flaw
		}
		if theirs.row != nil {
			a.Theirs = theirs.row.describe(stableColumns(sh))
		}
		a.Summary = where + ": a row turned up on a serial that was copied past or given up long ago, it was not copied"
		if copied {
			a.Ours = "one row"
			a.Summary = where + ": a second row turned up on the serial of a copied one, it was not copied"
		}
	case theirs.row == nil && theirs.flaw == "":
		a.Kind = DeletedRow
		if ours.row != nil {
			a.Ours = ours.row.describe(stableColumns(sh))
		}
		a.Summary = where + ": the row was copied and is gone from the source, although no exchange may collect it"
	case theirs.flaw != "":
		a.Kind, a.Columns, a.Theirs = AlteredRow, []string{theirs.at}, theirs.flaw
		if ours.row != nil {
			a.Ours = ours.row.describe(a.Columns)
		}
		a.Summary = fmt.Sprintf("%s, column %s: the row was altered after it was copied: have %s, copied %s", where, theirs.at, a.Theirs, a.Ours)
	default:
		a.Kind, a.Columns = AlteredRow, differing(ours.row, theirs.row)
		a.Theirs = theirs.row.describe(a.Columns)
		if ours.row != nil {
			a.Ours = ours.row.describe(a.Columns)
		}
		a.Summary = fmt.Sprintf("%s, column %s: the row was altered after it was copied: have %s, copied %s", where, strings.Join(a.Columns, ", "), a.Theirs, a.Ours)
	}
	return a, nil
}

// differing names the stable columns in which two versions of a row differ, all of
// them if one is not there any more.
func differing(ours, theirs *Row) []string {
	if ours == nil {
		return stableColumns(theirs.shape)
	}
	var names []string
	for i, c := range theirs.shape.columns {
		a, b := ours.Value(i), theirs.Value(i)
		if !c.Mutable && (!bytes.Equal(a, b) || (a == nil) != (b == nil)) {
			names = append(names, c.Name)
		}
	}
	return names
}

func stableColumns(sh *shape) []string {
	var names []string
	for _, c := range sh.columns {
		if !c.Mutable {
			names = append(names, c.Name)
		}
	}
	return names
}

// leaf returns the evidence of a row, if it was ever copied.
func (s *session) leaf(ctx context.Context, sh *shape, serial int64) (leaf tlog.Hash, copied bool, err error) {
	number := evidence.NumberOf(serial)
	chunks, err := s.chunks(ctx, sh.table.Name, []int64{number})
	if err != nil {
		return leaf, false, databaseError(Destination, s.destination, "read the evidence of "+sh.table.Name, err)
	}
	if c := chunks[number]; c != nil && c.Holds(serial) {
		return c.Leaf(serial), true, nil
	}
	return leaf, false, nil
}

// clockTolerance is by how much the clock of the exchange, by which it collects
// garbage, may be ahead of ours.
const clockTolerance = 10 * time.Minute

// explain returns which of the serials an exchange may have collected as garbage, as
// far as a connection to the source shows.
func (s *session) explain(ctx context.Context, source *pgx.Conn, sh *shape, serials []int64) (map[int64]bool, error) {
	if len(serials) == 0 {
		return nil, nil
	}
	if err := s.findCollectable(ctx, sh); err != nil {
		return nil, err
	}
	rows, err := s.destination.Query(ctx, sql.Text("sync/explained.sql"), sh.table.Name, serials)
	if err != nil {
		return nil, databaseError(Destination, s.destination, "look for garbage in "+sh.table.Name, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	explained := map[int64]bool{}
	for _, n := range found {
		explained[n] = true
	}
	if err != nil {
		return nil, databaseError(Destination, s.destination, "look for garbage in "+sh.table.Name, err)
	}
	deleted, err := s.deleted(ctx, source, sh, found)
	for _, n := range deleted {
		delete(explained, n)
	}
	return explained, err
}

// findCollectable looks up, once per pass, which rows of a table an exchange may
// collect.
func (s *session) findCollectable(ctx context.Context, sh *shape) error {
	name := sh.table.Name
	if s.collectable[name] == s.number {
		return nil
	}
	rules := exchange.Collection{
		Layout: s.layout, Schema: s.DestinationSchema,
		IdleReserveExpiration: s.IdleReserveExpiration, LegalReserveExpiration: s.LegalReserveExpiration,
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.destination, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "delete from auditor_sync.collectable where table_name = $1", name); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "insert into auditor_sync.collectable (table_name, serial) select $2, q.serial from ("+rules.Query(name)+") as q where q.serial is not null",
			s.Clock().Add(clockTolerance).UnixMicro(), name)
		return err
	})
	if err == nil {
		s.collectable[name] = s.number
	}
	return databaseError(Destination, s.destination, "look for garbage in "+name, err)
}

// An EvidenceError says that a row of the destination is not what it was when it
// was copied, or its evidence is not.
type EvidenceError struct {
	Table  string
	Serial int64 // 0 if it is not known which of a chunk's rows
}

func (e *EvidenceError) Error() string {
	which := e.Table
	if e.Serial != 0 {
		which += fmt.Sprintf(", serial %d", e.Serial)
	}
	return fmt.Sprintf("destination database: %s: the row does not fit the evidence that was made when it was copied: find out who changed the trusted copy, and restore it from a backup", which)
}

// ExitStatus is that of a program that could not use a database.
func (e *EvidenceError) ExitStatus() int { return 2 }
