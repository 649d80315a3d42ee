package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"auditor/internal/bank"
	"auditor/internal/taler"
	"auditor/sql"
)

// Ways in which the rows of a bank are numbered.
const (
	sourceGateway    = "gateway"    // by the bank, as in the exchange's books
	sourceStatements = "statements" // by ourselves
)

// bankAccount is one of the exchange's accounts, as the configuration names it.
type bankAccount struct {
	bank.Account
	halves map[bank.Direction]*half // those that are audited
}

// half is one direction of an account, with what earlier runs have read of it and,
// once it was read, with what this run has.
type half struct {
	history bank.History
	err     error // why it cannot be read
	source  string
	known   bool  // it was read to its end, by this run or an earlier one
	read    bool  // by this run
	lastRow int64 // of the bank
	total   taler.Amount
	// asked is the last run that asked the bank itself, 0 if none: what was booked in
	// the exchange's snapshot had arrived by then.
	asked int64
	until taler.Timestamp // up to which the history is complete

	strangeRow     int64 // the first one that names another account as ours; 0 if none does
	strangeAccount string

	opening, closing *balance // of statements
}

// balance is an amount that may be below zero.
type balance struct {
	amount taler.Amount
	below  bool
}

func (b balance) negated() balance { return balance{b.amount, !b.below} }

func (b balance) String() string {
	if b.below && !b.amount.IsZero() {
		return "-" + b.amount.String()
	}
	return b.amount.String()
}

func sourceOf(history bank.History) string {
	if _, ok := history.(bank.StatementReader); ok {
		return sourceStatements
	}
	return sourceGateway
}

// sameAccount writes payto URIs of one account in the same way. Case does not count,
// and of an IBAN neither what stands before it nor the name behind: the number says
// which account it is.
func sameAccount(uri string) string {
	folded := []byte(uri)
	for i, c := range folded {
		if 'A' <= c && c <= 'Z' {
			folded[i] = c + 'a' - 'A'
		}
	}
	payto, err := taler.ParsePayto(string(folded))
	if err != nil || payto.Method != "iban" {
		return string(folded)
	}
	parts := strings.Split(strings.Trim(payto.Target, "/"), "/")
	return "payto://iban/" + strings.ReplaceAll(parts[len(parts)-1], " ", "")
}

// partyOf is a digest of somebody's account, nil if there is none.
func partyOf(uri string) []byte {
	if uri == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(sameAccount(uri)))
	return sum[:8]
}

// openAccounts reads what earlier runs know of the configured accounts.
func (a *wireAudit) openAccounts(ctx context.Context, accounts []bank.Account) error {
	a.accounts = make(map[string]*bankAccount, len(accounts))
	for _, configured := range accounts {
		account := &bankAccount{Account: configured, halves: make(map[bank.Direction]*half)}
		a.accounts[configured.Section] = account
		for _, of := range []struct {
			direction bank.Direction
			history   bank.History
		}{{bank.Incoming, configured.Incoming}, {bank.Outgoing, configured.Outgoing}} {
			if of.history == nil {
				continue
			}
			h, err := a.openHalf(ctx, configured.Section, of.direction, of.history)
			if err != nil {
				return err
			}
			account.halves[of.direction] = h
		}
	}
	return nil
}

func (a *wireAudit) openHalf(ctx context.Context, section string, direction bank.Direction, history bank.History) (*half, error) {
	h := &half{history: history, source: sourceOf(history), total: taler.Zero(a.policy.Currency)}
	var source, total string
	var asked, strange *int64
	var account, opening, closing *string
	var until int64
	err := a.store.row(ctx, `select source, last_row, total::text, read_run, read_until, strange_row, strange_account, opening::text, closing::text
		from auditor.wire_accounts where exchange_id = $1 and section = $2 and direction = $3`,
		[]any{a.store.exchange, section, int16(direction)}, &source, &h.lastRow, &total, &asked, &until, &strange, &account, &opening, &closing)
	if errors.Is(err, pgx.ErrNoRows) {
		if direction == bank.Incoming && h.source == sourceStatements {
			err = a.store.exec(ctx, sql.Text("audit/wire_regroup.sql"), a.store.exchange, section)
			return h, err
		}
		return h, nil
	}
	if err != nil {
		return nil, err
	}
	if source != h.source {
		h.err = fmt.Errorf("it came from a %s so far and would come from a %s now, whose rows have other numbers; go back to the earlier source, or begin anew with auditor-dbinit restart",
			strings.TrimSuffix(source, "s"), strings.TrimSuffix(h.source, "s"))
		h.source = source
	}
	h.known, h.until = true, fromStored(until)
	if asked != nil {
		h.asked = *asked
	}
	if strange != nil {
		h.strangeRow, h.strangeAccount = *strange, *account
	}
	if h.total, err = a.store.amount("what a bank has moved", total); err != nil {
		return nil, err
	}
	for _, b := range []struct {
		into *(*balance)
		text *string
	}{{&h.opening, opening}, {&h.closing, closing}} {
		if b.text == nil {
			continue
		}
		text, below := strings.CutPrefix(*b.text, "-")
		amount, err := a.store.amount("the balance of an account", text)
		if err != nil {
			return nil, err
		}
		*b.into = &balance{amount, below}
	}
	return h, nil
}

// keepHalf stores what is known of one direction of an account.
func (a *wireAudit) keepHalf(ctx context.Context, section string, direction bank.Direction, h *half) error {
	var asked, strange *int64
	var account, opening, closing *string
	if h.asked != 0 {
		asked = &h.asked
	}
	if h.strangeRow != 0 {
		strange, account = &h.strangeRow, &h.strangeAccount
	}
	if h.opening != nil {
		opening, closing = new(signedDecimal(*h.opening)), new(signedDecimal(*h.closing))
	}
	return a.store.exec(ctx, `insert into auditor.wire_accounts (exchange_id, section, direction, source, last_row, total, read_run, read_until,
			strange_row, strange_account, opening, closing)
		values ($1, $2, $3, $4, $5, $6::text::numeric, $7, $8, $9, $10, $11::text::numeric, $12::text::numeric)
		on conflict (exchange_id, section, direction) do update set last_row = excluded.last_row, total = excluded.total, read_run = excluded.read_run,
			read_until = excluded.read_until, strange_row = excluded.strange_row, strange_account = excluded.strange_account,
			opening = excluded.opening, closing = excluded.closing`,
		a.store.exchange, section, int16(direction), h.source, h.lastRow, decimal(h.total), asked, stored(h.until), strange, account, opening, closing)
}

func signedDecimal(b balance) string {
	if b.below {
		return "-" + decimal(b.amount)
	}
	return decimal(b.amount)
}
