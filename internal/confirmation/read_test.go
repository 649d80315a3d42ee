package confirmation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"auditor/internal/simulator"
	"auditor/internal/taler"
)

// sample is a confirmation with everything.
func sample() *Confirmation {
	master, key := taler.EddsaPrivateKey{1}, taler.EddsaPrivateKey{2}
	c := &Confirmation{DepositConfirmation: taler.DepositConfirmation{
		ContractTermsHash: taler.HashOf([]byte("contract")), WireHash: taler.HashOf([]byte("account")),
		ExchangeTimestamp: 1_600_000_000_000_000, RefundDeadline: 1_600_086_400_000_000,
		AmountWithoutFee: taler.Amount{Currency: "EUR", Value: 3, Fraction: 98_000_000},
		CoinPub:          taler.EddsaPrivateKey{3}.Public(), MerchantPub: taler.EddsaPrivateKey{4}.Public()},
		ExchangePub: key.Public(),
		Key:         &Key{Start: 1_590_000_000_000_000, ExpireSign: 1_610_000_000_000_000, ExpireLegal: taler.Forever}}
	c.Signature = taler.Sign(key, c.DepositConfirmation)
	c.Key.MasterSig = taler.Sign(master, c.Key.Validity(c.ExchangePub))
	return c
}

// body is a confirmation as a merchant sends it.
func body(c *Confirmation) string {
	return fmt.Sprintf(`{"h_contract_terms":%q,"h_wire":%q,"timestamp":{"t_ms":%d},"refund_deadline":{"t_s":%d},"amount_without_fee":%q,
	"coin_pub":%q,"merchant_pub":%q,"exchange_sig":%q,"exchange_pub":%q,
	"ep_start":{"t_ms":%d},"ep_expire":{"t_s":%d},"ep_end":{"t_ms":"never"},"master_sig":%q}`,
		c.ContractTermsHash, c.WireHash, c.ExchangeTimestamp/1000, c.RefundDeadline/1_000_000, c.AmountWithoutFee,
		c.CoinPub, c.MerchantPub, c.Signature, c.ExchangePub, c.Key.Start/1000, c.Key.ExpireSign/1_000_000, c.Key.MasterSig)
}

// row is the same as a row of deposit_confirmations, without the master key's word.
func row(c *Confirmation) string {
	return fmt.Sprintf(`{
 "serial_id": 7, "h_contract_terms": "%x", "h_wire": "\\x%x", "exchange_timestamp": %d, "refund_deadline": %d,
 "amount_without_fee_val": %d, "amount_without_fee_frac": %d,
 "coin_pub": "%x", "merchant_pub": "%x", "exchange_sig": "%x", "exchange_pub": "%x"
}`, c.ContractTermsHash[:], c.WireHash[:], c.ExchangeTimestamp.DB(), c.RefundDeadline.DB(), c.AmountWithoutFee.Value, c.AmountWithoutFee.Fraction,
		c.CoinPub[:], c.MerchantPub[:], c.Signature[:], c.ExchangePub[:])
}

// read lists what a file says: "ok" for what is as the sample, else the reason.
func read(t *testing.T, text string) []string {
	t.Helper()
	want := sample()
	var got []string
	err := Read(strings.NewReader(text), "EUR", func(entry int, c *Confirmation, reason error) error {
		if entry != len(got)+1 {
			t.Errorf("entry %d follows %d others", entry, len(got))
		}
		switch {
		case reason != nil:
			got = append(got, reason.Error())
		case c.DepositConfirmation != want.DepositConfirmation || c.Signature != want.Signature || c.ExchangePub != want.ExchangePub ||
			c.Key != nil && *c.Key != *want.Key:
			got = append(got, fmt.Sprintf("%+v", c))
		case c.Verify(taler.EddsaPrivateKey{1}.Public()) != nil:
			got = append(got, "not signed")
		default:
			got = append(got, "ok")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRead(t *testing.T) {
	b, r := body(sample()), row(sample())
	line := strings.ReplaceAll(b, "\n", "")
	for _, test := range []struct {
		name string
		text string
		want []string
	}{
		{"nothing", " \n", nil},
		{"an empty array", "[]", nil},
		{"a body", b, []string{"ok"}},
		{"a body of the later protocol", strings.Replace(b, `"timestamp"`, `"exchange_timestamp"`, 1), []string{"ok"}},
		{"a row", r, []string{"ok"}},
		{"a row with what nobody filled in", strings.Replace(r, "{", `{"master_pub": "00", "master_sig": "00",`, 1), []string{"ok"}},
		{"an array of both", "[" + b + ",\n" + r + "]\n", []string{"ok", "ok"}},
		{"bodies line by line", line + "\n" + line + "\r\n" + line, []string{"ok", "ok", "ok"}},
		{"a currency in another spelling", strings.Replace(b, "EUR:", "eur:", 1), []string{"ok"}},

		{"junk between lines", line + "\ncoffee\nand \"tea\n" + line, []string{"ok", "is no JSON object", "ok"}},
		{"a quote is missing", strings.Replace(line, `"h_wire"`, `"h_wire`, 1) + "\n" + line, []string{errBroken.Error(), "ok"}},
		{"the last quote is missing", strings.TrimSuffix(line, `"}`) + "}\n" + line, []string{errBroken.Error(), "ok"}},
		{"a brace is missing", strings.TrimSuffix(line, "}") + "\n" + line, []string{errBroken.Error(), "ok"}},
		{"a brace is missing in an array", "[" + strings.TrimSuffix(r, "}") + ",\n" + r + "]", []string{errBroken.Error(), "ok"}},
		{"the end is missing", "[" + b + ",\n" + b[:200], []string{"ok", errTruncated.Error()}},
		{"the array is not closed", "[" + b, []string{"ok", errTruncated.Error()}},
		{"something behind the array", "[" + b + "]" + b, []string{"ok", errBehind.Error()}},
		{"more than anybody needs", `{"h_wire": "` + strings.Repeat("0", maxEntry) + `"}` + line, []string{errTooLong.Error(), "ok"}},
		{"a number", "17", []string{errNoObject.Error()}},

		{"a member twice", strings.Replace(b, "{", `{"h_wire":"",`, 1), []string{`"h_wire" is there twice`}},
		{"a member too many", strings.Replace(b, "{", `{"h_policy":"",`, 1), []string{`has members that no deposit confirmation of this protocol has: "h_policy"`}},
		{"another spelling", strings.Replace(b, `"h_wire"`, `"H_WIRE"`, 1), []string{"h_wire is missing"}},
		{"null", strings.Replace(b, `{"t_ms":"never"}`, "null", 1), []string{`ep_end is "null", which is not as expected`}},
		{"half a key", strings.Replace(b, `"master_sig"`, `"slave_sig"`, 1), []string{"master_sig is missing"}},
		{"another currency", strings.Replace(b, "EUR:", "CHF:", 1), []string{"amount_without_fee is not in EUR, the currency of the exchange"}},
		{"a part of a second", strings.Replace(b, `{"t_ms":1600000000000}`, `{"t_ms":1600000000001}`, 1), []string{"timestamp is not a whole second"}},
		{"two times", strings.Replace(b, `{"t_ms":1600000000000}`, `{"t_ms":1600000000000,"t_s":1600000000}`, 1),
			[]string{`timestamp is no time: has members that no deposit confirmation of this protocol has: "t_s"`}},
		{"a time beyond all times", strings.Replace(b, `{"t_ms":1600000000000}`, `{"t_s":18446744073709551615}`, 1), []string{"timestamp is no time: it is later than any"}},
		{"a time before all times", strings.Replace(r, "1600000000000000", "-2", 1), []string{"exchange_timestamp is no time: time -2 is out of range, expected -1 (never) or microseconds since 1970"}},
		{"a fraction of more than one", strings.Replace(r, "98000000", "100000000", 1), nil},
		{"less than nothing", strings.Replace(r, `_val": 3`, `_val": -3`, 1), nil},
		{"too few digits", strings.Replace(r, `"coin_pub": "`, `"coin_pub": "0`, 1), []string{"coin_pub is not 32 bytes in hexadecimal digits"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := read(t, test.text)
			if test.want == nil && len(got) == 1 && strings.Contains(got[0], "is no amount") {
				return
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// TestSimulatedReports reads what the simulator writes.
func TestSimulatedReports(t *testing.T) {
	play, err := simulator.New(simulator.DefaultScenario(1))
	if err != nil {
		t.Fatal(err)
	}
	file := t.TempDir() + "/deposit-confirmations.json"
	if err := play.WriteConfirmations(file); err != nil {
		t.Fatal(err)
	}
	text := readFile(t, file)
	want, _ := play.Confirmations()
	got := 0
	err = Read(bytes.NewReader(text), play.Currency(), func(_ int, c *Confirmation, reason error) error {
		got++
		return errors.Join(reason, c.Verify(play.MasterPublicKey()))
	})
	if err != nil || got != want || want == 0 {
		t.Errorf("%d confirmations of %d, %v", got, want, err)
	}
}

// TestReadFails ends with the error of the reader, and with that of the caller.
func TestReadFails(t *testing.T) {
	broken := errors.New("broken")
	if err := Read(iotest.ErrReader(broken), "EUR", nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := Read(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken)), "EUR", nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := Read(strings.NewReader("17"), "EUR", func(int, *Confirmation, error) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestVerify(t *testing.T) {
	master := taler.EddsaPrivateKey{1}.Public()
	c := sample()
	c.AmountWithoutFee.Value++
	if err := c.Verify(master); !errors.Is(err, errNotSigned) {
		t.Errorf("a higher amount: %v", err)
	}
	c = sample()
	c.Key.ExpireSign++
	if err := c.Verify(master); !errors.Is(err, errNotVouched) {
		t.Errorf("a longer validity: %v", err)
	}
	if c.Key = nil; c.Verify(master) != nil {
		t.Error("a confirmation without the master key's word is refused")
	}
}

// FuzzRead reads anything without a panic, and numbers its entries without a gap.
// What it accepts says the same when it is written and read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte(body(sample())))
	f.Add([]byte("[" + row(sample()) + "," + body(sample()) + "]"))
	f.Add([]byte(`{"a": "` + "\n" + `{"b": {`))
	f.Add([]byte("]{}["))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries := 0
		err := Read(bytes.NewReader(text), "EUR", func(entry int, c *Confirmation, reason error) error {
			entries++
			if entry != entries {
				t.Fatalf("entry %d is number %d", entry, entries)
			}
			if (c == nil) == (reason == nil) {
				t.Fatalf("%v and %v", c, reason)
			}
			if reason != nil {
				return nil
			}
			return Read(strings.NewReader(row(c)), "EUR", func(_ int, again *Confirmation, reason error) error {
				if reason != nil || again.DepositConfirmation != c.DepositConfirmation {
					t.Fatalf("%+v is read again as %+v, %v", c, again, reason)
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
