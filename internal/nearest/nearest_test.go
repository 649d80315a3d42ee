package nearest_test

import (
	"strings"
	"testing"

	"auditor/internal/nearest"
)

func TestOf(t *testing.T) {
	known := []string{"currency", "currency_round_unit", "base_url", "master_public_key", "list", "show"}
	tests := []struct{ word, want string }{
		{"currency", "currency"},
		{"Currency", "currency"},
		{"CURRENCY-ROUND-UNIT", "currency_round_unit"},
		{"curency", "currency"},
		{"currency_round", "currency_round_unit"},
		{"url", "base_url"},
		{"public_key", "master_public_key"},
		{"lst", "list"},
		{"shwo", "show"},
		{"xyz", ""},
		{"y", ""},
		{"", ""},
		{strings.Repeat("currency", 100), ""},
	}
	for _, test := range tests {
		if got := nearest.Of(test.word, known); got != test.want {
			t.Errorf("Of(%q) = %q, want %q", test.word, got, test.want)
		}
	}
	if got := nearest.Of("currency", nil); got != "" {
		t.Errorf("without candidates it guesses %q", got)
	}
}
