package taler

import (
	"bytes"
	"crypto/sha512"
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestBase32RoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOf(rapid.Byte()).Draw(t, "b")
		text := EncodeBase32(b)
		if want := (len(b)*8 + 4) / 5; len(text) != want {
			t.Fatalf("%d bytes take %d characters, want %d", len(b), len(text), want)
		}
		for _, size := range []int{len(b), -1} {
			if got, err := DecodeBase32(text, size); err != nil || !bytes.Equal(got, b) {
				t.Fatalf("DecodeBase32(%s, %d) = %x, %v", text, size, got, err)
			}
		}
		if got, err := DecodeBase32(strings.ToLower(text), len(b)); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("in lower case: %x, %v", got, err)
		}
		if got, err := DecodeBase32(text+"0", len(b)); err == nil {
			t.Fatalf("one character too many gives %x", got)
		}
	})
}

// TestBase32Digits goes through all bytes.
func TestBase32Digits(t *testing.T) {
	value := make(map[byte]uint)
	for i := range base32Alphabet {
		value[base32Alphabet[i]] = uint(i)
		value[lower(base32Alphabet[i])] = uint(i)
	}
	for from, to := range map[string]uint{"oO": 0, "iIlL": 1, "uU": 27} {
		for i := range from {
			value[from[i]] = to
		}
	}
	if len(value) != 10+2*26 {
		t.Fatalf("%d characters are digits, want all decimal digits and letters", len(value))
	}
	for c := range 256 {
		want, ok := value[byte(c)]
		if got, gotOK := base32Digit(byte(c)); got != want || gotOK != ok {
			t.Errorf("base32Digit(%q) = %d, %v, want %d, %v", byte(c), got, gotOK, want, ok)
		}
	}
}

// textForm is what all the fixed-size types have in common.
type textForm[T any] interface {
	*T
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}

func checkTextForm[T comparable, P textForm[T]](t *testing.T, size int, fill func(P) []byte, parse func(string) (T, error)) {
	t.Helper()
	var value, back T
	b := fill(&value)
	if len(b) != size {
		t.Errorf("%T has %d bytes, want %d", value, len(b), size)
	}
	for i := range b {
		b[i] = byte(7 * i)
	}
	text, err := P(&value).MarshalText()
	if err != nil || string(text) != EncodeBase32(b) {
		t.Errorf("%T: MarshalText = %s, %v", value, text, err)
	}
	if err := P(&back).UnmarshalText(text); err != nil || back != value {
		t.Errorf("%T: UnmarshalText gives another value, %v", value, err)
	}
	if parsed, err := parse(string(text)); err != nil || parsed != value {
		t.Errorf("%T: Parse gives another value, %v", value, err)
	}
	encoded, err := json.Marshal(value)
	if err != nil || string(encoded) != `"`+string(text)+`"` {
		t.Errorf("%T: in JSON %s, %v", value, encoded, err)
	}
	for _, wrong := range []string{"", string(text[1:]), string(text) + "0", "!" + string(text[1:])} {
		if _, err := parse(wrong); err == nil {
			t.Errorf("%T: Parse accepts %q", value, wrong)
		}
	}
	if s, ok := any(value).(fmt.Stringer); !ok || s.String() != string(text) && s.String() != hiddenKey {
		t.Errorf("%T has no fitting String", value)
	}
}

func TestTextForms(t *testing.T) {
	checkTextForm(t, 32, func(k *EddsaPublicKey) []byte { return k[:] }, ParseEddsaPublicKey)
	checkTextForm(t, 32, func(k *EddsaPrivateKey) []byte { return k[:] }, ParseEddsaPrivateKey)
	checkTextForm(t, 64, func(s *EddsaSignature) []byte { return s[:] }, ParseEddsaSignature)
	checkTextForm(t, 64, func(h *Hash) []byte { return h[:] }, ParseHash)
	checkTextForm(t, 32, func(w *WTID) []byte { return w[:] }, ParseWTID)
	checkTextForm(t, 32, func(s *BlindingSecret) []byte { return s[:] }, ParseBlindingSecret)
	checkTextForm(t, 32, func(k *TransferPublicKey) []byte { return k[:] }, ParseTransferPublicKey)
	checkTextForm(t, 32, func(k *TransferPrivateKey) []byte { return k[:] }, ParseTransferPrivateKey)
}

func TestPrivateKeyStaysHidden(t *testing.T) {
	key := EddsaPrivateKey(filled(32, 0xa5))
	type holder struct{ Key EddsaPrivateKey }
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", key, "holder", holder{key})
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", key)
	printed := log.String() + fmt.Sprintf("%s %v %+v %#v %x %X %q %d %v %v", key, key, key, key, key, key, key, key, &key, holder{key})
	for _, trace := range []string{"a5a5", "A5A5", "165", EncodeBase32(key[:])[:8]} {
		if strings.Contains(printed, trace) {
			t.Errorf("the key shows: %s", printed)
		}
	}
}

func TestHashOf(t *testing.T) {
	want := Hash(sha512.Sum512([]byte("abcdef")))
	for _, parts := range [][][]byte{
		{[]byte("abcdef")}, {[]byte("abc"), []byte("def")}, {nil, []byte("abcdef"), {}},
	} {
		if got := HashOf(parts...); got != want {
			t.Errorf("HashOf(%q) = %s, want %s", parts, got, want)
		}
	}
	if got := HashOf(); got != sha512.Sum512(nil) {
		t.Errorf("the hash of nothing = %s", got)
	}
}
