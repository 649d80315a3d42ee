package sync

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// A permutation puts the numbers from 0 to size-1 into an order that follows from a
// key, without holding it: a Feistel network of four rounds over the next even
// number of bits, repeated until it falls into the range. Who does not have the key
// cannot tell which number comes next.
type permutation struct {
	key  [32]byte
	size int64
}

// at returns the number at a place, both from 0 to size-1.
func (p *permutation) at(place int64) int64 {
	half := max(1, (bits.Len64(uint64(p.size-1))+1)/2)
	mask := uint64(1)<<half - 1
	x := uint64(place)
	for {
		left, right := x>>half, x&mask
		for round := range byte(4) {
			left, right = right, left^p.mix(round, right)&mask
		}
		if x = left<<half | right; x < uint64(p.size) {
			return int64(x)
		}
	}
}

func (p *permutation) mix(round byte, x uint64) uint64 {
	var b [41]byte
	copy(b[:], p.key[:])
	b[32] = round
	binary.BigEndian.PutUint64(b[33:], x)
	sum := sha256.Sum256(b[:])
	return binary.BigEndian.Uint64(sum[:])
}
