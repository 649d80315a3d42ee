package taler

import (
	"bytes"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseWireDetails(t *testing.T) {
	bank := WireDetails{PaytoURI: "payto://x-taler-bank/localhost/43", Salt: "SALT"}
	good := map[string]WireDetails{
		`{"payto_uri":"payto://x-taler-bank/localhost/43","salt":"SALT"}`:                                                          bank,
		` { "salt" : "SALT", "other": [1, {"a":null}, -2.5e3, "x"], "payto_uri":"payto:\/\/x-taler-bank\/localhost\/43" } ` + "\n": bank,
		`{"payto_uri":"PayTo://","salt":""}`:                                                                                       {PaytoURI: "PayTo://"},
		`{"payto_uri":"payto://x/\ud83d\ude00\\u0000","salt":"é\u00e9\"\ufffd"}`:                                                   {PaytoURI: "payto://x/😀\\u0000", Salt: "éé\"\ufffd"},
		`{"payto_uri":"payto://iban/SOGEDEFF/DE89370400440532013000?receiver-name=X","salt":"S"}`:                                  {PaytoURI: "payto://iban/SOGEDEFF/DE89370400440532013000?receiver-name=X", Salt: "S"},
		`{"payto_uri":"payto://ibanx/nonsense","salt":"S"}`:                                                                        {PaytoURI: "payto://ibanx/nonsense", Salt: "S"},
		`{"payto_uri":"payto://x","salt":"S","a":{"salt":1},"b":{"salt":2},"max":9223372036854775807}`:                             {PaytoURI: "payto://x", Salt: "S"},
	}
	for text, want := range good {
		got, err := ParseWireDetails(text)
		if err != nil || got != want {
			t.Errorf("ParseWireDetails(%s) = %+v, %v, want %+v", text, got, err, want)
		}
		if got.Hash() != HashWire(want.Salt, want.PaytoURI) {
			t.Errorf("the hash of %s differs", text)
		}
	}
	member := func(s string) string { return `{"payto_uri":"payto://x/y","salt":"S",` + s + `}` }
	for name, text := range map[string]string{
		"nothing":                 "",
		"null":                    "null",
		"a string":                `"payto://x"`,
		"an array":                `[{"payto_uri":"payto://x","salt":"S"}]`,
		"no object end":           `{"payto_uri":"payto://x","salt":"S"`,
		"something after":         `{"payto_uri":"payto://x","salt":"S"} {}`,
		"trailing comma":          `{"payto_uri":"payto://x","salt":"S",}`,
		"no salt":                 `{"payto_uri":"payto://x"}`,
		"no account":              `{"salt":"S"}`,
		"salt null":               `{"payto_uri":"payto://x","salt":null}`,
		"salt a number":           `{"payto_uri":"payto://x","salt":1}`,
		"account an object":       `{"payto_uri":{},"salt":"S"}`,
		"other scheme":            `{"payto_uri":"http://x","salt":"S"}`,
		"scheme cut short":        `{"payto_uri":"payto:/","salt":"S"}`,
		"wrong IBAN":              `{"payto_uri":"payto://iban/DE89370400440532013001","salt":"S"}`,
		"wrong IBAN in capitals":  `{"payto_uri":"PAYTO://IBAN/DE89370400440532013001","salt":"S"}`,
		"no IBAN":                 `{"payto_uri":"payto://iban/","salt":"S"}`,
		"slash in the query":      `{"payto_uri":"payto://iban/DE89370400440532013000?a=/","salt":"S"}`,
		"duplicate":               `{"payto_uri":"payto://x","salt":"S","salt":"S"}`,
		"duplicate by escape":     `{"payto_uri":"payto://x","salt":"S","s\u0061lt":"S"}`,
		"duplicate deep inside":   member(`"a":[{"b":{"c":1,"c":2}}]`),
		"zero character":          member(`"a":"\u0000"`),
		"zero in a name":          member(`"\u0000":1`),
		"first half of a pair":    member(`"a":"\ud83d"`),
		"first half, then text":   member(`"a":"\ud83dx\ude00"`),
		"second half":             member(`"a":"\ude00"`),
		"two first halves":        member(`"a":"\ud83d\ud83d\ude00"`),
		"invalid UTF-8":           member("\"a\":\"\xff\""),
		"integer beyond 64 bits":  member(`"a":9223372036854775808`),
		"real beyond a double":    member(`"a":1e400`),
		"too deep":                member(`"a":` + strings.Repeat("[", 3000) + strings.Repeat("]", 3000)),
		"control character":       member("\"a\":\"\n\""),
		"single quotes":           `{'payto_uri':'payto://x','salt':'S'}`,
		"byte order mark":         "\ufeff" + `{"payto_uri":"payto://x","salt":"S"}`,
		"surrogate in plain form": member("\"a\":\"\xed\xa0\x80\""),
	} {
		if got, err := ParseWireDetails(text); err == nil || got != (WireDetails{}) {
			t.Errorf("%s: %+v, %v, want an error", name, got, err)
		}
	}
}

func TestHashWireTakesTheArgumentsApart(t *testing.T) {
	if HashWire("a", "b") == HashWire("b", "a") || HashWire("ab", "c") == HashWire("a", "bc") {
		t.Error("different accounts have the same hash")
	}
}

func TestCheckIBAN(t *testing.T) {
	for _, iban := range []string{
		"DE89370400440532013000", "GB82WEST12345698765432", "FR1420041010050500013M02606", "NO9386011117947", "CH9300762011623852957",
		// These the reference refuses, since its floating point loses digits.
		"PL61109010140000071219812874", "MT84MALT011000012345MTLCAST001S", "QA58DOHB00001234567890ABCDEFG",
	} {
		if err := checkIBAN(iban); err != nil {
			t.Errorf("%s: %v", iban, err)
		}
		for i := range iban {
			changed := []byte(iban)
			changed[i] ^= 1
			if err := checkIBAN(string(changed)); err == nil {
				t.Errorf("%s is accepted", changed)
			}
		}
	}
	for _, iban := range []string{
		"", "D", "DE", "DE8", "DE89", "de89370400440532013000", "DE89 3704 0044 0532 0130 00", " E89370400440532013000", "E 89370400440532013000",
		"XK051212012345678906",                       // a correct number of a country that the exchange does not know
		"AD1200012030200359100100",                   // another
		"DE89370400440532013000" + "0000000000000",   // 35 characters
		"DE8937040044053201300\u0663", "DE89-3704-0", // no digits
	} {
		if err := checkIBAN(iban); err == nil {
			t.Errorf("%q is accepted", iban)
		}
	}
}

// TestIBANRemainder makes numbers with the right check digits by other means.
func TestIBANRemainder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		account := rapid.StringMatching(`[0-9A-Z]{1,30}`).Draw(t, "account")
		country := rapid.SampledFrom(strings.Fields(ibanCountries)).Draw(t, "country")
		digits := new(strings.Builder)
		for _, c := range account + country + "00" {
			if c >= 'A' {
				fmt.Fprint(digits, c-'A'+10)
			} else {
				digits.WriteRune(c)
			}
		}
		n, _ := new(big.Int).SetString(digits.String(), 10)
		check := 98 - new(big.Int).Mod(n, big.NewInt(97)).Int64()
		for d := range int64(97) {
			iban := fmt.Sprintf("%s%02d%s", country, d+2, account)
			if err := checkIBAN(iban); (err == nil) != (d+2 == check) {
				t.Fatalf("%s: %v, the check number is %d", iban, err, check)
			}
		}
	})
}

func TestParsePayto(t *testing.T) {
	for uri, want := range map[string]Payto{
		"payto://x-taler-bank/localhost:8082/43":           {Method: "x-taler-bank", Target: "localhost:8082/43"},
		"PAYTO://X-Taler-Bank/localhost/Exchange":          {Method: "x-taler-bank", Target: "localhost/Exchange"},
		"payto://iban/SOGEDEFF/DE89370400440532013000?a=/": {Method: "iban", Target: "SOGEDEFF/DE89370400440532013000", Query: "a=/"},
		"payto://iban/X?":     {Method: "iban", Target: "X"},
		"payto://upi/a@b?x?y": {Method: "upi", Target: "a@b", Query: "x?y"},
	} {
		want.URI = uri
		if got, err := ParsePayto(uri); err != nil || got != want || got.String() != uri {
			t.Errorf("ParsePayto(%q) = %+v, %v, want %+v", uri, got, err, want)
		}
	}
	for _, uri := range []string{
		"", "payto", "payto:/", "payto://", "payto:///", "payto:///x", "payto://?", "payto://iban", "payto://iban/", "payto://iban//",
		"payto://iban?x", "payto://iban/?x", "http://iban/x", "payto://i ban/x", "payto://i\x00/x", "payto://é/x", " payto://iban/x",
	} {
		if got, err := ParsePayto(uri); err == nil {
			t.Errorf("ParsePayto(%q) = %+v, want an error", uri, got)
		}
	}
	a, b := Payto{URI: "payto://x/Y"}, Payto{URI: "PAYTO://X/y"}
	if !a.EqualFold(b) || a.EqualFold(Payto{URI: "payto://x/Y?"}) || a.EqualFold(Payto{URI: "payto://x/"}) || a.EqualFold(Payto{URI: "payto://x/Z"}) {
		t.Error("EqualFold does not ignore exactly the case of letters")
	}
}

func TestPrewire(t *testing.T) {
	p := Prewire{
		RequestID:   Hash{1, 2},
		Amount:      mustAmount(t, "EUR:1.5"),
		WTID:        WTID{3, 4},
		PaytoURI:    "payto://x/y",
		ExchangeURL: "http://e/",
	}
	b := p.Append([]byte("prefix"))[6:]
	want := append(append(filled(0, 0), p.RequestID[:]...), p.Amount.AppendNBO(nil)...)
	want = append(append(want, p.WTID[:]...), 0, 0, 0, 12, 0, 0, 0, 10)
	want = append(want, "payto://x/y\x00http://e/\x00"...)
	if !bytes.Equal(b, want) {
		t.Errorf("Append:\n got %x\nwant %x", b, want)
	}
	if back, err := ParsePrewire(b); err != nil || back != p {
		t.Errorf("ParsePrewire = %+v, %v, want %+v", back, err, p)
	}
	for i := range b {
		if back, err := ParsePrewire(b[:i]); err == nil {
			t.Errorf("the first %d bytes give %+v", i, back)
		}
	}
	for name, change := range map[string]func(b []byte) []byte{
		"longer":                 func(b []byte) []byte { return append(b, 0) },
		"bad amount":             func(b []byte) []byte { b[64] = 0xff; return b },
		"first string short":     func(b []byte) []byte { b[123]--; b[127]++; return b },
		"no end of the first":    func(b []byte) []byte { b[139] = 'x'; return b },
		"no end of the second":   func(b []byte) []byte { b[149] = 'x'; return b },
		"zero within the first":  func(b []byte) []byte { b[130] = 0; return b },
		"zero within the second": func(b []byte) []byte { b[142] = 0; return b },
		"empty first":            func(b []byte) []byte { b[123], b[127] = 0, 22; return b },
		"lengths that wrap":      func(b []byte) []byte { copy(b[120:], u32(1<<31)); copy(b[124:], u32(1<<31+22)); return b },
	} {
		if back, err := ParsePrewire(change(bytes.Clone(b))); err == nil {
			t.Errorf("%s: %+v, want an error", name, back)
		}
	}
}
