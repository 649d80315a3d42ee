package simulator

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestKeyPoolRemembers(t *testing.T) {
	pool := NewKeyPool("")
	first, err := pool.Key(1, 512, 0)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := pool.Key(1, 512, 0); again != first {
		t.Error("the pool made the same key twice")
	}
	made, err := NewKeyPool("").Key(1, 512, 0)
	if err != nil {
		t.Fatal(err)
	}
	if made == first || made.Public().Hash() != first.Public().Hash() {
		t.Error("two pools make different keys of one seed")
	}
	for name, id := range map[string]keyID{"seed": {2, 512, 0}, "size": {1, 520, 0}, "number": {1, 512, 1}} {
		if other, err := pool.Key(id.seed, id.bits, id.number); err != nil || other.Public().Hash() == first.Public().Hash() {
			t.Errorf("a key of another %s is the same, error %v", name, err)
		}
	}
}

func TestKeyPoolFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "keys")
	made, err := NewKeyPool(folder).Key(3, 512, 4)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, error %v", files, err)
	}
	stored, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := made.MarshalBinary(); !bytes.Equal(stored, want) {
		t.Error("the file does not hold the key")
	}
	if read, err := NewKeyPool(folder).Key(3, 512, 4); err != nil || read.Public().Hash() != made.Public().Hash() {
		t.Errorf("the key read from the file is another, error %v", err)
	}

	other, err := NewKeyPool("").Key(5, 512, 0)
	if err != nil {
		t.Fatal(err)
	}
	encoded, _ := other.MarshalBinary()
	if err := os.WriteFile(files[0], encoded, 0o600); err != nil {
		t.Fatal(err)
	}
	if read, err := NewKeyPool(folder).Key(3, 512, 4); err != nil || read.Public().Hash() != other.Public().Hash() {
		t.Errorf("the pool did not read the file, error %v", err)
	}
	if err := os.WriteFile(files[0], encoded[:9], 0o600); err != nil {
		t.Fatal(err)
	}
	if read, err := NewKeyPool(folder).Key(3, 512, 4); err != nil || read.Public().Hash() != made.Public().Hash() {
		t.Errorf("a damaged file was not replaced, error %v", err)
	}
}
