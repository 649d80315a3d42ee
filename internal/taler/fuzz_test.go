package taler

import (
	"bytes"
	"encoding"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"
)

// What a parser accepts must survive being written and read again, and lie
// within the promised bounds.

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"EUR:1.25", " eur:007.50", "*BRETAGNEFR:3", "EUR:4503599627370496.99999999", "EUR:.5", "EUR:1.", "X:-1", ":1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAmount(s)
		if err != nil {
			if a != (Amount{}) {
				t.Fatalf("%q: %v comes with the error %v", s, a, err)
			}
			return
		}
		if a.Value > MaxAmountValue || a.Fraction >= FractionBase || a.Currency == "" || len(a.Currency) > MaxCurrencyLength {
			t.Fatalf("%q gives %#v", s, a)
		}
		if back, err := ParseAmount(a.String()); err != nil || back != a {
			t.Fatalf("%q gives %s, which gives %v, %v", s, a, back, err)
		}
		if back, err := ParseAmountNBO(a.AppendNBO(nil)); err != nil || back != a {
			t.Fatalf("%q in binary gives %v, %v", s, back, err)
		}
	})
}

func FuzzParseAmountNBO(f *testing.F) {
	f.Add(Amount{"EUR", 1, 5}.AppendNBO(nil))
	f.Add(Amount{"ABCDEFGHIJK", MaxAmountValue, FractionBase - 1}.AppendNBO(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := ParseAmountNBO(b)
		if err == nil && !bytes.Equal(a.AppendNBO(nil), b) {
			t.Fatalf("%x gives %v, which is %x", b, a, a.AppendNBO(nil))
		}
	})
}

func FuzzParseCurrency(f *testing.F) {
	for _, s := range []string{"EUR", "*BRETAGNEFR", "ABCDEFGHIJKL", "€"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCurrency(s)
		if err != nil {
			return
		}
		if string(c) != s || len(s) > MaxCurrencyLength || strings.Trim(strings.ToUpper(s), "*ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			t.Fatalf("%q gives %q", s, c)
		}
		if !c.Equal(Currency(strings.ToLower(s))) || c.Equal(c+"X") {
			t.Fatalf("Equal is wrong about %q", c)
		}
	})
}

func FuzzDecodeBase32(f *testing.F) {
	f.Add("60RK4CR", 4)
	f.Add("o44oy5gx4gnk4eao8x75aq33d9rqgzw6hpa9q8n9p2uuxhectfdo", 32)
	f.Add("", -1)
	f.Add("ZZ", 1)
	f.Fuzz(func(t *testing.T, s string, size int) {
		b, err := DecodeBase32(s, size)
		if err != nil {
			return
		}
		if size >= 0 && len(b) != size || len(b) != 5*len(s)/8 {
			t.Fatalf("%q of %d bytes gives %d", s, size, len(b))
		}
		if again, err := DecodeBase32(EncodeBase32(b), len(b)); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q gives %x, then %x, %v", s, b, again, err)
		}
	})
}

func FuzzKeyText(f *testing.F) {
	f.Add("0NZE5NG55JPDJKS3KNRKTZ3DPMF90J4JHH9GC50J5TTTQKVJC5TG")
	f.Add("MYY786897CFZ28266WWKHSAM1JSTZTCS8532MA31PDZ29TZP97R1EAK8GXPFZ69BVC6RVQQ0P12JT4J7A1J1H597MA30C584E4VPVZ8")
	f.Add("")
	type form interface {
		encoding.TextMarshaler
		encoding.TextUnmarshaler
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, pair := range [][2]form{
			{new(EddsaPublicKey), new(EddsaPublicKey)}, {new(EddsaPrivateKey), new(EddsaPrivateKey)},
			{new(EddsaSignature), new(EddsaSignature)}, {new(Hash), new(Hash)}, {new(WTID), new(WTID)},
			{new(BlindingSecret), new(BlindingSecret)},
			{new(TransferPublicKey), new(TransferPublicKey)}, {new(TransferPrivateKey), new(TransferPrivateKey)},
		} {
			if pair[0].UnmarshalText([]byte(s)) != nil {
				continue
			}
			text, err := pair[0].MarshalText()
			if err != nil || len(text) != len(s) {
				t.Fatalf("%T of %q is written %q, %v", pair[0], s, text, err)
			}
			if err := pair[1].UnmarshalText(text); err != nil {
				t.Fatalf("%T: %v", pair[1], err)
			}
			if again, err := pair[1].MarshalText(); err != nil || !bytes.Equal(again, text) {
				t.Fatalf("%T: %q became %q, %v", pair[1], text, again, err)
			}
		}
	})
}

func FuzzParseRSAPublicKey(f *testing.F) {
	f.Add(encodeRSA(filled(64, 0xff), []byte{1, 0, 1}))
	f.Add(encodeRSA(append([]byte{0}, filled(128, 0xab)...), []byte{0, 3}))
	f.Add([]byte{0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseRSAPublicKey(b)
		if err != nil {
			return
		}
		if k.Bits() < MinRSABits || k.Bits() > MaxRSABits || len(k.Encode()) > len(b) {
			t.Fatalf("%x gives a key of %d bits", b, k.Bits())
		}
		again, err := ParseRSAPublicKey(k.Encode())
		if err != nil || again.Hash() != k.Hash() || !again.Canonical(k.Encode()) {
			t.Fatalf("%x is not read again: %v", k.Encode(), err)
		}
		if k.VerifyCoin(EddsaPublicKey{}, nil) {
			t.Fatal("an empty signature is accepted")
		}
		envelope := k.Envelope(b)
		if new(big.Int).SetBytes(envelope).Cmp(k.n) >= 0 || !k.SameResidue(envelope, k.Envelope(b)) {
			t.Fatalf("the envelope %x is not reduced", envelope)
		}
	})
}

func FuzzParseRSAPrivateKey(f *testing.F) {
	b, err := generate(f, "fuzz", 512).MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(append([]byte{0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 64, 1}, filled(64, 0xff)...))
	f.Add(append([]byte{0, 0, 0, 0, 0, 1, 0, 1, 0, 64, 0, 1}, append(filled(64, 0xff), 3)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseRSAPrivateKey(b)
		if err != nil {
			return
		}
		if again, err := k.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x is written as %x, %v", b, again, err)
		}
	})
}

func FuzzParseWireDetails(f *testing.F) {
	for _, s := range []string{
		`{"payto_uri":"payto://x-taler-bank/localhost/43","salt":"SALT"}`,
		`{"salt":"\ud83d\ude00","payto_uri":"payto://iban/DE89370400440532013000?x","a":[1,{"b":null}]}`,
		`{"payto_uri":"payto://iban/","salt":"\u0000"}`, `[]`, `{"a":1e999}`, `"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w, err := ParseWireDetails(s)
		if err != nil {
			if w != (WireDetails{}) {
				t.Fatalf("%q: %+v comes with the error %v", s, w, err)
			}
			return
		}
		if !strings.HasPrefix(strings.ToLower(w.PaytoURI), "payto://") || !utf8.ValidString(w.Salt) || strings.ContainsRune(w.Salt+w.PaytoURI, 0) {
			t.Fatalf("%q gives %+v", s, w)
		}
		if w.Hash() != HashWire(w.Salt, w.PaytoURI) {
			t.Fatalf("the hash of %q differs", s)
		}
	})
}

func FuzzParsePayto(f *testing.F) {
	for _, s := range []string{"payto://x-taler-bank/localhost/43", "PAYTO://IBAN/A/B?c=d?e", "payto://", "payto:///", "payto://a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePayto(s)
		if err != nil {
			return
		}
		if p.Method == "" || p.Target == "" || p.URI != s {
			t.Fatalf("%q gives %+v", s, p)
		}
		rebuilt := "payto://" + p.Method + "/" + p.Target
		if strings.Contains(s, "?") {
			rebuilt += "?" + p.Query
		}
		again, err := ParsePayto(rebuilt)
		if err != nil || !again.EqualFold(p) || again.Method != p.Method || again.Target != p.Target || again.Query != p.Query {
			t.Fatalf("%q gives %+v, which gives %+v, %v", s, p, again, err)
		}
	})
}

func FuzzParsePrewire(f *testing.F) {
	f.Add(Prewire{Amount: Amount{"EUR", 1, 2}, PaytoURI: "payto://x/y", ExchangeURL: "http://e/"}.Append(nil))
	f.Add(make([]byte, 128))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePrewire(b)
		if err == nil && !bytes.Equal(p.Append(nil), b) {
			t.Fatalf("%x gives %+v, which is %x", b, p, p.Append(nil))
		}
	})
}

// FuzzVerify expects that no signature is accepted that the signer did not make:
// every accepted pair is the one of the seed.
func FuzzVerify(f *testing.F) {
	key := EddsaPrivateKey{1}
	pub := key.Public()
	sig := Sign(key, Contract{})
	f.Add(pub[:], sig[:])
	f.Add(make([]byte, 32), make([]byte, 64))
	f.Fuzz(func(t *testing.T, p, s []byte) {
		if len(p) != 32 || len(s) != 64 {
			return
		}
		good := bytes.Equal(p, pub[:]) && bytes.Equal(s, sig[:])
		if got := Verify(EddsaPublicKey(p), Contract{}, EddsaSignature(s)); got != good {
			t.Fatalf("Verify(%x, %x) = %v", p, s, got)
		}
		if _, err := (TransferPrivateKey{1}).Secret(EddsaPublicKey(p)); err == nil && smallOrder((*[32]byte)(p)) {
			t.Fatalf("a secret was agreed upon with %x", p)
		}
	})
}
