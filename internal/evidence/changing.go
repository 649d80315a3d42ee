package evidence

import "golang.org/x/mod/sumdb/tlog"

// A Changing tree is an RFC 6962 Merkle tree whose records may be replaced: a change
// and the root cost one hash per level. It holds two hashes per record.
type Changing struct {
	levels [][]tlog.Hash // the records, then the level above, and so on
}

// Len returns the number of records.
func (t *Changing) Len() int {
	if len(t.levels) == 0 {
		return 0
	}
	return len(t.levels[0])
}

// Set puts a record in place of the one at an index, or, at the index Len, behind all
// others.
func (t *Changing) Set(i int, record tlog.Hash) {
	for level := 0; ; level++ {
		if level == len(t.levels) {
			t.levels = append(t.levels, nil)
		}
		if i == len(t.levels[level]) {
			t.levels[level] = append(t.levels[level], record)
		} else {
			t.levels[level][i] = record
		}
		row := t.levels[level]
		if len(row) == 1 {
			return
		}
		// A node without a sibling is the root of its own subtree, one level up.
		switch left := i &^ 1; {
		case left+1 < len(row):
			record = tlog.NodeHash(row[left], row[left+1])
		default:
			record = row[left]
		}
		i /= 2
	}
}

// Insert puts a record in front of the one at an index. It builds the tree anew.
func (t *Changing) Insert(i int, record tlog.Hash) {
	records := append([]tlog.Hash{}, t.levels[0][:i]...)
	records = append(append(records, record), t.levels[0][i:]...)
	*t = Changing{}
	for n, r := range records {
		t.Set(n, r)
	}
}

// Root returns the root of a tree that is not empty.
func (t *Changing) Root() tlog.Hash { return t.levels[len(t.levels)-1][0] }
