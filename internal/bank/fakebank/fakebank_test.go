package fakebank_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
	"auditor/internal/testdata"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestSimulatedExchange serves the banks of a simulated exchange over HTTP, in both forms, and reads them from the
// files that the simulator writes: all tell the same.
func TestSimulatedExchange(t *testing.T) {
	x := play(t)
	folder := t.TempDir()
	if err := x.WriteBank(folder); err != nil {
		t.Fatal(err)
	}
	accounts := fakebank.Simulated(x)
	for _, form := range []fakebank.Form{fakebank.Early, fakebank.Later} {
		server := fakebank.New(form, accounts...)
		url, stop, err := server.Start()
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range accounts {
			for j, want := range [][]bank.Record{a.Incoming, a.Outgoing} {
				h := bank.NewGateway(bank.GatewayAccount{URL: url + server.Path(a.Name), Direction: bank.Incoming + bank.Direction(j), Currency: x.Currency(), PageSize: 7},
					bank.Surroundings{})
				if got := collect(t, h); !slices.Equal(got, want) || len(want) == 0 {
					t.Errorf("%s: %d transfers, want %d", a.Name, len(got), len(want))
				}
			}
			incoming, outgoing := x.BankFiles(i)
			loaded, err := fakebank.Load(context.Background(), a.Name, a.PaytoURI, x.Currency(), filepath.Join(folder, incoming), filepath.Join(folder, outgoing))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(loaded.Incoming, a.Incoming) || !slices.Equal(loaded.Outgoing, a.Outgoing) {
				t.Errorf("%s: the files tell something else", a.Name)
			}
		}
		stop()
	}
}

// play plays a small exchange.
func play(t *testing.T) *simulator.Exchange {
	t.Helper()
	s := simulator.DefaultScenario(1)
	s.RSABits = 512
	x, err := simulator.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func collect(t *testing.T, h bank.History) (records []bank.Record) {
	t.Helper()
	for r, err := range h.Records(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, r)
	}
	return records
}

// ask returns the rows that the bank answers with, and its status; 0 is no answer at all.
func ask(b *fakebank.Bank, path string) (rows []int64, status int) {
	defer func() {
		if recover() != nil {
			status = 0
		}
	}()
	w := httptest.NewRecorder()
	b.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	var body map[string]any
	if json.Unmarshal(w.Body.Bytes(), &body) == nil {
		for name, list := range body {
			if strings.HasSuffix(name, "_transactions") {
				for _, e := range list.([]any) {
					rows = append(rows, int64(e.(map[string]any)["row_id"].(float64)))
				}
			}
		}
	}
	return rows, w.Code
}

// TestPages asks as the description of the gateway has it: in both directions of time, from rows that exist and
// from others.
func TestPages(t *testing.T) {
	records := func(direction bank.Direction, rows ...int64) []bank.Record {
		list := make([]bank.Record, len(rows))
		for i, row := range rows {
			list[i] = bank.Record{Row: row, Direction: direction, Kind: bank.ToReserve, Amount: taler.Zero("EUR"), Fee: taler.Zero("EUR")}
		}
		return list
	}
	account := fakebank.Account{Name: "x", PaytoURI: "payto://x-taler-bank/bank/x", Incoming: records(bank.Incoming, 1, 3, 5), Outgoing: records(bank.Outgoing, 2)}
	tests := []struct {
		query        string
		rows         []int64
		early, later int
	}{
		{"incoming?delta=2", []int64{1, 3}, 200, 200},
		{"incoming?delta=2&start=3", []int64{5}, 200, 200},
		{"incoming?delta=2&start=5", nil, 200, 204},
		{"incoming?delta=2&start=2", []int64{3, 5}, 200, 200},
		{"incoming?delta=-2", []int64{5, 3}, 200, 200},
		{"incoming?delta=-2&start=5", []int64{3, 1}, 200, 200},
		{"incoming?delta=-2&start=1", nil, 200, 204},
		{"outgoing?delta=9223372036854775807", []int64{2}, 200, 200},
		{"incoming", nil, 0, 400},
		{"incoming?delta=0", nil, 0, 400},
		{"incoming?delta=x", nil, 0, 400},
		{"incoming?delta=1&start=-1", nil, 0, 400},
	}
	for _, test := range tests {
		for form, want := range map[fakebank.Form]int{fakebank.Early: test.early, fakebank.Later: test.later} {
			b := fakebank.New(form, account)
			rows, status := ask(b, b.Path("x")+"history/"+test.query)
			if !slices.Equal(rows, test.rows) || status != want {
				t.Errorf("form %d, %s: %v, %d", form, test.query, rows, status)
			}
		}
	}
	early, later := fakebank.New(fakebank.Early, account), fakebank.New(fakebank.Later, account)
	if _, status := ask(early, "/x/history/incoming?delta=1&start=4"); status != 0 {
		t.Errorf("a row that no account has: %d", status)
	}
	if rows, _ := ask(later, later.Path("x")+"history/incoming?delta=1&start=4"); !slices.Equal(rows, []int64{5}) {
		t.Errorf("a row that no account has: %v", rows)
	}
	if _, status := ask(later, later.Path("y")+"history/incoming?delta=1"); status != 404 {
		t.Errorf("an unknown account: %d", status)
	}
	if _, status := ask(later, later.Path("x")+"history/sideways?delta=1"); status != 404 {
		t.Errorf("an unknown direction: %d", status)
	}
}

// TestFaultsEnd spoils as many answers as were asked for, in the order in which that was said.
func TestFaultsEnd(t *testing.T) {
	b := fakebank.New(fakebank.Later, fakebank.Account{Name: "x"})
	b.Inject(fakebank.Refusal(500, ""), 2)
	b.Inject(fakebank.None(), 1)
	b.Inject(fakebank.Refusal(503, ""), 1)
	var got []int
	for range 5 {
		_, status := ask(b, b.Path("x")+"history/incoming?delta=1")
		got = append(got, status)
	}
	if !slices.Equal(got, []int{500, 500, 204, 503, 204}) || b.Requests() != 5 {
		t.Errorf("got %v", got)
	}
}

// TestRealHistory serves what a real bank once told.
func TestRealHistory(t *testing.T) {
	dir, info := filepath.Join(testdata.Dir(t), "mixed"), testdata.Info(t, "mixed")
	currency := taler.Currency(info.Currency)
	account, err := fakebank.Load(context.Background(), "x", info.AccountPayto, currency, filepath.Join(dir, "bank-incoming.json"), filepath.Join(dir, "bank-outgoing.json"))
	if err != nil {
		t.Fatal(err)
	}
	server := fakebank.New(fakebank.Early, account)
	url, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	h := bank.NewGateway(bank.GatewayAccount{URL: url + server.Path("x"), Direction: bank.Outgoing, Currency: currency, PageSize: 50}, bank.Surroundings{})
	if got := collect(t, h); !slices.Equal(got, account.Outgoing) || len(got) != 158 {
		t.Errorf("%d transfers", len(got))
	}
	if n := server.Requests(); n != 5 {
		t.Errorf("%d requests for 158 transfers by 50, and the end", n)
	}
}
