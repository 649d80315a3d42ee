package simulator

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestResume lets a second exchange, played from a record, take over a database.
func TestResume(t *testing.T) {
	x, conn := written(t, smallScenario(2))
	advance(t, x, 4)
	write(t, x, conn)
	file := filepath.Join(t.TempDir(), "scenario.json")
	if err := x.Record().Save(file); err != nil {
		t.Fatal(err)
	}
	record, err := LoadRecord(file)
	if err != nil {
		t.Fatal(err)
	}
	again, err := record.Replay()
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Resume(t.Context(), conn, schema); err != nil {
		t.Fatal(err)
	}
	advance(t, again, 3)
	write(t, again, conn)
	if err := again.Resume(t.Context(), conn, schema); err == nil {
		t.Error("resumed twice")
	}

	_, other := written(t, smallScenario(2))
	once := newExchange(t, smallScenario(2))
	if err := once.Resume(t.Context(), other, schema); err != nil {
		t.Fatal(err)
	}
	advance(t, once, 4)
	advance(t, once, 3)
	write(t, once, other)
	if digests(t, conn)["all"] != digests(t, other)["all"] {
		t.Error("the resumed simulation gave another database")
	}

	for name, foreign := range map[string]*Exchange{"older": newExchange(t, smallScenario(2)), "other": newExchange(t, smallScenario(3))} {
		if err := foreign.Resume(t.Context(), conn, schema); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%s exchange resumed: %v", name, err)
		}
	}
}

func TestRecordRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scenario.json")
	if _, err := LoadRecord(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing record: %v", err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadRecord(file); err == nil || !strings.Contains(err.Error(), "no record of a simulation") {
		t.Errorf("broken record: %v", err)
	}
	record := newExchange(t, smallScenario(1)).Record()
	for _, change := range []func(){
		func() { record.Advances = []int{0} },
		func() { record.Scenario.Days = 0 },
	} {
		change()
		if _, err := record.Replay(); err == nil {
			t.Error("an impossible record was played")
		}
	}
}
