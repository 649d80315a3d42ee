package simulator

import (
	"fmt"

	"auditor/internal/taler"
)

// A shop is a bank account to which a merchant has deposits paid. A merchant may
// have several. The first shops, two of each wire method, are kiosks where only
// tiny amounts are spent, at the second pair seldom.
type shop struct {
	merchant uint64
	account  int // of the exchange, that pays to it
	payto    string
	wire     string // JSON, as wallets send and the exchange stores it
	hash     taler.Hash
}

// kiosks is the number of shops for tiny amounts.
const kiosks = 4

func shopsOf(s Scenario) []shop {
	shops := make([]shop, kiosks+s.Merchants)
	for i := range shops {
		shops[i] = newShop(s, i)
	}
	return shops
}

func newShop(s Scenario, number int) shop {
	n := uint64(number)
	first, second := s.secret("salt", n, 0), s.secret("salt", n, 1)
	salt := taler.EncodeBase32(append(first[:], second[:]...))
	o := shop{merchant: n, account: number % 2}
	if number == kiosks+1 {
		o.merchant = kiosks // who thus has two accounts
	}
	if o.account == 0 {
		o.payto = "payto://iban/" + iban(s.chance("shop", n))
		if number%4 == 0 {
			o.payto += fmt.Sprintf("?receiver-name=Shop%%20%d", number)
		}
	} else {
		o.payto = fmt.Sprintf("payto://x-taler-bank/bank.example/shop-%d", number)
	}
	o.wire = fmt.Sprintf(`{"payto_uri":%q,"salt":%q}`, o.payto, salt)
	if number%3 == 2 {
		o.wire = fmt.Sprintf(`{"salt":%q, "payto_uri":%q}`, salt, o.payto)
	}
	o.hash = taler.HashWire(salt, o.payto)
	return o
}

func (x *Exchange) merchantKey(merchant uint64) taler.EddsaPrivateKey {
	return x.scenario.secret("merchant", merchant)
}
