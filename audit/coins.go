package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
	"auditor/sql"
)

// The area "coins" proves that the exchange owes each coin what it was issued for
// and has not been spent yet. Coins are issued by withdrawals and by reveals; they
// are spent by deposits, melts and recoups; refunds, and recoups of the coins that
// they were melted for, give value back to them. Each new row is judged by itself
// while it streams past, and staged as an event; the events are then folded into
// the balances of coins and of denominations.

// Kinds of events of coins.
const (
	eventWithdrawn     = 1 // a coin was issued by a withdrawal
	eventRevealed      = 2 // a coin was issued by a reveal
	eventDeposit       = 3 // a coin was spent at a merchant's
	eventMelt          = 4 // a coin was spent for fresh ones
	eventRefund        = 5 // a merchant gave back what a coin had paid
	eventCoinRecoup    = 6 // a coin was spent back into the reserve it was withdrawn from
	eventRecoupRefresh = 7 // a fresh coin was spent back into the coin that was melted for it
	eventRecoupedInto  = 8 // the other side of it: the melted coin was given value back
)

// coinEvent is what one row does to a coin and its denomination.
type coinEvent struct {
	kind         int16
	coin         int64 // known_coins.known_coin_id; 0 for issuing events, which do not tell the coin
	denomination int64 // denominations.denominations_serial, of the coin
	serial       int64 // of the row
	amount       taler.Amount
	fee          taler.Amount // that the exchange earns: part of the amount
}

// coinAudit is the state of auditing the coins.
type coinAudit struct {
	*run
	events *pg.Copier
}

// auditCoins judges all new rows about coins and evaluates their balances.
func auditCoins(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/coins_staging.sql")); err != nil {
		return err
	}
	a := &coinAudit{run: r, events: pg.NewCopier(r.store.tx.Conn(), pgx.Identifier{"pg_temp", "staged_coin_events"},
		"kind", "coin", "denomination", "serial", "amount_val", "amount_frac", "fee_val", "fee_frac")}
	for _, step := range []func(context.Context, *pgx.Conn) error{a.judgeIssues, a.auditRefresh, a.judgeRecoups, a.judgeFreshRecoups} {
		if err := step(ctx, conn); err != nil {
			return err
		}
	}
	return a.events.Flush(ctx)
}

// judgeIssues books the coins that were withdrawn. The rows themselves are judged
// with the reserves; one of a denomination that does not exist is R-02.
func (a *coinAudit) judgeIssues(ctx context.Context, conn *pgx.Conn) error {
	return judge(ctx, a.run, conn, areaCoins, exchange.WithdrawnCoins, func(*exchange.WithdrawnCoin, *verdict) {}, func(w *exchange.WithdrawnCoin) error {
		d := a.keys.denominations[w.Denomination]
		if d == nil {
			return nil
		}
		return a.stage(ctx, coinEvent{kind: eventWithdrawn, denomination: w.Denomination, serial: w.Serial, amount: d.Value, fee: taler.Zero(a.policy.Currency)})
	})
}

// stage adds an event to those of this run. Folding looks at nothing else, so that
// every row that counts is staged once.
func (a *coinAudit) stage(ctx context.Context, e coinEvent) error {
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	c := a.events
	c.Begin()
	c.Int16(e.kind)
	if e.coin == 0 {
		c.Null()
	} else {
		c.Int64(e.coin)
	}
	c.Int64(e.denomination)
	c.Int64(e.serial)
	putAmount(c, e.amount)
	putAmount(c, e.fee)
	return c.End(ctx)
}
