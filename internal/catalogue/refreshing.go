package catalogue

import (
	"github.com/jackc/pgx/v5"

	"auditor/internal/exchange"
	"auditor/internal/taler"
	"auditor/sql"
)

// melt is a melt that is about to be written, with its reveal. Whatever is not set
// is as it should be.
type melt struct {
	fresh  []*exchange.Denomination
	amount taler.Amount // with the fee; what the fresh coins cost
	signer taler.EddsaPrivateKey

	of        *exchange.Denomination // of the melted coin
	row, keys int64                  // as written: of refresh_commitments and refresh_transfer_keys
	coins     []*coin                // fresh; not known to the exchange yet
}

// secretSet is the set of envelopes of every melt here that stays secret.
const secretSet = 1

// melt spends a coin for fresh ones, and has them signed.
func (d *deed) melt(old *coin, m melt) *melt {
	if d.err != nil {
		return &m
	}
	m.of = old.of
	cost := old.of.FeeRefresh
	denoms := make([]*taler.RSAPublicKey, len(m.fresh))
	for i, c := range m.fresh {
		cost = d.plus(cost, d.price(c))
		if key := d.keyOf(c); key != nil {
			denoms[i] = key.Public()
		}
	}
	if m.amount.Currency == "" {
		m.amount = cost
	}
	if m.signer == (taler.EddsaPrivateKey{}) {
		m.signer = old.key
	}
	if d.err != nil {
		return &m
	}
	var private [taler.RefreshSets]taler.TransferPrivateKey
	var public [taler.RefreshSets]taler.TransferPublicKey
	var envelopes [taler.RefreshSets][][]byte
	for set := range private {
		private[set] = taler.TransferPrivateKey(secretOf("transfer key " + string(rune('0'+set)) + old.key.Public().String()))
		public[set] = private[set].Public()
		var err error
		if envelopes[set], err = taler.RefreshEnvelopes(private[set], old.key.Public(), denoms); err != nil {
			d.fail(err)
			return &m
		}
	}
	rc := taler.Commitment(public, denoms, old.key.Public(), m.amount, envelopes)
	m.row = d.insert("refresh_commitments", fields{"rc": rc, "amount_with_fee": m.amount, "noreveal_index": int32(secretSet), "old_known_coin_id": old.known,
		"old_coin_sig": taler.Sign(m.signer, taler.MeltRequest{Commitment: rc, DenomPubHash: old.of.PubHash, AmountWithFee: m.amount,
			MeltFee: old.of.FeeRefresh, CoinPub: old.key.Public()})})
	m.keys = d.insert("refresh_transfer_keys", fields{"melt_serial_id": m.row, "transfer_pub": public[secretSet],
		"transfer_privs": append(append([]byte(nil), private[0][:]...), private[2][:]...)})
	shared, err := private[secretSet].Secret(old.key.Public())
	if err != nil {
		d.fail(err)
		return &m
	}
	for i, c := range m.fresh {
		fresh := &coin{of: c}
		fresh.key, fresh.blinding = taler.DeriveCoin(shared, uint32(i))
		envelope := envelopes[secretSet][i]
		hash := taler.HashOf(envelope)
		fresh.issue = d.insert("refresh_revealed_coins", fields{"melt_serial_id": m.row, "freshcoin_index": int32(i), "coin_ev": envelope, "h_coin_ev": hash,
			"denominations_serial": c.Serial, "ev_sig": d.keyOf(c).SignBlinded(envelope),
			"link_sig": taler.Sign(old.key, taler.LinkData{DenomPubHash: c.PubHash, TransferPub: public[secretSet], EnvelopeHash: hash})})
		m.coins = append(m.coins, fresh)
	}
	return &m
}

// replaceEnvelope puts an envelope of the operator's own, with all that he can make
// himself, into the place of a fresh coin's.
func (d *deed) replaceEnvelope(issue int64, c *exchange.Denomination) {
	key := d.keyOf(c)
	if d.err != nil {
		return
	}
	envelope, err := key.Public().Blind(secretOf("operator").Public(), taler.BlindingSecret{1})
	if err != nil {
		d.fail(err)
		return
	}
	d.update("refresh_revealed_coins", issue, fields{"coin_ev": envelope, "h_coin_ev": taler.HashOf(envelope), "ev_sig": key.SignBlinded(envelope)})
}

// addFresh adds a coin of the operator's own to the answer to a melt and returns the row.
func (d *deed) addFresh(m *melt, c *exchange.Denomination, index int32) int64 {
	row := d.insert("refresh_revealed_coins", fields{"melt_serial_id": m.row, "freshcoin_index": index, "coin_ev": []byte{1}, "h_coin_ev": taler.Hash{1},
		"denominations_serial": c.Serial, "ev_sig": []byte{1}, "link_sig": taler.EddsaSignature{}})
	d.replaceEnvelope(row, c)
	return row
}

// dearerMelts is what there is to find of the melts that were answered with coins of a
// denomination each of which seems to have cost more by an amount.
func (d *deed) dearerMelts(c *exchange.Denomination, more taler.Amount) []Expectation {
	if d.err != nil {
		return nil
	}
	rows, err := d.tx.Query(d.ctx, sql.InSchema(`select melt_serial_id, count(*) from :"schema".refresh_revealed_coins
		where denominations_serial = $1 group by melt_serial_id`, d.Schema), c.Serial)
	if err != nil {
		d.fail(err)
		return nil
	}
	var expected []Expectation
	var melt, coins int64
	_, err = pgx.ForEachRow(rows, []any{&melt, &coins}, func() error {
		expected = append(expected, Expectation{Check: "C-19", Table: "refresh_commitments", Serial: melt, Loss: d.ofSteps(coins * steps(more)), When: Before})
		return nil
	})
	if err != nil {
		d.fail(err)
	}
	return expected
}

// show makes a fresh coin known to the exchange.
func (d *deed) show(c *coin) *coin {
	var answer []byte
	d.read(`select ev_sig from :"schema".refresh_revealed_coins where rrc_serial = $1`, []any{c.issue}, &answer)
	key := d.keyOf(c.of)
	if d.err != nil {
		return c
	}
	signature, err := key.Public().Unblind(answer, c.blinding)
	if err != nil {
		d.fail(err)
		return c
	}
	c.known = d.insert("known_coins", fields{"coin_pub": c.key.Public(), "denom_sig": signature, "denominations_serial": c.of.Serial})
	return c
}

// change is what a coin of some value is melted for here: three of the cheapest.
func (d *deed) change() []*exchange.Denomination {
	c := d.offered()
	return []*exchange.Denomination{c, c, c}
}

// recoupRefresh gives a fresh coin's value back to the coin that was melted for it
// and returns the row. The issue says which envelope it was made of.
func (d *deed) recoupRefresh(c *coin, issue int64, amount taler.Amount, signer taler.EddsaPrivateKey) int64 {
	return d.insert("recoup_refresh", fields{"known_coin_id": c.known, "rrc_serial": issue, "coin_blind": c.blinding, "amount": amount, "timestamp": d.now(),
		"coin_sig": taler.Sign(signer, taler.RecoupRequest{CoinPub: c.key.Public(), DenomPubHash: c.of.PubHash, BlindingSecret: c.blinding})})
}
