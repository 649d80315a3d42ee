package simulator

import (
	"fmt"
	"math/rand/v2"
)

// An Account is one of the exchange's bank accounts.
type Account struct {
	Section  string // of the configuration, as the database records it
	Method   string // "iban" or "x-taler-bank"
	PaytoURI string
}

// accountsOf gives the exchange one account of each wire method.
func accountsOf(s Scenario) []Account {
	rng := s.chance("exchange accounts")
	return []Account{
		{"exchange-account-1", "iban", "payto://iban/" + iban(rng)},
		{"exchange-account-2", "x-taler-bank", "payto://x-taler-bank/bank.example/exchange"},
	}
}

// customerAccount returns the payto URI of one customer. Even numbers bank by
// IBAN, odd ones at the demonstration bank.
func customerAccount(s Scenario, customer uint64) string {
	if customer%2 == 0 {
		return "payto://iban/" + iban(s.chance("customer account", customer))
	}
	return fmt.Sprintf("payto://x-taler-bank/bank.example/customer-%d", customer)
}

// iban makes a bank account number of a country with purely numeric ones, with
// check digits according to ISO 7064 (mod 97-10).
func iban(rng *rand.Rand) string {
	countries := []struct {
		code   string
		digits int
	}{{"DE", 18}, {"CH", 17}, {"AT", 16}}
	c := countries[rng.IntN(len(countries))]
	number := make([]byte, c.digits)
	for i := range number {
		number[i] = byte('0' + rng.IntN(10))
	}
	remainder := 0
	for _, digit := range number {
		remainder = (remainder*10 + int(digit-'0')) % 97
	}
	for _, letter := range c.code {
		remainder = (remainder*100 + int(letter-'A'+10)) % 97
	}
	remainder = remainder * 100 % 97
	return fmt.Sprintf("%s%02d%s", c.code, 98-remainder, number)
}

// account is the exchange's account that a customer can transfer to.
func (x *Exchange) account(customer uint64) (index int, a Account) {
	index = int(customer % 2)
	return index, x.accounts[index]
}
