package bank

import (
	"cmp"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"

	"auditor/internal/taler"
)

// statement is a statement while it is read.
type statement struct {
	Statement
	number          string // of the account; empty while it is unknown
	opened, closed  bool   // whether the balances are known
	begun           bool   // whether an entry was read
	credits, debits taler.Amount
}

type camtBalance struct {
	Type   string       `xml:"Tp>CdOrPrtry>Cd"`
	Amount []camtAmount `xml:"Amt"`
	Side   []string     `xml:"CdtDbtInd"`
	Date   camtDate     `xml:"Dt"`
}

type camtAccount struct {
	IBAN  string `xml:"Id>IBAN"`
	Other string `xml:"Id>Othr>Id"`
}

func (a camtAccount) number() string { return plainNumber(cmp.Or(a.IBAN, a.Other)) }

// readStatement reads a statement and reports whether it is one of our account. The schema puts the account and
// the balances before the entries, so that the entries can be numbered while they are read.
func (r *camtReader) readStatement() (ours bool, err error) {
	s := &statement{Statement: Statement{File: r.name}}
	s.credits, s.debits = taler.Zero(r.files.account.Currency), taler.Zero(r.files.account.Currency)
	err = r.children(func(start xml.StartElement) error {
		r.meter.mark()
		switch name := start.Name.Local; {
		case name == "Id":
			return r.text(&s.ID, start)
		case name == "Acct":
			var account camtAccount
			if err := r.element(&account, start); err != nil {
				return err
			}
			s.number = account.number()
			return nil
		case s.number != r.files.number:
			return r.skip()
		case name == "Bal":
			return r.balance(s, start)
		case name == "Ntry":
			if !s.begun {
				s.begun = true
				if err := r.begin(s); err != nil {
					return err
				}
			}
			return r.entry(s, start)
		}
		return r.skip()
	})
	if err != nil || s.number != r.files.number {
		return false, err
	}
	if !s.begun {
		if err := r.begin(s); err != nil {
			return true, err
		}
	}
	return true, r.end(s)
}

func (r *camtReader) text(into *string, start xml.StartElement) error {
	if err := r.element(into, start); err != nil {
		return err
	}
	*into = strings.TrimSpace(*into)
	return nil
}

// balance takes note of the opening and the closing balance; the others do not matter.
func (r *camtReader) balance(s *statement, start xml.StartElement) error {
	var b camtBalance
	if err := r.element(&b, start); err != nil {
		return err
	}
	target, known := &s.Opening, &s.opened
	switch strings.TrimSpace(b.Type) {
	case "OPBD", "PRCD":
	case "CLBD":
		target, known = &s.Closing, &s.closed
	case "ITBD":
		return &Violation{Rule: RuleForm, Field: "Bal", Have: "interim", Want: "an opening and a closing balance",
			Hint: "the statement is cut into pages; ask the bank for whole statements"}
	default:
		return nil
	}
	amount, direction, err := r.money("Bal", b.Amount, b.Side)
	if err != nil {
		return err
	}
	date, _, err := r.date("Bal", b.Date)
	if err != nil {
		return err
	}
	balance := Balance{Amount: amount, Overdrawn: direction == Outgoing && !amount.IsZero(), Date: date - date%dayLength}
	if *known && (balance.Amount != target.Amount || balance.Overdrawn != target.Overdrawn) {
		return &Violation{Rule: RuleRepeated, Field: "Bal", Have: quote(b.Type), Want: "it once", Hint: hintStatement}
	}
	*target, *known = balance, true
	return nil
}

// begin demands that a statement follows on the one before it.
func (r *camtReader) begin(s *statement) error {
	switch c := r.course; {
	case s.ID == "":
		return &Violation{Rule: RuleMissing, Field: "Stmt/Id", Have: "missing", Want: "a name of the statement", Hint: hintStatement}
	case !s.opened || !s.closed:
		return &Violation{Rule: RuleMissing, Field: "Bal", Have: "missing", Want: "opening (OPBD) and closing (CLBD) balances before the entries", Hint: hintStatement}
	case c.any && s.Closing.Date < c.last.Closing.Date:
		return &Violation{Rule: RuleOrder, Field: "Bal/Dt", Have: day(s.Closing.Date), Want: day(c.last.Closing.Date) + " or later, as the statement before it",
			Hint: "name the files in the order of their statements"}
	case c.day == s.Closing.Date && slices.Contains(c.ids, s.ID):
		return &Violation{Rule: RuleRepeated, Field: "Stmt/Id", Have: quote(s.ID), Want: "each statement once", Hint: "remove one of the files"}
	case c.any && (s.Opening.Amount != c.last.Closing.Amount || s.Opening.Overdrawn != c.last.Closing.Overdrawn):
		return &Violation{Rule: RuleAdjoining, Field: "Bal", Have: signed(s.Opening), Want: signed(c.last.Closing) + ", with which the statement before it ended",
			Hint: "a statement between the two is missing; get it from the bank"}
	}
	r.course.enter(s.Closing.Date)
	r.course.ids = append(r.course.ids, s.ID)
	return nil
}

// end demands that the entries lead from the one balance to the other.
func (r *camtReader) end(s *statement) error {
	plus, minus := []taler.Amount{s.credits}, []taler.Amount{s.debits}
	for _, b := range []struct {
		Balance
		minus bool
	}{{s.Opening, s.Opening.Overdrawn}, {s.Closing, !s.Closing.Overdrawn}} {
		if b.minus {
			minus = append(minus, b.Amount)
		} else {
			plus = append(plus, b.Amount)
		}
	}
	left, err := total(plus)
	if err != nil {
		return err
	}
	right, err := total(minus)
	if err != nil {
		return err
	}
	if left != right {
		return &Violation{Rule: RuleBalance, Field: "Bal", Have: signed(s.Closing), Err: nil,
			Want: signed(s.Opening) + " with credits of " + s.credits.String() + " and debits of " + s.debits.String(),
			Hint: "entries are missing or invented; get the statement from the bank again"}
	}
	r.course.last, r.course.any = s.Statement, true
	if r.statement != nil && !r.statement(s.Statement) {
		return errStopped
	}
	return nil
}

func total(amounts []taler.Amount) (sum taler.Amount, err error) {
	sum = taler.Zero(amounts[0].Currency)
	for _, a := range amounts {
		if sum, err = sum.Add(a); err != nil {
			return sum, &Violation{Rule: RuleValue, Field: "Amt", Want: "amounts that can be added up", Err: err, Hint: hintStatement}
		}
	}
	return sum, nil
}

func signed(b Balance) string {
	if b.Overdrawn {
		return "-" + b.Amount.String()
	}
	return b.Amount.String()
}

// dayLength is the length of a day in microseconds.
const dayLength = 24 * 60 * 60 * 1_000_000

func day(t taler.Timestamp) string { return t.Time().Format("2006-01-02") }

// course is what is remembered from one statement to the next: of the day of the last one, which entries it
// had. Its memory is bounded by the entries of a day.
type course struct {
	any   bool
	last  Statement
	day   taler.Timestamp
	count int64             // transfers of the day
	ids   []string          // statements of the day
	seen  map[[16]byte]bool // hashes of the references of the day
}

func newCourse() *course { return &course{day: taler.Forever, seen: map[[16]byte]bool{}} }

func (c *course) clone() *course {
	copied := *c
	copied.ids = slices.Clone(c.ids)
	copied.seen = make(map[[16]byte]bool, len(c.seen))
	for hash := range c.seen {
		copied.seen[hash] = true
	}
	return &copied
}

func (c *course) enter(day taler.Timestamp) {
	if c.day != day {
		c.day, c.count, c.ids = day, 0, nil
		clear(c.seen)
	}
}

// next numbers the next transfer of the day: year, month and day, then six digits that count.
func (c *course) next() (int64, *Violation) {
	c.count++
	if c.count > maxPerDay {
		return 0, &Violation{Rule: RuleEndless, Want: "at most " + strconv.Itoa(maxPerDay) + " transfers in a day", Hint: hintStatement}
	}
	year, month, day := c.day.Time().Date()
	return int64(year*10000+int(month)*100+day)*(maxPerDay+1) + c.count, nil
}
