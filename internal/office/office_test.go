package office

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, r := range Roles() {
		if got, err := Parse(string(r)); err != nil || got != r {
			t.Errorf("%s: got %q, %v", r, got, err)
		}
	}
	for text, want := range map[string]string{
		"treasury": `did you mean "treasurer"?`,
		"":         "choose one of auditor, treasurer, performance",
		"Auditor":  "auditor",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func TestOnlyPerformanceIsBlind(t *testing.T) {
	for _, r := range Roles() {
		if want := r != Performance; r.SeesPeople() != want || r.SeesAdministration() != want {
			t.Errorf("%s: sees people %v, administration %v", r, r.SeesPeople(), r.SeesAdministration())
		}
	}
}
