package taler

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/big"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// stream gives the same bytes for the same name on every run.
func stream(name string) io.Reader {
	var seed [32]byte
	copy(seed[:], name)
	return rand.NewChaCha8(seed)
}

func generate(t testing.TB, name string, length int) *RSAPrivateKey {
	t.Helper()
	k, err := GenerateRSA(stream(name), length)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// encodeRSA writes a public key without any checks or trimming.
func encodeRSA(n, e []byte) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(n)))
	b = binary.BigEndian.AppendUint16(b, uint16(len(e)))
	return append(append(b, n...), e...)
}

func TestParseRSAPublicKey(t *testing.T) {
	n := generate(t, "parse", 1024).Public().n.Bytes()
	e := []byte{1, 0, 1}
	small := append([]byte{0x80}, filled(62, 0xff)...)
	zeros := make([]byte, 100)
	for _, test := range []struct {
		name  string
		bytes []byte
		error string
	}{
		{"canonical", encodeRSA(n, e), ""},
		{"leading zeros in the modulus", encodeRSA(append(zeros, n...), e), ""},
		{"leading zeros in the exponent", encodeRSA(n, append(zeros, e...)), ""},
		{"exponent 3", encodeRSA(n, []byte{3}), ""},
		{"exponent of 64 bits", encodeRSA(n, filled(8, 0xff)), ""},
		{"512 bits", encodeRSA(append([]byte{0x80}, filled(63, 0xff)...), e), ""},
		{"8192 bits", encodeRSA(filled(1024, 0xff), e), ""},
		{"nothing", nil, "header"},
		{"half a header", []byte{0, 1, 0}, "header"},
		{"trailing byte", append(encodeRSA(n, e), 0), "announces"},
		{"missing byte", encodeRSA(n, e)[:130], "announces"},
		{"511 bits", encodeRSA(append([]byte{0x40}, filled(63, 0xff)...), e), "511 bits"},
		{"504 bits", encodeRSA(small, e), "504 bits"},
		{"8193 bits", encodeRSA(append([]byte{1}, filled(1024, 0xff)...), e), "8193 bits"},
		{"modulus of nothing", encodeRSA(nil, e), "0 bits"},
		{"modulus zero", encodeRSA(zeros, e), "0 bits"},
		{"even modulus", encodeRSA(append(n[:127:127], n[127]&^1), e), "even modulus"},
		{"no exponent", encodeRSA(n, nil), "exponent 0"},
		{"exponent 1", encodeRSA(n, []byte{1}), "exponent 1"},
		{"even exponent", encodeRSA(n, []byte{1, 0, 0}), "exponent 65536"},
		{"exponent of 65 bits", encodeRSA(n, append([]byte{1}, filled(8, 0xff)...)), "9 bytes"},
		{"longest announced lengths", filled(4, 0xff), "announces"},
	} {
		t.Run(test.name, func(t *testing.T) {
			k, err := ParseRSAPublicKey(test.bytes)
			if test.error != "" {
				if err == nil || !strings.Contains(err.Error(), test.error) {
					t.Fatalf("error %v, want one with %q", err, test.error)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			size := int(binary.BigEndian.Uint16(test.bytes))
			want := encodeRSA(bytes.TrimLeft(test.bytes[4:4+size], "\x00"), bytes.TrimLeft(test.bytes[4+size:], "\x00"))
			if !bytes.Equal(k.Encode(), want) || k.Hash() != HashOf(want) {
				t.Errorf("Encode = %x, want %x", k.Encode(), want)
			}
			if got := k.Canonical(test.bytes); got != bytes.Equal(test.bytes, want) {
				t.Errorf("Canonical = %v", got)
			}
		})
	}
}

func TestSignBlindly(t *testing.T) {
	for _, length := range []int{512, 1024, 1028, 1030, 1536, 2048} {
		t.Run(fmt.Sprint(length), func(t *testing.T) {
			t.Parallel()
			private := generate(t, "sign blindly", length)
			k := private.Public()
			if k.Bits() != length {
				t.Fatalf("the key has %d bits", k.Bits())
			}
			for i := range byte(8) {
				coin, bks := EddsaPrivateKey{i}.Public(), BlindingSecret{i}
				envelope, err := k.Blind(coin, bks)
				if err != nil {
					t.Fatal(err)
				}
				blind := private.SignBlinded(envelope)
				if got := k.Envelope(blind); !bytes.Equal(got, envelope) {
					t.Fatalf("Envelope = %x, want %x", got, envelope)
				}
				sig, err := k.Unblind(blind, bks)
				if err != nil {
					t.Fatal(err)
				}
				if again, err := k.Reblind(sig, bks); err != nil || !bytes.Equal(again, blind) {
					t.Fatalf("Reblind = %x, %v, want %x", again, err, blind)
				}
				checkCoinVerdicts(t, k, coin, sig)
				if k.VerifyCoin(coin, blind) {
					t.Error("a blind signature passes for a coin's")
				}
			}
		})
	}
}

// checkCoinVerdicts tries all spellings of a good signature and some bad ones.
func checkCoinVerdicts(t *testing.T, k *RSAPublicKey, coin EddsaPublicKey, sig []byte) {
	t.Helper()
	s := new(big.Int).SetBytes(sig)
	multiple := func(factor int64) []byte {
		m := new(big.Int).Mul(k.n, big.NewInt(factor))
		return m.Add(m, s).Bytes()
	}
	for name, good := range map[string][]byte{
		"plain":          sig,
		"leading zeros":  append(make([]byte, 300), sig...),
		"plus n":         multiple(1),
		"plus 1000000 n": multiple(1000000),
	} {
		if !k.VerifyCoin(coin, good) {
			t.Errorf("%s: refused", name)
		}
		if !k.SameResidue(good, sig) {
			t.Errorf("%s: not the same residue", name)
		}
	}
	for name, bad := range map[string][]byte{
		"nothing":       nil,
		"empty":         {},
		"zero":          {0},
		"one":           {1},
		"n":             k.n.Bytes(),
		"n-s":           new(big.Int).Sub(k.n, s).Bytes(),
		"s+1":           new(big.Int).Add(s, big.NewInt(1)).Bytes(),
		"trailing zero": append(append([]byte(nil), sig...), 0),
		"very long":     filled(1<<16, 0xff),
	} {
		if k.VerifyCoin(coin, bad) {
			t.Errorf("%s: accepted", name)
		}
		if k.SameResidue(bad, sig) {
			t.Errorf("%s: the same residue", name)
		}
	}
	coin[0] ^= 1
	if k.VerifyCoin(coin, sig) {
		t.Error("the signature fits another coin")
	}
}

// TestEngines compares both implementations of the public operation.
func TestEngines(t *testing.T) {
	for _, length := range []int{1024, 1536, 2048} {
		fast := generate(t, "engines", length).Public()
		if fast.modulus == nil {
			t.Fatalf("%d bits: math/big is used on both sides", length)
		}
		slow := *fast
		slow.modulus = nil
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.SliceOfN(rapid.Byte(), 0, length/8+20).Draw(t, "s")
			if got, want := fast.Envelope(s), slow.Envelope(s); !bytes.Equal(got, want) {
				t.Fatalf("Envelope(%x) = %x, want %x", s, got, want)
			}
		})
	}
}

// TestLongNumbers hands in numbers of megabytes. Without care one of them takes
// minutes.
func TestLongNumbers(t *testing.T) {
	long := filled(4<<20, 0xab)
	for _, n := range [][]byte{filled(128, 0xff), append([]byte{0x3f}, filled(128, 0xff)...), filled(384, 0xff), filled(1024, 0xff)} {
		k, err := ParseRSAPublicKey(encodeRSA(n, filled(8, 0xff)))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		rest := k.reduce(long).Bytes()
		if !bytes.Equal(k.Envelope(long), k.Envelope(rest)) || !k.SameResidue(long, rest) {
			t.Errorf("%d bits: a long number and its rest differ", k.Bits())
		}
		for _, length := range []int{0, 1, 127, 128, 2047, 2048, 2049, 4096, 10000} {
			want := new(big.Int).SetBytes(long[:length])
			if got := k.reduce(long[:length]); got.Cmp(want.Mod(want, k.n)) != 0 {
				t.Errorf("%d bits: the rest of a number of %d bytes is %d, want %d", k.Bits(), length, got, want)
			}
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%d bits: a long number takes %s", k.Bits(), took)
		}
	}
}

// TestMaliciousKey uses a modulus that 3 divides, so that every third hash is
// not invertible. A signature on such a hash exists, but counts for nothing.
func TestMaliciousKey(t *testing.T) {
	p, err := findPrime(stream("malicious"), 1022)
	if err != nil {
		t.Fatal(err)
	}
	private, err := newRSAPrivateKey(p, big.NewInt(3), rsaExponent)
	if err != nil {
		t.Fatal(err)
	}
	k, refused := private.Public(), 0
	for i := range byte(30) {
		coin := EddsaPublicKey{i}
		h := HashOf(coin[:])
		m := KDFMod(k.n, k.encoded, h[:], fdhLabel)
		sig := private.SignBlinded(m.Bytes())
		if !bytes.Equal(k.Envelope(sig), m.Bytes()) {
			t.Fatal("the signature is no root of the hash")
		}
		bad := new(big.Int).Mod(m, big.NewInt(3)).Sign() == 0
		if got := k.VerifyCoin(coin, sig); got == bad {
			t.Errorf("coin %d: VerifyCoin = %v, shared factor %v", i, got, bad)
		}
		if _, err := k.FDH(h); errors.Is(err, ErrMaliciousKey) != bad {
			t.Errorf("coin %d: FDH = %v, shared factor %v", i, err, bad)
		}
		_, err := k.BlindingFactor(BlindingSecret(coin))
		if _, err2 := k.Unblind(sig, BlindingSecret(coin)); !errors.Is(err2, err) {
			t.Errorf("coin %d: Unblind = %v, BlindingFactor = %v", i, err2, err)
		}
		if _, err2 := k.Blind(coin, BlindingSecret(coin)); (err2 != nil) != (bad || err != nil) {
			t.Errorf("coin %d: Blind = %v", i, err2)
		}
		if bad {
			refused++
		}
	}
	if refused == 0 || refused == 30 {
		t.Errorf("%d of 30 hashes share the factor, want about ten", refused)
	}
}

func TestGenerateRSA(t *testing.T) {
	a, b := generate(t, "a", 1024), generate(t, "a", 1024)
	if a.Public().Hash() != b.Public().Hash() {
		t.Error("the same stream gives different keys")
	}
	if c := generate(t, "c", 1024); a.Public().Hash() == c.Public().Hash() {
		t.Error("different streams give the same key")
	}
	// Stored pools of keys and recorded databases depend on this.
	if got, want := a.Public().Hash().String()[:16], "DSA63QZEM8394DWK"; got != want {
		t.Errorf("the key of a known stream is %s, want %s", got, want)
	}
	for length := 512; length < 530; length++ {
		k := generate(t, "lengths", length)
		if got := k.Public().Bits(); got != length {
			t.Errorf("a key of %d bits has %d", length, got)
		}
		if !k.p.ProbablyPrime(20) || !k.q.ProbablyPrime(20) {
			t.Errorf("a factor of the key of %d bits is no prime", length)
		}
	}
	for _, length := range []int{-1, 0, 511, 8193} {
		if _, err := GenerateRSA(stream(""), length); err == nil {
			t.Errorf("a key of %d bits was made", length)
		}
	}
	for _, limit := range []int64{10, 100} {
		if _, err := GenerateRSA(io.LimitReader(stream(""), limit), 1024); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("with %d bytes of randomness: %v", limit, err)
		}
	}
}

func TestRSAPrivateKeyForm(t *testing.T) {
	k := generate(t, "form", 1030)
	b, err := k.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseRSAPrivateKey(b)
	if err != nil {
		t.Fatal(err)
	}
	if back.Public().Hash() != k.Public().Hash() || !bytes.Equal(back.SignBlinded([]byte("x")), k.SignBlinded([]byte("x"))) {
		t.Error("the key that was read back differs")
	}
	for i := range b {
		damaged := append([]byte(nil), b...)
		damaged[i] ^= 2
		other, err := ParseRSAPrivateKey(damaged)
		if err != nil {
			continue
		}
		if other.Public().Hash() == k.Public().Hash() {
			t.Errorf("a change of byte %d has no effect", i)
		}
		if !other.p.ProbablyPrime(20) || !other.q.ProbablyPrime(20) {
			t.Errorf("with byte %d changed, a key with a factor that is no prime is accepted", i)
		}
	}
	private := func(e uint64, p, q []byte) []byte {
		return append(binary.BigEndian.AppendUint64(nil, e), encodeRSA(p, q)...)
	}
	p, q := k.p.Bytes(), k.q.Bytes()
	if _, err := ParseRSAPrivateKey(private(rsaExponent, p, q)); err != nil {
		t.Errorf("the layout differs: %v", err)
	}
	for name, b := range map[string][]byte{
		"small factors":            private(rsaExponent, []byte{5}, []byte{7}),
		"no first factor":          private(rsaExponent, nil, q),
		"no second factor":         private(rsaExponent, p, nil),
		"zero before the first":    private(rsaExponent, append([]byte{0}, p...), q),
		"zero before the second":   private(rsaExponent, p, append([]byte{0}, q...)),
		"twice the same":           private(rsaExponent, p, p),
		"even factor":              private(rsaExponent, p, append(q[:len(q)-1:len(q)-1], 2)),
		"even exponent":            private(2, p, q),
		"longer than any key":      private(rsaExponent, filled(1000, 0xff), filled(1000, 0xff)),
		"composite without factor": private(rsaExponent, p, k.public.n.Bytes()),
	} {
		if _, err := ParseRSAPrivateKey(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	for i := range b {
		if _, err := ParseRSAPrivateKey(b[:i]); err == nil {
			t.Errorf("the first %d bytes give a key", i)
		}
	}
}

// TestConcurrentUse is for the race detector.
func TestConcurrentUse(t *testing.T) {
	private := generate(t, "concurrent", 1024)
	k := private.Public()
	coin := EddsaPrivateKey{1}.Public()
	envelope, err := k.Blind(coin, BlindingSecret{})
	if err != nil {
		t.Fatal(err)
	}
	sig, err := k.Unblind(private.SignBlinded(envelope), BlindingSecret{})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				if !k.VerifyCoin(coin, sig) || !bytes.Equal(k.Envelope(private.SignBlinded(envelope)), envelope) {
					t.Error("a good signature is refused")
				}
			}
		})
	}
	group.Wait()
}

func TestKDFModStaysBelow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "n"))
		n.Add(n, big.NewInt(1))
		skm := rapid.SliceOf(rapid.Byte()).Draw(t, "skm")
		v := KDFMod(n, nil, skm, "label")
		if v.Sign() < 0 || v.Cmp(n) >= 0 {
			t.Fatalf("KDFMod = %d, want a number below %d", v, n)
		}
		// The answer is the first candidate that fits.
		size, mask := (n.BitLen()+7)/8, new(big.Int).Lsh(big.NewInt(1), uint(n.BitLen()))
		for counter := range uint16(1000) {
			b := KDF(size, nil, skm, []byte("label"), binary.BigEndian.AppendUint16(nil, counter))
			candidate := new(big.Int).SetBytes(b)
			candidate.Mod(candidate, mask)
			if candidate.Cmp(n) >= 0 {
				continue
			}
			if candidate.Cmp(v) != 0 {
				t.Fatalf("KDFMod = %d, want %d", v, candidate)
			}
			return
		}
		t.Fatal("no candidate fits")
	})
}

func TestKDFLimit(t *testing.T) {
	if got := KDF(maxKDF, nil, nil); len(got) != maxKDF || !bytes.Equal(got[:32], KDF(32, nil, nil)) {
		t.Errorf("the longest output has %d bytes", len(got))
	}
	defer func() {
		if recover() == nil {
			t.Error("a longer output than HKDF allows was made")
		}
	}()
	KDF(maxKDF+1, nil, nil)
}
