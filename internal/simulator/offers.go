package simulator

import (
	"cmp"
	"time"

	"golang.org/x/sync/errgroup"

	"auditor/internal/taler"
)

// What the exchange offers under its master key: denominations in generations
// that overlap, sign keys that take turns, wire fees that change from period to
// period without gap or overlap. Each is published a week before it begins.

// publishedAhead is how long before their start offers appear in the database.
const publishedAhead = 7 * day

// legalSpan is the time from the end of deposits, or of signing, to the end of
// the exchange's liability, unless the scenario has another for deposits.
const legalSpan = 5 * 365 * day

// auditor is a party that affirms the exchange's denominations.
type auditor struct {
	name, url string
	key       taler.EddsaPrivateKey
	serial    int64
}

func auditorsOf(s Scenario) []auditor {
	return []auditor{
		{name: "Auditor of the example", url: "https://auditor.example/", key: s.secret("auditor", 0)},
		{name: "Second opinion", url: "https://auditor.second.example/", key: s.secret("auditor", 1)},
	}
}

// A denomination is one value of one generation.
type denomination struct {
	serial                          int64
	key                             *taler.RSAPrivateKey
	public                          *taler.RSAPublicKey
	hash                            taler.Hash
	start, withdraw, deposit, legal taler.Timestamp // withdraw, deposit, legal: the ends of these uses
	value                           money
	feeWithdraw, feeDeposit         money
	feeRefresh, feeRefund           money
	revoked                         taler.Timestamp // 0 = never
	returned                        money           // by refunds to its coins, less refund fees
	affirmations                    []int64         // serials of the auditors' signatures, in the order of auditors
}

type signKey struct {
	serial             int64
	number             uint64
	start, sign, legal taler.Timestamp // sign, legal: the ends of these uses
	revoked            taler.Timestamp // 0 = never
}

type wireFee struct {
	serial        int64
	method        string
	start, end    taler.Timestamp
	wire, closing money
}

// generationStart is when a generation of denominations becomes valid.
func (x *Exchange) generationStart(generation int) taler.Timestamp {
	step := x.scenario.DenominationSpan - x.scenario.DenominationOverlap
	return x.start.Add(time.Duration(generation) * step)
}

// youngestGeneration is the last generation that is valid at that time.
func (x *Exchange) youngestGeneration(at taler.Timestamp) int {
	step := x.scenario.DenominationSpan - x.scenario.DenominationOverlap
	return int(since(x.start, at) / step)
}

// withdrawFee of a value's position in a generation: 0 to 2 cents.
func withdrawFee(generation, value int) money { return cent * money((generation+value+1)%3) }

// depositFee of a value's position in a generation: one or two cents, less for
// small values, and nothing for some. Refunds cost as much or more, so that no
// refund makes a coin worth more than its value.
func depositFee(generation, position int, value money) money {
	if generation%2 == 1 && position%5 == 2 {
		return 0
	}
	fee := min(cent, value/50)
	return (fee - fee%mill) * money(1+position%2)
}

// publish makes all offers that begin within the week after the given time and
// have not been made yet.
func (x *Exchange) publish(until taler.Timestamp) error {
	until = until.Add(publishedAhead)
	first := len(x.denominations)
	for generation := first / len(x.values); x.generationStart(generation) < until; generation++ {
		start := x.generationStart(generation)
		withdraw := start.Add(x.scenario.DenominationSpan)
		deposit := withdraw.Add(x.scenario.DepositSpan)
		for v, value := range x.values {
			x.denominations = append(x.denominations, denomination{
				start: start, withdraw: withdraw, deposit: deposit, legal: deposit.Add(cmp.Or(x.scenario.LegalSpan, legalSpan)),
				value:       value,
				feeWithdraw: withdrawFee(generation, v),
				feeDeposit:  depositFee(generation, v, value),
				feeRefresh:  cent * money(1+generation%2),
				feeRefund:   depositFee(generation, v, value) + cent*money(v%2),
			})
		}
	}
	if err := x.makeDenominationKeys(first); err != nil {
		return err
	}
	for i := first; i < len(x.denominations); i++ {
		d := &x.denominations[i]
		d.serial = x.serials["denominations"].next()
		for range x.auditors {
			d.affirmations = append(d.affirmations, x.serials["auditor_denom_sigs"].next())
		}
	}
	x.publishSignKeys(until)
	x.publishWireFees(until)
	return nil
}

// makeDenominationKeys fills in the keys from the given denomination on, on all cores.
func (x *Exchange) makeDenominationKeys(first int) error {
	var group errgroup.Group
	group.SetLimit(x.workers)
	for i := first; i < len(x.denominations); i++ {
		group.Go(func() error {
			key, err := x.keys.Key(x.scenario.KeySeed, x.scenario.rsaBits(i/len(x.values)), uint64(i))
			if err != nil {
				return err
			}
			d := &x.denominations[i]
			d.key, d.public = key, key.Public()
			d.hash = d.public.Hash()
			return nil
		})
	}
	return group.Wait()
}

func (x *Exchange) publishSignKeys(until taler.Timestamp) {
	step := x.scenario.SignKeySpan - x.scenario.SignKeyOverlap
	for {
		number := len(x.signKeys)
		start := x.start.Add(time.Duration(number) * step)
		if start >= until {
			return
		}
		sign := start.Add(x.scenario.SignKeySpan)
		x.signKeys = append(x.signKeys, signKey{
			serial: x.serials["exchange_sign_keys"].next(),
			number: uint64(number),
			start:  start, sign: sign, legal: sign.Add(legalSpan),
		})
	}
}

func (x *Exchange) publishWireFees(until taler.Timestamp) {
	for {
		period := len(x.wireFees) / len(x.accounts)
		start := x.start.Add(time.Duration(period) * x.scenario.WireFeePeriod)
		if start >= until {
			return
		}
		for i, account := range x.accounts {
			x.wireFees = append(x.wireFees, wireFee{
				serial: x.serials["wire_fee"].next(),
				method: account.Method,
				start:  start, end: start.Add(x.scenario.WireFeePeriod),
				wire:    wireFeeOf(i, period),
				closing: closingFee(i, period),
			})
		}
	}
}

// closingFee of an account's wire method, different in any two periods that meet.
func closingFee(account, period int) money { return cent * money(2+account+period%3) }

// wireFeeOf an account's wire method.
func wireFeeOf(account, period int) money { return cent * money(1+account+period%3) }

// wireFeeAt is the fee of a transfer to a merchant at that time.
func (x *Exchange) wireFeeAt(account int, at taler.Timestamp) money {
	return wireFeeOf(account, int(since(x.start, at)/x.scenario.WireFeePeriod))
}

// closingFeeAt is the fee for closing a reserve that expires at that time.
func (x *Exchange) closingFeeAt(account int, at taler.Timestamp) money {
	return closingFee(account, int(since(x.start, at)/x.scenario.WireFeePeriod))
}

// since returns the time from start to a later point.
func since(start, at taler.Timestamp) time.Duration {
	return time.Duration(at-start) * time.Microsecond
}
