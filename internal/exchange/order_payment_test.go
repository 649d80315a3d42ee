package exchange

import (
	"testing"

	"pgregory.net/rapid"

	"auditor/internal/taler"
)

// What is written is read again, and nothing else is an order.
func TestPaymentOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé:/?=.-]{0,40}`)
		o := PaymentOrder{
			Amount: taler.Amount{Currency: "EUR", Value: rapid.Uint64Range(0, 1<<52).Draw(t, "value"), Fraction: uint32(rapid.Uint64Range(0, 99999999).Draw(t, "fraction"))},
			Payee:  text.Draw(t, "payee"), BaseURL: text.Draw(t, "url"),
		}
		copy(o.WTID[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "wtid"))
		b := o.AppendBinary(nil)
		if back, err := ParsePaymentOrder(b); err != nil || back != o {
			t.Fatalf("%+v becomes %+v, %v", o, back, err)
		}
		for name, bad := range map[string][]byte{
			"cut off": b[:len(b)-1], "longer": append(b[:len(b):len(b)], 0), "not ended": append(b[:len(b)-1:len(b)-1], 'x'), "short": b[:rapid.IntRange(0, 127).Draw(t, "short")],
		} {
			if _, err := ParsePaymentOrder(bad); err == nil {
				t.Fatalf("%s: it is taken for an order", name)
			}
		}
	})
}
