package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/bank"
	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// bankTable is what findings about transfers that no row explains are about.
const bankTable = "bank"

// open is something that is open: a booking, a transfer of the bank, or both.
type open struct {
	direction bank.Direction
	side      int16
	group     [32]byte
	booked    *bookedHalf
	made      *madeHalf
	diverted  bool // the two name different accounts
	// repeated means of a booking that another one for the same transfer counts, of a
	// transfer that something was booked under its subject.
	repeated bool
}

type bookedHalf struct {
	section string
	serial  int64
	key     []byte
	account string
	amount  taler.Amount
	at      taler.Timestamp
	run     int64
}

type madeHalf struct {
	section string
	row     int64
	key     []byte
	account string
	amount  taler.Amount
	at      taler.Timestamp
	dayOnly bool
}

func (a *wireAudit) scanOpen(row pgx.CollectableRow) (open, error) {
	var o open
	var direction int16
	var group []byte
	var booked struct {
		section, account, amount *string
		serial, at, run          *int64
		key                      []byte
	}
	var made struct {
		section, account, amount *string
		row, at                  *int64
		key                      []byte
		dayOnly                  *bool
	}
	var diverted *bool
	err := row.Scan(&direction, &o.side, &booked.section, &booked.serial, &booked.key, &booked.account, &booked.amount, &booked.at, &booked.run, &group,
		&made.section, &made.row, &made.key, &made.account, &made.amount, &made.at, &made.dayOnly, &diverted, &o.repeated)
	if err != nil {
		return o, err
	}
	o.direction, o.diverted = bank.Direction(direction), diverted != nil && *diverted
	copy(o.group[:], group)
	if booked.serial != nil {
		b := &bookedHalf{section: *booked.section, serial: *booked.serial, key: booked.key, account: textOf(booked.account), at: fromStored(*booked.at), run: *booked.run}
		if b.amount, err = a.store.amount("a transfer", *booked.amount); err != nil {
			return o, err
		}
		o.booked = b
	}
	if made.row != nil {
		m := &madeHalf{section: *made.section, row: *made.row, key: made.key, account: textOf(made.account), at: fromStored(*made.at), dayOnly: *made.dayOnly}
		if m.amount, err = a.store.amount("a transfer", *made.amount); err != nil {
			return o, err
		}
		o.made = m
	}
	return o, nil
}

func textOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// auditTransfers judges everything that is open.
func (a *wireAudit) auditTransfers(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/wire_open.sql"), []any{a.store.exchange}, a.scanOpen, func(o open) error {
		switch {
		case o.booked == nil:
			return a.find(ctx, a.judgeMade(&o)...)
		case o.made == nil:
			return a.find(ctx, a.judgeBooked(&o)...)
		case o.direction == bank.Incoming:
			return a.find(ctx, a.judgeCredit(&o)...)
		}
		return a.find(ctx, a.judgeDebit(&o)...)
	})
}

// about is the subject of findings about what was booked.
func (o *open) about() subject {
	switch {
	case o.booked == nil:
		return subject{table: bankTable, serial: &o.made.row, key: o.made.section}
	case o.direction == bank.Incoming:
		return row(exchange.Credits.Table, o.booked.serial)
	case o.side == sideClosing:
		return row(exchange.Closings.Table, o.booked.serial)
	}
	return row(exchange.WireTransfers.Table, o.booked.serial)
}

// evidence is what the books and the bank say.
func (o *open) evidence() []report.Evidence {
	var evidence []report.Evidence
	key := func(name string, key []byte) {
		if key != nil {
			evidence = append(evidence, with(name, taler.EddsaPublicKey(key)))
		}
	}
	if o.direction == bank.Outgoing && (o.booked != nil || o.made.key == nil) {
		evidence = append(evidence, with("wtid", taler.WTID(o.group)))
	}
	if b := o.booked; b != nil {
		key("reserve_pub", b.key)
		evidence = append(evidence, with("execution_date", b.at), with("amount", b.amount), withText("account", b.account))
		if b.section != "" {
			evidence = append(evidence, withText("account_section", b.section))
		}
	}
	if m := o.made; m != nil {
		key("reserve_pub at the bank", m.key)
		evidence = append(evidence, withText("account_section at the bank", m.section), number("bank row", m.row), with("date at the bank", m.at),
			with("amount at the bank", m.amount), withText("account at the bank", m.account))
	}
	return evidence
}

// judgeMade is about a transfer of the bank that the books do not explain: a return
// (W-23), a credit (W-04), a further debit under a known subject (W-09), or a debit
// (W-14). The exchange may take its time to book the last three.
func (a *wireAudit) judgeMade(o *open) []report.Finding {
	m := o.made
	if o.side == sideReturned {
		what := "a transfer from the exchange of %v came back to %s (row %d)"
		if o.direction == bank.Outgoing {
			what = "the bank took %v back out of %s (row %d), which it had received before"
		}
		return []report.Finding{finding("W-23", o.about(), exposure(m.amount), o.evidence(), what, m.amount, m.section, m.row)}
	}
	due := m.at.Add(a.policy.TransferGrace)
	if m.dayOnly {
		due = due.Add(24 * time.Hour)
	}
	switch {
	case due > a.now:
		return nil
	case o.direction == bank.Incoming:
		return []report.Finding{finding("W-04", o.about(), gain(m.amount), o.evidence(),
			"%s received %v (row %d), which the exchange has not booked", m.section, m.amount, m.row)}
	case o.repeated:
		return []report.Finding{finding("W-09", o.about(), loss(m.amount), o.evidence(),
			"%s paid %v (row %d) under the subject of a transfer that was made already", m.section, m.amount, m.row)}
	}
	return []report.Finding{finding("W-14", o.about(), loss(m.amount), o.evidence(),
		"%s paid %v (row %d), and nothing in the database says why", m.section, m.amount, m.row)}
}

// judgeBooked is about something that was booked and that no bank has done: of an
// account that nobody reads (W-20), a credit (W-03), a transfer to a merchant (W-10), or
// the closing of a reserve (W-16).
func (a *wireAudit) judgeBooked(o *open) []report.Finding {
	b := o.booked
	switch {
	case len(a.accounts) == 0 || o.repeated:
		return nil
	case o.side == sideClosing:
		for _, account := range a.accounts {
			if h := account.halves[bank.Outgoing]; h != nil && !a.executed(h, b.at) {
				return nil
			}
		}
		return []report.Finding{finding("W-16", o.about(), exposure(b.amount), o.evidence(),
			"closing %d was to wire %v at %v, which no bank has done", b.serial, b.amount, b.at)}
	}
	h := a.halfOf(b.section, o.direction)
	if o.direction == bank.Incoming {
		switch {
		case h == nil:
			return []report.Finding{a.unknownSection(o, loss(b.amount))}
		case !h.known || b.run > h.asked && b.at > h.until:
			return nil
		}
		return []report.Finding{finding("W-03", o.about(), loss(b.amount), o.evidence(),
			"credit %d of %v to %s never arrived at the bank", b.serial, b.amount, b.section)}
	}
	switch {
	case h == nil:
		return []report.Finding{a.unknownSection(o, gain(b.amount))}
	case !a.executed(h, b.at):
		return nil
	}
	return []report.Finding{finding("W-10", o.about(), gain(b.amount), o.evidence(),
		"transfer %d of %v was ordered at %v, and %s has not made it", b.serial, b.amount, b.at, b.section)}
}

// halfOf is one direction of an account, nil if it is not configured.
func (a *wireAudit) halfOf(section string, direction bank.Direction) *half {
	if account := a.accounts[section]; account != nil {
		return account.halves[direction]
	}
	return nil
}

// executed tells whether what was ordered at a time must be in the history.
func (a *wireAudit) executed(h *half, at taler.Timestamp) bool {
	grace := a.policy.TransferGrace
	if h.source == sourceStatements {
		grace += statementDays * 24 * time.Hour
	}
	return h.known && at.Add(grace) <= h.until
}

// unknownSection is about a booking of an account that is not in the configuration.
func (a *wireAudit) unknownSection(o *open, amounts report.Amounts) report.Finding {
	return finding("W-20", o.about(), amounts, o.evidence(),
		"row %d is of the account %.100q, of which no %s transfers are audited", o.booked.serial, o.booked.section, o.direction)
}

// judgeCredit compares what was booked with what arrived: the reserve (W-05), the amount
// (W-06), the sender (W-07) and the date (W-08).
func (a *wireAudit) judgeCredit(o *open) []report.Finding {
	b, m := o.booked, o.made
	if string(b.key) != string(m.key) {
		return []report.Finding{finding("W-05", o.about(), loss(b.amount), o.evidence(),
			"credit %d of %v was booked into another reserve than the sender named", b.serial, b.amount)}
	}
	var findings []report.Finding
	if b.amount != m.amount {
		amounts := differenceOf(b.amount, m.amount)
		findings = append(findings, finding("W-06", o.about(), amounts, o.evidence(),
			"credit %d of %v was booked, but %v arrived", b.serial, b.amount, m.amount))
	}
	if o.diverted {
		findings = append(findings, finding("W-07", o.about(), exposure(b.amount), o.evidence(),
			"credit %d of %v was booked as sent by %.200q, but %.200q sent it", b.serial, b.amount, b.account, m.account))
	}
	if findings != nil || !a.datesDiffer(o, 0) {
		return findings
	}
	return []report.Finding{finding("W-08", o.about(), none, o.evidence(),
		"credit %d is dated %v, but arrived %v", b.serial, b.at, m.at)}
}

// differenceOf is the loss by having booked more than came, or paid more than was
// booked; or the gain by the opposite.
func differenceOf(larger, smaller taler.Amount) report.Amounts {
	if more, err := larger.Sub(smaller); err == nil {
		return loss(more)
	}
	if less, err := smaller.Sub(larger); err == nil {
		return gain(less)
	}
	return none
}

// judgeDebit compares what was ordered with what the bank has done: the receiver
// (W-11), the amount (W-12), the account that paid (W-20, W-25) and the date (W-13,
// W-15).
func (a *wireAudit) judgeDebit(o *open) []report.Finding {
	b, m := o.booked, o.made
	what, dated := "transfer", "W-13"
	if o.side == sideClosing {
		what, dated = "closing", "W-15"
	}
	var findings []report.Finding
	switch {
	case o.diverted:
		findings = append(findings, finding("W-11", o.about(), loss(m.amount), o.evidence(),
			"%s %d was to pay %v to %.200q, but the bank paid %v to %.200q", what, b.serial, b.amount, b.account, m.amount, m.account))
	case b.amount != m.amount:
		findings = append(findings, finding("W-12", o.about(), differenceOf(m.amount, b.amount), o.evidence(),
			"%s %d was to pay %v, but the bank paid %v", what, b.serial, b.amount, m.amount))
	}
	switch {
	case b.section == "" || b.section == m.section:
	case a.halfOf(b.section, bank.Outgoing) == nil:
		findings = append(findings, a.unknownSection(o, none))
	default:
		findings = append(findings, finding("W-25", o.about(), none, o.evidence(),
			"%s %d was to be paid from %s, but was paid from %s", what, b.serial, b.section, m.section))
	}
	if findings != nil || !a.datesDiffer(o, a.policy.ExecutionTolerance) {
		return findings
	}
	return []report.Finding{finding(dated, o.about(), none, o.evidence(),
		"%s %d is dated %v, but the bank paid %v", what, b.serial, b.at, m.at)}
}

// datesDiffer tells whether the books date a transfer otherwise than the bank.
func (a *wireAudit) datesDiffer(o *open, tolerance time.Duration) bool {
	b, m := o.booked.at, o.made.at
	if o.made.dayOnly {
		return b.Add(statementDays*24*time.Hour) < m || b > m.Add((statementDays+1)*24*time.Hour)
	}
	return b.Add(tolerance) < m || b > m.Add(tolerance)
}

// closingEvidence is what is known of a closing.
func closingEvidence(c *exchange.Closing) []report.Evidence {
	return []report.Evidence{with("reserve_pub", c.Reserve), with("wtid", c.WTID), with("execution_date", c.ExecutionDate), with("amount", c.Amount),
		with("closing_fee", c.Fee), withText("account", c.Receiver)}
}

// auditAccounts judges the accounts themselves: that the master key has signed each
// (W-21), that the bank's records are of it (W-22), and that statements lead to the
// balance that all transfers make (W-24).
func (a *wireAudit) auditAccounts(ctx context.Context) error {
	if len(a.accounts) > 0 && !a.keys.accountsListed {
		a.leave(areaWire, "whether the configured accounts are those of the exchange (W-21)", "the database lists no accounts; they are not replicated")
	}
	for _, account := range a.sections() {
		about := subject{table: bankTable, key: account.Section}
		if a.keys.accountsListed && !a.keys.accounts[sameAccount(account.PaytoURI)] {
			err := a.find(ctx, finding("W-21", about, none, []report.Evidence{withText("payto_uri", account.PaytoURI)},
				"the account %s, %.200s, is none that the master key has signed", account.Section, account.PaytoURI))
			if err != nil {
				return err
			}
		}
		for _, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
			h := account.halves[direction]
			if h == nil || h.strangeRow == 0 {
				continue
			}
			err := a.find(ctx, finding("W-22", subject{table: bankTable, key: fmt.Sprintf("%s, %s", account.Section, direction)}, none,
				[]report.Evidence{withText("payto_uri", account.PaytoURI), withText("account at the bank", h.strangeAccount), number("bank row", h.strangeRow)},
				"the %s history of %s is of another account: row %d names %.200q", direction, account.Section, h.strangeRow, h.strangeAccount))
			if err != nil {
				return err
			}
		}
		if err := a.auditBalance(ctx, account, about); err != nil {
			return err
		}
	}
	return nil
}

// auditBalance holds the balance that the last statement tells against the first one
// and all transfers in between (W-24).
func (a *wireAudit) auditBalance(ctx context.Context, account *bankAccount, about subject) error {
	in, out := account.halves[bank.Incoming], account.halves[bank.Outgoing]
	if in == nil || out == nil || in.opening == nil || !in.read || !out.read {
		return nil
	}
	// What is above zero and what is below it, on both sides.
	expected, err := sums(a.policy.Currency, *in.opening, balance{in.total, false}, balance{out.total, true})
	if err != nil {
		return &ArithmeticError{Figure: "the balance of " + account.Section, Err: err}
	}
	if expected.String() == in.closing.String() {
		return nil
	}
	return a.find(ctx, finding("W-24", about, none,
		[]report.Evidence{with("first balance", *in.opening), with("received", in.total), with("paid", out.total), with("expected", expected), with("found", *in.closing)},
		"the last statement of %s ends with %v, but the transfers of all statements lead to %v", account.Section, *in.closing, expected))
}

// sums adds up balances.
func sums(currency taler.Currency, balances ...balance) (balance, error) {
	above, below := taler.Zero(currency), taler.Zero(currency)
	for _, b := range balances {
		into := &above
		if b.below {
			into = &below
		}
		var err error
		if *into, err = into.Add(b.amount); err != nil {
			return balance{}, err
		}
	}
	more, less := signedDifference(above, below, taler.Zero(currency))
	if less.IsZero() {
		return balance{amount: more}, nil
	}
	return balance{less, true}, nil
}
