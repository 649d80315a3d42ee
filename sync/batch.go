package sync

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// block is how many bytes travel from the parser to the destination at once.
const block = 64 << 10

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

// copyBatch copies the first rows, at most limit, with serials in (after, until]
// in one transaction of the destination. The source streams into the parser, the
// parser into the destination; nothing is kept. Rows of equal serials travel in
// one batch, so that the parser sees them.
func (s *session) copyBatch(ctx context.Context, sh *shape, after, until int64, limit int) (batch, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Patience)
	defer cancel()
	doing := "copy " + sh.table.Name
	if _, err := s.destination.Exec(ctx, "begin"); err != nil {
		return batch{}, databaseError(Destination, s.destination, doing, err)
	}

	reader, writer := io.Pipe()
	out := bufio.NewWriterSize(writer, block)
	var first *Row
	p := newParser(sh, after, until, limit, func(r Row) {
		if first == nil {
			first = r.clone()
		}
		_, _ = out.Write(r.Image) // once the destination has refused the batch the rest goes nowhere
	})
	var sourceErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = out.WriteString(copyHeader)
		sourceErr = s.stream(ctx, sh, p)
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
	if sourceErr != nil && !b.tooLong && !s.destination.IsClosed() {
		return batch{}, errors.Join(databaseError(Source, s.source, doing, sourceErr), s.rollback(ctx))
	}
	if err == nil && tag.RowsAffected() != int64(b.rows) {
		err = fmt.Errorf("it took %d of %d rows: look for triggers and rules on the table", tag.RowsAffected(), b.rows)
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

// stream has the source send a range of rows to the parser.
func (s *session) stream(ctx context.Context, sh *shape, p *parser) error {
	query := fmt.Sprintf("copy (select %s from only %s where %s > '%d'::bigint and %[3]s <= '%[5]d'::bigint order by %[3]s fetch first %[6]d rows with ties) to stdout (format binary)",
		sh.names, sh.relation(s.SourceSchema), sh.serial, p.after, p.until, p.most)
	_, err := s.source.PgConn().CopyTo(ctx, p, query)
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
