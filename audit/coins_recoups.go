package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
)

// Coins of revoked denominations are spent back: withdrawn ones into the reserve that
// they came from, fresh ones into the coin that was melted for them.

// judgeRecoups books what recoups took out of coins. The rows themselves are judged
// with the reserves, to which the money goes.
func (a *coinAudit) judgeRecoups(ctx context.Context, conn *pgx.Conn) error {
	return judge(ctx, a.run, conn, areaCoins, exchange.RecoupedCoins, func(*exchange.RecoupedCoin, *verdict) {}, func(p *exchange.RecoupedCoin) error {
		if !p.Readable || a.keys.denominations[p.Denomination] == nil {
			return nil
		}
		return a.stage(ctx, coinEvent{kind: eventCoinRecoup, coin: p.Coin, denomination: p.Denomination, serial: p.Serial, amount: p.Amount,
			fee: taler.Zero(a.policy.Currency)})
	})
}

// judgeFreshRecoups judges recoups of fresh coins and books both sides of them.
func (a *coinAudit) judgeFreshRecoups(ctx context.Context, conn *pgx.Conn) error {
	nothing := taler.Zero(a.policy.Currency)
	return judge(ctx, a.run, conn, areaCoins, exchange.FreshRecoups, a.verifyFreshRecoup, func(p *exchange.FreshRecoup) error {
		a.freshRecoups.note(p.Serial, p.Timestamp)
		err := a.stage(ctx, coinEvent{kind: eventRecoupRefresh, coin: p.Coin, denomination: p.Denomination, serial: p.Serial,
			amount: p.Amount, fee: nothing})
		if err != nil || a.keys.denominations[p.OldDenomination] == nil {
			return err // C-14 tells of the old coin
		}
		return a.stage(ctx, coinEvent{kind: eventRecoupedInto, coin: p.OldCoin, denomination: p.OldDenomination, serial: p.Serial, amount: p.Amount, fee: nothing})
	})
}

// verifyFreshRecoup judges one recoup of a fresh coin by itself: its date (C-43, C-44),
// the denomination (C-09), the coin's signature (C-12), the revocation (C-13), and that
// the coin is the fresh coin whose melted coin is credited (C-39). A coin that is another one is no
// second loss if nobody asked for the recoup. Its effect on both coins counts in any
// case, as the exchange will pay it out, unless the denomination is not known.
func (a *coinAudit) verifyFreshRecoup(p *exchange.FreshRecoup, v *verdict) {
	about := row(exchange.FreshRecoups.Table, p.Serial)
	evidence := []report.Evidence{with("coin_pub", p.CoinPub), with("old_coin_pub", p.OldCoinPub), with("amount", p.Amount)}
	if p.Timestamp > a.now.Add(a.policy.FutureTolerance) {
		v.find(finding("C-43", about, none, beyond(evidence, "at most", a.now, p.Timestamp),
			"recoup %d of a fresh coin is dated %v, which lies in the future", p.Serial, p.Timestamp))
	}
	if !p.Timestamp.WholeSecond() {
		v.find(finding("C-44", about, none, append(evidence, with("timestamp", p.Timestamp), number("microseconds", int64(p.Timestamp))),
			"recoup %d of a fresh coin is dated to a part of a second, which no exchange does", p.Serial))
	}
	d := a.keys.denominations[p.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("C-09", about, exposure(p.Amount), evidence,
			"recoup %d of a fresh coin is of denomination %d, which does not exist or cannot be read", p.Serial, p.Denomination))
		return
	}
	evidence = append(evidence, with("denom_pub_hash", d.PubHash))

	request := taler.RecoupRequest{CoinPub: p.CoinPub, DenomPubHash: d.PubHash, BlindingSecret: p.BlindingSecret}
	signed := taler.Verify(p.CoinPub, request, p.CoinSig)
	if signed {
		v.claim(about.table, p.Serial, taler.Zero(a.policy.Currency), request)
	} else {
		v.find(finding("C-12", about, loss(p.Amount), unverified(evidence, p.CoinPub, request, p.CoinSig),
			"recoup %d of %v is not signed by the fresh coin", p.Serial, p.Amount))
	}
	if d.revocation == nil || !d.revocation.signed {
		if d.revocation != nil {
			evidence = unverified(evidence, a.policy.MasterPub, d.revoked(), d.revocation.sig)
		}
		v.find(finding("C-13", about, exposure(p.Amount), evidence,
			"recoup %d of %v is of a denomination that the master key did not revoke", p.Serial, p.Amount))
	}
	if d.key == nil {
		return // K-02 says so
	}
	if p.Denomination == p.RevealedDenomination {
		if envelope, err := d.key.Blind(p.CoinPub, p.BlindingSecret); err == nil && taler.HashOf(envelope) == p.EnvelopeHash {
			return
		}
	}
	amounts := none
	if signed {
		amounts = loss(p.Amount)
	}
	v.find(finding("C-39", about, amounts, append(evidence, with("h_coin_ev", p.EnvelopeHash)),
		"recoup %d gives %v to a coin that the fresh coin was not melted from", p.Serial, p.Amount))
}
