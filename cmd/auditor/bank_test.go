package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"auditor/internal/bank"
	"auditor/internal/bank/fakebank"
	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// fakeBank is the bank of a script, with the accounts of its exchange.
type fakeBank struct {
	play *simulator.Exchange
	*fakebank.Bank
	stolen []bank.Record // from the first account

	mu    sync.Mutex
	asked []string // of the proxy
}

// accounts are the exchange's, with all that the bank knows of them.
func (b *fakeBank) accounts() []fakebank.Account {
	all := fakebank.Simulated(b.play)
	all[0].Outgoing = append(all[0].Outgoing, b.stolen...)
	return all
}

// open is the command "bank early|later none|basic|bearer" of scripts: a bank with the
// histories up to now, which speaks the form of 2021 or the later one and demands a login.
// It writes bank.toml, an auditor.toml with its accounts; the password is "secret", from
// the file bank.password for basic, from $BANK_TOKEN for bearer.
func (b *fakeBank) open(ts *testscript.TestScript, _ bool, args []string) {
	form, ok := map[string]fakebank.Form{"early": fakebank.Early, "later": fakebank.Later}[args[0]]
	if !ok || len(args) != 2 {
		ts.Fatalf("usage: bank early|later none|basic|bearer")
	}
	b.Bank = fakebank.New(form, b.accounts()...)
	login := map[string]string{
		"none":   "",
		"basic":  "auth_method = \"basic\"\nusername = \"auditor\"\npassword_file = \"bank.password\"\n",
		"bearer": "auth_method = \"bearer\"\npassword_env = \"BANK_TOKEN\"\n",
	}[args[1]]
	switch args[1] {
	case "basic":
		b.RequireBasic("auditor", "secret")
	case "bearer":
		b.RequireToken("secret")
	}
	url, stop, err := b.Start()
	ts.Check(err)
	ts.Defer(stop)
	var sections strings.Builder
	for _, a := range b.play.Accounts() {
		fmt.Fprintf(&sections, "\n[account.%s]\npayto_uri = %q\nwire_gateway_url = %q\nenable_credit = true\nenable_debit = true\n%s",
			a.Section, a.PaytoURI, url+b.Path(a.Section), login)
	}
	b.configure(ts, sections.String())
}

// configure writes bank.toml.
func (b *fakeBank) configure(ts *testscript.TestScript, sections string) {
	settings := ts.ReadFile("auditor.toml") + sections
	ts.Check(os.WriteFile(ts.MkAbs("bank.toml"), []byte(settings), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("bank.password"), []byte("secret\n"), 0o600))
}

// statements is the command "statements VERSION" of scripts: it writes bank.toml with the
// first account's statements in that version of camt.053 instead of a gateway, and the
// saved answers of a gateway for the other, whose method has no statements.
func (b *fakeBank) statements(ts *testscript.TestScript, _ bool, args []string) {
	version := map[string]int{"2": 2, "8": 8}[args[0]]
	account := b.accounts()[0]
	file, err := os.Create(ts.MkAbs("statements.xml"))
	ts.Check(err)
	ts.Check(fakebank.WriteCamt(file, account, b.play.Currency(), fakebank.CamtForm{Version: version, Batch: 3, Line: 35}))
	ts.Check(file.Close())
	ts.Check(b.play.WriteBank(ts.MkAbs(".")))
	var sections strings.Builder
	for i, a := range b.play.Accounts() {
		incoming, outgoing := b.play.BankFiles(i)
		if i == 0 {
			incoming, outgoing = "statements.xml", "statements.xml"
		}
		fmt.Fprintf(&sections, "\n[account.%s]\npayto_uri = %q\nhistory_incoming = %q\nhistory_outgoing = %q\nenable_credit = true\nenable_debit = true\n",
			a.Section, a.PaytoURI, incoming, outgoing)
	}
	b.configure(ts, sections.String())
}

// spoil is the command "spoil FAULT N" of scripts: the bank's next N answers are
// refused, slow and so on.
func (b *fakeBank) spoil(ts *testscript.TestScript, _ bool, args []string) {
	fault, ok := map[string]fakebank.Fault{
		"forbidden": fakebank.Refusal(403, ""), "busy": fakebank.Refusal(503, ""), "cut": fakebank.Cut(), "wrong-type": fakebank.WrongType(),
		"reordered": fakebank.Reordered(), "ignored-start": fakebank.IgnoredStart(), "huge": fakebank.Huge(),
	}[args[0]]
	if !ok || len(args) != 2 {
		ts.Fatalf("there is no fault %v", args)
	}
	var answers int
	_, err := fmt.Sscan(args[1], &answers)
	ts.Check(err)
	b.Inject(fault, answers)
}

// steal is the command "steal AMOUNT" of scripts: the operator wires money to himself, a
// day ago.
func (b *fakeBank) steal(ts *testscript.TestScript, _ bool, args []string) {
	amount, err := taler.ParseAmount(args[0])
	ts.Check(err)
	stolen := fakebank.Theft(b.play, amount)
	b.stolen = append(b.stolen, stolen)
	if b.Bank != nil {
		b.Add(b.accounts()[0].Name, stolen)
	}
}

// behindProxy is the command "proxy" of scripts: the bank is example.com, with a login, and
// only a proxy on this computer leads there. It writes bank.toml and the certificate's
// authority, ca.pem, and sets $HTTPS_PROXY.
func (b *fakeBank) behindProxy(ts *testscript.TestScript, _ bool, _ []string) {
	b.Bank = fakebank.New(fakebank.Later, b.accounts()...)
	b.RequireBasic("auditor", "secret")
	served := httptest.NewTLSServer(b.Bank)
	ts.Defer(served.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.mu.Lock()
		b.asked = append(b.asked, fmt.Sprint(r.Method, " ", r.Host, " ", r.Header["Authorization"], r.Header["Proxy-Authorization"]))
		b.mu.Unlock()
		bankSide, err := net.Dial("tcp", served.Listener.Addr().String())
		if err != nil {
			panic(err)
		}
		w.WriteHeader(http.StatusOK)
		auditorSide, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		go func() { _, _ = io.Copy(bankSide, auditorSide); bankSide.Close() }()
		_, _ = io.Copy(auditorSide, bankSide)
		auditorSide.Close()
	}))
	ts.Defer(proxy.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: served.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), authority, 0o600))
	ts.Setenv("HTTPS_PROXY", proxy.URL)
	var sections strings.Builder
	for _, a := range b.play.Accounts() {
		fmt.Fprintf(&sections, "\n[account.%s]\npayto_uri = %q\nwire_gateway_url = %q\nenable_credit = true\nenable_debit = true\n"+
			"auth_method = \"basic\"\nusername = \"auditor\"\npassword_file = \"bank.password\"\n", a.Section, a.PaytoURI, "https://example.com"+b.Path(a.Section))
	}
	b.configure(ts, sections.String())
}

// tunnelled is the command "tunnelled" of scripts: the proxy was asked for nothing but a
// way to the bank, and was not told the password.
func (b *fakeBank) tunnelled(ts *testscript.TestScript, _ bool, _ []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.asked) == 0 {
		ts.Fatalf("nobody used the proxy")
	}
	for _, asked := range b.asked {
		if asked != "CONNECT example.com:443 [] []" {
			ts.Fatalf("the proxy was asked for %q", asked)
		}
	}
}
