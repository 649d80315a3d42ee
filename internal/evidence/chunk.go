// Package evidence is what a trusted copy remembers of each row that it ever took
// in, so that a row that is altered or removed at its origin can be told, and the
// copy itself be proved complete.
//
// The leaf of a row is the RFC 6962 leaf hash, SHA-256 over a zero byte and the
// row's stable image: its tuple in binary COPY format, the serial first, then the
// other columns in the order of the registry, mutable columns left out. Leaves are
// gathered in the order of serials into chunks of [Span] consecutive serials, each
// of them a Merkle tree; the roots of the chunks of a table, with their numbers,
// are the leaves of the table's tree, whose root an audit can keep ([Roots]).
package evidence

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Span is how many serials a chunk covers.
const Span = 1024

const presentBytes = Span / 8

// A Chunk is the evidence of the rows with serials from Number*Span to
// Number*Span+Span-1.
type Chunk struct {
	Number  int64
	present [presentBytes]byte // a bit per serial, the lowest first
	leaves  []tlog.Hash        // of the present serials, ascending
}

// NumberOf returns the number of the chunk that a serial belongs to.
func NumberOf(serial int64) int64 { return serial >> 10 } // Span is 1 << 10

// First returns the lowest serial that the chunk covers.
func First(number int64) int64 { return number * Span }

// Last returns the highest serial that the chunk covers.
func Last(number int64) int64 { return number*Span + Span - 1 }

// Decode returns the chunk that was stored as Present and Leaves returned it.
func Decode(number int64, present, leaves []byte) (*Chunk, error) {
	c := &Chunk{Number: number}
	ones := 0
	for _, b := range present {
		ones += bits.OnesCount8(b)
	}
	if len(present) != presentBytes || len(leaves) != ones*tlog.HashSize {
		return nil, fmt.Errorf("chunk %d holds %d bytes for %d rows: restore the bookkeeping of auditor-sync from a backup", number, len(leaves), ones)
	}
	copy(c.present[:], present)
	c.leaves = make([]tlog.Hash, ones)
	for i := range c.leaves {
		copy(c.leaves[i][:], leaves[i*tlog.HashSize:])
	}
	return c, nil
}

// Present returns a bit per serial.
func (c *Chunk) Present() []byte { return c.present[:] }

// Leaves returns the leaves of the present serials, one after the other.
func (c *Chunk) Leaves() []byte {
	b := make([]byte, 0, len(c.leaves)*tlog.HashSize)
	for _, leaf := range c.leaves {
		b = append(b, leaf[:]...)
	}
	return b
}

// Rows returns how many rows the chunk is evidence of.
func (c *Chunk) Rows() int { return len(c.leaves) }

// Add takes in a row. It panics if the chunk does not cover the serial or holds it
// already, because evidence never changes. It is cheap in the order of serials.
func (c *Chunk) Add(serial int64, leaf tlog.Hash) {
	if NumberOf(serial) != c.Number || c.Holds(serial) {
		panic(fmt.Sprintf("serial %d does not go into chunk %d", serial, c.Number))
	}
	at := c.rank(serial)
	c.present[offset(serial)/8] |= 1 << (offset(serial) % 8)
	c.leaves = append(c.leaves, leaf)
	copy(c.leaves[at+1:], c.leaves[at:])
	c.leaves[at] = leaf
}

// Holds says whether the chunk is evidence of the row with that serial.
func (c *Chunk) Holds(serial int64) bool {
	return NumberOf(serial) == c.Number && c.present[offset(serial)/8]&(1<<(offset(serial)%8)) != 0
}

// Leaf returns the leaf of a serial that the chunk holds.
func (c *Chunk) Leaf(serial int64) tlog.Hash { return c.leaves[c.rank(serial)] }

// Serials returns the serials that the chunk holds, ascending.
func (c *Chunk) Serials() []int64 {
	serials := make([]int64, 0, len(c.leaves))
	for i := range int64(Span) {
		if s := First(c.Number) + i; c.Holds(s) {
			serials = append(serials, s)
		}
	}
	return serials
}

// Highest returns the highest serial of a chunk that is not empty.
func (c *Chunk) Highest() int64 {
	for i := int64(Span) - 1; i > 0; i-- {
		if s := First(c.Number) + i; c.Holds(s) {
			return s
		}
	}
	return First(c.Number)
}

// Root returns the root of the chunk's tree.
func (c *Chunk) Root() tlog.Hash {
	var t Tree
	for _, leaf := range c.leaves {
		t.Append(leaf)
	}
	return t.Root()
}

// rank returns how many serials below the given one the chunk holds.
func (c *Chunk) rank(serial int64) int {
	o := offset(serial)
	n := 0
	for _, b := range c.present[:o/8] {
		n += bits.OnesCount8(b)
	}
	return n + bits.OnesCount8(c.present[o/8]&(1<<(o%8)-1))
}

func offset(serial int64) uint { return uint(serial & (Span - 1)) }
