package bank_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
)

// incoming is the history of credits at a server.
func incoming(url string, around bank.Surroundings) bank.History {
	return bank.NewGateway(bank.GatewayAccount{URL: url, Direction: bank.Incoming, Currency: euro, PageSize: 4}, around)
}

// TestLies injects every fault into the second of three pages. What came before it was handed out; nothing of
// the page was, and the error names the page, the row and the rule.
func TestLies(t *testing.T) {
	tests := []struct {
		fault fakebank.Fault
		rule  bank.Rule
		index int
		row   int64
		says  string
	}{
		// A full page with a repetition is longer than was asked for, which shows first.
		{fakebank.IgnoredStart(), bank.RuleBorder, 1, 1, `page 2, record 1 (row 1): row_id is 1, expected rows above 7; the bank repeats`},
		{fakebank.IgnoredDelta(), bank.RuleExcess, 5, 17, `page 2, record 5 (row 17): expected at most 4 records, as asked for`},
		{fakebank.Repeated(), bank.RuleExcess, 5, 15, `page 2, record 5 (row 15): `},
		{fakebank.Reordered(), bank.RuleOrder, 4, 13, `page 2, record 4 (row 13): row_id is 13, expected a row above 15, which came before it`},
		{fakebank.WrongType(), bank.RuleType, 1, 0, `page 2, record 1: row_id is a text, expected a whole number`},
		{fakebank.Endless(), bank.RuleExcess, 5, 15, `page 2, record 5 (row 15): `},
		{fakebank.Huge(), bank.RuleSize, 0, 0, `page 2: expected at most 81920 bytes`},
	}
	for _, test := range tests {
		for _, form := range []fakebank.Form{fakebank.Early, fakebank.Later} {
			t.Run(fmt.Sprintf("%s of form %d", test.fault, form), func(t *testing.T) {
				all := credits(10)
				b := fakebank.New(form, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: all})
				b.Inject(fakebank.None(), 1)
				b.Inject(test.fault, 1)
				var waits []time.Duration
				got, err := read(incoming(serve(t, b, "exchange"), patient(&waits)), 0)
				v, ok := errors.AsType[*bank.Violation](err)
				if !ok {
					t.Fatalf("got the error %v", err)
				}
				if v.Page != 2 || v.Rule != test.rule || v.Index != test.index || v.Row != test.row || !strings.Contains(err.Error(), test.says) {
					t.Errorf("got %#v: %v", v, err)
				}
				if !slices.Equal(got, all[:4]) || len(waits) != 0 {
					t.Errorf("handed out %d records, waited %v", len(got), waits)
				}
			})
		}
	}
}

// TestRepetitionInShortPage shows a repetition where the page has room for it.
func TestRepetitionInShortPage(t *testing.T) {
	b := fakebank.New(fakebank.Later, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(2)})
	b.Inject(fakebank.Repeated(), 1)
	_, err := read(incoming(serve(t, b, "exchange"), patient(nil)), 0)
	if v, ok := errors.AsType[*bank.Violation](err); !ok || v.Rule != bank.RuleRepeated || v.Row != 3 || v.Index != 3 {
		t.Errorf("got %v", err)
	}
}

// TestPassingFaults injects faults that pass: with fewer of them than attempts the history is complete, with
// as many the error says so.
func TestPassingFaults(t *testing.T) {
	tests := []struct {
		fault fakebank.Fault
		waits []time.Duration
		says  string
	}{
		{fakebank.Dropped(), seconds(0.75, 1.5, 3, 6), "the bank cannot be reached after 5 attempts: the connection was cut; try again"},
		{fakebank.Cut(), seconds(0.75, 1.5, 3, 6), "the bank cannot be reached after 5 attempts: the connection was cut; try again"},
		{fakebank.Truncated(), seconds(0.75, 1.5, 3, 6), "page 2, record "},
		{fakebank.Slow(), seconds(0.75, 1.5, 3, 6), "the bank cannot be reached after 5 attempts: it did not answer in time; try again later"},
		{fakebank.Stalled(), seconds(0.75, 1.5, 3, 6), "the bank cannot be reached after 5 attempts: it did not answer in time; try again later"},
		{fakebank.Refusal(500, ""), seconds(0.75, 1.5, 3, 6), `the bank answers with status 500, error 9999, "the bank does not feel well", at the last of 5 attempts; the bank has a problem`},
		{fakebank.Refusal(503, "20"), seconds(20, 20, 20, 20), "status 503"},
		{fakebank.Refusal(429, "2"), seconds(2, 2, 3, 6), "status 429"},
		{fakebank.Refusal(429, "Thu, 01 Jan 2026 12:00:10 GMT"), seconds(10, 10, 10, 10), "the bank allows fewer requests"},
		{fakebank.Refusal(503, "nonsense"), seconds(0.75, 1.5, 3, 6), "status 503"},
	}
	for _, test := range tests {
		t.Run(test.fault.String(), func(t *testing.T) {
			all := credits(10)
			for _, times := range []int{1, 4, 5} {
				b := fakebank.New(fakebank.Later, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: all})
				b.Inject(fakebank.None(), 1)
				b.Inject(test.fault, times)
				if test.fault == fakebank.Dropped() {
					b.Inject(test.fault, 1) // net/http itself repeats a request on a connection that was idle, once
				}
				var waits []time.Duration
				around := patient(&waits)
				around.Timeout = 100 * time.Millisecond
				got, err := read(incoming(serve(t, b, "exchange"), around), 0)
				if !slices.Equal(waits, test.waits[:min(times, 4)]) {
					t.Errorf("%d times: waited %v", times, waits)
				}
				if times < 5 && (err != nil || !slices.Equal(got, all)) {
					t.Errorf("%d times: %d records, %v", times, len(got), err)
				}
				if times == 5 && (len(got) != 4 || err == nil || !strings.Contains(err.Error(), test.says)) {
					t.Errorf("%d records, %v", len(got), err)
				}
			}
		})
	}
}

func seconds(list ...float64) []time.Duration {
	durations := make([]time.Duration, len(list))
	for i, s := range list {
		durations[i] = time.Duration(s * float64(time.Second))
	}
	return durations
}

// TestRefusals tries answers that will not change: one attempt is made.
func TestRefusals(t *testing.T) {
	tests := []struct {
		fault fakebank.Fault
		says  string
	}{
		{fakebank.Refusal(400, ""), "check that wire_gateway_url is that of a wire gateway"},
		{fakebank.Refusal(401, ""), "correct auth_method, username and the password"},
		{fakebank.Refusal(403, ""), "ask the bank for the right to read its history"},
		{fakebank.Refusal(404, ""), "correct wire_gateway_url; if the account is too new"},
		{fakebank.Refusal(501, ""), "the bank has a problem"},
		{fakebank.Refusal(429, "3600"), "the bank allows fewer requests"},
		{fakebank.Redirection("https://elsewhere.example/steal"), `it redirects to "https://elsewhere.example/steal", which is not followed to another server`},
	}
	for _, test := range tests {
		b := fakebank.New(fakebank.Early, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(1)})
		b.Inject(test.fault, 10)
		got, err := read(incoming(serve(t, b, "exchange"), patient(nil)), 0)
		if _, ok := errors.AsType[*bank.RefusedError](err); !ok || !strings.Contains(err.Error(), test.says) || len(got) != 0 {
			t.Errorf("%s: %v", test.fault, err)
		}
		if n := b.Requests(); n != 1 {
			t.Errorf("%s: %d requests", test.fault, n)
		}
	}
}

// TestPasswordStaysWithItsServer redirects to another port of the same computer, and to another path.
func TestPasswordStaysWithItsServer(t *testing.T) {
	asked := false
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked = true }))
	defer thief.Close()
	b := fakebank.New(fakebank.Early, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(1)})
	b.RequireBasic("auditor", "secret")
	url := serve(t, b, "exchange")
	h := bank.NewGateway(bank.GatewayAccount{URL: url, Direction: bank.Incoming, Currency: euro, Username: "auditor", Password: "secret"}, patient(nil))
	b.Inject(fakebank.Redirection(thief.URL), 1)
	if _, err := read(h, 0); err == nil || asked {
		t.Errorf("followed to another server: %v", err)
	}
	b.Inject(fakebank.Redirection("/exchange/history/incoming?delta=100"), 1)
	if got := collect(t, h, 0); len(got) != 1 {
		t.Errorf("got %d records", len(got))
	}
	b.Inject(fakebank.Redirection("?delta=100"), 100)
	if _, err := read(h, 0); err == nil {
		t.Error("followed redirections in a circle")
	}
}

func TestLogin(t *testing.T) {
	account := fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(3)}
	for _, form := range []fakebank.Form{fakebank.Early, fakebank.Later} {
		b := fakebank.New(form, account)
		b.RequireBasic("auditor", "päss word")
		url := serve(t, b, "exchange")
		at := bank.GatewayAccount{URL: url, Direction: bank.Incoming, Currency: euro, Username: "auditor", Password: "päss word"}
		if got := collect(t, bank.NewGateway(at, patient(nil)), 0); len(got) != 3 {
			t.Errorf("basic: %d records", len(got))
		}
		at.Password = "wrong"
		_, err := read(bank.NewGateway(at, patient(nil)), 0)
		if e, ok := errors.AsType[*bank.RefusedError](err); !ok || e.Status != 401 || strings.Contains(err.Error(), "wrong") {
			t.Errorf("wrong password: %v", err)
		}
		b.RequireToken("secret-token:1")
		at = bank.GatewayAccount{URL: url, Direction: bank.Incoming, Currency: euro, Token: "secret-token:1"}
		if got := collect(t, bank.NewGateway(at, patient(nil)), 0); len(got) != 3 {
			t.Errorf("bearer: %d records", len(got))
		}
	}
}

// TestUnknownAccount shows when an account that the bank does not know counts as empty: if that was asked for,
// and if the account was never known.
func TestUnknownAccount(t *testing.T) {
	url := serve(t, fakebank.New(fakebank.Later), "exchange")
	at := bank.GatewayAccount{URL: url, Direction: bank.Outgoing, Currency: euro, IgnoreNotFound: true}
	if got := collect(t, bank.NewGateway(at, patient(nil)), 0); len(got) != 0 {
		t.Errorf("got %d records", len(got))
	}
	if _, err := read(bank.NewGateway(at, patient(nil)), 7); err == nil {
		t.Error("an account that vanished counts as empty")
	}
	at.IgnoreNotFound = false
	if _, err := read(bank.NewGateway(at, patient(nil)), 0); err == nil {
		t.Error("an unknown account counts as empty")
	}
}

// TestCertificates demands a certificate that the system trusts, and TLS at all.
func TestCertificates(t *testing.T) {
	b := fakebank.New(fakebank.Later, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(1)})
	server := httptest.NewUnstartedServer(b)
	server.Config.ErrorLog = discard()
	server.StartTLS()
	defer server.Close()
	_, err := read(incoming(server.URL+b.Path("exchange"), patient(nil)), 0)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok || !strings.Contains(err.Error(), "its certificate is not to be trusted") ||
		strings.Contains(err.Error(), "attempts") {
		t.Errorf("self-signed: %v", err)
	}
	around := patient(nil)
	around.Transport = server.Client().Transport
	if got := collect(t, incoming(server.URL+b.Path("exchange"), around), 0); len(got) != 1 {
		t.Errorf("trusted: %d records", len(got))
	}
	_, err = read(incoming(strings.Replace(server.URL, "127.0.0.1", "localhost", 1)+b.Path("exchange"), around), 0)
	if err == nil {
		t.Error("a certificate for another name is trusted")
	}
	plain := strings.Replace(serve(t, b, "exchange"), "http:", "https:", 1)
	if _, err := read(incoming(plain, patient(nil)), 0); err == nil || !strings.Contains(err.Error(), "it does not speak TLS") {
		t.Errorf("without TLS: %v", err)
	}
}

// TestSilence tries a computer where nobody listens, and a name that does not exist.
func TestSilence(t *testing.T) {
	b := fakebank.New(fakebank.Later)
	url, stop, err := b.Start()
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := read(incoming(url+"/", patient(nil)), 0); err == nil || !strings.Contains(err.Error(), "after 5 attempts: nobody listens there") {
		t.Errorf("got %v", err)
	}
}

// TestCancellation ends the context while the bank is slow, while a retry waits, and between two records.
func TestCancellation(t *testing.T) {
	cause := errors.New("enough")
	b := fakebank.New(fakebank.Later, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(10)})
	url := serve(t, b, "exchange")
	for name, fault := range map[string]fakebank.Fault{"slow": fakebank.Slow(), "waiting": fakebank.Refusal(503, "100")} {
		ctx, cancel := context.WithCancelCause(context.Background())
		b.Inject(fault, 1)
		time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
		begin := time.Now()
		for _, err := range incoming(url, bank.Surroundings{}).Records(ctx, 0) {
			if !errors.Is(err, cause) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
		cancel(nil)
	}
	b.Inject(fakebank.None(), 1)
	for range incoming(url, bank.Surroundings{}).Records(context.Background(), 0) {
		break
	}
}

// TestNewRowsBetweenPages books transfers while a history is read.
func TestNewRowsBetweenPages(t *testing.T) {
	all := credits(9)
	b := fakebank.New(fakebank.Early, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: all[:4]})
	var got []bank.Record
	for r, err := range incoming(serve(t, b, "exchange"), patient(nil)).Records(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, r); len(got) == 2 {
			b.Add("exchange", all[4:]...)
		}
	}
	if !slices.Equal(got, all) {
		t.Errorf("got %d records", len(got))
	}
}

// TestShortHistory shows what no client can see: a bank that ends its history early.
func TestShortHistory(t *testing.T) {
	b := fakebank.New(fakebank.Early, fakebank.Account{Name: "exchange", PaytoURI: ours, Incoming: credits(10)})
	b.Inject(fakebank.None(), 1)
	b.Inject(fakebank.Short(), 1)
	if got := collect(t, incoming(serve(t, b, "exchange"), patient(nil)), 0); len(got) != 4 {
		t.Errorf("got %d records", len(got))
	}
}
