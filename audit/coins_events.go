package audit

import (
	"context"

	"auditor/internal/exchange"
	"auditor/internal/pg"
	"auditor/internal/taler"
)

// Kinds of events of coins. Folding adds two more: 9, a deposit fee that is given
// back to a coin, and 10, one that a merchant is spared.
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
	coin         int64        // known_coins.known_coin_id; 0 for issuing events, which do not tell the coin
	denomination int64        // denominations.denominations_serial, of the coin
	serial       int64        // of the row
	amount       taler.Amount // value of an issued coin; otherwise what the row moves, the fee included
	fee          taler.Amount // that the exchange earns; of an issued coin, what was paid beside its value
}

// issue is what issuing events have in common that are staged as one.
type issue struct {
	kind         int16
	denomination int64
}

// issued is the sum of these events.
type issued struct {
	coins       int64
	amount, fee taler.Amount
}

// newCoinAudit opens the ways into the staging tables.
func newCoinAudit(r *run) *coinAudit {
	return &coinAudit{
		run: r,
		events: r.store.copier("staged_coin_events", "kind", "coin", "denomination", "serial", "coins",
			"amount_val", "amount_frac", "fee_val", "fee_frac"),
		known:        r.store.copier("staged_coins", "coin", "denomination", "coin_pub", "genuine"),
		refunds:      r.store.copier("staged_refunds", "deposit", "denomination"),
		issues:       make(map[issue]*issued),
		deposits:     r.chronology("C-45", exchange.Deposits.Table),
		freshRecoups: r.chronology("C-45", exchange.FreshRecoups.Table),
		unrevealed:   taler.Zero(r.policy.Currency),
	}
}

// stage adds an event to those of this run. Folding looks at nothing else, so that
// every row that counts is staged once. Of coins that were issued it matters only
// how many there are of each denomination.
func (a *coinAudit) stage(ctx context.Context, e coinEvent) error {
	a.staging.Lock()
	defer a.staging.Unlock()
	if e.coin == 0 {
		return a.stageIssue(e)
	}
	c := a.events
	c.Begin()
	c.Int16(e.kind)
	c.Int64(e.coin)
	c.Int64(e.denomination)
	c.Int64(e.serial)
	c.Null()
	putAmount(c, e.amount)
	putAmount(c, e.fee)
	return c.End(ctx)
}

func (a *coinAudit) stageIssue(e coinEvent) error {
	key := issue{e.kind, e.denomination}
	sum := a.issues[key]
	if sum == nil {
		sum = &issued{amount: taler.Zero(a.policy.Currency), fee: taler.Zero(a.policy.Currency)}
		a.issues[key] = sum
	}
	sum.coins++
	var err error
	if sum.amount, err = sum.amount.Add(e.amount); err != nil {
		return &ArithmeticError{Figure: "the value of the coins that were issued", Err: err}
	}
	if sum.fee, err = sum.fee.Add(e.fee); err != nil {
		return &ArithmeticError{Figure: "the fees for coins that were issued", Err: err}
	}
	return nil
}

// flush completes the staging tables.
func (a *coinAudit) flush(ctx context.Context) error {
	if err := a.stageDenominations(ctx); err != nil {
		return err
	}
	for key, sum := range a.issues {
		c := a.events
		c.Begin()
		c.Int16(key.kind)
		c.Null()
		c.Int64(key.denomination)
		c.Null()
		c.Int64(sum.coins)
		putAmount(c, sum.amount)
		putAmount(c, sum.fee)
		if err := c.End(ctx); err != nil {
			return err
		}
	}
	for _, c := range []*pg.Copier{a.events, a.known, a.refunds} {
		if err := c.Flush(ctx); err != nil {
			return err
		}
	}
	return a.store.exec(ctx, "analyze pg_temp.staged_coin_events, pg_temp.staged_coins, pg_temp.staged_refunds")
}

// stageDenominations stages the terms of all denominations that can be read.
func (a *coinAudit) stageDenominations(ctx context.Context) error {
	c := a.store.copier("staged_denominations", "denomination", "denom_pub_hash",
		"value_val", "value_frac", "fee_deposit_val", "fee_deposit_frac", "valid_from", "expire_deposit")
	for serial, d := range a.keys.denominations {
		c.Begin()
		c.Int64(serial)
		c.Bytes(d.PubHash[:])
		putAmount(c, d.Value)
		putAmount(c, d.FeeDeposit)
		c.Int64(stored(d.ValidFrom))
		c.Int64(stored(d.ExpireDeposit))
		if err := c.End(ctx); err != nil {
			return err
		}
	}
	return c.Flush(ctx)
}
