package sync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// block is how many bytes travel from the parser to the destination at once.
const block = 64 << 10

// storing is how much longer the destination may take over a batch than the source:
// what a source sent before it became silent, or began to send without end, is kept.
const storing = 10 * time.Second

// A batch is what one transaction brought into the destination.
type batch struct {
	rows    int
	last    int64      // serial of the last row, the one before the batch if there is none
	next    *Violation // what the parser has against the row after them
	tooLong bool       // the message after them was longer than the connection accepts
}

// A refused batch is one that the destination rolled back because of its rows.
type refused struct {
	rows  int  // that were well formed
	first *Row // of them
	err   *pgconn.PgError
}

func (r *refused) Error() string { return "the destination refuses a batch: " + r.err.Error() }

// copyLine finds the line in the context of a server's message, in any language.
var copyLine = regexp.MustCompile(`^COPY [^,]+, [^0-9,]*([0-9]+)`)

// line returns the number, from 1, of the row that the destination complained
// about, 0 if it did not say.
func (r *refused) line() int {
	m := copyLine.FindStringSubmatch(r.err.Where)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		return 0
	}
	return n
}

// A selection says which rows of a table to copy: those with serials in
// (after, until], or late ones among them.
type selection struct {
	after, until int64
	only         []int64 // ascending serials of late rows; nil = not late
	limit        int     // rows
}

// first returns the part of the selection that is one batch.
func (sel selection) first(limit int) selection {
	sel.limit = limit
	if sel.only != nil {
		at, _ := slices.BinarySearch(sel.only, sel.after+1)
		sel.only = sel.only[at:min(at+limit, len(sel.only))]
		sel.until = sel.only[len(sel.only)-1]
	}
	return sel
}

// copyOut returns the statement that sends the first rows of the selection in the
// order of serials. Rows of equal serials travel together, so that the parser sees
// them.
func (sel selection) copyOut(sh *shape, schema string) string {
	late := ""
	if sel.only != nil {
		list := make([]string, len(sel.only))
		for i, n := range sel.only {
			list[i] = strconv.FormatInt(n, 10)
		}
		late = fmt.Sprintf(" and %s = any ('{%s}'::bigint[])", sh.serial, strings.Join(list, ","))
	}
	return fmt.Sprintf("copy (select %s from only %s where %s > '%d'::bigint and %[3]s <= '%[5]d'::bigint%s order by %[3]s fetch first %[7]d rows with ties) to stdout (format binary)",
		sh.names, sh.relation(schema), sh.serial, sel.after, sel.until, late, sel.limit)
}

// copyBatch copies the first rows of a selection in one transaction of the
// destination, together with their evidence. The source streams into the parser,
// the parser into the destination; nothing else is kept.
func (s *session) copyBatch(ctx context.Context, sh *shape, sel selection) (batch, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Patience+storing)
	defer cancel()
	sending, giveUp := context.WithTimeout(ctx, s.Patience)
	defer giveUp()
	doing := "copy " + sh.table.Name
	if _, err := s.destination.Exec(ctx, "begin"); err != nil {
		return batch{}, databaseError(Destination, s.destination, doing, err)
	}

	reader, writer := io.Pipe()
	out := bufio.NewWriterSize(writer, block)
	var first *Row
	var gathered harvest
	p := newParser(sh, sel.after, sel.until, sel.limit, func(r Row) {
		if first == nil {
			first = r.clone()
		}
		gathered.take(r)
		_, _ = out.Write(r.Image) // once the destination has refused the batch the rest goes nowhere
	})
	p.only = sel.only
	var sourceErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = out.WriteString(copyHeader)
		sourceErr = s.stream(sending, p, sel.copyOut(sh, s.SourceSchema))
		_, _ = out.WriteString(copyTrailer) // whether to keep what arrived is decided below
		_ = out.Flush()
		writer.Close()
	}()
	tag, err := s.destination.PgConn().CopyFrom(ctx, reader, fmt.Sprintf("copy %s (%s) from stdin (format binary)", sh.relation(s.DestinationSchema), sh.names))
	reader.Close()
	if s.destination.IsClosed() {
		cancel()
	}
	<-done

	b := batch{rows: p.rows, last: p.last, next: p.violation, tooLong: tooLong(sourceErr)}
	if sourceErr != nil && b.next == nil && !b.tooLong && !s.destination.IsClosed() {
		return batch{}, errors.Join(databaseError(Source, s.source, doing, sourceErr), s.rollback(ctx))
	}
	if err == nil && tag.RowsAffected() != int64(b.rows) {
		err = fmt.Errorf("it took %d of %d rows: look for triggers and rules on the table", tag.RowsAffected(), b.rows)
	}
	if err == nil && b.rows > 0 {
		if err := s.note(ctx, sh, sel, &gathered); err != nil {
			return batch{}, errors.Join(databaseError(Destination, s.destination, "note what was copied of "+sh.table.Name, err), s.rollback(ctx))
		}
	}
	if err == nil {
		_, err = s.destination.Exec(ctx, "commit")
	}
	if err == nil {
		return b, nil
	}
	if e, ok := refusal(err); ok && first != nil {
		return batch{}, errors.Join(&refused{rows: b.rows, first: first, err: e}, s.rollback(ctx))
	}
	return batch{}, errors.Join(databaseError(Destination, s.destination, doing, err), s.rollback(ctx))
}

// note writes what is to be remembered of a batch, in its transaction.
func (s *session) note(ctx context.Context, sh *shape, sel selection, h *harvest) error {
	if sel.only != nil {
		return s.recordLate(ctx, sh, h, s.began)
	}
	return s.record(ctx, sh, h, sel.after, s.began)
}

// stream has the source send rows to the parser.
func (s *session) stream(ctx context.Context, p *parser, copyOut string) error {
	_, err := s.source.PgConn().CopyTo(ctx, p, copyOut)
	if err == nil {
		p.Close()
	}
	return err
}

// rollback leaves the destination's transaction. A connection that is gone has
// left it already.
func (s *session) rollback(ctx context.Context) error {
	if s.destination.IsClosed() {
		return nil
	}
	_, err := s.destination.Exec(ctx, "rollback")
	return databaseError(Destination, s.destination, "roll back", err)
}
