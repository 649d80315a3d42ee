package taler_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"

	"auditor/internal/taler"
)

func ExampleAmount() {
	balance, _ := taler.ParseAmount("EUR:10.5")
	fee, _ := taler.ParseAmount("EUR:0.75")
	rest, _ := balance.Sub(fee)
	_, err := fee.Sub(balance)
	fmt.Println(rest, errors.Is(err, taler.ErrNegative))
	// Output: EUR:9.75 true
}

// A reserve orders a withdrawal, and an auditor checks the order.
func ExampleVerify() {
	reserve := taler.EddsaPrivateKey{1}
	order := taler.WithdrawRequest{
		ReservePub:    reserve.Public(),
		AmountWithFee: taler.Amount{Currency: "EUR", Value: 5},
		DenomPubHash:  taler.HashOf([]byte("denomination")),
		EnvelopeHash:  taler.HashOf([]byte("envelope")),
	}
	sig := taler.Sign(reserve, order)
	fmt.Println(taler.Verify(order.ReservePub, order, sig))
	order.AmountWithFee.Value = 500
	fmt.Println(taler.Verify(order.ReservePub, order, sig))
	// Output:
	// true
	// false
}

// An exchange signs a coin without seeing it. Later, an auditor who knows the
// coin's signature and the hash of the envelope checks each by itself.
func ExampleRSAPublicKey_Envelope() {
	denomination, err := taler.GenerateRSA(rand.NewChaCha8(sha256.Sum256([]byte("example"))), 1024)
	if err != nil {
		fmt.Println(err)
		return
	}
	key := denomination.Public()
	coin, secret := taler.EddsaPrivateKey{2}.Public(), taler.BlindingSecret{3}

	envelope, _ := key.Blind(coin, secret)
	blindSignature := denomination.SignBlinded(envelope)
	signature, _ := key.Unblind(blindSignature, secret)

	fmt.Println(taler.HashOf(key.Envelope(blindSignature)) == taler.HashOf(envelope))
	fmt.Println(key.VerifyCoin(coin, signature))
	// Output:
	// true
	// true
}
