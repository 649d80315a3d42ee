package main

import (
	"errors"
	"reflect"
	"testing"

	"auditor/internal/dbinit"
)

// After a restart the audit finds everything anew, and its reports go on; once
// garbage was collected it refuses, because it would find what never was.
func TestRestart(t *testing.T) {
	c := newScene(t, scenario(5))
	first := c.audit(c.trusted, false)
	if err := c.program.Restart(t.Context(), dbinit.Restart{}); err != nil {
		t.Fatal(err)
	}
	second := c.audit(c.trusted, false)
	if first.Restart != nil || second.Restart == nil || second.Restart.Forced || second.Restart.At.IsZero() {
		t.Errorf("of the restart the reports say %v and %v", first.Restart, second.Restart)
	}
	if first.Run != 1 || second.Run != 2 {
		t.Errorf("the reports have the numbers %d and %d", first.Run, second.Run)
	}
	if !reflect.DeepEqual(second.Population, first.Population) || len(second.Population) == 0 {
		t.Errorf("the second audit read\n%+v, the first\n%+v", second.Population, first.Population)
	}
	for i, f := range second.Figures {
		if f.Amount != first.Figures[i].Amount {
			t.Errorf("%s is %v, was %v", f.Name, f.Amount, first.Figures[i].Amount)
		}
	}
	if err := c.program.CollectGarbage(t.Context(), dbinit.Garbage{Now: c.play.Clock()}); err != nil {
		t.Fatal(err)
	}
	err := c.program.Restart(t.Context(), dbinit.Restart{})
	if e, ok := errors.AsType[*dbinit.CollectedError](err); !ok || len(e.Tables) == 0 {
		t.Errorf("after a collection: %v", err)
	}
	c.wantHonest(c.trusted, false)
}
