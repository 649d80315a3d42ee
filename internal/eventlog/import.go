package eventlog

import (
	"context"
	"crypto/sha256"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/events"
	"auditor/internal/pg"
	"auditor/sql"
)

// Source is a file to import.
type Source struct {
	Name   string // for the record
	Data   io.Reader
	Latest time.Time // nothing can have happened after it

	// Refused is told what is broken in the file, and Contradicted what says something else than an event with
	// the same number, which was kept. Neither keeps out the others.
	Refused      func(*events.RecordError)
	Contradicted func(Contradiction)
}

// Contradiction is an event that says something else than another one with its number.
type Contradiction struct {
	Event      uint32
	Read, Kept string
}

// Summary counts what became of the records of a file.
type Summary struct {
	Form          events.Form
	Events, New   int64 // that the office may see
	Details       int64 // that the office may see
	NewDetails    int64
	Contradicting int64 // events that were not kept, since others with their numbers were
	Dropped       int64 // that the office may not see
	Refused       int64 // that are broken
}

// Import adds what is in a file, in one transaction. What is there already stays as it is, so that a file can be
// imported again. It needs the same memory for a file of any size. Errors: [*OtherOfficeError],
// [*AdministrationError], [*events.UnknownFormError], or one of reading or of the database.
func Import(ctx context.Context, conn *pgx.Conn, node Node, file Source) (Summary, error) {
	i := &importer{ctx: ctx, node: node, file: file}
	err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		i.tx = tx
		return i.run()
	})
	return i.sum, err
}

// importer is the receiver of one file's records.
type importer struct {
	ctx     context.Context // of the one import
	tx      pgx.Tx
	node    Node
	file    Source
	sum     Summary
	staged  *pg.Copier
	details *pg.Copier
	months  []time.Time // of events, in ascending order
}

func (i *importer) run() error {
	if err := i.node.enrol(i.ctx, i.tx); err != nil {
		return err
	}
	if _, err := i.tx.Exec(i.ctx, "set local work_mem = '64MB'"); err != nil {
		return err
	}
	if _, err := i.tx.Exec(i.ctx, sql.Text("eventlog/staging.sql")); err != nil {
		return err
	}
	conn := i.tx.Conn()
	i.staged = pg.NewCopier(conn, pgx.Identifier{"pg_temp", "staged_events"}, "place", "event_id", "seconds", "ip", "user_id", "service", "amount", "nanoseconds", "status")
	i.details = pg.NewCopier(conn, pgx.Identifier{"pg_temp", "staged_details"}, "event_id", "detail", "packed")
	digest := sha256.New()
	var err error
	i.sum.Form, err = events.Read(io.TeeReader(i.file.Data, digest), i.file.Latest, i)
	if err != nil {
		return err
	}
	if _, err := io.Copy(digest, i.file.Data); err != nil { // what lies behind the end of an answer
		return err
	}
	if err := i.keep(); err != nil {
		return err
	}
	s := &i.sum
	_, err = i.tx.Exec(i.ctx, `insert into event_log.imports (file, sha256, form, events, new_events, details, new_details, contradicting, dropped, refused)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		i.file.Name, digest.Sum(nil), s.Form, s.Events, s.New, s.Details, s.NewDetails, s.Contradicting, s.Dropped, s.Refused)
	return err
}

// Event stages what the office may see of an event.
func (i *importer) Event(e events.Event) error {
	role := i.node.Office
	if !role.SeesAdministration() && i.node.administrative(uint16(e.Service)) {
		i.sum.Dropped++
		return nil
	}
	i.sum.Events++
	month := time.Date(e.Time.Year(), e.Time.Month(), 1, 0, 0, 0, 0, time.UTC)
	if at, found := slices.BinarySearchFunc(i.months, month, time.Time.Compare); !found {
		i.months = slices.Insert(i.months, at, month)
	}
	c := i.staged
	c.Begin()
	c.Int64(i.sum.Events)
	c.Int64(int64(e.ID))
	c.Int64(e.Time.Unix())
	c.Text(e.IP.String())
	if role.SeesPeople() {
		c.Bytes(e.User[:])
	} else {
		c.Null()
	}
	c.Int32(int32(e.Service))
	if role.SeesAmounts() {
		c.Int64(int64(e.Amount))
	} else {
		c.Null()
	}
	c.Int32(int32(e.Nanoseconds))
	c.Int32(int32(e.Status))
	return c.End(i.ctx)
}

// Detail stages a detail if the office may see people: who knows what it tells.
func (i *importer) Detail(d events.Detail) error {
	if !i.node.Office.SeesPeople() {
		i.sum.Dropped++
		return nil
	}
	i.sum.Details++
	c := i.details
	c.Begin()
	c.Int64(int64(d.Event))
	c.Text(d.Text)
	c.Bool(d.Packed)
	return c.End(i.ctx)
}

// Refuse passes on what is broken.
func (i *importer) Refuse(bad *events.RecordError) error {
	i.sum.Refused++
	i.file.Refused(bad)
	return nil
}

// keep keeps what was staged and is new.
func (i *importer) keep() error {
	for _, c := range []*pg.Copier{i.staged, i.details} {
		if err := c.Flush(i.ctx); err != nil {
			return err
		}
	}
	if _, err := i.tx.Exec(i.ctx, "analyze pg_temp.staged_events, pg_temp.staged_details"); err != nil {
		return err
	}
	if len(i.months) > 0 {
		if _, err := i.tx.Exec(i.ctx, "select event_log.add_months($1)", i.months); err != nil {
			return err
		}
	}
	kept, err := i.tx.Exec(i.ctx, sql.Text("eventlog/keep.sql"))
	if err != nil {
		return err
	}
	if i.sum.New = kept.RowsAffected(); i.sum.New < i.sum.Events {
		if err := i.tellContradictions(); err != nil {
			return err
		}
	}
	if kept, err = i.tx.Exec(i.ctx, sql.Text("eventlog/keep_details.sql")); err != nil {
		return err
	}
	i.sum.NewDetails = kept.RowsAffected()
	return nil
}

// tellContradictions compares what was read with what is kept.
func (i *importer) tellContradictions() error {
	rows, err := i.tx.Query(i.ctx, sql.Text("eventlog/contradictions.sql"))
	if err != nil {
		return err
	}
	var c Contradiction
	_, err = pgx.ForEachRow(rows, []any{&c.Event, &c.Read, &c.Kept}, func() error {
		i.sum.Contradicting++
		i.file.Contradicted(c)
		return nil
	})
	return err
}
