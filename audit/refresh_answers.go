package audit

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

const (
	// maxFreshCoins is how many fresh coins one melt may have. No exchange signs more.
	maxFreshCoins = 256
	// revealedKeySize is the length of the private transfer keys of all sets but one.
	revealedKeySize = (taler.RefreshSets - 1) * len(taler.TransferPrivateKey{})
)

// answer is a melt with fresh coins that were given for it, in their order.
type answer struct {
	melt        int64
	coinPub     taler.EddsaPublicKey
	amount      taler.Amount
	choice      int32
	commitment  taler.Hash
	transferPub taler.TransferPublicKey
	private     []byte // transfer keys, one after the other; of a wrong length: unusable
	settled     bool   // earlier, or not to be settled: the coins are not all there are
	coins       []answeredCoin

	unlinked []answeredCoin // those that the melted coin did not sign
	proven   int            // number of coins, from the first on, that the commitment is about; 0: it is about others
	gap      bool           // a coin is missing before others
}

// answeredCoin is a fresh coin of an answer.
type answeredCoin struct {
	serial       int64
	place        int32
	denomination int64
	envelope     []byte
	linkSig      taler.EddsaSignature
}

// answerItem is a melt, or one of the coins that follow it.
type answerItem struct {
	answer
	coin *answeredCoin
}

// auditAnswers judges the answers to all melts that something was added to: link
// signatures, and whether the commitment fits.
func (a *refreshAudit) auditAnswers(ctx context.Context) error {
	p := newPipeline(ctx, a.run, areaCoins, exchange.FreshCoins.Table, a.verifyAnswer, func(n *answer) error { return a.settleAnswer(ctx, n) })
	var current answer
	put := func() error {
		if len(current.coins) == 0 {
			return nil
		}
		return p.put(current, len(current.coins))
	}
	err := each(ctx, a.store, sql.Text("audit/refresh_answers.sql"), []any{a.store.exchange}, a.scanAnswer, func(item answerItem) error {
		if item.coin == nil {
			err := put()
			current = item.answer
			return err
		}
		if len(current.coins) == maxFreshCoins {
			current.settled = true
			if err := put(); err != nil {
				return err
			}
			current.coins = nil
		}
		current.coins = append(current.coins, *item.coin)
		return nil
	})
	if err == nil {
		err = put()
	}
	return p.close(err)
}

func (a *refreshAudit) scanAnswer(row pgx.CollectableRow) (answerItem, error) {
	var n answerItem
	var place *int32
	var serial, denomination *int64
	var envelope, linkSig, coinPub, commitment, transferPub []byte
	var amount *string
	var choice *int32
	var settled *bool
	err := row.Scan(&n.melt, &place, &serial, &denomination, &envelope, &linkSig,
		&coinPub, &amount, &choice, &commitment, &transferPub, &n.private, &settled)
	if err != nil {
		return n, err
	}
	if place != nil {
		n.coin = &answeredCoin{serial: *serial, place: *place, denomination: *denomination, envelope: envelope}
		copy(n.coin.linkSig[:], linkSig)
		return n, nil
	}
	n.choice, n.settled = *choice, *settled
	copy(n.coinPub[:], coinPub)
	copy(n.commitment[:], commitment)
	copy(n.transferPub[:], transferPub)
	n.amount, err = a.store.amount("the amount of a melt", *amount)
	return n, err
}

// verifyAnswer judges the link signatures of an answer and finds out to how many of
// its coins the commitment fits.
func (a *refreshAudit) verifyAnswer(n *answer, v *verdict) {
	for i := range n.coins {
		a.verifyLink(n, &n.coins[i], v)
	}
	if n.settled {
		return
	}
	ordered := n.inOrder()
	n.gap = slices.ContainsFunc(n.coins, func(c answeredCoin) bool { return int(c.place) > len(ordered) })
	n.proven = a.committed(n, ordered)
}

// verifyLink checks that the owner of the melted coin gave the fresh coin's envelope
// to be signed, so that he can find it again.
func (a *refreshAudit) verifyLink(n *answer, c *answeredCoin, v *verdict) {
	d := a.keys.denominations[c.denomination]
	if d == nil {
		return // C-17 says so
	}
	said := taler.LinkData{DenomPubHash: d.PubHash, TransferPub: n.transferPub, EnvelopeHash: taler.HashOf(c.envelope)}
	if taler.Verify(n.coinPub, said, c.linkSig) {
		v.claim(exchange.FreshCoins.Table, c.serial, taler.Zero(a.policy.Currency), said)
		return
	}
	n.unlinked = append(n.unlinked, *c)
}

// inOrder returns the coins with the indexes 0, 1 and so on, as far as they go, each
// index once.
func (n *answer) inOrder() []answeredCoin {
	var ordered []answeredCoin
	for _, c := range n.coins {
		if int(c.place) == len(ordered) {
			ordered = append(ordered, c)
		}
	}
	return ordered
}

// committed returns how many of the coins, from the first on, the commitment of the
// melt is about; 0 if it is about others. It derives the envelopes of the sets whose
// transfer keys were revealed, and takes those of the other set from the coins.
func (a *refreshAudit) committed(n *answer, coins []answeredCoin) int {
	if len(n.private) != revealedKeySize || n.choice < 0 || n.choice >= taler.RefreshSets {
		return 0
	}
	denoms := make([]*taler.RSAPublicKey, len(coins))
	var envelopes [taler.RefreshSets][][]byte
	for i, c := range coins {
		d := a.keys.denominations[c.denomination]
		if d == nil || d.key == nil {
			return 0 // C-17 or K-02 says so
		}
		denoms[i] = d.key
		envelopes[n.choice] = append(envelopes[n.choice], c.envelope)
	}
	old, err := taler.OldCoin(n.coinPub)
	if err != nil {
		return 0
	}
	var transfer [taler.RefreshSets]taler.TransferPublicKey
	transfer[n.choice] = n.transferPub
	private := n.private
	for set := range transfer {
		if set == int(n.choice) {
			continue
		}
		key := taler.TransferPrivateKey(private[:len(taler.TransferPrivateKey{})])
		private = private[len(key):]
		transfer[set] = key.Public()
		if envelopes[set], err = old.Envelopes(key, denoms); err != nil {
			return 0
		}
	}
	for ; len(denoms) > 0; denoms = denoms[:len(denoms)-1] {
		for set := range envelopes {
			envelopes[set] = envelopes[set][:len(denoms)]
		}
		if taler.Commitment(transfer, denoms, n.coinPub, n.amount, envelopes) == n.commitment {
			break
		}
	}
	return len(denoms)
}

// settleAnswer stages the coins without a link and how far the commitment is proven.
func (a *refreshAudit) settleAnswer(ctx context.Context, n *answer) error {
	for i := range n.unlinked {
		c := &n.unlinked[i]
		d := a.keys.denominations[c.denomination]
		a.unlinked.Begin()
		a.unlinked.Int64(c.serial)
		a.unlinked.Int64(n.melt)
		a.unlinked.Bytes(n.coinPub[:])
		a.unlinked.Bytes(d.PubHash[:])
		envelope := taler.HashOf(c.envelope)
		a.unlinked.Bytes(envelope[:])
		a.unlinked.Bytes(n.transferPub[:])
		a.unlinked.Bytes(c.linkSig[:])
		if err := a.unlinked.End(ctx); err != nil {
			return err
		}
	}
	if n.settled {
		return nil
	}
	c := a.proofs
	c.Begin()
	c.Int64(n.melt)
	if n.proven == 0 {
		c.Null()
	} else {
		c.Int32(int32(n.proven))
	}
	c.Bool(n.gap)
	return c.End(ctx)
}
