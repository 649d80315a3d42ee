package taler

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"auditor/internal/testdata"
)

// Every vector that was taken from real databases or made with the reference
// library is checked here, those that must fail included.

// vector is one object of the file. Its getters mark members as used, so that a
// member nobody looked at is noticed.
type vector struct {
	t       *testing.T
	members map[string]json.RawMessage
	used    map[string]bool
}

func newVector(t *testing.T, raw json.RawMessage) *vector {
	t.Helper()
	v := &vector{t: t, used: make(map[string]bool)}
	v.decode(raw, &v.members)
	return v
}

func (v *vector) decode(raw json.RawMessage, into any) {
	v.t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		v.t.Fatal(err)
	}
}

func (v *vector) has(name string) bool { return v.members[name] != nil }

func (v *vector) get(name string, into any) {
	v.t.Helper()
	raw, found := v.members[name]
	if !found {
		v.t.Fatalf("the vector lacks %s", name)
	}
	v.used[name] = true
	v.decode(raw, into)
}

func (v *vector) text(name string) (s string) {
	v.t.Helper()
	v.get(name, &s)
	return s
}

func (v *vector) integer(name string) (i int64) {
	v.t.Helper()
	v.get(name, &i)
	return i
}

func (v *vector) bytes(name string) []byte {
	v.t.Helper()
	return unhex(v.t, v.text(name))
}

// fill copies a member of exactly the given length.
func (v *vector) fill(name string, into []byte) {
	v.t.Helper()
	b := v.bytes(name)
	if len(b) != len(into) {
		v.t.Fatalf("%s has %d bytes, want %d", name, len(b), len(into))
	}
	copy(into, b)
}

func (v *vector) key(name string) (k EddsaPublicKey) {
	v.t.Helper()
	v.fill(name, k[:])
	return k
}

func (v *vector) hash(name string) (h Hash) {
	v.t.Helper()
	v.fill(name, h[:])
	return h
}

func (v *vector) amount(name string) Amount {
	v.t.Helper()
	return mustAmount(v.t, v.text(name))
}

func (v *vector) time(name string) Timestamp {
	v.t.Helper()
	at, err := TimestampFromDB(v.integer(name))
	if err != nil {
		v.t.Fatal(err)
	}
	return at
}

func (v *vector) denomination() *RSAPublicKey {
	v.t.Helper()
	b := v.bytes("denom_pub")
	k, err := ParseRSAPublicKey(b)
	if err != nil {
		v.t.Fatal(err)
	}
	if !k.Canonical(b) {
		v.t.Error("the stored key is not canonical")
	}
	return k
}

// expect reads what the verdict has to be.
func (v *vector) expect() (ok bool) {
	v.t.Helper()
	v.get("expect", &ok)
	return ok
}

// finish reports members that nobody looked at, except those that only tell
// where the vector is from.
func (v *vector) finish() {
	v.t.Helper()
	for name := range v.members {
		switch name {
		case "db", "row", "mutation", "note", "kind":
			continue
		}
		if !v.used[name] {
			v.t.Errorf("member %s of the vector was not checked", name)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func mustAmount(t testing.TB, s string) Amount {
	t.Helper()
	a, err := ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// checkers by the first word of a kind's name.
var checkers = map[string]func(*vector){
	"1024": checkSignature, "1025": checkSignature, "1028": checkSignature, "1029": checkSignature,
	"1030": checkSignature, "1033": checkSignature, "1038": checkSignature, "1064": checkSignature,
	"1102": checkSignature, "1200": checkSignature, "1201": checkSignature, "1202": checkSignature,
	"1203": checkSignature, "1204": checkSignature,
	"refgen_eddsa": checkSignature,
	"ed25519_edge": checkEdge,

	"amount_arithmetic":      checkArithmetic,
	"amount_encoding":        checkAmountEncoding,
	"amount_parse":           checkAmountParse,
	"base32":                 checkBase32,
	"timestamp":              checkTimestamp,
	"kdf":                    checkKDF,
	"h_wire":                 checkWireHash,
	"iban_reference_verdict": checkIBANVerdict,

	"h_denom_pub":                  checkDenomination,
	"rsa_coin_signature":           checkCoin,
	"rsa_blind_signature_withdraw": checkWithdrawal,
	"rsa_blind_signature_refresh":  checkReveal,
	"recoup_blinding":              checkRecoup,
	"refgen_rsa":                   checkBlinding,
	"refresh_planchet":             checkPlanchet,
	"rc":                           checkCommitment,
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(testdata.Dir(t), "crypto-vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var kinds map[string][]json.RawMessage
	if err := json.Unmarshal(raw, &kinds); err != nil {
		t.Fatal(err)
	}
	checked, known := 0, make(map[string]bool)
	for kind, list := range kinds {
		name, _, _ := strings.Cut(kind, " ")
		check := checkers[name]
		if check == nil {
			t.Errorf("no checker for vectors of kind %q", kind)
			continue
		}
		known[name] = true
		t.Run(kind, func(t *testing.T) {
			for i := range list {
				list[i] = inherit(t, list, i)
				v := newVector(t, list[i])
				check(v)
				v.finish()
				if t.Failed() {
					t.Fatalf("vector %d: %.600s", i, list[i])
				}
				checked++
			}
		})
	}
	for name := range checkers {
		if !known[name] {
			t.Errorf("the file has no vectors of kind %s", name)
		}
	}
	if want := 166; checked < want {
		t.Errorf("checked %d vectors, want at least %d", checked, want)
	}
}

// inherit completes a vector that refers to the inputs of the first one.
func inherit(t *testing.T, list []json.RawMessage, i int) json.RawMessage {
	t.Helper()
	own := newVector(t, list[i]).members
	if own["same_inputs_as"] == nil {
		return list[i]
	}
	delete(own, "same_inputs_as")
	all := newVector(t, list[0]).members
	for name, value := range own {
		all[name] = value
	}
	merged, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return merged
}
