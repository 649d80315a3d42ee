package audit

import (
	"context"
	"fmt"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// auditDenominations judges every denomination: that it can be read (K-14), that
// its hash is that of its key (K-02), that the master key has signed it with these
// dates and amounts (K-01), and that these make sense (K-03).
func (a *keyAudit) auditDenominations(ctx context.Context) error {
	rows, err := readAll(ctx, a, exchange.Denominations)
	if err != nil {
		return err
	}
	for i := range rows {
		d := &denomination{Denomination: rows[i]}
		a.keys.denominations[d.Serial] = d
		if err := a.auditDenomination(ctx, d); err != nil {
			return err
		}
		err := a.remember(ctx, exchange.Denominations.Table, d.Serial, d.ExpireLegal, d.PubHash, fmt.Sprintf("%x", d.Pub), d.MasterSig, uint64(d.ValidFrom),
			uint64(d.ExpireWithdraw), uint64(d.ExpireDeposit), uint64(d.ExpireLegal), d.Value, d.FeeWithdraw, d.FeeDeposit, d.FeeRefresh, d.FeeRefund)
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *keyAudit) auditDenomination(ctx context.Context, d *denomination) error {
	about := row(exchange.Denominations.Table, d.Serial)
	evidence := []report.Evidence{with("denom_pub_hash", d.PubHash), with("value", d.Value)}

	key, err := taler.ParseRSAPublicKey(d.Pub)
	switch {
	case err != nil:
		err = a.find(ctx, finding("K-02", about, none, evidence,
			"the key of denomination %d cannot be used: %v", d.Serial, err))
	case key.Hash() != d.PubHash || !key.Canonical(d.Pub):
		d.key = key
		err = a.find(ctx, finding("K-02", about, none, append(evidence, with("hash of the key", key.Hash())),
			"the hash of denomination %d is not that of its key", d.Serial))
	default:
		d.key = key
	}
	if err != nil {
		return err
	}

	if validity := d.validity(a.policy.MasterPub); !taler.Verify(a.policy.MasterPub, validity, d.MasterSig) {
		err := a.find(ctx, finding("K-01", about, none, unverified(evidence, a.policy.MasterPub, validity, d.MasterSig),
			"denomination %d of %v is not signed by the master key as it stands", d.Serial, d.Value))
		if err != nil {
			return err
		}
	}

	var wrong string
	var failure error
	switch d.cost, failure = d.Value.Add(d.FeeWithdraw); {
	case failure != nil:
		d.cost = d.Value
		wrong = "its value and its fee together are no amount"
	case d.Value.IsZero():
		wrong = "it is worth nothing"
	case d.ValidFrom >= d.ExpireWithdraw, d.ExpireWithdraw > d.ExpireDeposit, d.ExpireDeposit > d.ExpireLegal:
		wrong = "its dates are out of order"
	default:
		return nil
	}
	return a.find(ctx, finding("K-03", about, none, append(evidence,
		with("valid_from", d.ValidFrom), with("expire_withdraw", d.ExpireWithdraw),
		with("expire_deposit", d.ExpireDeposit), with("expire_legal", d.ExpireLegal), with("fee_withdraw", d.FeeWithdraw)),
		"denomination %d makes no sense: %s", d.Serial, wrong))
}

// keptUntil is when a row that refers to a denomination may be gone: with the
// denomination.
func (*keyAudit) keptUntil(d *denomination) taler.Timestamp {
	if d == nil {
		return 0
	}
	return d.ExpireLegal
}

// validity is what the master key signs about a denomination.
func (d *denomination) validity(master taler.EddsaPublicKey) taler.DenominationValidity {
	return taler.DenominationValidity{
		MasterPub: master, Start: d.ValidFrom, ExpireWithdraw: d.ExpireWithdraw, ExpireDeposit: d.ExpireDeposit,
		ExpireLegal: d.ExpireLegal, Value: d.Value, FeeWithdraw: d.FeeWithdraw, FeeDeposit: d.FeeDeposit,
		FeeRefresh: d.FeeRefresh, FeeRefund: d.FeeRefund, DenomPubHash: d.PubHash,
	}
}

// revoked is what the master key signs to revoke a denomination.
func (d *denomination) revoked() taler.DenominationRevocation {
	return taler.DenominationRevocation{DenomPubHash: d.PubHash}
}

// auditAuditorSignatures judges every auditor's signature on a denomination
// (C-01), and finds denominations that this auditor has not signed (K-05), which
// are graver when coins of them were issued.
func (a *keyAudit) auditAuditorSignatures(ctx context.Context) error {
	rows, err := readAll(ctx, a, exchange.AuditorSignatures)
	if err != nil {
		return err
	}
	ours := make(map[int64]bool)
	for i := range rows {
		s := &rows[i]
		d := a.keys.denominations[s.Denomination]
		if d == nil {
			err = a.find(ctx, finding("C-01", row(exchange.AuditorSignatures.Table, s.Serial), none, nil,
				"row %d of %s signs denomination %d, which does not exist or cannot be read", s.Serial, exchange.AuditorSignatures.Table, s.Denomination))
		} else {
			mine := a.policy.AuditorPub != nil && *a.policy.AuditorPub == s.AuditorPub
			if mine {
				ours[d.Serial] = true
			}
			err = a.auditAuditorSignature(ctx, s, d, mine)
		}
		if err != nil {
			return err
		}
		err = a.remember(ctx, exchange.AuditorSignatures.Table, s.Serial, a.keptUntil(d), s.Denomination, s.Signature, s.AuditorPub)
		if err != nil {
			return err
		}
	}
	if a.policy.AuditorPub == nil {
		a.leave(areaKeys, "whether this auditor has signed each denomination (K-05)",
			"the configuration names no [auditor] public_key")
		return nil
	}
	return a.auditUnsigned(ctx, ours)
}

func (a *keyAudit) auditAuditorSignature(ctx context.Context, s *exchange.AuditorSignature, d *denomination, mine bool) error {
	url := s.AuditorURL
	if mine && a.policy.AuditorURL != "" {
		url = a.policy.AuditorURL
	}
	statement := taler.AuditorDenominationValidity{AuditorURL: url, DenominationValidity: d.validity(a.policy.MasterPub)}
	if s.Signed && taler.Verify(s.AuditorPub, statement, s.Signature) {
		return nil
	}
	evidence := []report.Evidence{with("denom_pub_hash", d.PubHash), with("value", d.Value), with("auditor_pub", s.AuditorPub), withText("auditor_url", url),
		with("valid_from", d.ValidFrom), with("expire_legal", d.ExpireLegal)}
	if s.Signed {
		evidence = unverified(evidence, s.AuditorPub, statement, s.Signature)
	}
	return a.find(ctx, finding("C-01", row(exchange.AuditorSignatures.Table, s.Serial), none, evidence,
		"the signature of an auditor on denomination %d does not verify", d.Serial))
}

// auditListing finds that the exchange lists this auditor with another address
// than its own, or as no longer active (K-17). Both may change at any time, so that
// only an internal audit can tell. An auditor that is not listed at all has signed
// nothing (K-05).
func (a *keyAudit) auditListing(ctx context.Context) error {
	if !a.internal || a.policy.AuditorPub == nil {
		return nil
	}
	listed, err := readAll(ctx, a, exchange.Auditors)
	if err != nil {
		return err
	}
	for i := range listed {
		l := &listed[i]
		if l.Pub != *a.policy.AuditorPub || l.Active && (a.policy.AuditorURL == "" || l.URL == a.policy.AuditorURL) {
			continue
		}
		err := a.find(ctx, finding("K-17", row(exchange.Auditors.Table, l.Serial), none,
			[]report.Evidence{with("auditor_pub", l.Pub), withText("expected", a.policy.AuditorURL), withText("found", l.URL), withText("is_active", fmt.Sprint(l.Active))},
			"the exchange tells wallets another address of this auditor, or that it no longer audits"))
		if err != nil {
			return err
		}
	}
	return nil
}

// auditUnsigned makes the findings of K-05.
func (a *keyAudit) auditUnsigned(ctx context.Context, signed map[int64]bool) error {
	var missing []int64
	for serial := range a.keys.denominations {
		if !signed[serial] {
			missing = append(missing, serial)
		}
	}
	issued, err := exchange.Issued(ctx, a.conn, a.source, missing)
	if err != nil {
		return err
	}
	for _, serial := range missing {
		d := a.keys.denominations[serial]
		f := finding("K-05", row(exchange.Denominations.Table, serial), none,
			[]report.Evidence{with("denom_pub_hash", d.PubHash), with("value", d.Value), with("valid_from", d.ValidFrom)},
			"this auditor has not signed denomination %d, of which coins were issued", serial)
		if !issued[serial] {
			f.Severity = report.Notice
			f.Summary = fmt.Sprintf("this auditor has not signed denomination %d, of which no coin was issued", serial)
		}
		if err := a.find(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// auditRevocations judges every revocation of a denomination (K-07).
func (a *keyAudit) auditRevocations(ctx context.Context) error {
	rows, err := readAll(ctx, a, exchange.DenominationRevocations)
	if err != nil {
		return err
	}
	for i := range rows {
		v := &rows[i]
		d := a.keys.denominations[v.Denomination]
		about := row(exchange.DenominationRevocations.Table, v.Serial)
		switch {
		case d == nil:
			err = a.find(ctx, finding("K-07", about, none, nil,
				"revocation %d is of denomination %d, which does not exist or cannot be read", v.Serial, v.Denomination))
		default:
			d.revocation = &revocation{serial: v.Serial, sig: v.MasterSig, signed: taler.Verify(a.policy.MasterPub, d.revoked(), v.MasterSig)}
			if !d.revocation.signed {
				evidence := []report.Evidence{with("denom_pub_hash", d.PubHash)}
				err = a.find(ctx, finding("K-07", about, none, unverified(evidence, a.policy.MasterPub, d.revoked(), v.MasterSig),
					"the revocation of denomination %d is not signed by the master key", d.Serial))
			}
		}
		if err != nil {
			return err
		}
		if err := a.remember(ctx, exchange.DenominationRevocations.Table, v.Serial, a.keptUntil(d), v.Denomination, v.MasterSig); err != nil {
			return err
		}
	}
	return nil
}
