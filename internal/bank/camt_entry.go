package bank

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
	"unicode"

	"auditor/internal/taler"
)

type camtAmount struct {
	Currency string `xml:"Ccy,attr"`
	Text     string `xml:",chardata"`
}

type camtDate struct {
	Day  string `xml:"Dt"`
	Time string `xml:"DtTm"`
}

// camtEntry is an element Ntry: one booking. A batch has the details of several transfers.
type camtEntry struct {
	Amount    []camtAmount `xml:"Amt"`
	Side      []string     `xml:"CdtDbtInd"`
	Reversal  string       `xml:"RvslInd"`
	Status    camtStatus   `xml:"Sts"`
	Booked    camtDate     `xml:"BookgDt"`
	Valued    camtDate     `xml:"ValDt"`
	Reference string       `xml:"AcctSvcrRef"`
	Details   []camtDetail `xml:"NtryDtls>TxDtls"`
}

// camtStatus is a text up to version 7 of the format, and has a code from version 8 on.
type camtStatus struct {
	Text string `xml:",chardata"`
	Code string `xml:"Cd"`
}

type camtDetail struct {
	Reference string       `xml:"Refs>AcctSvcrRef"`
	Amount    []camtAmount `xml:"Amt"`
	Details   []camtAmount `xml:"AmtDtls>TxAmt>Amt"`
	Side      string       `xml:"CdtDbtInd"`
	Debtor    camtAccount  `xml:"RltdPties>DbtrAcct"`
	Creditor  camtAccount  `xml:"RltdPties>CdtrAcct"`
	Subject   []string     `xml:"RmtInf>Ustrd"`
	Return    *struct{}    `xml:"RtrInf"`
}

// entry reads one booking and hands out its transfers.
func (r *camtReader) entry(s *statement, start xml.StartElement) error {
	if err := r.ctx.Err(); err != nil {
		return context.Cause(r.ctx)
	}
	r.index++
	var e camtEntry
	if err := r.element(&e, start); err != nil {
		return err
	}
	switch status := strings.TrimSpace(e.Status.Text + e.Status.Code); status {
	case "BOOK":
	case "PDNG", "INFO", "FUTR":
		return nil
	default:
		return &Violation{Rule: RuleValue, Field: "Sts", Have: quote(status), Want: "BOOK, PDNG, INFO or FUTR", Hint: hintStatement}
	}
	whole, direction, err := r.money("Ntry", e.Amount, e.Side)
	if err != nil {
		return err
	}
	booked := e.Booked
	if booked == (camtDate{}) {
		booked = e.Valued
	}
	date, dayOnly, err := r.date("BookgDt", booked)
	if err != nil {
		return err
	}
	sum := &s.credits
	if direction == Outgoing {
		sum = &s.debits
	}
	if *sum, err = total([]taler.Amount{*sum, whole}); err != nil {
		return err
	}
	common := Record{Direction: direction, Date: date, DayOnly: dayOnly, Fee: taler.Zero(whole.Currency)}
	for _, p := range r.split(&e, whole, direction) {
		if err := r.transfer(common, &e, p); err != nil {
			return err
		}
	}
	return nil
}

// part is one transfer of a booking.
type part struct {
	amount taler.Amount
	detail camtDetail
}

// split takes a batch apart. It can only be done if each of its transfers has an amount, flows in the direction of
// the whole, and all of them add up to it; else the booking is one transfer of which nobody knows the subject, so
// that no money is lost sight of. The amount of a booking without batch is the one that counts, whatever the
// details say.
func (r *camtReader) split(e *camtEntry, whole taler.Amount, direction Direction) []part {
	if len(e.Details) == 1 {
		return []part{{whole, e.Details[0]}}
	}
	var parts []part
	sum := taler.Zero(whole.Currency)
	for _, d := range e.Details {
		list := d.Amount
		if len(list) == 0 {
			list = d.Details
		}
		side := strings.TrimSpace(d.Side)
		if side == "" {
			side = e.Side[0]
		}
		amount, its, err := r.money("TxDtls", list, []string{side})
		if err == nil {
			sum, err = sum.Add(amount)
		}
		if err != nil || its != direction {
			return []part{{amount: whole}}
		}
		parts = append(parts, part{amount, d})
	}
	if sum != whole || len(parts) == 0 {
		return []part{{amount: whole}}
	}
	return parts
}

// transfer hands out one transfer.
func (r *camtReader) transfer(record Record, e *camtEntry, p part) error {
	row, v := r.course.next()
	if v != nil {
		return v
	}
	record.Row, record.Amount = row, p.amount
	own, other, stranger := &record.CreditAccount, &record.DebitAccount, p.detail.Debtor
	if record.Direction == Outgoing {
		own, other, stranger = &record.DebitAccount, &record.CreditAccount, p.detail.Creditor
	}
	*own = r.files.account.PaytoURI
	if iban := plainNumber(stranger.IBAN); isIBAN(iban) {
		*other = "payto://iban/" + iban
	}
	text := strings.Join(p.detail.Subject, "\n")
	record.Subject = plainText(text)
	record.Reference = plainText(cmp.Or(strings.TrimSpace(p.detail.Reference), strings.TrimSpace(e.Reference)))
	taken := p.detail.Return != nil || isTrue(e.Reversal)
	classify(&record, parseSubject(text), taken)
	if v := r.course.once(&record); v != nil {
		return v
	}
	if r.record != nil && !r.record(record) {
		return errStopped
	}
	return nil
}

// isIBAN reports whether a number can stand in a payto URI as an IBAN. Its check digits do not matter: the bank
// did what it says.
func isIBAN(s string) bool {
	const longest = 34
	return s != "" && len(s) <= longest && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'A' || c > 'Z')
	})
}

// classify gives a record the kind and the key that its subject means. What was taken back bears the subject
// of the transfer in the other direction.
func classify(r *Record, s subject, taken bool) {
	r.Kind = Other
	if taken {
		r.Kind = Return
	}
	if !s.found {
		return
	}
	if (r.Direction == Outgoing) != taken {
		r.WTID, r.URL = taler.WTID(s.key), plainText(s.url)
	} else {
		r.ReservePub = taler.EddsaPublicKey(s.key)
	}
	switch {
	case taken:
	case r.Direction == Outgoing:
		r.Kind = Transfer
	case s.kyc:
		r.Kind = KYCAuth
	default:
		r.Kind = ToReserve
	}
}

// once demands that a transfer with a reference is not told a second time on the same day. Banks give one
// reference to a payment and to the charges for it, so all that can tell two of them apart counts.
func (c *course) once(r *Record) *Violation {
	if r.Reference == "" {
		return nil
	}
	copied := *r
	copied.Row = 0
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", copied))
	hash := [16]byte(sum[:16])
	if c.seen[hash] {
		return &Violation{Row: r.Row, Rule: RuleRepeated, Field: "AcctSvcrRef", Have: quote(r.Reference), Want: "each transfer once",
			Hint: "the bank booked twice, or exported one booking twice; ask it"}
	}
	c.seen[hash] = true
	return nil
}

// money reads an amount and its side of the account.
func (r *camtReader) money(field string, amounts []camtAmount, sides []string) (taler.Amount, Direction, error) {
	currency := r.files.account.Currency
	if len(amounts) != 1 || len(sides) != 1 {
		return taler.Amount{}, 0, &Violation{Rule: RuleMissing, Field: field, Want: "one Amt and one CdtDbtInd", Hint: hintStatement}
	}
	text := strings.TrimSpace(amounts[0].Currency) + ":" + strings.TrimSpace(amounts[0].Text)
	amount, err := taler.ParseAmount(text)
	if err != nil {
		return taler.Amount{}, 0, &Violation{Rule: RuleValue, Field: field + "/Amt", Have: quote(text), Want: "an amount with its currency", Err: err, Hint: hintStatement}
	}
	if !amount.Currency.Equal(currency) {
		return taler.Amount{}, 0, &Violation{Rule: RuleCurrency, Field: field + "/Amt", Have: quote(text), Want: "an amount in " + string(currency),
			Hint: "check that the account is one of this exchange"}
	}
	amount.Currency = currency
	switch side := strings.TrimSpace(sides[0]); side {
	case "CRDT":
		return amount, Incoming, nil
	case "DBIT":
		return amount, Outgoing, nil
	default:
		return taler.Amount{}, 0, &Violation{Rule: RuleValue, Field: field + "/CdtDbtInd", Have: quote(side), Want: "CRDT or DBIT", Hint: hintStatement}
	}
}

// date reads a day or a time. One without zone is taken for UTC.
func (r *camtReader) date(field string, d camtDate) (at taler.Timestamp, dayOnly bool, err error) {
	text, layouts := strings.TrimSpace(d.Time), []string{time.RFC3339, "2006-01-02T15:04:05"}
	if text == "" {
		text, layouts, dayOnly = strings.TrimSpace(d.Day), []string{time.DateOnly, "2006-01-02Z07:00"}, true
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if dayOnly {
			t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		}
		if t.Year() >= 1970 {
			return taler.TimestampOf(t), dayOnly, nil
		}
	}
	return 0, false, &Violation{Rule: RuleValue, Field: field, Have: quote(text), Want: "a day or time since 1970", Hint: hintStatement}
}

// isTrue reads a boolean of XML Schema.
func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return s == "true" || s == "1"
}

// plainText makes text of a statement safe to keep: of bounded length, without control characters.
func plainText(s string) string {
	s = strings.Map(func(c rune) rune {
		if !unicode.IsPrint(c) {
			return ' '
		}
		return c
	}, strings.TrimSpace(s))
	return strings.ToValidUTF8(s[:min(len(s), MaxSubject)], "")
}
