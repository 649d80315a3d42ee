package simulator

import (
	"crypto/sha512"
	"encoding/binary"
	"math/rand/v2"
)

// secret derives 32 bytes that depend on the seed, on what they are for and on
// which one it is, and on nothing else: any key can be made again at any time, in
// any order, by any goroutine.
func secret(seed uint64, purpose string, which ...uint64) [32]byte {
	h := sha512.New512_256()
	h.Write([]byte(purpose))
	h.Write([]byte{0})
	h.Write(binary.BigEndian.AppendUint64(nil, seed))
	for _, n := range which {
		h.Write(binary.BigEndian.AppendUint64(nil, n))
	}
	return [32]byte(h.Sum(nil))
}

func (s Scenario) secret(purpose string, which ...uint64) [32]byte {
	return secret(s.Seed, purpose, which...)
}

// chance returns a stream of random numbers of its own for one purpose.
func (s Scenario) chance(purpose string, which ...uint64) *rand.Rand {
	return rand.New(rand.NewChaCha8(s.secret(purpose, which...)))
}
