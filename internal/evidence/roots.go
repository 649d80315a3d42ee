package evidence

import (
	"context"
	"encoding/binary"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"auditor/sql"
)

// A Root stands for every row of a table that a trusted copy ever took in, those
// that were collected as garbage since included.
type Root struct {
	Table string
	Rows  int64
	Hash  tlog.Hash
}

// Roots returns the root of each table that holds a row, by name. It reads the root
// of each chunk: a million for a billion rows, in constant memory. A late row
// changes the root, as does every new one.
func Roots(ctx context.Context, conn *pgx.Conn) ([]Root, error) {
	rows, err := conn.Query(ctx, sql.Text("sync/chunk_roots.sql"))
	if err != nil {
		return nil, err
	}
	var roots []Root
	var tree Tree
	var name string
	var number, n int64
	var root []byte
	_, err = pgx.ForEachRow(rows, []any{&name, &number, &n, &root}, func() error {
		if last := len(roots) - 1; last < 0 || roots[last].Table != name {
			roots, tree = append(roots, Root{Table: name}), Tree{}
		}
		tree.Append(Record(number, tlog.Hash(root)))
		r := &roots[len(roots)-1]
		r.Rows += n
		r.Hash = tree.Root()
		return nil
	})
	return roots, err
}

// Record returns the hash of a chunk as a record of its table's tree.
func Record(number int64, root tlog.Hash) tlog.Hash {
	return tlog.RecordHash(append(binary.BigEndian.AppendUint64(nil, uint64(number)), root[:]...))
}
