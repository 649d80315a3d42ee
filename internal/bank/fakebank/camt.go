package fakebank

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"auditor/internal/bank"
	"auditor/internal/taler"
)

// CamtForm says how a bank writes its statements.
type CamtForm struct {
	Version int // of camt.053.001: 2 or 8
	Batch   int // up to so many transfers in a row, of one direction and time, are one booking; 0: one
	Line    int // length of the lines into which subjects are broken, 0: not at all
}

// WriteCamt writes the histories of an account as statements in the format camt.053, one for each day on which
// something was booked. The account must be a payto URI of the method iban and have no overdraft.
func WriteCamt(w io.Writer, account Account, currency taler.Currency, form CamtForm) error {
	records := slices.Concat(account.Incoming, account.Outgoing)
	slices.SortFunc(records, func(a, b bank.Record) int { return cmp.Compare(a.Row, b.Row) })
	c := &camtWriter{out: w, form: form, balance: taler.Zero(currency), account: account}
	c.printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.%02d\">\n"+
		"<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr>\n", form.Version)
	for len(records) > 0 {
		n, today := 1, day(records[0])
		for n < len(records) && day(records[n]) <= today {
			n++
		}
		c.statement(today, records[:n])
		records = records[n:]
	}
	if c.statements == 0 {
		c.statement("1970-01-01", nil)
	}
	c.printf("</BkToCstmrStmt>\n</Document>\n")
	return c.err
}

func day(r bank.Record) string { return r.Date.Time().Format("2006-01-02") }

type camtWriter struct {
	out        io.Writer
	form       CamtForm
	account    Account
	balance    taler.Amount
	statements int
	err        error
}

// printf writes; its arguments are escaped.
func (c *camtWriter) printf(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			var b strings.Builder
			_ = xml.EscapeText(&b, []byte(s))
			args[i] = b.String()
		}
	}
	if _, err := fmt.Fprintf(c.out, format, args...); c.err == nil {
		c.err = err
	}
}

func (c *camtWriter) statement(day string, records []bank.Record) {
	c.statements++
	c.printf("<Stmt><Id>%s</Id><Acct><Id><IBAN>%s</IBAN></Id></Acct>\n", fmt.Sprintf("statement %d", c.statements), number(c.account.PaytoURI))
	c.printBalance("OPBD", day)
	for _, r := range records {
		change := c.balance.Add
		if r.Direction == bank.Outgoing {
			change = c.balance.Sub
		}
		balance, err := change(r.Amount)
		if c.err == nil && err != nil {
			c.err = fmt.Errorf("row %d: %w", r.Row, err)
		}
		c.balance = balance
	}
	c.printBalance("CLBD", day)
	for len(records) > 0 {
		n := 1
		for n < len(records) && n < c.form.Batch && oneBooking(records[0], records[n]) {
			n++
		}
		c.entry(records[:n])
		records = records[n:]
	}
	c.printf("</Stmt>\n")
}

func oneBooking(a, b bank.Record) bool {
	return a.Direction == b.Direction && a.Date == b.Date && a.DayOnly == b.DayOnly && a.Kind != bank.Return && b.Kind != bank.Return
}

func (c *camtWriter) printBalance(kind, day string) {
	c.printf("<Bal><Tp><CdOrPrtry><Cd>%s</Cd></CdOrPrtry></Tp><Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>%s</Dt></Dt></Bal>\n",
		kind, string(c.balance.Currency), decimal(c.balance), day)
}

// number is the account number of a payto URI.
func number(payto string) string {
	path, _, _ := strings.Cut(payto, "?")
	return path[strings.LastIndexByte(path, '/')+1:]
}

func decimal(a taler.Amount) string { return strings.TrimPrefix(a.String(), string(a.Currency)+":") }

func side(r bank.Record) string {
	if r.Direction == bank.Outgoing {
		return "DBIT"
	}
	return "CRDT"
}

// entry writes one booking.
func (c *camtWriter) entry(records []bank.Record) {
	first, sum := records[0], taler.Zero(c.balance.Currency)
	for _, r := range records {
		var err error
		if sum, err = sum.Add(r.Amount); c.err == nil {
			c.err = err
		}
	}
	c.printf("<Ntry><Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>%s</CdtDbtInd>", string(sum.Currency), decimal(sum), side(first))
	if first.Kind == bank.Return {
		c.printf("<RvslInd>true</RvslInd>")
	}
	if c.form.Version >= 8 {
		c.printf("<Sts><Cd>BOOK</Cd></Sts>")
	} else {
		c.printf("<Sts>BOOK</Sts>")
	}
	if first.DayOnly {
		c.printf("<BookgDt><Dt>%s</Dt></BookgDt>", day(first))
	} else {
		c.printf("<BookgDt><DtTm>%s</DtTm></BookgDt>", first.Date.Time().Format("2006-01-02T15:04:05Z07:00"))
	}
	c.printf("<NtryDtls>")
	for _, r := range records {
		c.detail(r)
	}
	c.printf("</NtryDtls></Ntry>\n")
}

func (c *camtWriter) detail(r bank.Record) {
	c.printf("<TxDtls>")
	if r.Reference != "" {
		c.printf("<Refs><AcctSvcrRef>%s</AcctSvcrRef></Refs>", r.Reference)
	}
	amount := "<Amt Ccy=\"%s\">%s</Amt><CdtDbtInd>%s</CdtDbtInd>"
	if c.form.Version < 8 {
		amount = "<AmtDtls><TxAmt><Amt Ccy=\"%s\">%s</Amt></TxAmt></AmtDtls><CdtDbtInd>%s</CdtDbtInd>"
	}
	c.printf(amount, string(r.Amount.Currency), decimal(r.Amount), side(r))
	party, stranger := "DbtrAcct", r.DebitAccount
	if r.Direction == bank.Outgoing {
		party, stranger = "CdtrAcct", r.CreditAccount
	}
	if strings.HasPrefix(stranger, "payto://iban/") {
		c.printf("<RltdPties><"+party+"><Id><IBAN>%s</IBAN></Id></"+party+"></RltdPties>", number(stranger))
	}
	c.printf("<RmtInf>")
	for _, line := range c.lines(Subject(r)) {
		c.printf("<Ustrd>%s</Ustrd>", line)
	}
	c.printf("</RmtInf></TxDtls>")
}

// Subject is what a sender writes to have a transfer understood as the record says.
func Subject(r bank.Record) string {
	switch r.Kind {
	case bank.ToReserve:
		return r.ReservePub.String()
	case bank.KYCAuth:
		return "KYC:" + r.ReservePub.String()
	case bank.Transfer:
		return strings.TrimSuffix(r.WTID.String()+" "+r.URL, " ")
	}
	return r.Subject
}

func (c *camtWriter) lines(subject string) []string {
	var lines []string
	for c.form.Line > 0 && len(subject) > c.form.Line {
		lines = append(lines, subject[:c.form.Line])
		subject = subject[c.form.Line:]
	}
	return append(lines, subject)
}
