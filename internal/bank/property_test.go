package bank_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/taler"
)

// drawAccount draws an account with transfers that its balance allows, numbered in one series with gaps.
func drawAccount(t *rapid.T) fakebank.Account {
	account := fakebank.Account{Name: "exchange", PaytoURI: ours}
	row, at, balance := int64(0), taler.Timestamp(1_612_440_000_000_000), taler.Zero(euro)
	for range rapid.IntRange(0, 12).Draw(t, "transfers") {
		row += rapid.Int64Range(1, 3).Draw(t, "gap")
		at += taler.Timestamp(rapid.SampledFrom([]int64{0, 0, 1, 3600, 90_000}).Draw(t, "seconds")) * 1_000_000
		amount := taler.Amount{Currency: euro, Value: rapid.Uint64Range(0, 50).Draw(t, "value"), Fraction: rapid.Uint32Range(0, 99).Draw(t, "cents") * 1_000_000}
		key := [32]byte(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		r := bank.Record{Row: row, Date: at, Amount: amount, Fee: taler.Zero(euro)}
		if rapid.Bool().Draw(t, "outgoing") && balance.Cmp(amount) >= 0 {
			balance, _ = balance.Sub(amount)
			r.Direction, r.Kind, r.WTID, r.URL = bank.Outgoing, bank.Transfer, taler.WTID(key), "https://exchange.example/"
			r.DebitAccount, r.CreditAccount = ours, stranger
			account.Outgoing = append(account.Outgoing, r)
			continue
		}
		balance, _ = balance.Add(amount)
		r.Direction, r.Kind = bank.Incoming, rapid.SampledFrom([]bank.Kind{bank.ToReserve, bank.ToReserve, bank.KYCAuth, bank.Wad}).Draw(t, "kind")
		r.DebitAccount, r.CreditAccount = stranger, ours
		if r.Kind == bank.Wad {
			copy(r.WadID[:], key[:])
			r.URL = "https://other.example/"
		} else {
			r.ReservePub = taler.EddsaPublicKey(key)
		}
		account.Incoming = append(account.Incoming, r)
	}
	return account
}

// early is what a gateway of 2021 can tell.
func early(records []bank.Record) []bank.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r bank.Record) bool { return r.Kind == bank.KYCAuth || r.Kind == bank.Wad })
}

// withFees gives incoming transfers fees, of which only the later gateway tells.
func withFees(records []bank.Record) []bank.Record {
	records = slices.Clone(records)
	for i := range records {
		if records[i].Direction == bank.Incoming {
			records[i].Fee.Fraction = uint32(records[i].Row%3) * 1_000_000
		}
	}
	return records
}

func above(records []bank.Record, after int64) []bank.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r bank.Record) bool { return r.Row <= after })
}

// TestEverySourceTellsTheSame serves random histories through gateways of both forms in every size of pages, and
// through their answers saved to files, from the beginning and from some row on.
func TestEverySourceTellsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		account := drawAccount(rt)
		for _, form := range []fakebank.Form{fakebank.Early, fakebank.Later} {
			told := account
			if form == fakebank.Early {
				told.Incoming = early(account.Incoming)
			} else {
				told.Incoming = withFees(account.Incoming)
			}
			server := fakebank.New(form, told)
			transport := roundTrip(func(r *http.Request) (*http.Response, error) {
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				return w.Result(), nil
			})
			for i, want := range [][]bank.Record{told.Incoming, told.Outgoing} {
				direction := bank.Incoming + bank.Direction(i)
				afters := []int64{0}
				if len(want) > 0 {
					afters = append(afters, rapid.SampledFrom(want).Draw(rt, "after").Row)
				}
				for size := 1; size <= len(want)+1; size++ {
					h := bank.NewGateway(bank.GatewayAccount{URL: "http://bank" + server.Path("exchange"), Direction: direction, Currency: euro, PageSize: size},
						bank.Surroundings{Transport: transport})
					for _, after := range afters {
						compare(rt, collectRapid(rt, h, after), above(want, after))
					}
				}
				files := save(rt, server, direction, rapid.IntRange(1, len(want)+1).Draw(rt, "records per file"), len(want))
				h, err := bank.OpenFiles(bank.FilesAccount{Files: files, Direction: direction, Currency: euro})
				if err != nil {
					rt.Fatal(err)
				}
				for _, after := range afters {
					compare(rt, collectRapid(rt, h, after), above(want, after))
				}
				_ = os.RemoveAll(filepath.Dir(files[0]))
			}
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func collectRapid(t *rapid.T, h bank.History, after int64) []bank.Record {
	records, err := read(h, after)
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func compare(t *rapid.T, got, want []bank.Record) {
	if !slices.Equal(got, want) {
		t.Fatalf("got\n%+v, want\n%+v", got, want)
	}
}

// save saves the answers of a bank, page by page, until all records are there. Files that would be empty
// because the bank answers with nothing at all hold an empty list.
func save(t *rapid.T, server *fakebank.Bank, direction bank.Direction, size, total int) []string {
	folder, err := os.MkdirTemp("", "bank")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	start := ""
	for saved := 0; saved < total || files == nil; saved += size {
		w := httptest.NewRecorder()
		path := server.Path("exchange") + "history/" + direction.String()
		server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path+"?delta="+strconv.Itoa(size)+start, nil))
		body := w.Body.String()
		if body == "" {
			body = `{"` + direction.String() + `_transactions": [], "credit_account": "payto://x/y", "debit_account": "payto://x/y"}`
		}
		name := filepath.Join(folder, strconv.Itoa(len(files))+".json")
		if err := os.WriteFile(name, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
		if i := strings.LastIndex(body, `"row_id":`); i >= 0 {
			row := body[i+len(`"row_id":`):]
			start = "&start=" + row[:strings.IndexAny(row, ",}")]
		}
	}
	return files
}

// TestStatementsTellTheSame writes random histories as camt.053, in both versions, with and without batches and
// broken lines. What the format cannot tell is known.
func TestStatementsTellTheSame(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		account := drawAccount(rt)
		for _, form := range []fakebank.CamtForm{{Version: 2}, {Version: 8}, {Version: 2, Batch: 3}, {Version: 8, Batch: 12, Line: 35}} {
			var text strings.Builder
			if err := fakebank.WriteCamt(&text, account, euro, form); err != nil {
				rt.Fatal(err)
			}
			file := filepath.Join(folder, "statement.xml")
			if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
				rt.Fatal(err)
			}
			var rows []int64
			for direction, want := range map[bank.Direction][]bank.Record{bank.Incoming: account.Incoming, bank.Outgoing: account.Outgoing} {
				h, err := bank.OpenFiles(bank.FilesAccount{Files: []string{file}, Direction: direction, Currency: euro, PaytoURI: ours})
				if err != nil {
					rt.Fatal(err)
				}
				all := collectRapid(rt, h, 0)
				for i, r := range all {
					rows = append(rows, r.Row)
					compare(rt, collectRapid(rt, h, r.Row), all[i+1:])
				}
				compare(rt, withoutSubject(all), asStatement(want))
			}
			slices.Sort(rows)
			if n := len(slices.Compact(rows)); n != len(account.Incoming)+len(account.Outgoing) {
				rt.Fatalf("%d different rows, want %d", n, len(account.Incoming)+len(account.Outgoing))
			}
		}
	})
}

// withoutSubject removes what only statements tell.
func withoutSubject(records []bank.Record) []bank.Record {
	records = slices.Clone(records)
	for i := range records {
		records[i].Row, records[i].Subject = 0, ""
	}
	return records
}

// asStatement removes what statements cannot tell.
func asStatement(records []bank.Record) []bank.Record {
	records = slices.Clone(records)
	for i := range records {
		r := &records[i]
		if r.Row = 0; r.Kind == bank.Wad {
			r.Kind, r.WadID, r.URL = bank.Other, [24]byte{}, ""
		}
	}
	return records
}
