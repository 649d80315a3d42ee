package taler

import (
	"fmt"
	"io"
	"math/big"
)

// The search for primes, from a stream of bytes. The standard library's is
// deliberately not reproducible.

// primalityRounds is the number of Miller-Rabin rounds on top of the
// Baillie-PSW test.
const primalityRounds = 8

// findPrime reads (bits+7)/8 bytes, sets the two highest bits (so that a product
// of two such primes has full length) and takes the first prime p from there on
// with p-1 not divisible by the public exponent. If there is none in reach, it
// reads on.
func findPrime(rand io.Reader, bits int) (*big.Int, error) {
	start := make([]byte, (bits+7)/8)
	sieve := newSieve()
	for {
		if _, err := io.ReadFull(rand, start); err != nil {
			return nil, fmt.Errorf("reading randomness for an RSA key: %w", err)
		}
		p := new(big.Int).SetBytes(start)
		for i := len(start)*8 - 1; i >= bits; i-- {
			p.SetBit(p, i, 0)
		}
		p.SetBit(p, bits-1, 1)
		p.SetBit(p, bits-2, 1)
		p.SetBit(p, 0, 1)
		sieve.set(p)
		step := big.NewInt(2)
		for range 64 * bits {
			if p.BitLen() > bits {
				break
			}
			if sieve.pass() && p.ProbablyPrime(primalityRounds) {
				return p, nil
			}
			p.Add(p, step)
			sieve.next()
		}
	}
}

// sieve holds the remainders of a candidate modulo small odd primes, and modulo
// the public exponent, for which a remainder of 1 is what must not be.
type sieve struct {
	primes     []uint32
	remainders []uint32
	exponent   uint32
}

const sieveLimit = 4096

func newSieve() *sieve {
	var composite [sieveLimit]bool
	s := &sieve{}
	for i := 3; i < sieveLimit; i += 2 {
		if composite[i] {
			continue
		}
		s.primes = append(s.primes, uint32(i))
		for j := i * i; j < sieveLimit; j += i {
			composite[j] = true
		}
	}
	s.remainders = make([]uint32, len(s.primes))
	return s
}

func (s *sieve) set(p *big.Int) {
	divisor, rest := new(big.Int), new(big.Int)
	for i, prime := range s.primes {
		s.remainders[i] = uint32(rest.Mod(p, divisor.SetUint64(uint64(prime))).Uint64())
	}
	s.exponent = uint32(rest.Mod(p, divisor.SetUint64(rsaExponent)).Uint64())
}

func (s *sieve) pass() bool {
	for _, r := range s.remainders {
		if r == 0 {
			return false
		}
	}
	return s.exponent != 1
}

func (s *sieve) next() {
	for i, prime := range s.primes {
		s.remainders[i] = (s.remainders[i] + 2) % prime
	}
	s.exponent = (s.exponent + 2) % rsaExponent
}
