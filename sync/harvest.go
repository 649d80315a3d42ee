package sync

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
	"auditor/sql"
)

// A harvest is the evidence of the rows of one batch: 40 bytes for each.
type harvest struct {
	serials []int64
	leaves  []tlog.Hash
	buffer  []byte
}

// take adds the next row.
func (h *harvest) take(r Row) {
	h.serials = append(h.serials, r.Serial)
	h.leaves = append(h.leaves, r.leaf(&h.buffer))
}

// leaf returns the leaf hash of the row's stable image. The buffer is reused from
// row to row.
func (r *Row) leaf(buffer *[]byte) tlog.Hash {
	if r.shape.stable == len(r.shape.columns) {
		return tlog.RecordHash(r.Image)
	}
	b := binary.BigEndian.AppendUint16((*buffer)[:0], uint16(r.shape.stable))
	for i, c := range r.shape.columns {
		if c.Mutable {
			continue
		}
		if r.values[i].start < 0 {
			b = append(b, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		b = append(b, r.Image[r.values[i].start-4:r.values[i].end]...) // with its length
	}
	*buffer = b
	return tlog.RecordHash(b)
}

// chunksAtOnce bounds how many chunks travel to the destination in one statement:
// about 8 MiB.
const chunksAtOnce = 256

// keep writes the evidence of new rows of a table, in the transaction that brings
// the rows.
func (s *session) keep(ctx context.Context, table string, h *harvest) error {
	var ordinal int64
	err := s.destination.QueryRow(ctx, "select coalesce(max(ordinal) + 1, 0) from auditor_sync.chunks where table_name = $1", table).Scan(&ordinal)
	if err != nil {
		return err
	}
	for i := 0; i < len(h.serials); {
		from := i
		var numbers []int64
		for ; i < len(h.serials); i++ {
			n := evidence.NumberOf(h.serials[i])
			if len(numbers) > 0 && numbers[len(numbers)-1] == n {
				continue
			}
			if len(numbers) == chunksAtOnce {
				break
			}
			numbers = append(numbers, n)
		}
		chunks, err := s.chunks(ctx, table, numbers)
		if err != nil {
			return err
		}
		part := &chunkRows{}
		for k, j := 0, from; k < len(numbers); k++ {
			c := chunks[numbers[k]]
			at := int64(-1) // the ordinal of a chunk that exists stays
			if c == nil {
				c = &evidence.Chunk{Number: numbers[k]}
				at = ordinal
				ordinal++
			}
			for ; j < i && evidence.NumberOf(h.serials[j]) == c.Number; j++ {
				c.Add(h.serials[j], h.leaves[j])
			}
			part.add(c, at)
		}
		if err := part.write(ctx, s.destination, table); err != nil {
			return err
		}
	}
	return nil
}

// chunks returns those of the numbered chunks of a table that exist.
func (s *session) chunks(ctx context.Context, table string, numbers []int64) (map[int64]*evidence.Chunk, error) {
	rows, err := s.destination.Query(ctx, sql.Text("sync/chunks.sql"), table, numbers)
	if err != nil {
		return nil, err
	}
	found := map[int64]*evidence.Chunk{}
	var number int64
	var present, leaves []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &present, &leaves}, func() error {
		c, err := evidence.Decode(number, present, leaves)
		found[number] = c
		return err
	})
	return found, err
}

// chunkRows are rows of the table of chunks, column by column.
type chunkRows struct {
	numbers, ordinals, highest []int64
	rows                       []int32
	present, leaves, roots     [][]byte
}

func (p *chunkRows) add(c *evidence.Chunk, ordinal int64) {
	root := c.Root()
	p.numbers = append(p.numbers, c.Number)
	p.ordinals = append(p.ordinals, ordinal)
	p.highest = append(p.highest, c.Highest())
	p.rows = append(p.rows, int32(c.Rows()))
	p.present = append(p.present, slices.Clone(c.Present()))
	p.leaves = append(p.leaves, c.Leaves())
	p.roots = append(p.roots, root[:])
}

func (p *chunkRows) write(ctx context.Context, conn *pgx.Conn, table string) error {
	_, err := conn.Exec(ctx, sql.Text("sync/keep_chunks.sql"), table, p.numbers, p.ordinals, p.highest, p.rows, p.present, p.leaves, p.roots)
	return err
}
