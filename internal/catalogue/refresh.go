package catalogue

import (
	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// refreshes are deeds to melts and reveals.
func refreshes() []Entry {
	// after melts a coin properly and then changes rows.
	after := func(change func(*deed, *melt) []Expectation) func(*deed) []Expectation {
		return func(d *deed) []Expectation { return change(d, d.melt(d.newCoin(), melt{fresh: d.change()})) }
	}
	// misfit is the finding that the answer to a melt is not what it committed to: all
	// of its fresh coins are at stake.
	misfit := func(d *deed, m *melt) Expectation {
		return Expectation{Check: "C-34", Table: "refresh_commitments", Serial: m.row, Exposure: d.minus(m.amount, m.of.FeeRefresh)}
	}
	// added is what there is to find of a fresh coin that was added to a good answer.
	added := func(d *deed, m *melt, c *exchange.Denomination, row int64) []Expectation {
		return append(about("C-34", "refresh_commitments", m.row), lossOf("C-19", "refresh_commitments", m.row, d.price(c)),
			Expectation{Check: "C-35", Table: "refresh_revealed_coins", Serial: row})
	}
	hanging := func(m *melt) Expectation {
		return Expectation{Check: "C-16", Table: "refresh_commitments", Serial: m.row, Exposure: m.amount}
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
		{Name: "melt-too-dear", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-38", "H-18", "C-19"},
			Story: "A customer gets fresh coins that are worth less than what he melted. All signatures are in order.",
			deed: func(d *deed) []Expectation {
				fresh := d.change()
				c := d.newCoin()
				paid := d.plus(c.of.FeeRefresh, d.price(fresh[0]), d.price(fresh[0]), d.price(fresh[0]), d.price(fresh[0]))
				m := d.melt(c, melt{fresh: fresh, amount: paid})
				return []Expectation{{Check: "C-38", Table: "refresh_commitments", Serial: m.row, Gain: d.price(fresh[0])}}
			}},
		{Name: "fresh-coin-withheld", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-38", "C-34", "H-18", "H-09"},
			Story: "The exchange answers a reveal with one coin less than was paid for.",
			deed: after(func(d *deed, m *melt) []Expectation {
				price := d.price(d.offered())
				if len(m.coins) > 0 {
					d.remove("refresh_revealed_coins", m.coins[len(m.coins)-1].issue)
				}
				return []Expectation{
					{Check: "C-38", Table: "refresh_commitments", Serial: m.row, Gain: price},
					{Check: "C-34", Table: "refresh_commitments", Serial: m.row, Exposure: d.plus(price, price)},
				}
			})},
		{Name: "fresh-coin-added", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "C-19", "C-35", "H-09"},
			Story: "The operator adds a coin of his own to the answer to a customer's melt. Its envelope is signed as it should be.",
			deed: after(func(d *deed, m *melt) []Expectation {
				c := d.offered()
				return added(d, m, c, d.addFresh(m, c, int32(len(m.coins))))
			})},
		{Name: "fresh-coin-added-to-an-audited-melt", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "C-19", "C-35"}, When: Between,
			Story: "The operator adds a coin of his own to the answer to a melt that was audited long ago and was in order.",
			deed: func(d *deed) []Expectation {
				m := &melt{}
				d.read(`select c.melt_serial_id from :"schema".refresh_commitments as c
					where exists (select from :"schema".refresh_transfer_keys as t where t.melt_serial_id = c.melt_serial_id)
					order by c.melt_serial_id limit 1`, nil, &m.row)
				c := d.offered()
				return added(d, m, c, d.addFresh(m, c, 200))
			}},
		{Name: "reveal-with-a-gap", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-16", "H-18"},
			Story: "The second of three fresh coins is missing.",
			deed: after(func(d *deed, m *melt) []Expectation {
				if len(m.coins) > 1 {
					d.remove("refresh_revealed_coins", m.coins[1].issue)
				}
				return []Expectation{hanging(m)}
			})},
		{Name: "melt-never-answered", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-16", "B-01", "test 12"},
			Story: "The exchange takes what a coin is melted for and never signs the fresh coins.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.exec(`delete from :"schema".refresh_revealed_coins where melt_serial_id = $1`, m.row)
				d.remove("refresh_transfer_keys", m.keys)
				return []Expectation{hanging(m)}
			})},
		{Name: "reveal-without-transfer-keys", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-16", "H-09", "test 12"},
			Story: "Fresh coins were signed, but the keys by which the customer proved his honesty are missing.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.remove("refresh_transfer_keys", m.keys)
				return []Expectation{hanging(m)}
			})},
		{Name: "transfer-keys-repeated", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "H-20"},
			Story: "A melt was revealed twice, with different transfer keys.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.copy("refresh_transfer_keys", m.keys, fields{"transfer_privs": make([]byte, 64)})
				return []Expectation{misfit(d, m)}
			})},
		{Name: "reveals-erased", Area: AreaRefresh, Culprit: Operator, Refs: []string{"S5", "C-16", "B-01", "test 12"}, When: Between,
			Story: "All answers to a reveal are deleted after they were audited: the customer's coins are said never to have been issued.",
			deed: func(d *deed) []Expectation {
				var m int64
				d.read(`select melt_serial_id from :"schema".refresh_revealed_coins as r where not exists
					(select from :"schema".recoup_refresh as p where p.rrc_serial = r.rrc_serial) order by rrc_serial limit 1`, nil, &m)
				d.exec(`delete from :"schema".refresh_revealed_coins where melt_serial_id = $1`, m)
				return []Expectation{{Check: "S5", Table: "refresh_revealed_coins"}}
			}},
		{Name: "link-signature-worthless", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-35", "H-09"},
			Story: "The signature by which the owner of the old coin can find the fresh ones is zeros.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_revealed_coins", first(m), fields{"link_sig": taler.EddsaSignature{}})
				return about("C-35", "refresh_revealed_coins", first(m))
			})},
		{Name: "fresh-coin-signature-worthless", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-36", "H-09"},
			Story: "The exchange's signature on a fresh coin's envelope is no signature: the customer got nothing for it.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_revealed_coins", first(m), fields{"ev_sig": []byte{1}})
				return []Expectation{{Check: "C-36", Table: "refresh_revealed_coins", Serial: first(m), Gain: d.offered().Value}}
			})},
		{Name: "envelope-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "C-35", "H-09"},
			Story: "The exchange signs an envelope of its own in place of the customer's, with everything that it can make itself: the operator has the coin.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.replaceEnvelope(first(m), d.offered())
				return append(about("C-35", "refresh_revealed_coins", first(m)), misfit(d, m))
			})},
		{Name: "envelope-hash-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-37", "H-09"},
			Story: "The hash of a fresh coin's envelope is not that of the envelope.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_revealed_coins", first(m), fields{"h_coin_ev": taler.HashOf([]byte("another envelope"))})
				return about("C-37", "refresh_revealed_coins", first(m))
			})},
		{Name: "fresh-coin-of-no-denomination", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"C-17", "S6"},
			Story: "A fresh coin is of a denomination that does not exist.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.drop("refresh_revealed_coins", "refresh_revealed_coins_denominations_serial_fkey")
				d.update("refresh_revealed_coins", first(m), fields{"denominations_serial": int64(4711)})
				return about("C-17", "refresh_revealed_coins", first(m))
			})},
		{Name: "melt-of-no-denomination", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"C-14", "C-46", "S6"},
			Story: "The denomination of a melted coin does not exist.",
			deed: func(d *deed) []Expectation {
				old := d.newCoin()
				m := d.melt(old, melt{fresh: d.change()})
				d.drop("known_coins", "known_coins_denominations_serial_fkey")
				d.update("known_coins", old.known, fields{"denominations_serial": int64(4711)})
				return append(about("C-46", "known_coins", old.known), Expectation{Check: "C-14", Table: "refresh_commitments", Serial: m.row, Exposure: m.amount})
			}},
		{Name: "answer-to-no-melt", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"C-33", "C-16", "S6"},
			Story: "The transfer keys of a melt are said to belong to a melt that does not exist.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.drop("refresh_transfer_keys", "refresh_transfer_keys_melt_serial_id_fkey")
				d.update("refresh_transfer_keys", m.keys, fields{"melt_serial_id": int64(4711)})
				return []Expectation{{Check: "C-33", Table: "refresh_transfer_keys", Serial: m.keys, Subject: "melt_serial_id"}, hanging(m)}
			})},
		{Name: "transfer-keys-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "H-09"},
			Story: "The transfer keys are not those that the customer committed to.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_transfer_keys", m.keys, fields{"transfer_privs": make([]byte, 64)})
				return []Expectation{misfit(d, m)}
			})},
		{Name: "transfer-keys-cut-off", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"C-34", "H-09", "C-16", "S6"},
			Story: "The transfer keys are half as long as they must be. The earlier auditor stopped.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_transfer_keys", m.keys, fields{"transfer_privs": make([]byte, 32)})
				return []Expectation{misfit(d, m)}
			})},
		{Name: "choice-changed-after-the-reveal", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "H-09"},
			Story: "The exchange changes, afterwards, which of the three sets was to stay secret.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_commitments", m.row, fields{"noreveal_index": int32((secretSet + 1) % taler.RefreshSets)})
				return []Expectation{misfit(d, m)}
			})},
		{Name: "commitment-replaced", Area: AreaRefresh, Culprit: Operator, Refs: []string{"C-34", "H-09", "C-15"},
			Story: "The commitment of a melt is replaced by another one; the coin's signature no longer fits either.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_commitments", m.row, fields{"rc": taler.HashOf([]byte("another commitment"))})
				return []Expectation{misfit(d, m), lossOf("C-15", "refresh_commitments", m.row, m.amount)}
			})},
		{Name: "choice-that-is-none", Area: AreaRefresh, Culprit: Intruder, Refs: []string{"C-34", "H-09", "S6"},
			Story: "The secret set of a melt is the seventh of three.",
			deed: after(func(d *deed, m *melt) []Expectation {
				d.update("refresh_commitments", m.row, fields{"noreveal_index": int32(7)})
				return []Expectation{misfit(d, m)}
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
		{Name: "fresh-recoup-of-more-than-the-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-11", "C-29", "revocation test 3"},
			Story: "More is given back than the fresh coin was worth.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				d.recoupRefresh(fresh, fresh.issue, d.plus(c.Value, d.money("5")), fresh.key)
				return append(about("C-29", "denominations", c.Serial), lossOf("C-11", "known_coins", fresh.known, d.money("5")))
			}},
		{Name: "fresh-recoup-of-a-worthless-coin", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-08", "C-10", "I-06"},
			Story: "A fresh coin is given back on which the exchange's signature is worthless.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				d.update("known_coins", fresh.known, fields{"denom_sig": []byte{1}})
				d.recoupRefresh(fresh, fresh.issue, c.Value, fresh.key)
				return []Expectation{lossOf("C-10", "known_coins", fresh.known, c.Value)}
			}},
		{Name: "fresh-recoup-of-no-denomination", Area: AreaRecoup, Culprit: Intruder, Refs: []string{"C-09", "C-46", "S6"},
			Story: "The denomination of a fresh coin that was given back does not exist.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				p := d.recoupRefresh(fresh, fresh.issue, c.Value, fresh.key)
				d.drop("known_coins", "known_coins_denominations_serial_fkey")
				d.update("known_coins", fresh.known, fields{"denominations_serial": int64(4711)})
				return append(about("C-46", "known_coins", fresh.known), Expectation{Check: "C-09", Table: "recoup_refresh", Serial: p, Exposure: c.Value})
			}},
		{Name: "fresh-recoup-of-another-envelope", Area: AreaRecoup, Culprit: Operator, Refs: []string{"C-39", "H-10"},
			Story: "A fresh coin is given back to a coin that was not melted for it.",
			deed: func(d *deed) []Expectation {
				c, fresh := d.freshOfRevoked(true)
				var other int64
				d.read(`select rrc_serial from :"schema".refresh_revealed_coins where rrc_serial <> $1 order by rrc_serial desc limit 1`, []any{fresh.issue}, &other)
				return []Expectation{lossOf("C-39", "recoup_refresh", d.recoupRefresh(fresh, other, c.Value, fresh.key), c.Value)}
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
