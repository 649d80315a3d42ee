package catalogue

import (
	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// refreshes are deeds to melts and reveals.
func refreshes() []Entry {
	// after melts a coin properly and then changes rows; nothing but the proofs of
	// the exchange's honesty is at stake, and the value of the fresh coins.
	after := func(change func(*deed, *melt)) func(*deed) []Expectation {
		return func(d *deed) []Expectation {
			m := d.melt(d.newCoin(), melt{fresh: d.change()})
			change(d, m)
			return []Expectation{{Check: "H-09", Table: "refresh_commitments", Serial: m.row, Gain: m.amount}}
		}
	}
	first := func(m *melt) int64 {
		if len(m.coins) == 0 {
			return 0
		}
		return m.coins[0].issue
	}
	return []Entry{
		{Name: "melt-not-signed-by-the-coin", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-15", "test 13", "I-04"},
			Story: "The exchange melts a customer's coin without being asked.",
			deed: func(d *deed) []Expectation {
				m := d.melt(d.newCoin(), melt{fresh: d.change(), signer: secretOf("operator")})
				return []Expectation{lossOf("C-15", "refresh_commitments", m.row, m.amount)}
			}},
		{Name: "melt-below-its-fee", Area: AreaRefresh, Culprit: Customer, Refs: []string{"C-18", "I-08"},
			Story: "A melt is of exactly the fee for it: it pays for no fresh coin at all.",
			deed: func(d *deed) []Expectation {
				c := d.newCoin()
				m := d.melt(c, melt{amount: c.of.FeeRefresh})
				d.remove("refresh_transfer_keys", m.keys)
				return about("C-18", "refresh_commitments", m.row)
			}},
		{Name: "melt-too-cheap", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-19"},
			Story: "A friend of the operator gets fresh coins that are worth more than what he melted. All signatures are in order.",
			deed: func(d *deed) []Expectation {
				fresh := d.change()
				c := d.newCoin()
				paid := d.plus(c.of.FeeRefresh, d.price(fresh[0]))
				m := d.melt(c, melt{fresh: fresh, amount: paid})
				return []Expectation{lossOf("C-19", "refresh_commitments", m.row, d.plus(d.price(fresh[0]), d.price(fresh[0])))}
			}},
		{Name: "melt-too-dear", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-18", "C-19"},
			Story: "A customer gets fresh coins that are worth less than what he melted. All signatures are in order.",
			deed: func(d *deed) []Expectation {
				fresh := d.change()
				c := d.newCoin()
				paid := d.plus(c.of.FeeRefresh, d.price(fresh[0]), d.price(fresh[0]), d.price(fresh[0]), d.price(fresh[0]))
				m := d.melt(c, melt{fresh: fresh, amount: paid})
				return []Expectation{{Check: "H-18", Table: "refresh_commitments", Serial: m.row, Gain: d.price(fresh[0])}}
			}},
		{Name: "fresh-coin-withheld", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-18", "H-09"},
			Story: "The exchange answers a reveal with one coin less than was paid for.",
			deed: func(d *deed) []Expectation {
				m := d.melt(d.newCoin(), melt{fresh: d.change()})
				if len(m.coins) > 0 {
					d.remove("refresh_revealed_coins", m.coins[len(m.coins)-1].issue)
				}
				return []Expectation{{Check: "H-18", Table: "refresh_commitments", Serial: m.row, Gain: d.price(d.offered())}}
			}},
		{Name: "reveal-with-a-gap", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-16", "H-18"},
			Story: "The second of three fresh coins is missing.",
			deed: func(d *deed) []Expectation {
				m := d.melt(d.newCoin(), melt{fresh: d.change()})
				if len(m.coins) > 1 {
					d.remove("refresh_revealed_coins", m.coins[1].issue)
				}
				return []Expectation{{Check: "C-16", Table: "refresh_commitments", Serial: m.row, Exposure: m.amount}}
			}},
		{Name: "reveal-without-transfer-keys", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-16", "H-09", "test 12"},
			Story: "Fresh coins were signed, but the keys by which the customer proved his honesty are missing.",
			deed: func(d *deed) []Expectation {
				m := d.melt(d.newCoin(), melt{fresh: d.change()})
				d.remove("refresh_transfer_keys", m.keys)
				return []Expectation{{Check: "C-16", Table: "refresh_commitments", Serial: m.row, Exposure: m.amount}}
			}},
		{Name: "reveals-erased", Area: AreaRefresh, Culprit: Operator, Refs: []string{"S5", "C-16", "B-01", "test 12"}, When: Between,
			Story: "All answers to a reveal are deleted after they were audited: the customer's coins are said never to have been issued.",
			deed: func(d *deed) []Expectation {
				var m int64
				d.read(`select melt_serial_id from :"schema".refresh_revealed_coins as r where not exists
					(select from :"schema".recoup_refresh as p where p.rrc_serial = r.rrc_serial) order by rrc_serial limit 1`, nil, &m)
				d.exec(`delete from :"schema".refresh_revealed_coins where melt_serial_id = $1`, m)
				return []Expectation{{Check: "S5", Table: "refresh_revealed_coins"}}
			}},
		{Name: "link-signature-worthless", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09"},
			Story: "The signature by which the owner of the old coin can find the fresh ones is zeros.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_revealed_coins", first(m), fields{"link_sig": taler.EddsaSignature{}})
			})},
		{Name: "fresh-coin-signature-worthless", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09"},
			Story: "The exchange's signature on a fresh coin's envelope is no signature: the customer got nothing for it.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_revealed_coins", first(m), fields{"ev_sig": []byte{1}})
			})},
		{Name: "envelope-hash-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09"},
			Story: "The hash of a fresh coin's envelope is not that of the envelope.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_revealed_coins", first(m), fields{"h_coin_ev": taler.HashOf([]byte("another envelope"))})
			})},
		{Name: "transfer-keys-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09"},
			Story: "The transfer keys are not those that the customer committed to.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_transfer_keys", m.keys, fields{"transfer_privs": make([]byte, 64)})
			})},
		{Name: "transfer-keys-cut-off", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"H-09", "C-16", "S6"},
			Story: "The transfer keys are half as long as they must be. The earlier auditor stopped.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_transfer_keys", m.keys, fields{"transfer_privs": make([]byte, 32)})
			})},
		{Name: "choice-changed-after-the-reveal", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09"},
			Story: "The exchange changes, afterwards, which of the three sets was to stay secret.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_commitments", m.row, fields{"noreveal_index": int32((secretSet + 1) % taler.RefreshSets)})
			})},
		{Name: "commitment-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"H-09", "C-15"},
			Story: "The commitment of a melt is replaced by another one; the coin's signature no longer fits either.",
			deed: func(d *deed) []Expectation {
				m := d.melt(d.newCoin(), melt{fresh: d.change()})
				d.update("refresh_commitments", m.row, fields{"rc": taler.HashOf([]byte("another commitment"))})
				return []Expectation{{Check: "H-09", Table: "refresh_commitments", Serial: m.row, Gain: m.amount}, lossOf("C-15", "refresh_commitments", m.row, m.amount)}
			}},
		{Name: "choice-that-is-none", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"H-09", "S6"},
			Story: "The secret set of a melt is the seventh of three.",
			deed: after(func(d *deed, m *melt) {
				d.update("refresh_commitments", m.row, fields{"noreveal_index": int32(7)})
			})},
	}
}

// recoupsRefresh are deeds to recoups of fresh coins.
func recoupsRefresh() []Entry {
	return []Entry{
		{Name: "fresh-recoup-not-signed-by-the-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-12"},
			Story: "A fresh coin is given back to the old one without its owner's signature.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				p := d.recoupRefresh(fresh, fresh.issue, c.Value, secretOf("operator"))
				return []Expectation{lossOf("C-12", "recoup_refresh", p, c.Value)}
			}},
		{Name: "fresh-recoup-without-a-revocation", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-13", "revocation test 4"},
			Story: "A fresh coin of a denomination that was never revoked is given back.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(false)
				p := d.recoupRefresh(fresh, fresh.issue, c.Value, fresh.key)
				return []Expectation{{Check: "C-13", Table: "recoup_refresh", Serial: p, Exposure: c.Value}}
			}},
		{Name: "fresh-recoup-of-more-than-the-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-11", "revocation test 3"},
			Story: "More is given back than the fresh coin was worth.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				d.recoupRefresh(fresh, fresh.issue, d.plus(c.Value, d.money("5")), fresh.key)
				return []Expectation{lossOf("C-11", "known_coins", fresh.known, d.money("5"))}
			}},
		{Name: "fresh-recoup-of-a-worthless-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-08", "C-10", "I-06"},
			Story: "A fresh coin is given back on which the exchange's signature is worthless.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				d.update("known_coins", fresh.known, fields{"denom_sig": []byte{1}})
				d.recoupRefresh(fresh, fresh.issue, c.Value, fresh.key)
				return []Expectation{lossOf("C-10", "known_coins", fresh.known, c.Value)}
			}},
		{Name: "fresh-recoup-of-another-envelope", Area: AreaRecoup, Culprit: Operator, Refs: []string{"H-10"},
			Story: "A fresh coin is given back to a coin that was not melted for it.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				var other int64
				d.read(`select rrc_serial from :"schema".refresh_revealed_coins where rrc_serial <> $1 order by rrc_serial desc limit 1`, []any{fresh.issue}, &other)
				return []Expectation{lossOf("H-10", "recoup_refresh", d.recoupRefresh(fresh, other, c.Value, fresh.key), c.Value)}
			}},
	}
}

// freshOfRevoked is a fresh coin of a denomination that is then revoked, or not.
func (d *deed) freshOfRevoked(revoked bool) (*exchange.Denomination, *coin) {
	old := d.newCoin()
	c, key := d.newDenomination()
	d.offer(c, key)
	m := d.melt(old, melt{fresh: []*exchange.Denomination{c, c}})
	if d.err != nil {
		return c, &coin{of: c}
	}
	if revoked {
		d.revoke(c, d.Play.MasterKey())
	}
	return c, d.show(m.coins[0])
}
