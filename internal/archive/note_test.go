package archive

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"auditor/internal/taler"
	"auditor/report"
)

func testNote() *Note {
	var l Log
	l.Add(sha256.Sum256([]byte("one")))
	digest := sha256.Sum256([]byte("two"))
	l.Add(digest)
	return l.Note(taler.EddsaPublicKey{1, 2, 3}, digest, &report.Checkpoint{Tables: []report.CopiedTable{
		{Table: "deposits", Rows: 17, Root: strings.Repeat("A", 43) + "="}, {Table: "recoup", Rows: 1, Root: strings.Repeat("B", 42) + "A="},
	}})
}

func testKey(t *testing.T) (*Key, note.Verifiers) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "key")
	made, err := CreateKey(strings.NewReader(strings.Repeat("entropy ", 8)), "auditor.example", path)
	if err != nil {
		t.Fatal(err)
	}
	key, err := LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	if key.Verifier() != made.Verifier() {
		t.Errorf("the public half is %s, then %s", made.Verifier(), key.Verifier())
	}
	known, err := Verifiers(key.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	return key, known
}

// TestEveryBitOfANoteCounts signs a note and flips each of its bits.
func TestEveryBitOfANoteCounts(t *testing.T) {
	key, known := testKey(t)
	signed, err := testNote().Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	n, err := OpenNote(signed, known)
	if err != nil || len(n.By) != 1 || n.By[0] != "auditor.example" || n.Text() != testNote().Text() {
		t.Fatalf("%+v, %v", n, err)
	}
	for i := range len(signed) {
		for bit := range 8 {
			changed := []byte(signed)
			changed[i] ^= 1 << bit
			if n, err := OpenNote(string(changed), known); err == nil && len(n.By) > 0 {
				t.Errorf("bit %d of byte %d does not count", bit, i)
			}
		}
	}
}

func TestNotesWithoutKnownSignatures(t *testing.T) {
	key, _ := testKey(t)
	unsigned, err := testNote().Sign(nil)
	if err != nil {
		t.Fatal(err)
	}
	none, _ := Verifiers()
	if n, err := OpenNote(unsigned, none); err != nil || len(n.By)+len(n.Unknown) != 0 {
		t.Errorf("%+v, %v", n, err)
	}
	signed, err := testNote().Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := OpenNote(signed, none); err != nil || len(n.By) != 0 || len(n.Unknown) != 1 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestKeysAreKept(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "key")
	entropy := func() *strings.Reader { return strings.NewReader(strings.Repeat("entropy ", 8)) }
	if _, err := CreateKey(entropy(), "two words", path); err == nil {
		t.Error("a name of two words was accepted")
	}
	if _, err := CreateKey(entropy(), "auditor.example", path); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := CreateKey(entropy(), "auditor.example", path); err == nil {
		t.Error("a key was written over")
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(path); err == nil || !strings.Contains(err.Error(), "open to everybody") {
		t.Errorf("error %v", err)
	}
	secret := "PRIVATE+KEY+broken"
	if err := os.WriteFile(filepath.Join(dir, "broken"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKey(filepath.Join(dir, "broken")); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("error %v", err)
	}
}

func FuzzParseNote(f *testing.F) {
	f.Add(testNote().Text())
	f.Add("taler-exchange-audit/\n1\n")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := ParseNote(text); err == nil && n.Text() != text {
			t.Errorf("%q is read as %q", text, n.Text())
		}
	})
}

func FuzzOpenNote(f *testing.F) {
	signed, err := testNote().Sign(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(signed)
	f.Add(signed + "— auditor.example AAAAAAAA\n")
	none, _ := Verifiers()
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := OpenNote(text, none); err == nil && (len(n.By) > 0 || n.Size < 1) {
			t.Errorf("%q is %+v", text, n)
		}
	})
}

func FuzzParseIdentity(f *testing.F) {
	f.Add("20618EFB")
	f.Add("xyz")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseIdentity(text); err == nil && (len(id) < 4 || len(id) > 64 || strings.Trim(string(id), "0123456789abcdef") != "") {
			t.Errorf("%q is %q", text, id)
		}
	})
}
