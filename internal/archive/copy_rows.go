package archive

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/internal/evidence"
	"auditor/internal/exchange"
	"auditor/sql"
)

// chunksAtOnce is how many chunks of 1024 serials are compared at a time.
const chunksAtOnce = 32

// kept is what one audit kept of a chunk.
type kept struct {
	run  int64
	seen *evidence.Chunk // which serials; its leaves mean nothing
	root tlog.Hash
}

// compare compares the rows and the evidence of a table with what audits kept.
func (c *Copy) compare(ctx context.Context, t *exchange.Table) error {
	after := int64(math.MinInt64)
	for {
		audited, numbers, err := c.audited(ctx, t.Name, after)
		if err != nil || len(numbers) == 0 {
			return err
		}
		first, last := numbers[0], numbers[len(numbers)-1]
		chunks, roots, err := c.chunks(ctx, t.Name, numbers)
		if err != nil {
			return err
		}
		rows, err := c.rows(ctx, t, first, last)
		if err != nil {
			return err
		}
		removed, err := c.removed(ctx, t.Name, first, last)
		if err != nil {
			return err
		}
		for _, n := range numbers {
			c.chunk(t.Name, n, audited[n], chunks[n], roots[n], rows, removed)
		}
		if c.Progress != nil {
			c.Progress(t.Name, int64(len(rows)))
		}
		after = last
	}
}

// audited reads what audits kept of the next chunks above a number.
func (c *Copy) audited(ctx context.Context, table string, after int64) (map[int64][]kept, []int64, error) {
	rows, err := c.Auditor.Query(ctx, sql.Text("archive/copied_chunks.sql"), c.exchange.ID, table, after, chunksAtOnce)
	if err != nil {
		return nil, nil, err
	}
	list := map[int64][]kept{}
	var numbers []int64
	var number, run int64
	var present, root []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &run, &present, &root}, func() error {
		ones := 0
		for _, b := range present {
			for ; b != 0; b &= b - 1 {
				ones++
			}
		}
		seen, err := evidence.Decode(number, present, make([]byte, ones*tlog.HashSize))
		if err != nil {
			return err
		}
		if len(list[number]) == 0 {
			numbers = append(numbers, number)
		}
		list[number] = append(list[number], kept{run, seen, tlog.Hash(root)})
		return nil
	})
	return list, numbers, err
}

// chunks reads the evidence of auditor-sync.
func (c *Copy) chunks(ctx context.Context, table string, numbers []int64) (map[int64]*evidence.Chunk, map[int64]tlog.Hash, error) {
	rows, err := c.Copy.Query(ctx, sql.Text("archive/chunks.sql"), table, numbers)
	if err != nil {
		return nil, nil, err
	}
	chunks, roots := map[int64]*evidence.Chunk{}, map[int64]tlog.Hash{}
	var number int64
	var present, leaves, root []byte
	_, err = pgx.ForEachRow(rows, []any{&number, &present, &leaves, &root}, func() (err error) {
		roots[number] = tlog.Hash(root)
		chunks[number], err = evidence.Decode(number, present, leaves)
		return err
	})
	return chunks, roots, err
}

// rows reads the leaves of the rows of some chunks as the rows themselves have them.
func (c *Copy) rows(ctx context.Context, t *exchange.Table, first, last int64) (map[int64]tlog.Hash, error) {
	serial := "t." + pgx.Identifier{t.Serial}.Sanitize()
	query := fmt.Sprintf("select %s from only %s as t where %s between $1 and $2 order by %s",
		evidence.Columns(t, "t"), pgx.Identifier{c.Schema, t.Name}.Sanitize(), serial, serial)
	rows, err := c.Copy.Query(ctx, query, pgx.QueryResultFormats{pgx.BinaryFormatCode}, evidence.First(first), evidence.Last(last))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	leaves := map[int64]tlog.Hash{}
	for rows.Next() {
		values := rows.RawValues()
		leaves[int64(binary.BigEndian.Uint64(values[0]))] = tlog.RecordHash(evidence.Image(values))
	}
	return leaves, rows.Err()
}

// removed reads which serials of some chunks auditor-dbinit gc removed.
func (c *Copy) removed(ctx context.Context, table string, first, last int64) (func(serial int64) bool, error) {
	rows, err := c.Copy.Query(ctx, `select from_serial, to_serial from auditor_sync.removed
		where table_name = $1 and to_serial >= $2 and from_serial <= $3 order by from_serial`, table, evidence.First(first), evidence.Last(last))
	if err != nil {
		return nil, err
	}
	spans, err := pgx.CollectRows(rows, pgx.RowToStructByPos[exchange.Span])
	return func(serial int64) bool {
		i, found := slices.BinarySearchFunc(spans, serial, func(s exchange.Span, serial int64) int {
			switch {
			case s.To < serial:
				return -1
			case s.From > serial:
				return 1
			}
			return 0
		})
		return found && i >= 0
	}, err
}

// chunk compares one chunk: the rows with the evidence of auditor-sync, and both with
// what each audit kept.
func (c *Copy) chunk(table string, number int64, audited []kept, chunk *evidence.Chunk, root tlog.Hash, rows map[int64]tlog.Hash, removed func(int64) bool) {
	last := audited[len(audited)-1].run
	if chunk == nil {
		c.find(Problem{Report: audited[0].run, Table: table, Message: fmt.Sprintf("%s: the evidence of serials %d to %d, on which report %d rests, was removed from the copy",
			table, evidence.First(number), evidence.Last(number), audited[0].run)})
		return
	}
	sound := chunk.Root() == root
	for _, k := range audited {
		if !c.extends(table, k, chunk) {
			sound = false
		}
	}
	since := func(serial int64) int64 {
		for _, k := range audited {
			if k.seen.Holds(serial) {
				return k.run
			}
		}
		return 0
	}
	told := false
	for _, serial := range chunk.Serials() {
		s, run := serial, since(serial)
		leaf, there := rows[serial]
		switch {
		case !there && removed(serial):
			c.Removed++
			continue
		case !there:
			c.find(Problem{Report: run, Table: table, Serial: &s, Message: fmt.Sprintf("%s, serial %d: the row, %s, is missing", table, s, saw(run))})
			told = true
		case leaf != chunk.Leaf(serial):
			what := "the row is not what it was, " + saw(run)
			if !sound {
				what = "the row and its evidence contradict each other, " + saw(run)
			}
			c.find(Problem{Report: run, Table: table, Serial: &s, Message: fmt.Sprintf("%s, serial %d: %s", table, s, what)})
			told = true
		}
		c.Rows++
	}
	for serial := evidence.First(number); serial >= evidence.First(number) && serial <= evidence.Last(number); serial++ {
		if _, there := rows[serial]; there && !chunk.Holds(serial) {
			s := serial
			c.find(Problem{Table: table, Serial: &s, Message: fmt.Sprintf("%s, serial %d: the row was not copied by auditor-sync", table, s)})
		}
	}
	if !sound && !told {
		c.find(Problem{Report: last, Table: table, Message: fmt.Sprintf("%s, serials %d to %d: rows were changed together with their evidence since report %d, or the evidence was",
			table, evidence.First(number), evidence.Last(number), last)})
	}
}

// saw names the report that first rested on a row.
func saw(run int64) string {
	if run == 0 {
		return "which no audit saw yet"
	}
	return fmt.Sprintf("on which report %d rests", run)
}

// extends tells whether the evidence of auditor-sync holds what an audit saw of it.
func (c *Copy) extends(table string, k kept, chunk *evidence.Chunk) bool {
	var tree evidence.Tree
	for _, serial := range k.seen.Serials() {
		if !chunk.Holds(serial) {
			s := serial
			c.find(Problem{Report: k.run, Table: table, Serial: &s, Message: fmt.Sprintf("%s, serial %d: the evidence of the row, on which report %d rests, was removed", table, s, k.run)})
			return false
		}
		tree.Append(chunk.Leaf(serial))
	}
	return tree.Root() == k.root
}
