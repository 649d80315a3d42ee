package evidence

import "golang.org/x/mod/sumdb/tlog"

// A Tree is a growing RFC 6962 Merkle tree of which only the roots of its complete
// subtrees are held: one hash per bit of its size. The zero value is empty.
type Tree struct {
	size     int64
	complete []node // from the left, each smaller than the one before
}

type node struct {
	index int64 // where tlog would store it
	hash  tlog.Hash
}

// Append adds a record by its hash. It costs two hashes on average.
func (t *Tree) Append(record tlog.Hash) {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, record, t)
	if err != nil {
		panic(err) // Tree.ReadHashes returns none
	}
	level := len(hashes) - 1
	t.complete = append(t.complete[:len(t.complete)-level], node{tlog.StoredHashIndex(level, t.size>>level), hashes[level]})
	t.size++
}

// Root returns the root of the tree; that of an empty one is SHA-256 of nothing.
func (t *Tree) Root() tlog.Hash {
	root, err := tlog.TreeHash(t.size, t)
	if err != nil {
		panic(err) // Tree.ReadHashes returns none
	}
	return root
}

// ReadHashes implements [tlog.HashReader] for the hashes that Append and Root ask
// for, which are those of complete subtrees.
func (t *Tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		for _, n := range t.complete {
			if n.index == index {
				hashes[i] = n.hash
			}
		}
	}
	return hashes, nil
}
