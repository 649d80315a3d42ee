package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"auditor/internal/bank"
	"auditor/internal/taler"
	"auditor/report"
)

// maxAccountText is how much of an account's name is kept to show it, in bytes.
const maxAccountText = 1024

// transfer is one half of a transfer.
type transfer struct {
	direction bank.Direction
	side      int16
	section   string
	id        int64
	group     [32]byte
	key       []byte // of the reserve; nil if there is none
	party     string // payto URI of the other; empty if it cannot be told
	amount    taler.Amount
	at        taler.Timestamp
	dayOnly   bool
}

// groupOf is what a booking of a transfer to the exchange has in common with the
// bank's record of it.
func (a *wireAudit) groupOf(section string, reference int64, reserve taler.EddsaPublicKey) [32]byte {
	if account := a.accounts[section]; account != nil && account.halves[bank.Incoming] != nil && account.halves[bank.Incoming].source == sourceStatements {
		return sha256.Sum256(append(append([]byte(section), 0), reserve[:]...))
	}
	return sha256.Sum256(binary.BigEndian.AppendUint64(append([]byte(section), 0), uint64(reference)))
}

func (a *wireAudit) stage(ctx context.Context, t *transfer) error {
	c := a.items
	c.Begin()
	c.Int16(int16(t.direction))
	c.Int16(t.side)
	c.Text(t.section)
	c.Int64(t.id)
	c.Bytes(t.group[:])
	if t.key == nil {
		c.Null()
	} else {
		c.Bytes(t.key)
	}
	if party := partyOf(t.party); party == nil {
		nulls(c, 2)
	} else {
		c.Bytes(party)
		c.Text(strings.ToValidUTF8(t.party[:min(len(t.party), maxAccountText)], ""))
	}
	putAmount(c, t.amount)
	c.Int64(stored(t.at))
	c.Bool(t.dayOnly)
	c.Int64(a.store.number)
	return c.End(ctx)
}

// readBanks reads what the banks have moved since the last run. A history that cannot
// be read to its end leaves nothing behind.
func (a *wireAudit) readBanks(ctx context.Context) error {
	for _, account := range a.sections() {
		var ends [bank.Outgoing + 1]taler.Timestamp
		for _, direction := range []bank.Direction{bank.Incoming, bank.Outgoing} {
			h := account.halves[direction]
			if h == nil {
				continue
			}
			last, err := a.readHalf(ctx, account, direction, h)
			if err != nil {
				return err
			}
			ends[direction] = max(last, h.until)
		}
		// Both directions are saved together, and a direction without transfers tells
		// nothing by itself. Missing credits are judged without grace, so they wait for
		// a later credit.
		ends[bank.Outgoing] = max(ends[bank.Outgoing], ends[bank.Incoming])
		for direction, h := range account.halves {
			if !h.read {
				continue
			}
			if account.Saved {
				h.until = ends[direction]
			}
			if err := a.keepHalf(ctx, account.Section, direction, h); err != nil {
				return err
			}
		}
		if end := ends[bank.Outgoing]; account.Saved && end.Add(savedIsOld) < a.now {
			a.leave(areaWire, fmt.Sprintf("transfers of %s after %v", account.Section, end), "the saved history ends then; save what came since, too")
		}
	}
	return nil
}

// savedIsOld is how long ago a saved history may end without a word.
const savedIsOld = 24 * time.Hour

// sections lists the accounts in the order of their names.
func (a *wireAudit) sections() []*bankAccount {
	var list []*bankAccount
	for _, account := range a.accounts {
		list = append(list, account)
	}
	slices.SortFunc(list, func(x, y *bankAccount) int { return strings.Compare(x.Section, y.Section) })
	return list
}

// readHalf reads one direction of an account. It returns the date up to which a saved
// history is complete.
func (a *wireAudit) readHalf(ctx context.Context, account *bankAccount, direction bank.Direction, before *half) (taler.Timestamp, error) {
	if before.err != nil {
		a.unread(account.Section, direction, before.err)
		return 0, nil
	}
	after := *before
	rows, latest, err := a.readRecords(ctx, account, direction, &after)
	if reader, ok := before.history.(bank.StatementReader); ok && err == nil {
		latest, err = readStatements(ctx, reader, &after)
	}
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	if overflow, ok := err.(*ArithmeticError); ok {
		return 0, overflow
	}
	if err != nil {
		a.unread(account.Section, direction, err)
		if err := a.items.Flush(ctx); err != nil {
			return 0, err
		}
		err := a.store.exec(ctx, "delete from pg_temp.staged_wire_items where section = $1 and direction = $2 and side >= $3",
			account.Section, int16(direction), sideMade)
		return 0, err
	}
	after.known, after.read = true, true
	if !account.Saved {
		after.asked, after.until = a.store.number, a.now
	}
	*before = after
	a.progress(fmt.Sprintf("%s, %s", account.Section, direction), rows, rows)
	return latest, nil
}

// unread says that a history could not be read.
func (a *wireAudit) unread(section string, direction bank.Direction, err error) {
	a.logger.Warn("the bank's history cannot be used", "account", section, "direction", direction.String(), "error", err)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.unchecked = append(a.unchecked, report.Unchecked{Area: areaWire, Failed: true,
		What: fmt.Sprintf("the %s transfers of the account %s since the last run", direction, section), Why: err.Error()})
}

// readRecords stages what a bank tells beyond what is known.
func (a *wireAudit) readRecords(ctx context.Context, account *bankAccount, direction bank.Direction, h *half) (rows int64, latest taler.Timestamp, err error) {
	own := sameAccount(account.PaytoURI)
	for record, err := range h.history.Records(ctx, h.lastRow) {
		if err != nil {
			return rows, latest, err
		}
		t := transfer{direction: direction, side: sideMade, section: account.Section, id: record.Row,
			amount: record.Amount, at: record.Date, dayOnly: record.DayOnly}
		mine := record.CreditAccount
		t.party = record.DebitAccount
		if direction == bank.Outgoing {
			mine, t.party = t.party, mine
		}
		switch record.Kind {
		case bank.ToReserve:
			t.group, t.key = a.groupOf(account.Section, record.Row, record.ReservePub), record.ReservePub[:]
		case bank.Transfer:
			t.group = record.WTID
		default:
			// Nothing in the books can belong to it.
			t.group = sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", account.Section, direction, record.Kind, record.Row))
			if record.Kind == bank.Return {
				t.side = sideReturned
			}
		}
		if h.strangeRow == 0 && sameAccount(mine) != own {
			h.strangeRow, h.strangeAccount = record.Row, mine[:min(len(mine), maxAccountText)]
		}
		moved, err := record.Amount.Sub(record.Fee)
		if err == nil {
			h.total, err = h.total.Add(moved)
		}
		if err != nil {
			return rows, latest, &ArithmeticError{Figure: "what the bank moved on " + account.Section, Err: err}
		}
		if err := a.stage(ctx, &t); err != nil {
			return rows, latest, err
		}
		h.lastRow, latest = record.Row, max(latest, record.Date)
		rows++
	}
	return rows, latest, nil
}

// readStatements reads the balances that statements tell, and up to when they go.
func readStatements(ctx context.Context, reader bank.StatementReader, h *half) (taler.Timestamp, error) {
	var until taler.Timestamp
	for s, err := range reader.Statements(ctx) {
		if err != nil {
			return 0, err
		}
		if h.opening == nil {
			h.opening = &balance{s.Opening.Amount, s.Opening.Overdrawn}
		}
		h.closing = &balance{s.Closing.Amount, s.Closing.Overdrawn}
		until = max(until, s.Closing.Date.Add(24*time.Hour))
	}
	return until, nil
}
