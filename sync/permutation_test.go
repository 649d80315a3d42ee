package sync

import (
	"crypto/rand"
	"slices"
	"testing"
)

// Each number comes once, for every size of a small universe.
func TestPermutationIsOne(t *testing.T) {
	for size := int64(1); size <= 300; size++ {
		p := permutation{size: size}
		_, _ = rand.Read(p.key[:])
		seen := make([]bool, size)
		for place := range size {
			n := p.at(place)
			if n < 0 || n >= size || seen[n] {
				t.Fatalf("size %d: number %d at place %d", size, n, place)
			}
			seen[n] = true
		}
	}
}

func TestPermutationFollowsTheKey(t *testing.T) {
	order := func(key byte) (list []int64) {
		p := permutation{key: [32]byte{key}, size: 1000}
		for place := range int64(1000) {
			list = append(list, p.at(place))
		}
		return list
	}
	if !slices.Equal(order(1), order(1)) || slices.Equal(order(1), order(2)) || slices.IsSorted(order(1)) {
		t.Error("the order does not follow the key")
	}
}
