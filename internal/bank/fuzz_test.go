package bank_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

// What is accepted keeps the promises of Record, is in order, and is the same when it is read again. What is
// refused is refused with an error of ours.

func checkRecords(t *testing.T, records []bank.Record, err error) {
	t.Helper()
	if err != nil {
		_, violation := errors.AsType[*bank.Violation](err)
		_, file := errors.AsType[*bank.FileError](err)
		if !violation && !file {
			t.Fatalf("an error of type %T: %v", err, err)
		}
	}
	last := int64(0)
	for _, r := range records {
		if r.Row <= last || r.Amount.Currency != euro || r.Fee.Currency != euro || r.Date.IsForever() || r.CreditAccount+r.DebitAccount == "" ||
			r.Amount.Value > taler.MaxAmountValue || len(r.Subject) > bank.MaxSubject || strings.ContainsAny(r.Subject+r.Reference+r.URL, "\x00\x1b\n") {
			t.Fatalf("accepted %+v after row %d", r, last)
		}
		last = r.Row
	}
}

// FuzzAnswer reads the same text as the answer of a gateway and as a saved history: both accept the same.
func FuzzAnswer(f *testing.F) {
	for _, text := range []string{inEarly(earlyCredit), inLater(laterCredit), inLater(earlyCredit), inEarly(""), "{", "[]", `{"incoming_transactions":[{"row_id":1e9}]}`,
		inLater(strings.Replace(laterCredit, "RESERVE", "WAD", 1)), inEarly(strings.Replace(earlyCredit, "t_ms", "t_s", 1))} {
		f.Add(text)
	}
	file := filepath.Join(f.TempDir(), "history.json")
	f.Fuzz(func(t *testing.T, text string) {
		around := patient(nil)
		around.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Query().Has("start") {
				return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody}, nil
			}
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(text))}, nil
		})
		told, err := read(incoming("http://bank/", around), 0)
		checkRecords(t, told, err)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h, fileErr := bank.OpenFiles(bank.FilesAccount{Files: []string{file}, Direction: bank.Incoming, Currency: euro})
		if fileErr != nil {
			return
		}
		saved, fileErr := read(h, 0)
		checkRecords(t, saved, fileErr)
		if err == nil && (fileErr != nil && len(text) < 30_000 || fileErr == nil && !slices.Equal(told, saved)) {
			t.Fatalf("the gateway tells %+v, the file %+v, %v", told, saved, fileErr)
		}
	})
}

func FuzzCamt(f *testing.F) {
	f.Add(document(statement("1", "2021-02-04", "15", booking("5", "CRDT", "BOOK", detail(debtor("DE02120300000000202051")+remittance(subjectKey))))))
	f.Add(document(statement("1", "2021-02-04", "5", booking("5", "DBIT", "BOOK", detail(remittance(subjectKey+" https://exchange.example/"))))))
	f.Add(document(statement("1", "2021-02-04", "15", booking("5", "CRDT", "BOOK", `<NtryDtls><TxDtls><Amt Ccy="EUR">2</Amt></TxDtls><TxDtls><Amt Ccy="EUR">3</Amt></TxDtls></NtryDtls>`))))
	file := filepath.Join(f.TempDir(), "statement.xml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
			h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{file}, Direction: direction, Currency: euro, PaytoURI: ours})
			if err != nil {
				return
			}
			records, err := read(h, 0)
			checkRecords(t, records, err)
		}
	})
}

func FuzzSubject(f *testing.F) {
	for _, text := range []string{subjectKey, "KYC:" + subjectKey, subjectKey + " https://exchange.example/", subjectKey[:9] + " " + subjectKey[9:], "http://", "KYC:"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, found, _, url := bank.ParseSubject(text)
		if !found {
			return
		}
		again, found, _, _ := bank.ParseSubject(taler.EncodeBase32(key[:]) + " " + url)
		if !found || again != key {
			t.Fatalf("%q means %x, which means %x", text, key, again)
		}
	})
}
