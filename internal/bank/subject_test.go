package bank_test

import (
	"strings"
	"testing"
	"time"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

func TestSubject(t *testing.T) {
	const url = "https://exchange.example/"
	other := "0" + subjectKey[1:]
	tests := []struct {
		name, text string
		found, kyc bool
		url        string
	}{
		{"key", subjectKey, true, false, ""},
		{"lower case", strings.ToLower(subjectKey), true, false, ""},
		{"letters that look alike", strings.Replace(subjectKey, "0", "O", 1), true, false, ""},
		{"among words", "withdrawal " + subjectKey + " thanks", true, false, ""},
		{"key and URL", subjectKey + " " + url, true, false, url},
		{"key and broken URL", subjectKey + " https://exchange.\nexample/", true, false, url},
		{"broken", subjectKey[:20] + "\n" + subjectKey[20:], true, false, ""},
		{"broken with URL", subjectKey[:35] + "\n" + subjectKey[35:] + " https://ex\nchange.example/", true, false, url},
		{"in groups", subjectKey[:4] + " " + subjectKey[4:8] + " " + subjectKey[8:], true, false, ""},
		{"twice the same", subjectKey + " " + subjectKey, true, false, ""},
		{"KYC", "kyc:" + subjectKey, true, true, ""},
		{"KYC, broken", "KYC:" + subjectKey[:30] + " " + subjectKey[30:], true, true, ""},
		{"empty", "", false, false, ""},
		{"words", "happy birthday", false, false, ""},
		{"two keys", subjectKey + " " + other, false, false, ""},
		{"short", subjectKey[1:], false, false, ""},
		{"long", subjectKey + "0", false, false, ""},
		{"no base 32", "-" + subjectKey[1:], false, false, ""},
		{"broken, with words", "for " + subjectKey[:20] + "\n" + subjectKey[20:], false, false, ""},
		{"not ASCII", strings.Repeat("é", 26), false, false, ""},
	}
	want, _ := taler.ParseEddsaPublicKey(subjectKey)
	for _, test := range tests {
		key, found, kyc, url := bank.ParseSubject(test.text)
		if found != test.found || kyc != test.kyc || url != test.url || found && key != want || !found && key != [32]byte{} {
			t.Errorf("%s: %x, %t, %t, %q", test.name, key, found, kyc, url)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		header string
		want   time.Duration
	}{
		{"", 0}, {"0", 0}, {" 5 ", 5 * time.Second}, {"-5", 0}, {"99999999999", 0}, {"1.5", 0},
		{"Thu, 01 Jan 2026 12:01:00 GMT", time.Minute}, {"Thu, 01 Jan 2026 11:00:00 GMT", 0}, {"tomorrow", 0},
	}
	for _, test := range tests {
		if got := bank.RetryAfter(test.header, now); got != test.want {
			t.Errorf("%q: %s", test.header, got)
		}
	}
}

func TestEndlessHistory(t *testing.T) {
	if err := bank.Endless(); err == nil || !strings.Contains(err.Error(), "expected an end of the history after at most 20000000 records") {
		t.Errorf("got %v", err)
	}
}
