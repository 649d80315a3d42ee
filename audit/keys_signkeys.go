package audit

import (
	"context"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// auditSignKeys judges every key with which the exchange signs (K-06), its dates
// (K-15), and every revocation of one (K-08).
func (a *keyAudit) auditSignKeys(ctx context.Context) error {
	keys, err := readAll(ctx, a, exchange.SignKeys)
	if err != nil {
		return err
	}
	for i := range keys {
		k := &keys[i]
		about := row(exchange.SignKeys.Table, k.Serial)
		evidence := []report.Evidence{with("exchange_pub", k.Pub), with("valid_from", k.ValidFrom),
			with("expire_sign", k.ExpireSign), with("expire_legal", k.ExpireLegal)}
		statement := taler.SignKeyValidity{Start: k.ValidFrom, ExpireSign: k.ExpireSign, ExpireLegal: k.ExpireLegal, ExchangePub: k.Pub}
		if taler.Verify(a.policy.MasterPub, statement, k.MasterSig) {
			a.keys.signKeys[k.Pub] = append(a.keys.signKeys[k.Pub], statement)
		} else {
			err := a.find(ctx, finding("K-06", about, none, unverified(evidence, a.policy.MasterPub, statement, k.MasterSig),
				"sign key %d is not signed by the master key as it stands", k.Serial))
			if err != nil {
				return err
			}
		}
		if k.ValidFrom >= k.ExpireSign || k.ExpireSign > k.ExpireLegal {
			if err := a.find(ctx, finding("K-15", about, none, evidence, "the dates of sign key %d are out of order", k.Serial)); err != nil {
				return err
			}
		}
		err := a.remember(ctx, exchange.SignKeys.Table, k.Serial, taler.Forever, k.Pub, k.MasterSig, uint64(k.ValidFrom), uint64(k.ExpireSign), uint64(k.ExpireLegal))
		if err != nil {
			return err
		}
	}

	revocations, err := readAll(ctx, a, exchange.SignKeyRevocations)
	if err != nil {
		return err
	}
	for i := range revocations {
		v := &revocations[i]
		statement := taler.SignKeyRevocation{ExchangePub: v.Pub}
		if taler.Verify(a.policy.MasterPub, statement, v.MasterSig) {
			a.keys.revokedSignKeys[v.Serial] = v.Pub
		} else {
			err := a.find(ctx, finding("K-08", row(exchange.SignKeyRevocations.Table, v.Serial), none,
				unverified([]report.Evidence{with("exchange_pub", v.Pub)}, a.policy.MasterPub, statement, v.MasterSig),
				"the revocation of sign key %d is not signed by the master key", v.SignKey))
			if err != nil {
				return err
			}
		}
		if err := a.remember(ctx, exchange.SignKeyRevocations.Table, v.Serial, taler.Forever, v.SignKey, v.MasterSig); err != nil {
			return err
		}
	}
	return nil
}

// auditWireAccounts judges every bank account of the exchange (K-12). A replica
// has none of them.
func (a *keyAudit) auditWireAccounts(ctx context.Context) error {
	accounts, err := readAll(ctx, a, exchange.WireAccounts)
	if err != nil {
		return err
	}
	a.keys.accountsListed = len(accounts) > 0
	if len(accounts) == 0 {
		a.leave(areaKeys, "the master key's signatures on the exchange's bank accounts (K-12)",
			"the database lists no accounts; they are not replicated")
	}
	for i := range accounts {
		w := &accounts[i]
		statement := taler.WireAccount{PaytoURI: w.PaytoURI}
		if w.Signed && taler.Verify(a.policy.MasterPub, statement, w.MasterSig) {
			a.keys.accounts[sameAccount(w.PaytoURI)] = true
			continue
		}
		var evidence []report.Evidence
		if w.Signed {
			evidence = unverified(nil, a.policy.MasterPub, statement, w.MasterSig)
		}
		err := a.find(ctx, finding("K-12", subject{table: exchange.WireAccounts.Table, key: w.PaytoURI}, none, evidence,
			"the account %s is not signed by the master key", w.PaytoURI))
		if err != nil {
			return err
		}
	}
	return nil
}
