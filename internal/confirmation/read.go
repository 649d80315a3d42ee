package confirmation

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"auditor/internal/taler"
)

// Read reads a file of reports as a stream: an array of entries, one entry, or one
// after the other. Entries may be of both forms, in the given currency:
//
//   - rows of deposit_confirmations as an auditor stores them, byte columns in
//     hexadecimal digits, times in microseconds;
//   - bodies of the request PUT /deposit-confirmation, in base 32, times as
//     {"t_ms": …} or {"t_s": …}.
//
// It calls yield with the number of each entry, from 1, and either the confirmation
// or the reason why the entry is none. Read fails if the file cannot be read, or
// with the error of yield.
func Read(r io.Reader, currency taler.Currency, yield func(entry int, c *Confirmation, reason error) error) error {
	s := &splitter{in: bufio.NewReader(r)}
	for {
		entry, reason, done, err := s.next()
		if err != nil || done {
			return err
		}
		var c *Confirmation
		if reason == nil {
			c, reason = parse(entry, currency)
		}
		if err := yield(s.entries, c, reason); err != nil {
			return err
		}
	}
}

// parse reads one entry.
func parse(entry []byte, currency taler.Currency) (*Confirmation, error) {
	f, err := membersOf(entry)
	if err != nil {
		return nil, err
	}
	f.currency = currency
	c := &Confirmation{}
	if _, stored := f.members["amount_without_fee_val"]; stored {
		f.stored(c)
	} else {
		f.request(c)
	}
	if f.err == nil {
		f.refuseRest()
	}
	if f.err != nil {
		return nil, f.err
	}
	return c, nil
}

// fields are the members of a JSON object that were not taken yet. The first one
// that is not as it should be gives the error.
type fields struct {
	currency taler.Currency
	members  map[string]json.RawMessage
	err      error
}

// membersOf takes an object apart. Names are told apart exactly, and none may be
// there twice.
func membersOf(text []byte) (*fields, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil {
		return nil, notJSON(err)
	} else if t != json.Delim('{') {
		return nil, errNoObject
	}
	f := &fields{members: make(map[string]json.RawMessage)}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		key, _ := name.(string)
		if _, twice := f.members[key]; twice {
			return nil, fmt.Errorf("%.40q is there twice", key)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, notJSON(err)
		}
		f.members[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("is no JSON: something follows the object")
	}
	return f, nil
}

func notJSON(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("is no JSON: %v", err)
}

func (f *fields) refuse(name, reason string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("%s "+reason, append([]any{name}, args...)...)
	}
}

// has tells whether a member is there.
func (f *fields) has(name string) bool {
	_, ok := f.members[name]
	return ok
}

// take decodes a member that must be there into v and tells whether it could.
func (f *fields) take(name string, v any) bool {
	raw, ok := f.members[name]
	delete(f.members, name)
	if !ok {
		f.refuse(name, "is missing")
		return false
	}
	if string(raw) == "null" || json.Unmarshal(raw, v) != nil {
		f.refuse(name, "is %s", shortened(raw))
		return false
	}
	return true
}

// refuseRest refuses the members that nobody asked for.
func (f *fields) refuseRest() {
	names := make([]string, 0, len(f.members))
	for name := range f.members {
		names = append(names, fmt.Sprintf("%.40q", name))
	}
	slices.Sort(names)
	if len(names) > 0 {
		f.err = fmt.Errorf("has members that no deposit confirmation of this protocol has: %s", strings.Join(names[:min(len(names), 5)], ", "))
	}
}

// shortened shows a value that is not as expected.
func shortened(raw []byte) string {
	if len(raw) > 40 {
		return fmt.Sprintf("%q…, which is not as expected", raw[:40])
	}
	return fmt.Sprintf("%q, which is not as expected", raw)
}
