package audit

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"auditor/internal/confirmation"
	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// verifyPromise tells whether a confirmation is the exchange's word (D-06): it is
// signed, as it was when it was imported; the master key has signed the sign key,
// in the exchange's database or in the report; the key was valid at the time that
// the confirmation is dated to, and it was not known to be revoked then.
func (a *confirmationAudit) verifyPromise(p *promise, v *verdict) {
	refuse := func(amounts report.Amounts, why string, evidence ...report.Evidence) {
		v.excluded = true
		f := finding("D-06", row(confirmations, p.Serial), amounts, append(p.evidence(), evidence...), "confirmation %d of %v proves nothing: %s",
			p.Serial, p.AmountWithoutFee, why)
		if amounts == none {
			f.Severity = report.Inconsistency
		}
		v.find(f)
	}
	key := with("exchange_pub", p.ExchangePub)
	if !taler.Verify(p.ExchangePub, p.DepositConfirmation, p.Signature) {
		refuse(none, "it is not signed", unverified([]report.Evidence{key}, p.ExchangePub, p.DepositConfirmation, p.Signature)...)
		return
	}
	vouched := a.validities(p)
	if len(vouched) == 0 {
		evidence := []report.Evidence{key}
		if p.Key != nil {
			evidence = unverified(evidence, a.policy.MasterPub, p.Key.Validity(p.ExchangePub), p.Key.MasterSig)
		}
		refuse(exposure(p.AmountWithoutFee), "the master key did not sign the key that it is signed with", evidence...)
		return
	}
	for _, k := range vouched {
		if k.Start <= p.ExchangeTimestamp.Add(a.policy.ExecutionTolerance) && p.ExchangeTimestamp <= k.ExpireSign.Add(a.policy.ExecutionTolerance) {
			p.until = max(p.until, k.ExpireLegal)
		}
	}
	if p.until == 0 {
		k := vouched[0]
		refuse(exposure(p.AmountWithoutFee), "the key that it is signed with was not valid then", key, with("valid_from", k.Start), with("expire_sign", k.ExpireSign))
		return
	}
	if seen, revoked := a.revoked[p.ExchangePub]; revoked && p.ExchangeTimestamp > seen.Add(a.policy.ExecutionTolerance) {
		refuse(exposure(p.AmountWithoutFee), "the key that it is signed with was revoked before", key, with("revocation seen", seen))
	}
}

// validities lists what the master key has signed of the key of a confirmation.
func (a *confirmationAudit) validities(p *promise) []taler.SignKeyValidity {
	vouched := a.keys.signKeys[p.ExchangePub]
	if p.Key == nil {
		return vouched
	}
	reported := p.Key.Validity(p.ExchangePub)
	if !taler.Verify(a.policy.MasterPub, reported, p.Key.MasterSig) {
		return vouched
	}
	return append([]taler.SignKeyValidity{reported}, vouched...)
}

// readRevocations learns when revocations of sign keys that the master key signed
// were first seen.
func (a *confirmationAudit) readRevocations(ctx context.Context) error {
	a.revoked = make(map[taler.EddsaPublicKey]taler.Timestamp)
	if len(a.keys.revokedSignKeys) == 0 {
		return nil
	}
	a.store.mu.Lock()
	defer a.store.mu.Unlock()
	rows, err := a.store.tx.Query(ctx, "select serial, first_as_of from auditor.key_rows where exchange_id = $1 and table_name = $2",
		a.store.exchange, exchange.SignKeyRevocations.Table)
	if err != nil {
		return err
	}
	var serial int64
	var first time.Time
	_, err = pgx.ForEachRow(rows, []any{&serial, &first}, func() error {
		if pub, ok := a.keys.revokedSignKeys[serial]; ok {
			a.revoked[pub] = taler.TimestampOf(first)
		}
		return nil
	})
	return err
}

// scanReport reads a confirmation as it was imported.
func (a *confirmationAudit) scanReport(row pgx.CollectableRow) (promise, error) {
	var p promise
	var signature, master []byte
	var key [3]*int64
	scan, fill := a.promised(&p)
	var pub []byte
	if err := row.Scan(append(scan, &pub, &signature, &key[0], &key[1], &key[2], &master)...); err != nil {
		return p, err
	}
	copy(p.ExchangePub[:], pub)
	copy(p.Signature[:], signature)
	if master != nil {
		p.Key = &confirmation.Key{Start: fromStored(*key[0]), ExpireSign: fromStored(*key[1]), ExpireLegal: fromStored(*key[2])}
		copy(p.Key.MasterSig[:], master)
	}
	return p, fill()
}

// promised gives what the first eight columns of a confirmation are scanned into, and
// a function that fills them in.
func (a *confirmationAudit) promised(p *promise) (into []any, fill func() error) {
	var contract, wire, coin, merchant []byte
	var at, deadline int64
	var amount string
	return []any{&p.Serial, &contract, &wire, &at, &deadline, &amount, &coin, &merchant}, func() (err error) {
		copy(p.ContractTermsHash[:], contract)
		copy(p.WireHash[:], wire)
		copy(p.CoinPub[:], coin)
		copy(p.MerchantPub[:], merchant)
		p.ExchangeTimestamp, p.RefundDeadline = fromStored(at), fromStored(deadline)
		p.AmountWithoutFee, err = a.store.amount("the amount of a confirmation", amount)
		return err
	}
}

// evidence is what every finding about a confirmation shows of it.
func (p *promise) evidence() []report.Evidence {
	return []report.Evidence{with("coin_pub", p.CoinPub), with("merchant_pub", p.MerchantPub), with("h_contract_terms", p.ContractTermsHash),
		with("h_wire", p.WireHash), with("exchange_timestamp", p.ExchangeTimestamp), with("amount_without_fee", p.AmountWithoutFee)}
}
