package pg

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// copyChunk is how many bytes a Copier gathers before it sends them.
	copyChunk = 1 << 20
	// copyLimit is how many it gathers at most while others use the connection.
	copyLimit = 8 << 20
)

var copyHeader = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")

// Copier writes rows into one table with binary COPY, in chunks of about one
// mebibyte, so that the connection is free between chunks and memory stays
// bounded. A row is Begin, one call per column in order, End.
type Copier struct {
	conn    *pgconn.PgConn
	command string
	table   string
	columns int
	turns   *sync.Mutex // nil: nobody else uses the connection
	buffer  []byte
}

// NewCopier prepares to write the given columns of a table.
func NewCopier(conn *pgx.Conn, table pgx.Identifier, columns ...string) *Copier {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return &Copier{
		conn:    conn.PgConn(),
		command: fmt.Sprintf("copy %s (%s) from stdin (format binary)", table.Sanitize(), strings.Join(quoted, ", ")),
		table:   strings.Join(table, "."),
		columns: len(columns),
	}
}

// TakeTurns makes the copier share its connection with others, who hold the mutex
// while they use it. While it is taken, rows are gathered rather than waited for, up
// to 8 MiB. It returns the copier.
func (c *Copier) TakeTurns(turns *sync.Mutex) *Copier {
	c.turns = turns
	return c
}

// Begin starts a row.
func (c *Copier) Begin() {
	if len(c.buffer) == 0 {
		c.buffer = append(c.buffer, copyHeader...)
	}
	c.buffer = binary.BigEndian.AppendUint16(c.buffer, uint16(c.columns))
}

// Int64 writes a bigint.
func (c *Copier) Int64(v int64) {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, 8)
	c.buffer = binary.BigEndian.AppendUint64(c.buffer, uint64(v))
}

// Int16 writes a smallint.
func (c *Copier) Int16(v int16) {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, 2)
	c.buffer = binary.BigEndian.AppendUint16(c.buffer, uint16(v))
}

// Int32 writes an integer.
func (c *Copier) Int32(v int32) {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, 4)
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, uint32(v))
}

// Bool writes a boolean.
func (c *Copier) Bool(v bool) {
	c.buffer = append(c.buffer, 0, 0, 0, 1, 0)
	if v {
		c.buffer[len(c.buffer)-1] = 1
	}
}

// Bytes writes a bytea.
func (c *Copier) Bytes(v []byte) {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, uint32(len(v)))
	c.buffer = append(c.buffer, v...)
}

// Text writes a text, which must not contain a zero byte.
func (c *Copier) Text(v string) {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, uint32(len(v)))
	c.buffer = append(c.buffer, v...)
}

// Null writes the absence of a value.
func (c *Copier) Null() {
	c.buffer = binary.BigEndian.AppendUint32(c.buffer, 1<<32-1)
}

// End finishes a row and sends what was gathered if it is enough.
func (c *Copier) End(ctx context.Context) error {
	switch {
	case len(c.buffer) < copyChunk:
		return nil
	case c.turns == nil || len(c.buffer) >= copyLimit:
		return c.Flush(ctx)
	case !c.turns.TryLock():
		return nil
	}
	defer c.turns.Unlock()
	return c.send(ctx)
}

// Flush sends the rows gathered so far, when it is the copier's turn.
func (c *Copier) Flush(ctx context.Context) error {
	if c.turns != nil {
		c.turns.Lock()
		defer c.turns.Unlock()
	}
	return c.send(ctx)
}

func (c *Copier) send(ctx context.Context) error {
	if len(c.buffer) == 0 {
		return nil
	}
	c.buffer = binary.BigEndian.AppendUint16(c.buffer, 1<<16-1)
	_, err := c.conn.CopyFrom(ctx, bytes.NewReader(c.buffer), c.command)
	c.buffer = c.buffer[:0]
	if err != nil {
		return fmt.Errorf("write to %s: %w", c.table, err)
	}
	return nil
}
