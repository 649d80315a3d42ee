package bank

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"

	"auditor/internal/taler"
)

// This file reads an answer of a wire gateway as a stream, in the form of 2021 and in the later one:
//
//	{"incoming_transactions": [{"row_id", "date": {"t_ms"}, "amount", "debit_account", "credit_account", "reserve_pub"}]}
//	{"credit_account", "incoming_transactions": [{"type", "row_id", "date": {"t_s"}, "amount", "credit_fee", "debit_account", …}]}
//
// Both are recognised by what is there, record by record: a date is t_ms or t_s; a record without type fills a
// reserve; the exchange's account stands in the record or beside the list. Members that are not known are
// skipped, since servers add some; a known one that comes twice has no meaning and is a violation.

// answer is the reader of one answer.
type answer struct {
	direction Direction
	currency  taler.Currency
	meter     *meter
	perRecord bool // the meter bounds each record rather than the whole answer
	decoder   *json.Decoder
	index     int    // number of the record, from 1; 0 outside of records
	row       int64  // of the record, once it is known
	nameless  int64  // row of the first record that does not name the exchange's account, or 0
	named     Record // the first record that does
	otherwise Record // the first record that names it differently
}

func newAnswer(m *meter, perRecord bool, direction Direction, currency taler.Currency) *answer {
	decoder := json.NewDecoder(m)
	decoder.UseNumber()
	return &answer{direction: direction, currency: currency, meter: m, perRecord: perRecord, decoder: decoder}
}

// list is the name of the member with the records.
func (d Direction) list() string { return d.String() + "_transactions" }

// ownAccount is the name of the member with the exchange's account.
func (d Direction) ownAccount() string {
	if d == Outgoing {
		return "debit_account"
	}
	return "credit_account"
}

// read calls each for every record and returns the account that stands beside the list, if one does. Records
// that do not name the exchange's account themselves are handed out without, since the account may follow
// after the list; complete adds it.
func (a *answer) read(each func(Record) error) (account string, err error) {
	if err := a.open('{', "an object with the member "+a.direction.list()); err != nil {
		return "", err
	}
	listed := false
	known := []string{Incoming.list(), Outgoing.list(), a.direction.ownAccount()}
	err = a.members(known, func(name string) error {
		if name == a.direction.ownAccount() {
			v, err := a.value()
			if err != nil {
				return err
			}
			f := a.fields(map[string]any{name: v})
			account = f.account(name, true)
			return f.err()
		}
		if name != a.direction.list() {
			return &Violation{Rule: RuleForm, Have: "the member " + name, Want: a.direction.list(),
				Hint: "this is the history of the other direction; exchange the two"}
		}
		listed = true
		return a.records(each)
	})
	if err != nil {
		return "", err
	}
	if !listed {
		return "", &Violation{Rule: RuleMissing, Field: a.direction.list(), Have: "missing", Want: "a list of records",
			Hint: "this is no answer of a wire gateway to a request for its history"}
	}
	if a.nameless != 0 && account == "" {
		return "", &Violation{Row: a.nameless, Rule: RuleMissing, Field: a.direction.ownAccount(), Have: "missing",
			Want: "it in the record or beside the list", Hint: hintGateway}
	}
	for _, r := range []Record{a.named, a.otherwise} {
		if own := *r.own(); r.Row != 0 && account != "" && own != account {
			return "", &Violation{Row: r.Row, Rule: RuleAccount, Field: a.direction.ownAccount(), Have: quote(own),
				Want: quote(account) + " as beside the list", Hint: hintGateway}
		}
	}
	if _, err := a.decoder.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return "", a.broken(err)
		}
		return "", &Violation{Rule: RuleForm, Want: "nothing after the answer", Hint: hintGateway}
	}
	return account, nil
}

const hintGateway = "the bank's software is no proper wire gateway; ask the bank"

func (a *answer) records(each func(Record) error) error {
	if err := a.open('[', "a list of records"); err != nil {
		return err
	}
	for number := 1; a.decoder.More(); number++ {
		a.index, a.row = number, 0
		if a.perRecord {
			a.meter.mark()
		}
		r, err := a.record()
		if err != nil {
			return err
		}
		a.note(&r)
		if err := each(r); err != nil {
			return err
		}
	}
	a.index, a.row = 0, 0
	_, err := a.token()
	return err
}

// note remembers how the record names the exchange's account, to compare it with the name beside the list.
func (a *answer) note(r *Record) {
	switch own := *r.own(); {
	case own == "":
		a.nameless = cmp.Or(a.nameless, r.Row)
	case a.named.Row == 0:
		a.named = *r
	case a.otherwise.Row == 0 && own != *a.named.own():
		a.otherwise = *r
	}
}

// complete gives a record that does not name the exchange's account the one that stands beside the list.
func complete(r *Record, account string) {
	if own := r.own(); *own == "" {
		*own = account
	}
}

// open reads the beginning of an object or list.
func (a *answer) open(delimiter json.Delim, want string) error {
	token, err := a.token()
	if err != nil {
		return err
	}
	if token != delimiter {
		return &Violation{Rule: RuleForm, Have: typeOf(token), Want: want, Hint: hintGateway}
	}
	return nil
}

// members reads the rest of an object, of which the brace was read. Of the known members, each may come once,
// and read has to read its value.
func (a *answer) members(known []string, read func(name string) error) error {
	seen := make([]bool, len(known))
	for a.decoder.More() {
		token, err := a.token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		i := slices.Index(known, name)
		if i < 0 {
			if _, err := a.value(); err != nil {
				return err
			}
			continue
		}
		if seen[i] {
			return &Violation{Rule: RuleRepeated, Field: name, Want: "each member of an object once", Hint: hintGateway}
		}
		seen[i] = true
		if err := read(name); err != nil {
			return err
		}
	}
	_, err := a.token()
	return err
}

// value reads a value: a string, json.Number, bool or nil; or a json.Delim, of which the rest was skipped.
func (a *answer) value() (json.Token, error) {
	first, err := a.token()
	if err != nil {
		return nil, err
	}
	if _, composite := first.(json.Delim); !composite {
		return first, nil
	}
	for depth := 1; depth > 0; {
		token, err := a.token()
		if err != nil {
			return nil, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			if depth++; depth > maxDepth {
				return nil, &Violation{Rule: RuleSize, Want: "JSON nested at most " + strconv.Itoa(maxDepth) + " deep", Hint: hintGateway}
			}
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return first, nil
}

func (a *answer) token() (json.Token, error) {
	token, err := a.decoder.Token()
	if err != nil {
		return nil, a.broken(err)
	}
	return token, nil
}

// broken explains why no token can be had. What the source of the bytes said goes before what is made of it.
func (a *answer) broken(err error) error {
	switch {
	case a.meter.err != nil:
		return a.meter.err
	case errors.Is(err, errTooLarge):
		return &Violation{Rule: RuleSize, Want: "at most " + strconv.FormatInt(a.meter.limit, 10) + " bytes", Err: err,
			Hint: "this is no history; ask whoever sent it"}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return &Violation{Rule: RuleSyntax, Want: "more, but it ends there", Err: io.ErrUnexpectedEOF, Hint: "it was cut off; get it again"}
	}
	return &Violation{Rule: RuleSyntax, Want: "JSON", Err: err,
		Hint: "at byte " + strconv.FormatInt(a.decoder.InputOffset(), 10) + " it is something else; it must come from a wire gateway"}
}

// at completes a violation with the place that was reached.
func (a *answer) at(v *Violation) {
	if v.Index == 0 {
		v.Index = a.index
	}
	if v.Row == 0 {
		v.Row = a.row
	}
}

// typeOf names the type of a token as people know it.
func typeOf(token json.Token) string {
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return "a list"
		}
		return "an object"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	}
	return "null"
}
