package audit

import (
	"context"
	"encoding/hex"

	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/report"
	"auditor/sql"
)

// A coin is known to the exchange once it was spent for the first time. The
// signature that makes it money is verified then, once, and not each time that it
// is spent.

// judgeKnownCoins judges the coins that were spent for the first time.
func (a *coinAudit) judgeKnownCoins(ctx context.Context, conn *pgx.Conn) error {
	return judge(ctx, a.run, conn, areaCoins, exchange.KnownCoins, a.verifyKnownCoin, func(k *exchange.KnownCoin) error {
		c := a.known
		c.Begin()
		c.Int64(k.Serial)
		c.Int64(k.Denomination)
		c.Bytes(k.CoinPub[:])
		c.Bool(k.Genuine)
		return c.End(ctx)
	})
}

// verifyKnownCoin judges one coin by itself: that its denomination can be told
// (C-46), and whether that has signed it, which matters with what is spent (C-10).
// A denomination whose key cannot be read (K-02) has signed nothing.
func (a *coinAudit) verifyKnownCoin(k *exchange.KnownCoin, v *verdict) {
	about := row(exchange.KnownCoins.Table, k.Serial)
	d := a.keys.denominations[k.Denomination]
	if d == nil {
		v.excluded = true
		v.find(finding("C-46", about, none, []report.Evidence{with("coin_pub", k.CoinPub)},
			"coin %d is of denomination %d, which does not exist or cannot be read", k.Serial, k.Denomination))
		return
	}
	k.Genuine = d.key != nil && d.key.VerifyCoin(k.CoinPub, k.Signature)
	v.claim(about.table, k.Serial, d.Value, mintedCoin(k.CoinPub))
}

// mintedCoin is what a denomination says by its signature on a coin: that there is
// this coin, once.
type mintedCoin taler.EddsaPublicKey

// AppendSigned appends bytes that begin like no statement of customers.
func (c mintedCoin) AppendSigned(b []byte) []byte { return append(append(b, "coin"...), c[:]...) }

// strangeCoin is a coin that something is wrong with.
type strangeCoin struct {
	serial       int64
	pub          taler.EddsaPublicKey
	denomination taler.Hash
	loss         taler.Amount
	spent        taler.Amount
	covered      taler.Amount // of what was spent
}

// eachStrangeCoin runs a query over the state of the coins.
func (a *coinAudit) eachStrangeCoin(ctx context.Context, query string, yield func(strangeCoin) error) error {
	return each(ctx, a.store, sql.Text("audit/"+query+".sql"), []any{a.store.exchange},
		func(row pgx.CollectableRow) (strangeCoin, error) {
			var c strangeCoin
			var pub, hash []byte
			var amounts [3]string
			if err := row.Scan(&c.serial, &pub, &hash, &amounts[0], &amounts[1], &amounts[2]); err != nil {
				return c, err
			}
			copy(c.pub[:], pub)
			copy(c.denomination[:], hash)
			for i, target := range []*taler.Amount{&c.loss, &c.spent, &c.covered} {
				var err error
				if *target, err = a.store.amount("what was spent with coin "+c.pub.String(), amounts[i]); err != nil {
					return c, err
				}
			}
			return c, nil
		}, yield)
}

// falseTogether is how many false coins are looked up at once.
const falseTogether = 1000

// auditFalseCoins finds coins that their denomination did not sign, at the cost of
// what was spent with them and not returned (C-10). The signatures are evidence, as far as
// the exchange's database still has them.
func (a *coinAudit) auditFalseCoins(ctx context.Context, conn *pgx.Conn) error {
	var coins []strangeCoin
	tell := func() error {
		signatures := make(map[int64][]byte)
		spans := make([]exchange.Span, len(coins))
		for i, c := range coins {
			spans[i] = exchange.Span{From: c.serial, To: c.serial + 1}
		}
		if err := exchange.KnownCoins.Within(ctx, conn, a.source, spans, func(k exchange.KnownCoin) error {
			signatures[k.Serial] = k.Signature
			return nil
		}); err != nil {
			return err
		}
		for _, c := range coins {
			evidence := []report.Evidence{with("coin_pub", c.pub), with("denom_pub_hash", c.denomination), with("spent", c.spent), with("returned", c.covered)}
			if sig, there := signatures[c.serial]; there {
				evidence = append(evidence, withText("denom_sig", hex.EncodeToString(sig)))
			}
			if err := a.find(ctx, finding("C-10", row(exchange.KnownCoins.Table, c.serial), loss(c.loss), evidence,
				"coin %d is not signed by its denomination, but %v was spent with it", c.serial, c.loss)); err != nil {
				return err
			}
		}
		coins = coins[:0]
		return nil
	}
	if err := a.eachStrangeCoin(ctx, "coins_false", func(c strangeCoin) error {
		if coins = append(coins, c); len(coins) < falseTogether {
			return nil
		}
		return tell()
	}); err != nil || len(coins) == 0 {
		return err
	}
	return tell()
}

// auditOverspending finds coins that were spent for more than they were worth, over
// their whole history (C-11).
func (a *coinAudit) auditOverspending(ctx context.Context) error {
	return a.eachStrangeCoin(ctx, "coins_overspent", func(c strangeCoin) error {
		return a.find(ctx, finding("C-11", row(exchange.KnownCoins.Table, c.serial), loss(c.loss),
			[]report.Evidence{with("coin_pub", c.pub), with("denom_pub_hash", c.denomination), with("expected", c.covered), with("found", c.spent)},
			"coin %d was spent for %v, but was worth %v", c.serial, c.spent, c.covered))
	})
}
