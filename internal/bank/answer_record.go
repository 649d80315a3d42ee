package bank

import (
	"encoding/json"
	"net/url"
	"strings"

	"auditor/internal/taler"
)

// The members of records that are known, in either form and direction. Those of a date have its name in front.
var (
	recordMembers = []string{"type", "row_id", "date", "amount", "credit_fee", "debit_account", "credit_account",
		"reserve_pub", "account_pub", "origin_exchange_url", "wad_id", "wtid", "exchange_base_url"}
	dateMembers = []string{"t_ms", "t_s"}
)

// record reads the next element of the list.
func (a *answer) record() (Record, error) {
	if err := a.open('{', "a record, which is an object"); err != nil {
		return Record{}, err
	}
	values := make(map[string]any, len(recordMembers))
	err := a.members(recordMembers, func(name string) error {
		if name == "date" {
			return a.date(values)
		}
		v, err := a.value()
		values[name] = v
		return err
	})
	if err != nil {
		return Record{}, err
	}
	f := a.fields(values)
	r := f.record(a.direction)
	return r, f.err()
}

// date reads the value of a date into the values of the record.
func (a *answer) date(values map[string]any) error {
	token, err := a.token()
	if err != nil {
		return err
	}
	values["date"] = token
	switch token {
	case json.Delim('{'):
		return a.members(dateMembers, func(name string) error {
			v, err := a.value()
			values["date."+name] = v
			return err
		})
	case json.Delim('['):
		return &Violation{Rule: RuleType, Field: "date", Have: "a list", Want: "an object", Hint: hintGateway}
	}
	return nil
}

// record makes a record of its members.
func (f *fields) record(direction Direction) Record {
	r := Record{Row: f.row(), Direction: direction}
	r.Date = f.date()
	r.Amount = f.amount("amount")
	r.Fee = taler.Zero(f.answer.currency)
	r.DebitAccount = f.account("debit_account", direction == Incoming)
	r.CreditAccount = f.account("credit_account", direction == Outgoing)
	if direction == Outgoing {
		r.Kind = Transfer
		f.binary("wtid", r.WTID[:])
		r.URL = f.text("exchange_base_url")
		return r
	}
	if _, found := f.values["credit_fee"]; found {
		r.Fee = f.amount("credit_fee")
	}
	kind := "RESERVE"
	if _, found := f.values["type"]; found {
		kind = strings.ToUpper(f.text("type"))
	}
	switch kind {
	case "RESERVE":
		r.Kind = ToReserve
		f.binary("reserve_pub", r.ReservePub[:])
	case "KYCAUTH":
		r.Kind = KYCAuth
		f.binary("account_pub", r.ReservePub[:])
	case "WAD":
		r.Kind = Wad
		f.binary("wad_id", r.WadID[:])
		r.URL = f.webURL("origin_exchange_url")
	default:
		f.fail(Violation{Rule: RuleValue, Field: "type", Have: quote(kind), Want: "RESERVE, KYCAUTH or WAD",
			Hint: "the bank's software is newer than this program; upgrade this program"})
	}
	return r
}

// webURL is a text that is a URL of the web.
func (f *fields) webURL(name string) string {
	s := f.text(name)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		f.fail(Violation{Rule: RuleValue, Field: name, Have: quote(s), Want: "a URL of http or https", Err: err, Hint: hintGateway})
	}
	return s
}
