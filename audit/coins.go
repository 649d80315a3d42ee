package audit

import (
	"context"
	"sync"
	"sync/atomic"

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

// coinAudit is the state of auditing the coins.
type coinAudit struct {
	*run
	staging sync.Mutex // held by who adds to events or issues
	events  *pg.Copier
	known   *pg.Copier
	refunds *pg.Copier
	issues  map[issue]*issued
	wires   wires
	// dates of rows, in the order of which they were written
	deposits, freshRecoups *chronology
	// unrevealed is what was melted for fresh coins that were not revealed yet, without
	// the melt fees: the exchange owes it as well.
	unrevealed taler.Amount
	repeated   atomic.Bool // whether rows book a statement once more
}

// auditCoins judges all new rows about coins and evaluates their balances.
func auditCoins(ctx context.Context, r *run, conn *pgx.Conn) error {
	if err := r.store.exec(ctx, sql.Text("audit/coins_staging.sql")); err != nil {
		return err
	}
	a := newCoinAudit(r)
	err := together(ctx,
		func(ctx context.Context) error {
			return inTurn(ctx, conn, a.judgeIssues, a.judgeKnownCoins, a.judgeDeposits, a.judgeRefunds,
				a.bookOnce(exchange.KnownCoins.Table, exchange.Deposits.Table, exchange.Refunds.Table))
		},
		func(ctx context.Context) error {
			return r.reading(ctx, func(conn *pgx.Conn) error {
				return inTurn(ctx, conn, a.auditRefresh, a.bookOnce(exchange.Melts.Table, exchange.FreshCoins.Table), a.judgeRecoups, a.judgeFreshRecoups)
			})
		})
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		a.flush,
		a.leaveOutRepeated,
		a.fold,
		func(ctx context.Context) error { return a.auditFalseCoins(ctx, conn) },
		a.auditOverspending,
		a.auditEmergencies,
		a.deposits.audit,
		a.freshRecoups.audit,
		a.stateBalances,
		a.stateIncome,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// inTurn takes steps one after the other.
func inTurn(ctx context.Context, conn *pgx.Conn, steps ...func(context.Context, *pgx.Conn) error) error {
	for _, step := range steps {
		if err := step(ctx, conn); err != nil {
			return err
		}
	}
	return nil
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

// bookOnce is a step that finds statements in tables, all rows of which were judged, that were booked
// more than once. It is done while signatures in other tables are verified.
func (a *coinAudit) bookOnce(tables ...string) func(context.Context, *pgx.Conn) error {
	return func(ctx context.Context, _ *pgx.Conn) error {
		repeated, err := auditStatements(ctx, a.run, tables...)
		if repeated {
			a.repeated.Store(true)
		}
		return err
	}
}

// leaveOutRepeated leaves what rows did to coins that book a statement once more out of the
// books: what a coin signed once is taken from it once, so that a coin is not called overspent
// because of a row that somebody copied.
func (a *coinAudit) leaveOutRepeated(ctx context.Context) error {
	if !a.repeated.Load() {
		return nil
	}
	return a.store.exec(ctx, sql.Text("audit/coins_repeated.sql"), a.store.exchange)
}
