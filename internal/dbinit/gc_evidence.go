package dbinit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"math"

	"github.com/jackc/pgx/v5"

	"auditor/internal/evidence"
	"auditor/internal/exchange"
	"auditor/internal/pg"
)

// What remains of removed rows: ranges of serials and digests, with which somebody
// who has the rows elsewhere can prove what they were.

// evidenceRows is how many rows are read at a time.
const evidenceRows = 10000

// A removedRange is a range of consecutive serials, all of them removed.
type removedRange struct {
	from, to int64
	digest   hash.Hash // of the digests of the rows
}

// keepEvidence writes into auditor_sync.removed what is to be removed from a table.
func (c *collector) keepEvidence(ctx context.Context, t *exchange.Table) error {
	out := &ranges{
		table:  t.Name,
		asOf:   c.asOf.UnixMicro(),
		copier: pg.NewCopier(c.tx.Conn(), pgx.Identifier{"auditor_sync", "removed"}, "table_name", "from_serial", "to_serial", "sha256", "as_of"),
	}
	after := int64(math.MinInt64)
	for {
		var done []removedRange
		rows, err := c.tx.Query(ctx, c.evidenceQuery(t), pgx.QueryResultFormats{pgx.BinaryFormatCode}, after, evidenceRows)
		if err != nil {
			return err
		}
		n := 0
		for rows.Next() {
			values := rows.RawValues()
			after = int64(binary.BigEndian.Uint64(values[0]))
			if r, ok := out.add(after, rowDigest(values)); ok {
				done = append(done, r)
			}
			n++
		}
		if err := rows.Err(); err != nil {
			return err
		}
		for _, r := range done {
			if err := out.write(ctx, r); err != nil {
				return err
			}
		}
		if n < evidenceRows {
			break
		}
	}
	if out.open != nil {
		if err := out.write(ctx, *out.open); err != nil {
			return err
		}
	}
	return out.copier.Flush(ctx)
}

// evidenceQuery reads rows to be removed in the order of serials: the serial, then
// the other columns that never change, in the order of the registry.
func (c *collector) evidenceQuery(t *exchange.Table) string {
	return fmt.Sprintf("select %s from %s as g join only %s as t on t.%s = g.serial where g.serial > $1 order by g.serial limit $2",
		evidence.Columns(t, "t"), gone(t.Name), c.relation(t), pgx.Identifier{t.Serial}.Sanitize())
}

// rowDigest is SHA-256 over a tuple of the binary COPY format.
func rowDigest(values [][]byte) [sha256.Size]byte {
	return sha256.Sum256(evidence.Image(values))
}

// ranges gathers rows into ranges.
type ranges struct {
	table  string
	asOf   int64 // microseconds since 1970
	copier *pg.Copier
	open   *removedRange
}

// add takes the next row, and returns the range that it ended by leaving a hole.
func (e *ranges) add(serial int64, digest [sha256.Size]byte) (done removedRange, ended bool) {
	if e.open != nil && serial != e.open.to+1 {
		done, ended = *e.open, true
		e.open = nil
	}
	if e.open == nil {
		e.open = &removedRange{from: serial, digest: sha256.New()}
	}
	e.open.to = serial
	e.open.digest.Write(digest[:])
	return done, ended
}

// postgresEpoch is 2000-01-01, from which binary times are counted, in microseconds
// since 1970.
const postgresEpoch = 946_684_800_000_000

func (e *ranges) write(ctx context.Context, r removedRange) error {
	c := e.copier
	c.Begin()
	c.Text(e.table)
	c.Int64(r.from)
	c.Int64(r.to)
	c.Bytes(r.digest.Sum(nil))
	c.Int64(e.asOf - postgresEpoch)
	return c.End(ctx)
}
