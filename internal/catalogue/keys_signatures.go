package catalogue

import (
	"time"

	"auditor/internal/exchange"
	"auditor/internal/taler"
)

// keysOfAuditors are deeds to the auditors' signatures.
func keysOfAuditors() []Entry {
	return []Entry{
		{Name: "auditor-signature-forged", Area: AreaKeys, Culprit: Operator, Refs: []string{"C-01", "H-08"},
			Story: "The operator offers a denomination that the auditor never saw, and signs in the auditor's name with a key of his own.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				forged := d.affirm(c, 0, secretOf("operator"))
				d.affirm(c, 1, d.Play.AuditorKey(1))
				return about("C-01", "auditor_denom_sigs", forged)
			}},
		{Name: "auditor-signature-missing", Area: AreaKeys, Culprit: Intruder, Refs: []string{"C-01"},
			Story: "The row says that the second auditor has signed a denomination, but holds no signature.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				d.affirm(c, 0, d.Play.AuditorKey(0))
				empty := d.affirm(c, 1, d.Play.AuditorKey(1))
				d.update("auditor_denom_sigs", empty, fields{"auditor_sig": nil})
				return about("C-01", "auditor_denom_sigs", empty)
			}},
		{Name: "denomination-kept-from-the-auditor", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-05", "C-01", "H-08"},
			Story: "The operator issues coins of a denomination that this auditor never signed. The earlier auditor skipped such a denomination without a word.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.publish(c, key, d.Play.MasterKey())
				d.affirm(c, 1, d.Play.AuditorKey(1))
				r := d.newReserve("accomplice", d.money("10"), accomplice, d.ago(time.Hour))
				d.withdraw(r, c, withdrawal{})
				return about("K-05", "denominations", c.Serial)
			}},
		{Name: "auditor-signatures-swapped", Area: AreaKeys, Culprit: Intruder, Refs: []string{"C-01", "K-13"},
			Story: "The auditor's signatures of two denominations change places.",
			deed: func(d *deed) []Expectation {
				a := d.affirmations[0]
				var b exchange.AuditorSignature
				for _, c := range d.affirmations[1:] {
					if c.AuditorPub == a.AuditorPub {
						b = c
					}
				}
				d.update("auditor_denom_sigs", a.Serial, fields{"auditor_sig": b.Signature})
				d.update("auditor_denom_sigs", b.Serial, fields{"auditor_sig": a.Signature})
				expected := about("C-01", "auditor_denom_sigs", a.Serial, b.Serial)
				return append(expected, only(Between, about("K-13", "auditor_denom_sigs", a.Serial, b.Serial))...)
			}},
		{Name: "auditor-dismissed", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-16", "S5", "H-12"},
			Story: "The second auditor's signature on a denomination, which an audit has seen, is deleted.",
			deed: func(d *deed) []Expectation {
				a := d.affirmations[len(d.affirmations)-1]
				d.remove("auditor_denom_sigs", a.Serial)
				return append(about("S5", "auditor_denom_sigs", a.Serial), about("K-16", "auditor_denom_sigs", a.Serial)...)
			}},
		{Name: "sign-key-erased", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-16", "S5", "H-12"},
			Story: "A sign key that an audit has seen is deleted: the confirmations made with it are then said to be forged.",
			deed: func(d *deed) []Expectation {
				last := d.signKeys[len(d.signKeys)-1].Serial
				d.remove("exchange_sign_keys", last)
				return append(about("S5", "exchange_sign_keys", last), about("K-16", "exchange_sign_keys", last)...)
			}},
		{Name: "revocation-erased", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-16", "S5", "H-12"},
			Story: "The operator takes back, without a word, that a denomination was revoked, and deletes the row.",
			deed: func(d *deed) []Expectation {
				if len(d.revocations) == 0 {
					d.fail(ErrNoVictim)
					return nil
				}
				r := d.revocations[0]
				d.remove("denomination_revocations", r.Serial)
				return append(about("S5", "denomination_revocations", r.Serial), about("K-16", "denomination_revocations", r.Serial)...)
			}},
		{Name: "auditor-listed-elsewhere", Area: AreaKeys, Culprit: Operator, Refs: []string{"K-17"},
			Story: "The exchange tells customers and merchants another address for this auditor, so that their complaints do not reach him.",
			deed: func(d *deed) []Expectation {
				auditor, _ := d.Play.Auditor()
				var serial int64
				d.read(`update :"schema".auditors set auditor_url = 'https://nowhere.example/' where auditor_pub = $1 returning auditor_uuid`, []any{auditor[:]}, &serial)
				return about("K-17", "auditors", serial)
			}},
		{Name: "second-auditor-listed-elsewhere", Area: AreaKeys, Culprit: Operator, Refs: []string{"C-01"},
			Story: "The same with the second auditor: as the address is part of what an auditor signs, none of his signatures fits any more.",
			deed: func(d *deed) []Expectation {
				auditor := d.Play.AuditorKey(1).Public()
				d.exec(`update :"schema".auditors set auditor_url = 'https://nowhere.example/' where auditor_pub = $1`, auditor[:])
				var expected []Expectation
				for _, a := range d.affirmations {
					if a.AuditorPub == auditor {
						expected = append(expected, about("C-01", "auditor_denom_sigs", a.Serial)...)
					}
				}
				return expected
			}},
	}
}

// keysOfTheExchange are deeds to the exchange's other keys and to revocations.
func keysOfTheExchange() []Entry {
	return []Entry{
		{Name: "sign-key-of-an-intruder", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-06", "H-20"},
			Story: "An intruder adds a sign key of his own, to confirm deposits that the exchange never received.",
			deed: func(d *deed) []Expectation {
				k := exchange.SignKey{Pub: secretOf("intruder").Public(), ValidFrom: d.ago(day), ExpireSign: d.ago(-20 * day), ExpireLegal: d.ago(-2000 * day)}
				return about("K-06", "exchange_sign_keys", d.insert("exchange_sign_keys", d.signKeyFields(&k, secretOf("intruder"))))
			}},
		{Name: "sign-key-prolonged-by-an-intruder", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-06", "K-13", "H-20"},
			Story: "The time for which a sign key is good is prolonged in the database, without the master key.",
			deed: func(d *deed) []Expectation {
				k := d.signKeys[0]
				d.update("exchange_sign_keys", k.Serial, fields{"expire_sign": k.ExpireSign.Add(time.Hour)})
				expected := append(about("K-06", "exchange_sign_keys", k.Serial), only(Between, about("K-13", "exchange_sign_keys", k.Serial))...)
				// Confirmations with it that an audit has seen before stay proven.
				_, confirmations := d.Play.Confirmations()
				for c := range confirmations {
					if c.ExchangePub == k.Pub {
						expected = append(expected, only(Before, []Expectation{{Check: "D-06", Table: "deposit_confirmations", Serial: c.Serial, Exposure: c.AmountWithoutFee}})...)
					}
				}
				return expected
			}},
		{Name: "sign-key-disowned", Area: AreaKeys, Culprit: Operator, When: Between, Refs: []string{"K-13", "H-12"},
			Story: "The operator wants to be rid of confirmations that he gave: with the master key, he cuts the legal liability for a sign key short, after the fact.",
			deed: func(d *deed) []Expectation {
				k := d.signKeys[0]
				k.ExpireLegal = k.ExpireSign
				d.update("exchange_sign_keys", k.Serial, d.signKeyFields(&k, d.Play.MasterKey()))
				return about("K-13", "exchange_sign_keys", k.Serial)
			}},
		{Name: "sign-key-dates-out-of-order", Area: AreaKeys, Culprit: Accident, Refs: []string{"K-15"},
			Story: "A sign key is published, properly signed, whose time to sign is over before it begins.",
			deed: func(d *deed) []Expectation {
				k := exchange.SignKey{Pub: secretOf("sign key").Public(), ValidFrom: d.ago(0), ExpireSign: d.ago(day), ExpireLegal: d.ago(-2000 * day)}
				return about("K-15", "exchange_sign_keys", d.insert("exchange_sign_keys", d.signKeyFields(&k, d.Play.MasterKey())))
			}},
		{Name: "revocation-forged", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-07", "C-02"},
			Story: "An intruder declares a denomination revoked, without the master key, to make customers give up their coins.",
			deed: func(d *deed) []Expectation {
				return about("K-07", "denomination_revocations", d.revoke(d.idle(), secretOf("intruder")))
			}},
		{Name: "revocation-replayed", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-07"},
			Story: "The master key's signature on a true revocation is copied to the revocation of another denomination.",
			deed: func(d *deed) []Expectation {
				c, key := d.newDenomination()
				d.offer(c, key)
				first := d.revoke(c, d.Play.MasterKey())
				second := d.copy("denomination_revocations", first, fields{"denominations_serial": d.idle().Serial})
				return about("K-07", "denomination_revocations", second)
			}},
		{Name: "sign-key-revocation-forged", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-08", "H-20"},
			Story: "An intruder declares a sign key revoked, without the master key.",
			deed: func(d *deed) []Expectation {
				return about("K-08", "signkey_revocations", d.revokeSignKey(&d.signKeys[len(d.signKeys)-1], secretOf("intruder")))
			}},
		{Name: "account-of-an-intruder", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-12", "H-20", "H-22"},
			Story: "A bank account of the intruder's is listed among those of the exchange: customers who pay to it pay him.",
			deed: func(d *deed) []Expectation {
				const account = "payto://x-taler-bank/bank.example/intruder"
				d.insert("wire_accounts", fields{"payto_uri": account, "master_sig": taler.Sign(secretOf("intruder"), taler.WireAccount{PaytoURI: account}),
					"is_active": true, "last_change": d.now()})
				return []Expectation{{Check: "K-12", Table: "wire_accounts", Subject: account}}
			}},
		{Name: "account-replaced", Area: AreaKeys, Culprit: Intruder, Refs: []string{"K-12", "W-21", "H-20"},
			Story: "The name of one of the exchange's bank accounts is changed; the old signature stays.",
			deed: func(d *deed) []Expectation {
				const account = "payto://iban/DE89370400440532013000"
				d.exec(`update :"schema".wire_accounts set payto_uri = $1 where payto_uri = $2`, account, d.Play.Accounts()[0].PaytoURI)
				return []Expectation{{Check: "K-12", Table: "wire_accounts", Subject: account},
					{Check: "W-21", Table: "bank", Subject: d.Play.Accounts()[0].Section}}
			}},
	}
}

// revoke withdraws a denomination, signed with a key, and returns the row.
func (d *deed) revoke(c *exchange.Denomination, signer taler.EddsaPrivateKey) int64 {
	return d.insert("denomination_revocations", fields{"denominations_serial": c.Serial,
		"master_sig": taler.Sign(signer, taler.DenominationRevocation{DenomPubHash: c.PubHash})})
}

// revokeSignKey withdraws a sign key, signed with a key, and returns the row.
func (d *deed) revokeSignKey(k *exchange.SignKey, signer taler.EddsaPrivateKey) int64 {
	return d.insert("signkey_revocations", fields{"esk_serial": k.Serial,
		"master_sig": taler.Sign(signer, taler.SignKeyRevocation{ExchangePub: k.Pub})})
}
