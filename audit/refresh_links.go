package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// unlinked is a fresh coin that the coin which was melted for it did not sign.
type unlinked struct {
	serial, melt int64
	coinPub      taler.EddsaPublicKey
	said         taler.LinkData
	linkSig      *taler.EddsaSignature // nil if an earlier version found the coin, which did not keep it
}

// auditLinks finds the fresh coins that the melted coins did not sign, whichever run
// saw them (C-35).
func (a *refreshAudit) auditLinks(ctx context.Context) error {
	return each(ctx, a.store, sql.Text("audit/refresh_unlinked.sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (unlinked, error) {
			var u unlinked
			var coinPub, denomPubHash, envelopeHash, transferPub, linkSig []byte
			err := row.Scan(&u.serial, &u.melt, &coinPub, &denomPubHash, &envelopeHash, &transferPub, &linkSig)
			copy(u.coinPub[:], coinPub)
			copy(u.said.DenomPubHash[:], denomPubHash)
			copy(u.said.EnvelopeHash[:], envelopeHash)
			copy(u.said.TransferPub[:], transferPub)
			if linkSig != nil {
				u.linkSig = (*taler.EddsaSignature)(linkSig)
			}
			return u, err
		},
		func(u unlinked) error {
			evidence := []report.Evidence{number("melt", u.melt), with("key_pub", u.coinPub), with("denom_pub_hash", u.said.DenomPubHash), with("h_coin_ev", u.said.EnvelopeHash)}
			if u.linkSig != nil {
				evidence = unverified(evidence, u.coinPub, u.said, *u.linkSig)
			}
			return a.find(ctx, finding("C-35", row(exchange.FreshCoins.Table, u.serial), none, evidence,
				"fresh coin %d of melt %d is not signed by the coin that was melted for it", u.serial, u.melt))
		})
}
