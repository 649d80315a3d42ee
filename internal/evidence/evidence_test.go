package evidence

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// leaf makes up the leaf of a serial.
func leaf(serial int64) tlog.Hash {
	return tlog.RecordHash(binary.BigEndian.AppendUint64(nil, uint64(serial)))
}

// reference is the definition of RFC 6962, section 2.1.
func reference(leaves []tlog.Hash) tlog.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(reference(leaves[:k]), reference(leaves[k:]))
}

func TestTreeIsThatOfTheDefinition(t *testing.T) {
	var tree Tree
	var leaves []tlog.Hash
	for n := range int64(300) {
		if tree.Root() != reference(leaves) {
			t.Fatalf("the root of %d records is not that of RFC 6962", n)
		}
		if len(tree.complete) > 9 {
			t.Fatalf("%d hashes are held for %d records", len(tree.complete), n)
		}
		tree.Append(leaf(n))
		leaves = append(leaves, leaf(n))
	}
}

// Whatever the order in which rows come, the chunk is the same.
func TestChunkDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Int64Range(0, 1<<50).Draw(t, "number")
		serials := rapid.SliceOfDistinct(rapid.Int64Range(First(number), Last(number)), rapid.ID[int64]).Draw(t, "serials")
		c := &Chunk{Number: number}
		for _, s := range serials {
			c.Add(s, leaf(s))
		}
		slices.Sort(serials)
		var leaves []tlog.Hash
		for _, s := range serials {
			leaves = append(leaves, leaf(s))
			if !c.Holds(s) || c.Leaf(s) != leaf(s) {
				t.Fatalf("serial %d has another leaf", s)
			}
		}
		if c.Root() != reference(leaves) || !slices.Equal(c.Serials(), serials) || c.Rows() != len(serials) {
			t.Fatal("the chunk is not that of its rows")
		}
		if len(serials) > 0 && c.Highest() != serials[len(serials)-1] {
			t.Fatalf("highest serial %d", c.Highest())
		}
		again, err := Decode(number, c.Present(), c.Leaves())
		if err != nil || again.Root() != c.Root() || !slices.Equal(again.Serials(), serials) {
			t.Fatalf("the stored chunk is another: %v", err)
		}
	})
}

func TestEvidenceIsNeverOverwritten(t *testing.T) {
	for _, serial := range []int64{5, Span} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("serial %d went into the chunk", serial)
				}
			}()
			c := &Chunk{}
			c.Add(5, leaf(5))
			c.Add(serial, leaf(6))
		}()
	}
}

func TestBoundsOfChunks(t *testing.T) {
	for _, serial := range []int64{0, 1, Span - 1, Span, Span + 1, 1<<63 - 1} {
		n := NumberOf(serial)
		if serial < First(n) || serial > Last(n) || Last(n)-First(n) != Span-1 {
			t.Errorf("serial %d is in chunk %d, from %d to %d", serial, n, First(n), Last(n))
		}
	}
}

func FuzzDecode(f *testing.F) {
	c := &Chunk{}
	c.Add(3, leaf(3))
	f.Add(c.Present(), c.Leaves())
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, present, leaves []byte) {
		c, err := Decode(1, present, leaves)
		if err == nil && (!slices.Equal(c.Present(), present) || !slices.Equal(c.Leaves(), leaves)) {
			t.Fatal("what was decoded is not what was stored")
		}
	})
}

// However a tree came about, it is the one over its records.
func TestChangingTreeIsThatOfItsRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var tree Changing
		var leaves []tlog.Hash
		for n := range rapid.Int64Range(1, 70).Draw(t, "steps") {
			i := rapid.IntRange(0, len(leaves)).Draw(t, "index")
			switch {
			case i == len(leaves):
				tree.Set(i, leaf(n))
				leaves = append(leaves, leaf(n))
			case rapid.Bool().Draw(t, "insert"):
				tree.Insert(i, leaf(n))
				leaves = slices.Insert(leaves, i, leaf(n))
			default:
				tree.Set(i, leaf(n))
				leaves[i] = leaf(n)
			}
			if tree.Root() != reference(leaves) || tree.Len() != len(leaves) {
				t.Fatalf("the root of %d records is not that of RFC 6962", len(leaves))
			}
		}
	})
}
