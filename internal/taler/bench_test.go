package taler

import (
	"fmt"
	"testing"
)

// The operations that an audit repeats for every row. BenchmarkEngines is what
// bigmodIsQuicker goes by.

func BenchmarkEngines(b *testing.B) {
	for _, length := range []int{1024, 1030, 1536, 2048, 3072, 4096} {
		k := generate(b, "engines", length).Public()
		sig := filled((length-1)/8, 0x5a)
		for name, quick := range map[string]bool{"bigmod": true, "big": false} {
			with := *k
			if with.modulus = nil; quick {
				with.useBigmod()
			}
			b.Run(fmt.Sprintf("%d/%s", length, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					with.Envelope(sig)
				}
			})
		}
	}
}

func BenchmarkVerifyCoin(b *testing.B) {
	for _, length := range []int{1024, 2048, 3072} {
		b.Run(fmt.Sprint(length), func(b *testing.B) {
			private := generate(b, "coins", length)
			k, coin := private.Public(), EddsaPrivateKey{1}.Public()
			m, err := k.FDH(HashOf(coin[:]))
			if err != nil {
				b.Fatal(err)
			}
			sig := private.SignBlinded(m.Bytes())
			b.ReportAllocs()
			for b.Loop() {
				if !k.VerifyCoin(coin, sig) {
					b.Fatal("a good signature is refused")
				}
			}
		})
	}
}

func BenchmarkVerify(b *testing.B) {
	key := EddsaPrivateKey{1}
	s := DepositRequest{CoinPub: key.Public(), AmountWithFee: Amount{"EUR", 1, 0}, DepositFee: Amount{"EUR", 0, 1}}
	sig := Sign(key, s)
	b.ReportAllocs()
	for b.Loop() {
		if !Verify(s.CoinPub, s, sig) {
			b.Fatal("a good signature is refused")
		}
	}
}

func BenchmarkAppendSigned(b *testing.B) {
	s := DepositRequest{AmountWithFee: Amount{"EUR", 1, 0}, DepositFee: Amount{"EUR", 0, 1}}
	buffer := make([]byte, 0, maxSigned)
	b.ReportAllocs()
	for b.Loop() {
		buffer = s.AppendSigned(buffer[:0])
	}
}

func BenchmarkRefreshEnvelopes(b *testing.B) {
	denoms := []*RSAPublicKey{generate(b, "refresh", 2048).Public()}
	old := EddsaPrivateKey{1}.Public()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := RefreshEnvelopes(TransferPrivateKey{1}, old, denoms); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommitment is what an audit does for one melt: it derives the envelopes of
// the two revealed sets and hashes all three.
func BenchmarkCommitment(b *testing.B) {
	for _, length := range []int{1024, 2048} {
		for _, coins := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%d/%d", length, coins), func(b *testing.B) {
				denom := generate(b, "refresh", length).Public()
				denoms := make([]*RSAPublicKey, coins)
				for i := range denoms {
					denoms[i] = denom
				}
				coin := EddsaPrivateKey{1}.Public()
				keys := [RefreshSets]TransferPrivateKey{{1}, {2}, {3}}
				var envelopes [RefreshSets][][]byte
				for i, key := range keys {
					var err error
					if envelopes[i], err = RefreshEnvelopes(key, coin, denoms); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				for b.Loop() {
					var transfer [RefreshSets]TransferPublicKey
					old, err := OldCoin(coin)
					if err != nil {
						b.Fatal(err)
					}
					for i, key := range keys[:2] {
						transfer[i] = key.Public()
						if envelopes[i], err = old.Envelopes(key, denoms); err != nil {
							b.Fatal(err)
						}
					}
					Commitment(transfer, denoms, coin, Amount{"EUR", 1, 0}, envelopes)
				}
			})
		}
	}
}

func BenchmarkHashWire(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		HashWire("MYY786897CFZ28266WWKHSAM1JSTZTCS8532MA31PDZ29TZP97R1EAK8GXPFZ69BVC6RVQQ0P12JT4J7A1J1H597MA30C584E4VPVZ8", "payto://x-taler-bank/localhost/43")
	}
}

func BenchmarkAmountAdd(b *testing.B) {
	x, y := Amount{"EUR", 1, 60_000_000}, Amount{"EUR", 2, 70_000_000}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Add(y); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGenerateRSA(b *testing.B) {
	source := stream("generate")
	for b.Loop() {
		if _, err := GenerateRSA(source, 1024); err != nil {
			b.Fatal(err)
		}
	}
}
