package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

// compare finds the deposit of each confirmation that binds the exchange, and
// whether it is still what it was.
func (a *confirmationAudit) compare(ctx context.Context) error {
	if err := a.marks(ctx); err != nil {
		return err
	}
	at := stored(a.now.Add(a.policy.FutureTolerance))
	if err := inBatches(ctx, a.store, sql.Text("audit/confirmations_kept.sql"), []any{a.store.exchange, at}, a.scanPromise, a.compareBatch); err != nil {
		return err
	}
	if err := a.states.Flush(ctx); err != nil {
		return err
	}
	if err := a.store.exec(ctx, "analyze pg_temp.staged_confirmation_states"); err != nil {
		return err
	}
	return a.store.exec(ctx, sql.Text("audit/confirmations_merge.sql"), a.store.exchange)
}

// scanPromise reads a confirmation with what is known of its deposit.
func (a *confirmationAudit) scanPromise(row pgx.CollectableRow) (promise, error) {
	var p promise
	var until int64
	var serial, coin, at, deadline *int64
	var wire []byte
	var amount *string
	scan, fill := a.promised(&p)
	if err := row.Scan(append(scan, &until, &p.wrong, &serial, &coin, &wire, &at, &deadline, &amount)...); err != nil {
		return p, err
	}
	p.until = fromStored(until)
	if err := fill(); err != nil || serial == nil {
		return p, err
	}
	p.deposit = &exchange.ConfirmedDeposit{Row: exchange.Row{Serial: *serial}, Coin: *coin, MerchantPub: p.MerchantPub, ContractTermsHash: p.ContractTermsHash,
		ExchangeTimestamp: fromStored(*at), RefundDeadline: fromStored(*deadline)}
	copy(p.deposit.WireHash[:], wire)
	var err error
	p.deposit.AmountWithFee, err = a.store.amount("the amount of a deposit", *amount)
	return p, err
}

// payment is a coin that pays for a contract of a merchant.
type payment struct {
	contract exchange.Contract
	coin     taler.EddsaPublicKey
}

func (p *promise) payment() payment {
	return payment{exchange.Contract{MerchantPub: p.MerchantPub, Hash: p.ContractTermsHash}, p.CoinPub}
}

// candidates are the deposits that a confirmation may be about.
type candidates struct {
	wanted *promise
	count  int64
	best   exchange.ConfirmedDeposit // that says what was confirmed, else the first
	fits   bool
}

func (c *candidates) add(d *exchange.ConfirmedDeposit) {
	fits := d.Malformed == nil && c.wanted.contradicts(d) == 0
	if c.count == 0 || fits && !c.fits {
		c.best, c.fits = *d, fits
	}
	c.count++
}

// compareBatch looks for the deposits of some confirmations.
func (a *confirmationAudit) compareBatch(ctx context.Context, promises []promise) error {
	altered, err := a.altered(ctx, promises)
	if err != nil {
		return err
	}
	recent := gather(promises)
	if a.from < a.next {
		if err := exchange.DepositsFrom(ctx, a.conn, a.source, a.from, recent.contracts(promises, nil), recent.add); err != nil {
			return err
		}
	}
	// What the new deposits do not tell is asked about all deposits of the merchant.
	settled, open := make([]bool, len(promises)), make([]bool, len(promises))
	for i := range promises {
		p, c := &promises[i], recent.of(&promises[i])
		settled[i] = p.deposit != nil && !p.wrong && !altered[i]
		anew := c.count > 1 || c.count == 1 && p.deposit != nil && c.best.Serial != p.deposit.Serial
		open[i] = !a.everyone && (settled[i] && anew || !settled[i] && (c.count == 0 || p.deposit != nil))
	}
	all := gather(promises)
	if contracts := all.contracts(promises, open); len(contracts) > 0 {
		if err := exchange.DepositsOfMerchants(ctx, a.conn, a.source, contracts, all.add); err != nil {
			return err
		}
	}
	for i := range promises {
		p, c := &promises[i], recent.of(&promises[i])
		if open[i] {
			c = all.of(p)
		} else if settled[i] {
			continue
		}
		if c.count == 0 && p.until <= a.now.Add(a.policy.FutureTolerance) {
			continue // collected as garbage: what was wrong with it stays wrong
		}
		if err := a.stage(ctx, p, c); err != nil {
			return err
		}
	}
	return nil
}

// altered tells which of the deposits that were there are not what they were.
func (a *confirmationAudit) altered(ctx context.Context, promises []promise) (map[int]bool, error) {
	var deposits []exchange.ConfirmedDeposit
	var places []int
	for i := range promises {
		if p := &promises[i]; p.deposit != nil && !p.wrong {
			deposits, places = append(deposits, *p.deposit), append(places, i)
		}
	}
	altered := make(map[int]bool)
	if len(deposits) == 0 {
		return altered, nil
	}
	list, err := exchange.AlteredDeposits(ctx, a.conn, a.source, deposits)
	for _, place := range list {
		altered[places[place]] = true
	}
	return altered, err
}

// gathering is what was found for the confirmations of a batch. Several may be about
// one payment.
type gathering map[payment][]*candidates

func gather(promises []promise) gathering {
	g := make(gathering, len(promises))
	for i := range promises {
		p := &promises[i]
		g[p.payment()] = append(g[p.payment()], &candidates{wanted: p})
	}
	return g
}

func (g gathering) of(p *promise) *candidates {
	for _, c := range g[p.payment()] {
		if c.wanted == p {
			return c
		}
	}
	return nil
}

// add takes a deposit for one of the contracts, by whatever coin.
func (g gathering) add(d exchange.ConfirmedDeposit) error {
	for _, c := range g[payment{exchange.Contract{MerchantPub: d.MerchantPub, Hash: d.ContractTermsHash}, d.CoinPub}] {
		c.add(&d)
	}
	return nil
}

// contracts lists the contracts of those confirmations that are chosen, or of all.
func (g gathering) contracts(promises []promise, chosen []bool) []exchange.Contract {
	var list []exchange.Contract
	for i := range promises {
		if chosen == nil || chosen[i] {
			list = append(list, promises[i].payment().contract)
		}
	}
	return list
}
