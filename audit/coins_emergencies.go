package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// emergency is a denomination that more coins came back of than were issued.
type emergency struct {
	serial        int64
	hash          taler.Hash
	value         taler.Amount
	start, expire taler.Timestamp
	issued, known int64
	issuedValue   taler.Amount
	forged        taler.Amount // value of the coins that were never issued
	overdrawn     taler.Amount
}

// auditEmergencies finds denominations whose private key must have been stolen: more
// coins are known than were issued (C-28), or more was spent than was issued (C-29).
// It looks at all denominations, also those that have expired.
//
// Each coin that the exchange has signed is worth its value, so that C-28 states the
// loss. What C-29 sees is covered by it, by the excess of overspent coins (C-11) and
// by what was spent with false ones (C-10).
func (a *coinAudit) auditEmergencies(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/coins_emergencies.sql"), []any{a.store.exchange}, a.scanEmergency, func(e emergency) error {
		about := row(exchange.Denominations.Table, e.serial)
		evidence := []report.Evidence{with("denom_pub_hash", e.hash), with("value", e.value), number("issued", e.issued), number("known", e.known),
			with("issued value", e.issuedValue), with("overdrawn", e.overdrawn), with("valid_from", e.start), with("expire_deposit", e.expire)}
		if e.known > e.issued {
			err := a.find(ctx, finding("C-28", about, loss(e.forged), evidence,
				"of denomination %d of %v, %d coins were issued, but %d are known", e.serial, e.value, e.issued, e.known))
			if err != nil {
				return err
			}
		}
		if e.overdrawn.IsZero() {
			return nil
		}
		return a.find(ctx, finding("C-29", about, none, evidence,
			"of denomination %d of %v, %v more was spent than was issued", e.serial, e.value, e.overdrawn))
	})
}

func (a *coinAudit) scanEmergency(row pgx.CollectableRow) (emergency, error) {
	var e emergency
	var hash []byte
	var value, issuedValue, forged, overdrawn string
	var start, expire int64
	if err := row.Scan(&e.serial, &hash, &value, &start, &expire, &e.issued, &e.known, &issuedValue, &forged, &overdrawn); err != nil {
		return e, err
	}
	copy(e.hash[:], hash)
	e.start, e.expire = fromStored(start), fromStored(expire)
	for text, target := range map[*string]*taler.Amount{&value: &e.value, &issuedValue: &e.issuedValue, &forged: &e.forged, &overdrawn: &e.overdrawn} {
		var err error
		if *target, err = a.store.amount("what was issued of denomination "+e.hash.String(), *text); err != nil {
			return e, err
		}
	}
	return e, nil
}
